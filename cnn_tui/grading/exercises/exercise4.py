"""Exercise 4: dropout."""

from cnn_tui.grading.exercises import Exercise

EXERCISE = Exercise(
    name="exercise4",
    title="Dropout",
    task="Write dropout, and see how it lowers the gap between training and validation images.",
    topic="dropout-why",
    keeps_functions=True,
    check_seconds=90,
    total_seconds=180,
    hints=(
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
        "best_p, order by accuracy on validation images first and by p second.",
    ),
)
