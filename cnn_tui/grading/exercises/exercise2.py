"""Exercise 2: skip connections."""

from cnn_tui.grading.exercises import Exercise

EXERCISE = Exercise(
    name="exercise2",
    title="Skip connections",
    task="Build blocks with and without a skip, and measure the gradient that comes through.",
    topic="skip-connections",
    hints=(
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
)
