"""Questions about the demos of pooling."""

from cnn_tui.chapter.questions.records import (
    DemoFigures,
    DemoOutcome,
    DemoQuestion,
    Given,
    among,
    whole,
)

LEAST_PER_CHANNEL, SIDE = 25, 7
"""By how much global average pooling divides a classifier's parameters at the least, on 7×7."""


def convolution(given: Given) -> DemoQuestion | None:
    """How large the output is."""
    from cnn_tui.analysis.pooling.named_inputs import named_input
    from cnn_tui.analysis.pooling.operators import output_size
    from cnn_tui.analysis.pooling.records import PoolSettings

    size = len(named_input(str(given["input"])).grid)
    names = ("stride", "padding", "dilation", "row", "column")
    stride, padding, dilation, row, column = (whole(given, name) for name in names)
    side = output_size(size, PoolSettings("max", 3, stride, padding, dilation=dilation))
    if max(row, column) >= side:
        return None

    def outcome(figures: DemoFigures) -> DemoOutcome:
        return DemoOutcome(f"{figures['side']:g}", number=figures["side"])

    return DemoQuestion(
        f"A 3×3 kernel walks over a map of {size}×{size} with stride {stride}, padding {padding} "
        f"and dilation {dilation}. How many rows does the output have?",
        outcome,
    )


def max_and_average(given: Given) -> DemoQuestion | None:
    """The hand calculation."""
    from cnn_tui.analysis.pooling.named_inputs import named_input

    grid = named_input(str(given["input"])).grid
    side, stride = whole(given, "kernel_size"), whole(given, "stride")
    top, left = (whole(given, name) * stride for name in ("row", "column"))
    if top + side > len(grid) or left + side > len(grid[0]):
        return None
    values = [f"{cell:g}" for row in grid[top : top + side] for cell in row[left : left + side]]
    listed = " and ".join([", ".join(values[:-1]), values[-1]] if len(values) > 1 else values)

    def outcome(figures: DemoFigures) -> DemoOutcome:
        return DemoOutcome(f"{figures['average']:g}", number=figures["average"])

    return DemoQuestion(
        f"A window holds {listed}. What does average pooling make of it?", outcome, tolerance=0.05
    )


def translation_invariance(given: Given) -> DemoQuestion:
    """How often a shift is absorbed."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        share = figures["unchanged_percent"]
        said = f"{figures['unchanged_shifts']:g} of {figures['shifts']:g} ({share:.0f} %)"
        return DemoOutcome(said, frozenset({3 - next(iter(among(share, 100 / 3, 200 / 3, 100)))}))

    side, cells = whole(given, "kernel_size"), whole(given, "cells")
    return DemoQuestion(
        f"A bright pixel moves through a row of {side * cells}, one pixel at a time. Max pooling "
        f"has window {side} and stride {side}. How many of these shifts leave the pooled row as "
        "it was?",
        outcome,
        ("all", "most, two thirds or more", "about half", "few, less than a third"),
    )


def pooling_parameters(given: Given) -> DemoQuestion | None:
    """The formula of the output size."""
    names = ("size", "kernel_size", "stride", "padding")
    size, kernel, stride, padding = (whole(given, name) for name in names)
    if 2 * padding > kernel or kernel > size + 2 * padding:
        return None

    def outcome(figures: DemoFigures) -> DemoOutcome:
        side = figures["yours_side"]
        return DemoOutcome(f"{side:g}", number=side)

    return DemoQuestion(
        f"A map of {size}×{size} is pooled with a {kernel}×{kernel} window, stride {stride} and "
        f"padding {padding}. How many rows does the output have?",
        outcome,
    )


def global_average(given: Given) -> DemoQuestion:
    """What pooling spares the classifier."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        flat, pooled = figures["flatten_parameters_7x7"], figures["gap_parameters"]
        said = f"{pooled:,.0f} instead of {flat:,.0f}, {flat / pooled:.0f} times fewer"
        return DemoOutcome(said, among(flat / pooled, 2, LEAST_PER_CHANNEL - 1))

    channels, classes = whole(given, "channels"), whole(given, "classes")
    return DemoQuestion(
        f"A linear layer to {classes} {'class' if classes == 1 else 'classes'} stands behind a "
        f"flattened feature map, {channels}×{SIDE}×{SIDE}. Global average pooling takes the place "
        "of flatten. How many parameters does the layer have then?",
        outcome,
        ("as many, as pooling has none", f"about {SIDE} times fewer", "at least 25 times fewer"),
    )
