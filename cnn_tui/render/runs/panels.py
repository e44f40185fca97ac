"""The panels that a run can be drawn in: a catalogue of what each one shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cnn_tui.render.draw.view import View
from cnn_tui.render.runs.history import RunHistory, Source, extent


@dataclass(frozen=True)
class Curve:
    """One curve of a panel: a column of a run's history.

    ``points`` draws it as separate points; ``is_noisy`` tells what smoothing is for.
    """

    label: str
    source: Source
    column: str
    points: bool = False
    is_noisy: bool = True


@dataclass(frozen=True)
class Panel:
    """One chart: its curves, and how its y axis behaves.

    Where several runs are laid over each other, each shows the curve
    ``overlaid`` only. ``low`` and ``high`` are always in view; ``may_be_log``
    says whether a logarithmic scale suits it, ``digits`` how the latest value of an
    only curve is told, and ``best`` which value of the last curve is worth telling.
    """

    key: str
    title: str
    curves: tuple[Curve, ...]
    overlaid: int = -1
    low: float | None = None
    high: float | None = None
    may_be_log: bool = False
    digits: str = ".3g"
    best: Literal["lowest", "highest"] | None = None


PANELS: tuple[Panel, ...] = (
    Panel(
        "loss",
        "Loss",
        (
            Curve("train", "step", "loss"),
            Curve("validation", "epoch", "val_loss", points=True, is_noisy=False),
        ),
        may_be_log=True,
        best="lowest",
    ),
    Panel(
        "accuracy",
        "Accuracy %",
        (
            Curve("train", "step", "accuracy"),
            Curve("validation", "epoch", "val_accuracy", points=True, is_noisy=False),
        ),
        best="highest",
    ),
    Panel("rate", "Learning rate", (Curve("", "step", "lr", is_noisy=False),), low=0, digits=".2g"),
    Panel("speed", "Images/s", (Curve("", "step", "images_per_second"),), low=0, digits=",.0f"),
    Panel(
        "gradient", "Gradient norm", (Curve("", "step", "gradient_norm"),), low=0, may_be_log=True
    ),
    Panel(
        "gpu",
        "GPU %",
        (Curve("busy", "step", "gpu_busy"), Curve("memory", "step", "gpu_memory")),
        overlaid=0,
        low=0,
        high=100,
    ),
)


def panel(key: str) -> Panel:
    """The panel with this key."""
    return next(each for each in PANELS if each.key == key)


def panels_with_data(runs: Sequence[RunHistory], keys: Sequence[str]) -> list[Panel]:
    """The panels for which a run has told anything; all that were asked for where none has."""
    asked = [panel(key) for key in keys]
    return [each for each in asked if _has_data(each, runs)] or asked


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
