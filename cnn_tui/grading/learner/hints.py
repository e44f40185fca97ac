"""The hints of each exercise: a nudge, the idea, and the line of attack; torch-free.

Hints that were seen are remembered beside the scores, and count in none of them.
"""

from dataclasses import dataclass

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import Exercise
from cnn_tui.grading.learner import progress
from cnn_tui.workspace import Workspace

HINTS: dict[str, tuple[str, str, str]] = {
    "exercise1": (
        "Take a map of 4x4 numbers and pool it by hand first: where does each window begin, and "
        "how many of them fit? Then let each pooled value be one question to one window.",
        "PyTorch has layers for both kinds of pooling, and their defaults for padding and "
        "rounding are the ones that are asked for; only the stride must be handed on. For the "
        "measures, forget about windows: each compares two whole tensors by one number.",
        "Call the two pooling functions of torch.nn.functional with kernel_size and stride, and "
        "build the difference from your own two functions. Peak retention is a quotient of two "
        "largest values. Noise gain squares, averages and takes the root of either tensor, in "
        "this order, before it divides. For which_pooling, ask of each feature whether a single "
        "strong cell carries it, or all cells of the window together.",
    ),
    "exercise2": (
        "Begin with one block and set all of its weights and biases to zero. What must come out "
        "with the skip, and what without it? That tells you where the addition stands.",
        "The skip has no weights, so one class with a flag serves both kinds, and the same seed "
        "gives both the same numbers. A gradient at the input is asked for like any other: the "
        "input has to say that it wants one, and the output has to become a single number. A "
        "Jacobian is nothing but one such gradient for each output value.",
        "Keep two convolutions and the flag in an nn.Module; add x to the second convolution's "
        "output, then apply the ReLU. In make_stack, seed, then build a new block for each step. "
        "Measure on a detached copy of x that requires a gradient: sum the output, take the "
        "gradient, square, sum, root. For each depth build a new stack, turn it and x to float64, "
        "and measure. factor_per_block is a root of the quotient of the last and the first norm: "
        "count by how many blocks their depths differ.",
    ),
    "exercise3": (
        "Build the network without batch norm first, send one image through it, and look at the "
        "shape after each stage. Then ask: where exactly does the norm stand, and what does the "
        "convolution before it no longer need?",
        "One function can lay out the layers of both networks, with a flag that adds the norms. "
        "In training, an epoch's loss and accuracy are sums over images, divided at the end: a "
        "mean of batch means is wrong as soon as the last batch is smaller. Batch norm also "
        "wants to know that this is training, and to see mixed classes in each batch.",
        "In train: the optimizer once, training mode, then for each epoch a random permutation "
        "of the indices cut into batches. For each batch: logits, mean cross-entropy, old "
        "gradients away, backward, step; add the loss times the size of the batch, and the "
        "number of right answers. For faster: turn each history into the number of its first "
        "epoch that is good enough, infinity where there is none, and compare the two numbers.",
    ),
    "exercise4": (
        "Begin with dropout and a long tensor of ones, p = 0.3, and look at the result: which "
        "numbers are in it, how many of each, what is their mean, and what is different when you "
        "call it again? Then look at the same in evaluation.",
        "Dropout is one multiplication: by a random tensor of the shape of x that holds 0 with "
        "probability p and otherwise the number that keeps the mean of x as it was. In the "
        "network the mode decides, and net.train() and net.eval() set it in every module: so "
        "whatever calls dropout needs to be, or to ask, a module. A function that changes the "
        "mode for its own purposes has to remember what it found.",
        "Compare uniform random numbers with p for the mask, and divide by 1 - p. Wrap dropout "
        "in a small nn.Module that keeps p and hands on its own self.training; place one behind "
        "each hidden ReLU. In train: the optimizer once, then for each epoch training mode, a "
        "random permutation of the indices cut into batches, and one step for each. In "
        "accuracy: note net.training, evaluate without gradients, put the mode back. For "
        "best_p, order by accuracy on new images first and by p second.",
    ),
    "exercise5": (
        "Begin with lenet5(): write its figure down line by line, and print the shape after each "
        "layer. vgg_style() is the same work with other lines. Only resnet_style() needs a class "
        "of your own, for its block. Then measure before you train: count_parameters must give "
        "the numbers in the docstrings.",
        "A network has two modes, and most slips are about them. Whatever measures goes to "
        "evaluation mode and takes no gradient; whatever learns goes back to training mode first, "
        "in each epoch. And every number belongs to one span: an epoch's clock starts where that "
        "epoch starts and stops before validation. Ask of each number: over what was this taken?",
        "In the block, keep the two ways apart, a path F and a shortcut S, and let forward add "
        "them before the last ReLU; S holds layers only where the stride or the width changes. "
        "Train: one optimizer before the first epoch; in each epoch a new order of the indices, "
        "cut into batches that pick images and labels alike. Compare: make all rows first, then "
        "sort once by two things, of which one counts downwards; a stable sort settles the rest.",
    ),
}
"""Exercise → its three hints, in the order in which a learner should see them."""


@dataclass(frozen=True)
class Hint:
    """Hint ``number`` of ``total``, counted from 1, of the exercise of that name."""

    exercise: str
    number: int
    total: int
    text: str


def take_hint(workspace: Workspace, exercise: Exercise) -> Hint:
    """The next hint that the learner has not seen, which is remembered; at the end, the last.

    Raises UsageError where the exercise has none, LabFault where nothing can be
    remembered.
    """
    texts = _texts(exercise)
    number = progress.record_hint(workspace, exercise, len(texts))
    return Hint(exercise.name, number, len(texts), texts[number - 1])


def hints_seen(workspace: Workspace, exercise: Exercise) -> tuple[Hint, ...]:
    """The hints that the learner has taken, in their order; nothing is remembered."""
    texts = HINTS.get(exercise.name, ())
    stands = progress.load(workspace).get(exercise.name)
    taken = texts[: stands.hints_seen] if stands else ()
    return tuple(
        Hint(exercise.name, number, len(texts), text) for number, text in enumerate(taken, start=1)
    )


def _texts(exercise: Exercise) -> tuple[str, ...]:
    try:
        return HINTS[exercise.name]
    except KeyError:
        raise UsageError(
            f"There are no hints for {exercise.name}: read cnn-lab topics {exercise.topic}"
        ) from None
