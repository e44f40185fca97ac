"""Recognizing a training that takes other steps than those of Adam, one for each batch.

On copies of one image no order makes a difference, so training can only end in one
place. A mistake is named where the network ends where the mistake leads, and nowhere
else. The last batch is smaller, which tells the sum of a batch's losses from their mean.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tui.grading.checks.adam import EPSILON, FIRST_DECAY, SECOND_DECAY
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.isolation.remote_objects import RemoteObject
from cnn_tui.grading.misconceptions.nets import Make, filled
from cnn_tui.grading.misconceptions.probes import new_generator, only_match

COPIES, BATCH_SIZE, EPOCHS = 5, 2, 4
"""Three batches: so many epochs that none of the mistakes takes as many steps as another."""
RATE = 2.5e-4
"""A learning rate that nobody sets instead of the one that is given."""
BLACK_RATE, BLACK_STEPS = 1e-2, 3
"""Black images give the first layer's weights no gradient: only weight decay moves them."""
DECAY = 0.01
"""AdamW's at its default."""
MOST = 0.9
"""The share of weights that decay brings nearer to 0; a step may carry a small one past it."""

Loss = Callable[[Tensor, Tensor], Tensor]
Tensors: TypeAlias = list[Tensor]
Way = Callable[[Tensor, int], Tensor]
"""The way that a parameter goes, per learning rate, by its gradient and the number of the step."""


def _adam() -> Way:
    first = second = torch.zeros(())

    def way(gradient: Tensor, step: int) -> Tensor:
        nonlocal first, second
        first = FIRST_DECAY * first + (1 - FIRST_DECAY) * gradient
        second = SECOND_DECAY * second + (1 - SECOND_DECAY) * gradient.square()
        scale = (second / (1 - SECOND_DECAY**step)).sqrt() + EPSILON
        return first / (1 - FIRST_DECAY**step) / scale

    return way


def _descent(momentum: float = 0.0) -> Way:
    kept = torch.zeros(())

    def way(gradient: Tensor, step: int) -> Tensor:
        nonlocal kept
        kept = momentum * kept + gradient
        return kept

    return way


def _rmsprop() -> Way:
    mean = torch.zeros(())

    def way(gradient: Tensor, step: int) -> Tensor:
        nonlocal mean
        mean = 0.99 * mean + 0.01 * gradient.square()
        return gradient / (mean.sqrt() + EPSILON)

    return way


@dataclass(frozen=True)
class Recipe:
    """How training goes; without any setting, it is right.

    ``rate`` and ``size`` take the place of those that are given. Gradients are
    forgotten before each batch, before each ``"epoch"``, or never (``""``). So many
    ``steps`` follow each batch. ``parts`` is how many parameters are trained, counted
    from the last; 0 for all. Training takes so many ``more`` images than those that are given.
    """

    way: Callable[[], Way] = _adam
    loss: Loss = F.cross_entropy
    rate: float | None = None
    size: int | None = None
    epochs: int = EPOCHS
    forgets: str = "batch"
    steps: int = 1
    is_new_in_each_epoch: bool = False
    drops_last: bool = False
    parts: int = 0
    more: int = 0
    decay: float = 0.0
    decoupled: float = 0.0

    def train(
        self, net: nn.Module, image: Tensor, label: Tensor, copies: int, epochs: int, rate: float
    ) -> None:
        """Train on ``copies`` of (1, C, H, W) ``image``; ``net`` changes in place."""
        all_of_them: Tensors = [*net.parameters()]
        parameters = all_of_them[-self.parts :]
        size = self.size or BATCH_SIZE
        sizes = [min(size, copies - start) for start in range(0, copies, size)]
        sizes = [each for each in sizes if each == size] if self.drops_last else sizes
        gradients = [torch.zeros_like(each) for each in parameters]
        for epoch in range(epochs):
            if self.is_new_in_each_epoch or not epoch:
                numbers, ways = count(1), [self.way() for _ in parameters]
            for place, number in enumerate(sizes):
                if self.forgets == "batch" or (self.forgets == "epoch" and not place):
                    gradients = [torch.zeros_like(each) for each in parameters]
                logits = net(image.expand(number, -1, -1, -1))
                loss = self.loss(logits, label.expand(number))
                new = torch.autograd.grad(loss, parameters)
                gradients = [old + each for old, each in zip(gradients, new, strict=True)]
                for _ in range(self.steps):
                    self._step(parameters, gradients, ways, next(numbers), rate)

    def _step(
        self, parameters: Tensors, gradients: Tensors, ways: list[Way], number: int, rate: float
    ) -> None:
        rate = rate if self.rate is None else self.rate
        with torch.no_grad():
            for parameter, gradient, way in zip(parameters, gradients, ways, strict=True):
                parameter.mul_(1 - rate * self.decoupled)
                parameter.sub_(rate * way(gradient + self.decay * parameter, number))


def _twice(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits.softmax(1), labels)


MISTAKES: Mapping[str, Recipe] = {
    "Gradients pile up from batch to batch: train() needs zero_grad() before each.": (
        Recipe(forgets="")
    ),
    "Gradients pile up within each epoch: train() needs zero_grad() before each batch.": (
        Recipe(forgets="epoch")
    ),
    "train() takes the steps of plain gradient descent, as SGD does: the task has Adam.": (
        Recipe(way=_descent)
    ),
    "train() takes the steps of SGD with momentum 0.9: the task has Adam.": (
        Recipe(way=partial(_descent, 0.9))
    ),
    "train() takes the steps of RMSprop: the task has Adam.": Recipe(way=_rmsprop),
    "train() takes steps at 1e-3, whatever learning_rate it is given.": Recipe(rate=1e-3),
    "train() takes steps at 1e-2, whatever learning_rate it is given.": Recipe(rate=1e-2),
    "train() takes steps at 1e-4, whatever learning_rate it is given.": Recipe(rate=1e-4),
    "train() makes a new optimizer in each epoch: Adam's averages should last.": (
        Recipe(is_new_in_each_epoch=True)
    ),
    "The loss has label smoothing of 0.1: the task has plain cross-entropy.": (
        Recipe(loss=partial(F.cross_entropy, label_smoothing=0.1))
    ),
    "The loss is taken of probabilities: cross_entropy has a softmax of its own.": (
        Recipe(loss=_twice)
    ),
    "In train(), a batch's loss grows with its size, as a sum does: the task has the mean.": (
        Recipe(loss=partial(F.cross_entropy, reduction="sum"))
    ),
    "train() leaves out the last batch of an epoch where it is smaller.": Recipe(drops_last=True),
    "train() ignores batch_size: it took the images one by one.": Recipe(size=1),
    "On 5 images, training ends as after 3 epochs of 4: take all steps, keep the last weights.": (
        Recipe(epochs=EPOCHS - 1)
    ),
    "On 5 images, training ends as after 5 epochs, not 4.": Recipe(epochs=EPOCHS + 1),
    "On 5 images, training ends as after 1 epoch of 4: take all steps, keep the last weights.": (
        Recipe(epochs=1)
    ),
    "On 5 images in batches of 2, train() took one step in each epoch, expected 3.": (
        Recipe(size=COPIES)
    ),
    "train() takes two steps for each batch.": Recipe(steps=2),
    "train() trains the last layer only.": Recipe(parts=2),
    "train() decays weights by 0.01, as AdamW does by default: the task has Adam.": (
        Recipe(decoupled=DECAY)
    ),
}
VALIDATION = "train() trains on the validation images, too."
DECAYS = "Weights decay in training: the task has no weight decay, in the optimizer or in the loss."


@dataclass(frozen=True)
class StepsProbe:
    """Trains a network of the submission, ``function(*args)``, on copies of one image.

    ``image`` is its shape. ``extra`` is how many validation images ``train`` takes besides.
    """

    function: str
    args: tuple[object, ...]
    image: tuple[int, ...]
    right: Make
    extra: int = 0

    @property
    def mistakes(self) -> Mapping[str, Recipe]:
        """The sentence on each mistake → the training that makes it."""
        return {**self._ways, DECAYS: Recipe(decay=DECAY)}

    @property
    def _ways(self) -> Mapping[str, Recipe]:
        """Those that lead to one place only."""
        return {**MISTAKES, **({VALIDATION: Recipe(more=self.extra)} if self.extra else {})}

    def mistake(self, submission: LoadedSubmission) -> str:
        """The sentence on the mistake that leads where the submission's training does, or ""."""
        right = self.right().eval()
        net = self._filled(submission, right)
        image = torch.rand(1, *self.image, generator=new_generator())
        with torch.no_grad():
            label = right(image).argmin(dim=1)
        self._train(submission, net, image, label, COPIES, EPOCHS, BATCH_SIZE, RATE)
        net.train(False)
        logits = net(image)
        # Another network: where nobody forgets gradients, the first still has some.
        net = self._filled(submission, right)
        self._train(submission, net, 0 * image, label, 1, BLACK_STEPS, 1, BLACK_RATE)
        numbers = {key: each.clone() for key, each in right.state_dict().items()}
        before = next(iter(numbers.values()))
        left = (each for each in net.state_dict().values() if each.shape == before.shape)
        answers = [logits, after := next(left, None)]
        end = partial(ends, right, numbers, image, label)
        outcomes = {sentence: end(recipe) for sentence, recipe in self._ways.items()}
        if sentence := only_match(answers, end(Recipe()), outcomes):
            return sentence
        # By how much hardly shows: Adam divides a gradient by its own size.
        return DECAYS if _is_nearer_to_0(after, before) else ""

    def _filled(self, submission: LoadedSubmission, right: nn.Module) -> RemoteObject:
        return filled(submission, self.function, self.args, (2, *self.image), right)

    def _train(
        self,
        submission: LoadedSubmission,
        net: RemoteObject,
        image: Tensor,
        label: Tensor,
        copies: int,
        *settings: float,
    ) -> None:
        images, more = (image.expand(n, -1, -1, -1).clone() for n in (copies, self.extra))
        labels, told = (label.expand(n).clone() for n in (copies, self.extra))
        data = (images, labels, more, told) if self.extra else (images, labels)
        submission.call("train", net, *data, *settings)


def _is_nearer_to_0(after: Any, before: Tensor) -> bool:
    if type(after) is not Tensor:
        return False
    share = after[before != 0] / before[before != 0]
    return bool((share.abs() < 1).float().mean() > MOST)


def ends(
    net: nn.Module, numbers: Mapping[str, Tensor], image: Tensor, label: Tensor, recipe: Recipe
) -> Iterator[Tensor]:
    """The logits after training by ``recipe`` from ``numbers``, and the first weights after black.

    ``net`` is a network of the judge's own.
    """
    net.load_state_dict(numbers)
    recipe.train(net, image, label, COPIES + recipe.more, recipe.epochs, RATE)
    with torch.no_grad():
        logits = net(image)
    yield logits
    net.load_state_dict(numbers)
    recipe.train(net, 0 * image, label, 1, BLACK_STEPS, BLACK_RATE)
    yield next(iter(net.state_dict().values()))
