"""A run as curves and as a headline, for the command line and the TUI."""

import math
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table

from cnn_tui.render.draw.curves import (
    CELLS_PER_TICK,
    MOST_TICKS,
    Scale,
    Series,
    chart,
    round_numbers,
)
from cnn_tui.render.draw.view import Extent, View
from cnn_tui.render.runs.headline import run_headline
from cnn_tui.render.runs.history import RunHistory, extent
from cnn_tui.render.runs.panels import Curve, Panel, panels_with_data

__all__ = ["charts", "run_headline"]

WHOLE = View()

SIDE_BY_SIDE_WIDTH = 100
"""Columns from which two panels stand beside each other rather than one above the other."""
LEAST_WIDTH, LEAST_HEIGHT = 25, 7
"""A panel of fewer cells shows no curve."""
WIDE = 150
"""Columns from which three panels fit in a row."""
TIME_STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800)
"""Seconds between two ticks of the time axis."""


def charts(
    runs: Sequence[RunHistory],
    *,
    width: int,
    height: int,
    colour: bool = True,
    view: View = WHOLE,
) -> RenderableType:
    """The view's panels in ``width`` × ``height`` cells, as many of them as fit.

    One run shows all of its curves; of several, each panel shows one curve per
    run. All panels have the same x axis.
    """
    shown = panels_with_data(runs, view.panels)
    rows = _rows(shown, width, height)
    heights = _shares(height, len(rows))
    return Group(
        *(
            _row(row, runs, view, width=width, height=tall, colour=colour)
            for row, tall in zip(rows, heights, strict=True)
        )
    )


def _rows(shown: list[Panel], width: int, height: int) -> list[list[Panel]]:
    """The panels in rows: beside each other where there is room, and what does not fit left out."""
    columns = _columns(len(shown), width)
    rows = [shown[first : first + columns] for first in range(0, len(shown), columns)]
    return rows[: max(1, height // LEAST_HEIGHT)]


def _columns(panels: int, width: int) -> int:
    if panels > 4 and width >= WIDE:
        return 3
    least = SIDE_BY_SIDE_WIDTH if panels <= 2 else 2 * LEAST_WIDTH
    return 2 if panels >= 2 and width >= least else 1


def _shares(whole: int, parts: int) -> list[int]:
    """``whole`` in equal parts, the first ones larger by one where that does not go."""
    return [whole // parts + (part < whole % parts) for part in range(parts)]


def _row(
    row: Sequence[Panel],
    runs: Sequence[RunHistory],
    view: View,
    *,
    width: int,
    height: int,
    colour: bool,
) -> RenderableType:
    grid = Table.grid(padding=(0, 1, 0, 0))
    widths = _shares(width - (len(row) - 1), len(row))
    for wide in widths:
        grid.add_column(width=wide)
    grid.add_row(
        *(
            _panel_chart(each, runs, view, width=wide, height=height, colour=colour)
            for each, wide in zip(row, widths, strict=True)
        )
    )
    return grid


def _panel_chart(
    shown: Panel,
    runs: Sequence[RunHistory],
    view: View,
    *,
    width: int,
    height: int,
    colour: bool,
) -> RenderableType:
    log_y = view.log_y and shown.may_be_log
    curves = [(run, curve) for run in runs for curve in _curves(shown, runs)]
    return chart(
        _title(shown, runs) + (" (log)" if log_y else ""),
        [_series(run, curve, view, overlaid=len(runs) > 1) for run, curve in curves],
        width=width,
        height=height,
        colour=colour,
        log_y=log_y,
        x=_x_scale(view, extent(runs, view.axis), width),
        y=Scale(shown.low, shown.high),
        note=_note(shown, runs, view),
    )


def _title(shown: Panel, runs: Sequence[RunHistory]) -> str:
    """The panel's title; of several runs, with the name of the curve that is shown of each."""
    if len(runs) == 1 or len(shown.curves) == 1:
        return shown.title
    return f"{shown.title}, {_curves(shown, runs)[0].label}"


def _curves(shown: Panel, runs: Sequence[RunHistory]) -> Sequence[Curve]:
    return shown.curves if len(runs) == 1 else (shown.curves[shown.overlaid],)


def _series(run: RunHistory, curve: Curve, view: View, *, overlaid: bool) -> Series:
    smoothing = view.smoothing if curve.is_noisy else 0.0
    xs, ys = run.column(curve.source, curve.column, view.axis, smoothing)
    if overlaid:
        return Series(run.label, xs, ys)
    return Series(curve.label, xs, ys, points=curve.points)


def _x_scale(view: View, whole: Extent, width: int) -> Scale:
    low, high = view.shown(whole)
    if view.axis == "time":
        return Scale(low, high, _time_ticks(low, high, width), _time_text)
    if view.axis == "step":
        return Scale(low, high, tick_text="{:,.6g}".format)
    return Scale(low, high)


def _time_ticks(low: float, high: float, width: int) -> list[float]:
    """Round seconds, minutes or hours."""
    most = min(MOST_TICKS, max(2, width // CELLS_PER_TICK))
    step = next((step for step in TIME_STEPS if (high - low) / step <= most), TIME_STEPS[-1])
    if high - low < 2 * TIME_STEPS[0]:
        return round_numbers(low, high, most)
    return [step * each for each in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _time_text(seconds: float) -> str:
    """A tick of the time axis: ``40 s``, ``2.5 min``, ``3 h``."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def _note(shown: Panel, runs: Sequence[RunHistory], view: View) -> str:
    """What one run's curve comes to, and what the x axis counts where that is not epochs."""
    words = [_best(shown, runs[0]) or _latest(shown, runs[0])] if len(runs) == 1 else []
    words += [] if view.axis == "epoch" else [f"by {view.axis}"]
    return "  ".join(filter(None, words))


def _best(shown: Panel, run: RunHistory) -> str:
    """The best epoch, by validation."""
    curve = shown.curves[-1]
    if shown.best is None:
        return ""
    xs, ys = run.column(curve.source, curve.column, "epoch")
    known = [(y, x) for x, y in zip(xs, ys, strict=True) if math.isfinite(y)]
    if not known:
        return ""
    value = (min if shown.best == "lowest" else max)(y for y, _ in known)
    return f"best at epoch {next(x for y, x in known if y == value):.0f}"


def _latest(shown: Panel, run: RunHistory) -> str:
    """The last value of a panel's only curve."""
    curve = shown.curves[0]
    _, ys = run.column(curve.source, curve.column, "epoch")
    if len(shown.curves) > 1 or not ys or not math.isfinite(ys[-1]):
        return ""
    return f"{ys[-1]:{shown.digits}}"
