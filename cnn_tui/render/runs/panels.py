"""The panels that a run can be drawn in: a catalogue of what each one shows."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cnn_tui.render.draw.axes import AxisEnd, axis_number, power_of_ten, two_digits
from cnn_tui.render.draw.numbers import percent
from cnn_tui.render.draw.view import View
from cnn_tui.render.runs.history import RunHistory, Source, extent


@dataclass(frozen=True)
class Curve:
    """One curve of a panel: a column of a run's history.

    ``is_noisy`` says that smoothing is for it, ``is_kept`` that the epoch whose weights
    are kept is marked on it.
    """

    label: str
    source: Source
    column: str
    short: str = ""
    is_noisy: bool = True
    is_kept: bool = False


@dataclass(frozen=True)
class Panel:
    """One chart: its curves, and how its y axis behaves.

    Where several runs are laid over each other, each shows the curve ``overlaid``
    only. ``low`` and ``high`` are always in view; ``may_be_log`` says whether a
    logarithmic scale suits it, ``value_text`` how a value is written, ``has_baseline``
    whether the largest class gives its curves something to be compared with, ``most``
    is the largest value that there can be, and ``starts`` the end of the y axis at which
    curves of a network that learns begin.
    """

    key: str
    title: str
    curves: tuple[Curve, ...]
    overlaid: int = -1
    low: float | None = None
    high: float | None = None
    may_be_log: bool = False
    value_text: Callable[[float], str] = axis_number
    has_baseline: bool = False
    most: float = math.inf
    starts: AxisEnd | None = None


def _three_digits(value: float) -> str:
    """A loss or a norm: ``0.081``, ``2.30``, ``12.4``, ``2·10⁻⁶``."""
    size = abs(value)
    if size != 0 and not 5e-4 <= size < 1e4:
        return power_of_ten(value)
    return f"{value:.3f}" if size < 1 else f"{value:.2f}" if size < 10 else f"{value:.3g}"


def _percent(value: float) -> str:
    return percent(value / 100)


def _count(value: float) -> str:
    return f"{value:,.0f}"


PANELS: tuple[Panel, ...] = (
    Panel(
        "loss",
        "Loss",
        (
            Curve("train", "step", "loss"),
            Curve("validation", "epoch", "val_loss", "val", is_noisy=False, is_kept=True),
        ),
        may_be_log=True,
        value_text=_three_digits,
        starts="high",
    ),
    Panel(
        "accuracy",
        "Accuracy",
        (
            Curve("train", "step", "accuracy"),
            Curve("validation", "epoch", "val_accuracy", "val", is_noisy=False, is_kept=True),
        ),
        value_text=_percent,
        has_baseline=True,
        most=100,
        starts="low",
    ),
    Panel(
        "rate",
        "Learning rate",
        (Curve("", "step", "lr", is_noisy=False),),
        low=0,
        value_text=two_digits,
    ),
    Panel(
        "speed",
        "Images/s",
        (Curve("", "step", "images_per_second"),),
        low=0,
        value_text=_count,
    ),
    Panel(
        "gradient",
        "Gradient norm",
        (Curve("", "step", "gradient_norm"),),
        low=0,
        may_be_log=True,
        value_text=_three_digits,
    ),
    Panel(
        "gpu",
        "GPU",
        (Curve("busy", "step", "gpu_busy"), Curve("memory", "step", "gpu_memory", "mem")),
        overlaid=0,
        low=0,
        high=100,
        value_text="{:.0f} %".format,
    ),
)


def panel(key: str) -> Panel:
    """The panel with this key."""
    return next(each for each in PANELS if each.key == key)


def panels_with_data(
    runs: Sequence[RunHistory], keys: Sequence[str], *, or_all: bool = True
) -> list[Panel]:
    """The panels for which a run has recorded anything.

    Where none has, all that were asked for, or none without ``or_all``.
    """
    asked = [panel(key) for key in keys]
    return [each for each in asked if _has_data(each, runs)] or (asked if or_all else [])


def series_document(run: RunHistory, view: View) -> list[dict[str, Any]]:
    """What the view shows of the run, as JSON: one object per curve, with its x and y.

    A run is one of several, too: every curve of each panel is in it.
    """
    low, high = view.shown(extent([run], view.axis))
    series = []
    for shown in panels_with_data([run], view.panels):
        for curve in shown.curves:
            smoothing = view.smoothing if curve.is_noisy else 0.0
            xs, ys = run.column(curve.source, curve.column, view.axis, smoothing)
            points = [(x, y) for x, y in zip(xs, ys, strict=True) if low <= x <= high]
            series.append(
                {
                    "panel": shown.key,
                    "name": curve.label or shown.title.lower(),
                    "x": [x for x, _ in points],
                    "y": [y for _, y in points],
                }
            )
    return series


def _has_data(shown: Panel, runs: Sequence[RunHistory]) -> bool:
    return any(run.told(curve.source, curve.column) for run in runs for curve in shown.curves)
