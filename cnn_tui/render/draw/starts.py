"""Starts of curves that lie outside of their chart, so that the rest of them can be seen.

A network learns most in its first steps. On an axis from 0 to 100, an accuracy that begins at
10 % and then stays near 98 % is a flat line at the top, and what happens there cannot be read.
"""

from collections.abc import Sequence
from dataclasses import replace

from cnn_tui.render.draw.axes import AxisEnd, DrawnAxis
from cnn_tui.render.draw.curves import Band, Series

START = 10
"""The start of a curve is the first tenth of its points, or a little less."""
SQUEEZED = 1 / 3
"""Where the rest of all curves has less than this part of the height, starts are left out."""

ROUNDING = 1e-6
"""Part of an axis by which a point may miss its end."""


def heights_shown(series: Sequence[Series], starts: AxisEnd | None) -> list[float]:
    """The heights that the y axis must reach, without starts that squeeze the rest."""
    heights = [edge for each in series for edge in _edges(each)]
    whole = [y for edge in heights for y in edge]
    if starts is None or not whole:
        return whole
    rest = [y for edge in heights for y in edge[_start(len(edge)) :]]
    shown = [y for y in whole if (y >= min(rest) if starts == "low" else y <= max(rest))]
    is_squeezed = max(shown) - min(shown) < SQUEEZED * (max(whole) - min(whole))
    return shown if is_squeezed else whole


def without_start(series: Series, axis: DrawnAxis) -> Series:
    """The series from where it comes into view for good."""
    band = series.band and _clamped(series.band, axis)
    slack = ROUNDING * (axis.high - axis.low)
    low, high = axis.low - slack, axis.high + slack
    outside = [n for n, y in enumerate(series.ys) if not low <= y <= high]
    if not outside or outside[-1] + 1 >= len(series.ys):
        return replace(series, band=band)
    before = outside[-1]
    (x0, x1), (y0, y1) = series.xs[before : before + 2], series.ys[before : before + 2]
    edge = axis.low if y0 < axis.low else axis.high
    at = x0 + (x1 - x0) * (edge - y0) / (y1 - y0)
    return replace(
        series,
        xs=[at, *series.xs[before + 1 :]],
        ys=[edge, *series.ys[before + 1 :]],
        band=band,
        enters="low" if edge == axis.low else "high",
    )


def _start(points: int) -> int:
    """How many points are the start of a curve of so many.

    A power of two: while a run goes on, its axis stays as it is for a while.
    """
    most = points // START
    return 1 << (most.bit_length() - 1) if most else 0


def _edges(series: Series) -> list[Sequence[float]]:
    return [series.ys, *([] if series.band is None else [series.band.lows, series.band.highs])]


def _clamped(band: Band, axis: DrawnAxis) -> Band | None:
    """The part of a ribbon that lies in view."""
    edges = [
        (x, max(low, axis.low), min(high, axis.high))
        for x, low, high in zip(band.xs, band.lows, band.highs, strict=True)
        if low <= axis.high and high >= axis.low
    ]
    return Band(*map(list, zip(*edges, strict=True))) if edges else None
