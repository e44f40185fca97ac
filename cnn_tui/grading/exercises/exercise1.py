"""Exercise 1: pooling."""

from cnn_tui.grading.exercises import Exercise

EXERCISE = Exercise(
    name="exercise1",
    title="Pooling",
    task="Pool one map by maximum and by average, and measure what each keeps.",
    topic="pooling-max-and-average",
    hints=(
        "Take a map of 4x4 numbers and pool it by hand first: where does each window begin, and "
        "how many of them fit? Then let each pooled value be one question to one window.",
        "PyTorch has layers for both kinds of pooling, and their defaults for padding and "
        "rounding are the ones that are asked for; only the stride must be handed on. For the "
        "measures, forget about windows: each compares two whole tensors by one number.",
        "Call the two pooling functions of torch.nn.functional with kernel_size and stride, and "
        "build the difference from your own two functions. Peak retention is a quotient of two "
        "largest values. Noise gain squares, averages and takes the root of either tensor, in "
        "this order, before it divides. Subtract the mean from either tensor before you compute "
        "the agreement, and return 0.0 before that where the smallest value of a tensor is its "
        "largest. better_pooling calls your other functions, and compares two agreements.",
    ),
)
