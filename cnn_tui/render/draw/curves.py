"""Curves as values: series, charts, and how much of them fits where.

Each series has dashes as well as a color: a chart must be readable without colors.
Colors are names of styles, which the console that prints them knows.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cnn_tui.render.draw.axes import WHOLE, AxisEnd, Scale, axis_number
from cnn_tui.render.draw.canvas import DASHES
from cnn_tui.render.draw.styles import CURVES, QUIET

POINTS_PER_COLUMN, COLUMNS_PER_CELL = 2, 2
"""More cannot be seen."""
LEVEL, LEVEL_CELLS = "╌", 3
"""What the line of a level is made of, and the cells of it that stand in a legend."""


@dataclass(frozen=True)
class Band:
    """A ribbon between two curves."""

    xs: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]


@dataclass(frozen=True)
class Series:
    """One curve, its xs ascending, and the ``band`` behind it.

    ``place`` chooses color and dashes: that in the list where it is None. ``short`` is
    the label where there is little room, ``star`` the x of what is marked, and ``on_top``
    draws it last. One that ``is_level`` is a height to compare the others with, drawn as a
    light line behind them; one that ``enters`` comes in over that end of the y axis.
    """

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    place: int | None = None
    short: str = ""
    star: float | None = None
    on_top: bool = False
    band: Band | None = None
    is_level: bool = False
    enters: AxisEnd | None = None

    def at(self, place: int) -> "Series":
        """The series with a place of its own, if it has none."""
        return replace(self, place=place) if self.place is None else self

    @property
    def style(self) -> str:
        """The name of its color."""
        return QUIET if self.is_level else CURVES[(self.place or 0) % len(CURVES)]

    @property
    def sign(self) -> str:
        """What stands for it in a legend."""
        return LEVEL * LEVEL_CELLS if self.is_level else DASHES[(self.place or 0) % len(DASHES)][0]

    @property
    def dashes(self) -> Sequence[int]:
        """Which dots along the curve are drawn."""
        return DASHES[(self.place or 0) % len(DASHES)][1]

    def value(self, x: float | None = None) -> float | None:
        """The value at the end, or the one that is nearest to ``x``; None if not finite."""
        if not self.xs:
            return None
        index = len(self.xs) - 1
        if x is not None:
            index = min(bisect_left(self.xs, x), index)
            if index and x - self.xs[index - 1] < self.xs[index] - x:
                index -= 1
        value = self.ys[index]
        return value if math.isfinite(value) else None


@dataclass(frozen=True)
class Chart:
    """What one chart shows; ``cursor`` is the x whose values are read off.

    Points that are not finite (or, with ``log_y``, not positive), or that lie outside
    of ``x``, are left out. ``note`` stands behind the title. Without ``has_names`` the
    legend has signs and values only: another chart of the page names the same series, but
    for levels.
    """

    title: str
    series: Sequence[Series]
    x: Scale = WHOLE
    y: Scale = WHOLE
    log_y: bool = False
    note: str = ""
    value_text: Callable[[float], str] = axis_number
    cursor: float | None = None
    has_names: bool = True

    def text_of(self, series: Series, x: float | None = None) -> str:
        """The value of a series at its end or at ``x``, as it is shown."""
        value = series.value(x)
        return "–" if value is None else self.value_text(value)


def thin_out(
    xs: Sequence[float], ys: Sequence[float], columns: int, ends: tuple[float, float] | None = None
) -> tuple[list[float], ...]:
    """At most two points per column, its minimum and maximum, in their order.

    The columns divide what lies between both ``ends``, by default those of ``xs``: while
    these stay, a curve that grows keeps its points.
    """
    if len(xs) <= POINTS_PER_COLUMN * columns:
        return list(xs), list(ys)
    low, high = ends or (xs[0], xs[-1])
    kept: list[int] = []
    first = 0
    for column in range(1, columns + 1):
        end = bisect_left(xs, low + (high - low) * column / columns, first)
        end = len(xs) if column == columns else end
        if end > first:
            part = ys[first:end]
            kept += sorted({first + part.index(min(part)), first + part.index(max(part))})
        first = end
    return [xs[i] for i in kept], [ys[i] for i in kept]


def height_at(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    """The height of a curve at ``x``, which lies between its ends."""
    index = bisect_left(xs, x)
    if not 0 < index < len(xs):
        return ys[0 if index == 0 else -1]
    return _between(xs, ys, index, x)


def in_view(series: Series, shown: Chart, width: int) -> Series:
    """The points that can be drawn, as many as can be seen, on the scale of the y axis."""
    xs, ys = _within(series, shown.x)
    # Looking at every point takes longer than all the rest; a sum tells it for all.
    if not math.isfinite(sum(ys)) or (shown.log_y and ys and min(ys) <= 0):
        points = [(x, y) for x, y in zip(xs, ys, strict=True) if _has_a_place(y, shown.log_y)]
        xs, ys = [x for x, _ in points], [y for _, y in points]
    if xs:
        low = xs[0] if shown.x.low is None else shown.x.low
        high = xs[-1] if shown.x.high is None else shown.x.high
        xs, ys = thin_out(xs, ys, COLUMNS_PER_CELL * width, (low, high))
    ys = [math.log10(y) for y in ys] if shown.log_y else ys
    return replace(series, xs=xs, ys=ys, band=_band_in_view(series.band, shown))


def _band_in_view(band: Band | None, shown: Chart) -> Band | None:
    """As much of a ribbon as can be drawn, on the scale of the y axis."""
    if band is None:
        return None
    xs, lows = _within(Series("", band.xs, band.lows), shown.x)
    _, highs = _within(Series("", band.xs, band.highs), shown.x)
    edges = [
        each for each in zip(xs, lows, highs, strict=True) if _has_a_place(each[1], shown.log_y)
    ]
    if shown.log_y:
        edges = [(x, math.log10(low), math.log10(high)) for x, low, high in edges]
    return Band(*map(list, zip(*edges, strict=True))) if edges else None


def _within(series: Series, x: Scale) -> tuple[Sequence[float], Sequence[float]]:
    """The points in view; a line is cut where it enters and leaves."""
    xs, ys = series.xs, series.ys
    first = 0 if x.low is None else bisect_left(xs, x.low)
    end = len(xs) if x.high is None else bisect_right(xs, x.high)
    inside, heights = list(xs[first:end]), list(ys[first:end])
    if first == len(xs) or end == 0:
        return inside, heights
    if x.low is not None and first > 0 and xs[first] > x.low:
        inside.insert(0, x.low)
        heights.insert(0, _between(xs, ys, first, x.low))
    if x.high is not None and end < len(xs) and xs[end - 1] < x.high:
        inside.append(x.high)
        heights.append(_between(xs, ys, end, x.high))
    return inside, heights


def _between(xs: Sequence[float], ys: Sequence[float], index: int, x: float) -> float:
    """The height at ``x`` of the line that ends at the point of this index."""
    (x0, x1), (y0, y1) = xs[index - 1 : index + 1], ys[index - 1 : index + 1]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def _has_a_place(y: float, log_y: bool) -> bool:
    return math.isfinite(y) and (y > 0 or not log_y)
