"""A run as curves and as one status line, for the command line and the TUI."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.render.curves import Series, chart
from cnn_tui.render.data import preparing_text
from cnn_tui.render.numbers import duration, percent
from cnn_tui.render.states import STATE_MARKS
from cnn_tui.training.records import (
    Ended,
    EpochMetrics,
    Event,
    Note,
    Preparing,
    RunStatus,
    Started,
    StepMetrics,
)

SIDE_BY_SIDE_WIDTH = 100
"""Columns from which loss and accuracy stand beside each other."""


@dataclass(frozen=True)
class RunCurves:
    """The curves of one run; x is in epochs."""

    label: str
    train_loss: Series
    val_loss: Series
    train_accuracy: Series
    val_accuracy: Series


def run_curves(label: str, events: Sequence[Event], *, smoothing: float = 0.0) -> RunCurves:
    """Gather a run's events into curves: training by step, validation by epoch.

    ``smoothing`` is the weight of what was before in the training curves' moving
    average; validation has one value an epoch and stays as it is.
    """
    steps_per_epoch = max((e.steps_per_epoch for e in events if isinstance(e, Started)), default=1)
    steps = [event for event in events if isinstance(event, StepMetrics)]
    epochs = [event for event in events if isinstance(event, EpochMetrics)]
    at_step = tuple(event.step / steps_per_epoch for event in steps)
    at_epoch = tuple(float(event.epoch) for event in epochs)
    return RunCurves(
        label,
        Series("train", at_step, smoothed([event.loss for event in steps], smoothing)),
        Series("validation", at_epoch, tuple(event.val_loss for event in epochs), points=True),
        Series("train", at_step, smoothed([100 * each.accuracy for each in steps], smoothing)),
        Series(
            "validation",
            at_epoch,
            tuple(100 * event.val_accuracy for event in epochs),
            points=True,
        ),
    )


def smoothed(values: Sequence[float], weight: float) -> tuple[float, ...]:
    """The exponential moving average, corrected for its start at zero.

    Values that are not finite stay, and leave the average as it was.
    """
    average, kept = 0.0, 1.0
    shown = []
    for value in values:
        if weight and math.isfinite(value):
            average = weight * average + (1 - weight) * value
            kept *= weight
            value = average / (1 - kept)
        shown.append(value)
    return tuple(shown)


def loss_chart(
    runs: Sequence[RunCurves], *, width: int, height: int, colour: bool = True, log_y: bool = False
) -> RenderableType:
    """Loss against epochs: train and validation of one run, or validation of several."""
    return chart(
        "Loss" + (" (log)" if log_y else ""),
        _chosen(runs, "loss"),
        width=width,
        height=height,
        colour=colour,
        log_y=log_y,
    )


def accuracy_chart(
    runs: Sequence[RunCurves], *, width: int, height: int, colour: bool = True
) -> RenderableType:
    """Accuracy in percent against epochs, chosen as in ``loss_chart``."""
    return chart("Accuracy %", _chosen(runs, "accuracy"), width=width, height=height, colour=colour)


def run_headline(status: RunStatus, events: Sequence[Event]) -> Text:
    """Where a run stands, in a line or two: state, epoch, accuracy, speed, time left."""
    mark, style = STATE_MARKS[status.state]
    line = Text.assemble(
        (f"{mark} {status.state}", style), f"   epoch {status.epoch}/{status.epochs}"
    )
    if status.best_val_accuracy is not None:
        line.append(f"   best validation {percent(status.best_val_accuracy)}")
    if status.test_accuracy is not None:
        line.append(f"   test {percent(status.test_accuracy)}", "bold")
    latest = next((e for e in reversed(events) if isinstance(e, StepMetrics)), None)
    if status.state == "running" and latest is not None:
        line.append(f"   lr {latest.lr:.2g}   {latest.images_per_second:,.0f} images/s")
        left = latest.seconds_left
        if left is not None:
            line.append(f"   {duration(left)} left")
    if message := _message(status, events):
        line.append(f"\n{message}")
    return line


def _chosen(runs: Sequence[RunCurves], quantity: str) -> list[Series]:
    if len(runs) == 1:
        return [getattr(runs[0], f"train_{quantity}"), getattr(runs[0], f"val_{quantity}")]
    validation = [getattr(run, f"val_{quantity}") for run in runs]
    return [
        Series(run.label, curve.xs, curve.ys) for run, curve in zip(runs, validation, strict=True)
    ]


def _message(status: RunStatus, events: Sequence[Event]) -> str:
    if status.message:
        return status.message
    if status.state == "interrupted":
        return f"The worker is gone. Go on from its last checkpoint: cnn-lab resume {status.run}"
    if not events:
        return "waiting for the first words of the worker" if status.state == "running" else ""
    last = events[-1]
    if isinstance(last, Preparing):
        return preparing_text(last)
    notes = [event.message for event in events if isinstance(event, Note)]
    return notes[-1] if notes and not isinstance(last, Ended) else ""


def charts(
    runs: Sequence[RunCurves], *, width: int, height: int, colour: bool = True, log_y: bool = False
) -> RenderableType:
    """Loss above accuracy, or beside it where there is room."""
    from rich.table import Table

    if width >= SIDE_BY_SIDE_WIDTH:
        half = (width - 2) // 2
        row = Table.grid(padding=(0, 1))
        row.add_row(
            loss_chart(runs, width=half, height=height, colour=colour, log_y=log_y),
            accuracy_chart(runs, width=half, height=height, colour=colour),
        )
        return row
    above = height // 2
    return Group(
        loss_chart(runs, width=width, height=above, colour=colour, log_y=log_y),
        accuracy_chart(runs, width=width, height=height - above, colour=colour),
    )
