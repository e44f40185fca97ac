"""Questions about the demos of batch norm, dropout and training."""

import math

from cnn_tui.chapter.questions.records import (
    DemoFigures,
    DemoOutcome,
    DemoQuestion,
    Given,
    among,
    nearest,
    number,
    whole,
)

ROUNDING = 1e-6
LOSS_ROUNDING = 1e-5
"""A change of the loss below this is hidden by float32, as the demo says as well."""
"""Of float32, in units of the largest number on the way."""
SAME = 1e-5
"""Outputs near 1 that differ by less are the same."""
SHOWN = 5e-4
"""What three decimals show."""
LEAST_P = 0.01
"""With less dropout the choices would be the same number."""
NEARLY = 0.1
"""Relative differences that count as none."""


def batchnorm_statistics(given: Given) -> DemoQuestion:
    """What the ReLU leaves of mean 0."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        mean = figures["relu_mean"]
        return DemoOutcome(f"{mean:.2f}", among(mean, 0.05, 0.6, 1))

    return DemoQuestion(
        "Batch norm gives each channel mean 0 and standard deviation 1. A ReLU follows. Which "
        "mean does the next layer see?",
        outcome,
        ("0, as batch norm set it", "above 0, below 0.6", "0.6 to 1", "more than 1"),
    )


def batchnorm_modes(given: Given) -> DemoQuestion:
    """Whether an image's output depends on the rest of its batch."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        training, evaluation = figures["alone_in_training"], figures["alone_in_evaluation"]
        changes = (training > SAME, evaluation > SAME)
        right = ((True, True), (True, False), (False, True), (False, False)).index(changes)
        said = f"different by {training:.2g} in training and by {evaluation:.2g} in evaluation"
        return DemoOutcome(said, frozenset({right}))

    return DemoQuestion(
        f"An image goes through batch norm in a batch of {whole(given, 'batch_size')}, and then "
        "alone. In which mode does its output change?",
        outcome,
        ("in training and in evaluation", "in training only", "in evaluation only", "in neither"),
    )


def conv_bn_relu(given: Given) -> DemoQuestion | None:
    """What becomes of a bias in front of batch norm."""
    bias = abs(number(given, "bias"))
    if not bias:
        return None

    def outcome(figures: DemoFigures) -> DemoOutcome:
        change = figures["difference"]
        if change < ROUNDING * (10 + bias):
            return DemoOutcome(f"{change:.1g}, and that is rounding", frozenset({2}))
        return DemoOutcome(f"{change:.3g}", frozenset({0 if change > bias / 2 else 1}))

    return DemoQuestion(
        f"A convolution gets the bias {number(given, 'bias'):g} in every channel. Batch norm and "
        "ReLU follow. By how much does that change the block's output?",
        outcome,
        (f"about {bias:g}", "less, as batch norm divides it", "nothing but rounding"),
    )


def dropout_mask(given: Given) -> DemoQuestion | None:
    """What the scaling of survivors is for."""
    p = number(given, "p")
    if p < LEAST_P:
        return None
    means = (1 - p, 1.0, 1 / (1 - p))

    def outcome(figures: DemoFigures) -> DemoOutcome:
        return DemoOutcome(f"{figures['mean']:.3f}", nearest(figures["mean"], means))

    fewer, same, more = (f"about {mean:.3g}" for mean in means)
    return DemoQuestion(
        f"Dropout with p = {p:g} gets many ones in training. What is the mean of its output?",
        outcome,
        (f"{fewer}, as some are dropped", same, f"{more}, as the others grow"),
    )


def dropout_modes(given: Given) -> DemoQuestion:
    """Averaging is exact for a sum, and for nothing behind it."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        return DemoOutcome(
            f"{figures['after_relu']:.3f}", frozenset({int(figures["after_relu"] >= SHOWN)})
        )

    return DemoQuestion(
        "A sum behind dropout has the same mean in training as in evaluation. A ReLU that begins "
        "at this value gives 0 in evaluation. What does it give in training, on average over the "
        "masks?",
        outcome,
        ("0, too", "more than 0", "less than 0"),
    )


def dropout_in_a_cnn(given: Given) -> DemoQuestion:
    """How much one mask changes an answer."""
    passes, p = whole(given, "passes"), number(given, "p")

    def outcome(figures: DemoFigures) -> DemoOutcome:
        others = figures["otherwise"]
        right = 0 if not others else 1 if others <= passes / 2 else 2
        return DemoOutcome(f"{others:g} of {passes}", frozenset({right}))

    return DemoQuestion(
        f"A trained network gets the same image {passes} times in training mode, with dropout "
        f"p = {p:g}. How often does it give another answer than in evaluation?",
        outcome,
        ("never", "up to half of the times", "more than half of the times"),
    )


def cifar10_numbers(given: Given) -> DemoQuestion:
    """Two numbers that tutorials confuse."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        std, own = figures["std"], figures["mean_of_stds"]
        said = f"{std:.4f} against {own:.4f}"
        return DemoOutcome(said, frozenset({0 if std > own else 1 if std < own else 2}))

    return DemoQuestion(
        "The std of all training pixels of a data set, and the mean of each image's own std: how "
        "does the first compare with the second?",
        outcome,
        ("larger", "smaller", "equal"),
    )


def augmentation(given: Given) -> DemoQuestion:
    """How many images one image is."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        pictures = figures["different_pictures"]
        return DemoOutcome(f"{pictures:g}", among(pictures, 2, 5))

    return DemoQuestion(
        f"Training draws one image five times, with augment = {given['augment']} and a hidden "
        f"square of {whole(given, 'cutout')} pixels. How many different pictures are these, "
        "together with the image as it is?",
        outcome,
        ("1, as it is one image", "2 to 4", "5 or 6"),
    )


def training_step(given: Given) -> DemoQuestion:
    """The loss is not as straight as the gradient says."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        fall, promised = figures["loss_before"] - figures["loss_after"], figures["promised"]
        if not fall >= 0:
            return DemoOutcome(f"{_short(-fall)} more", frozenset({3}))
        said = f"{_short(fall)} less, where the gradient promised {_short(promised)}"
        if promised < LOSS_ROUNDING:
            return DemoOutcome(f"{said}: the loss is rounded more than that", frozenset({0}))
        if abs(fall - promised) <= NEARLY * promised:
            return DemoOutcome(said, frozenset({0}))
        return DemoOutcome(said, frozenset({1 if fall < promised else 2}))

    return DemoQuestion(
        f"LeNet-5 takes one step of {given['optimizer']} with learning rate "
        f"{number(given, 'lr'):g}. How does the loss on the same batch change?",
        outcome,
        (
            "a fall by about as much as the gradient promises",
            "a smaller fall",
            "a larger fall",
            "a rise",
        ),
    )


def predictions(given: Given) -> DemoQuestion:
    """A softmax is sure of its errors, too."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        if not figures["wrong"]:
            return DemoOutcome("right every time", frozenset({3}))
        wrong, right = figures["sure_wrong_percent"], figures["sure_right_percent"]
        return DemoOutcome(
            f"{wrong:.0f} %, and {right:.0f} % where it is right", among(wrong, 30, 60)
        )

    return DemoQuestion(
        "A network gets test images. Where it is wrong, how sure is it of its answer, on average?",
        outcome,
        ("hardly, less than 30 %", "30 to 60 %", "more than 60 %", "no mistakes at all"),
    )


def _short(change: float) -> str:
    return f"{change:.3g}" if math.isfinite(change) else "infinitely"
