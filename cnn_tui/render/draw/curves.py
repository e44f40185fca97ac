"""Curves as text, drawn by plotext: the one module that touches it.

plotext keeps one global figure, so everything here must run on one thread.
Each series has a marker of its own as well as a colour: a chart must be
readable without colours.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import plotext
from rich.console import Group, RenderableType
from rich.text import Text

MARKERS = ("hd", "•", "+", "x", "o", "*")
"""plotext's names: quarter blocks first, then characters that differ in shape."""
LEGEND_MARKERS = ("▚", "•", "+", "x", "o", "*")
BAND_MARKERS = ("░", "·", ":", "'", "-", "~")
"""Lighter than the curves, and as different from each other."""
COLOURS = (
    (86, 182, 255),
    (255, 170, 70),
    (130, 220, 130),
    (230, 120, 200),
    (240, 230, 110),
    (120, 220, 220),
)
POINTS_PER_COLUMN = 2
"""More cannot be seen, and plotext's time grows with every point."""
MOST_TICKS = 6
CELLS_PER_TICK, ROWS_PER_TICK = 9, 2
NICE_STEPS = (1, 2, 5, 10)
FEWEST_POWERS = 8
"""From so many powers of ten on, only whole ones are labelled."""
THEME = "cnn-lab"

plotext.terminal.limit(False, False)
plotext.add_theme(THEME, "default", "default", list(COLOURS))


@dataclass(frozen=True)
class Series:
    """One curve, its xs ascending; as ``points`` it is not joined, and what is under it shows.

    ``band_of`` is the place of the series to whose band it belongs: it is drawn beneath
    all curves, lightly, in that one's colour, and is not in the legend.
    """

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    points: bool = False
    band_of: int | None = None


@dataclass(frozen=True)
class Scale:
    """How an axis is drawn: what is in view, and the ticks of an x axis.

    An x axis ends at ``low`` and ``high``; a y axis always shows them, and more
    where the curves do. Without ``ticks``, round numbers are labelled.
    """

    low: float | None = None
    high: float | None = None
    ticks: Sequence[float] = ()
    tick_text: Callable[[float], str] = "{:g}".format


def chart(
    title: str,
    series: Sequence[Series],
    *,
    width: int,
    height: int,
    colour: bool = True,
    log_y: bool = False,
    x: Scale = Scale(),
    y: Scale = Scale(),
    note: str = "",
) -> RenderableType:
    """Curves in ``width`` × ``height`` cells, the title and legend line included.

    Points that are not finite (or, with ``log_y``, not positive), or that lie
    outside of ``x``, are left out. ``note`` stands at the end of the legend.
    """
    legend = _legend(title, series, colour, note)
    kept = [_drawable(each, x, log_y) for each in series]
    if not any(each.xs for each in kept) or height < 5 or width < 20:
        return Group(legend, Text("no points yet", style="dim"))
    reduced = [_reduced(each, width, log_y) for each in kept]
    return Group(legend, _plot(reduced, width, height - 1, colour, log_y, x, y))


def band(
    xs: Sequence[float], lows: Sequence[float], highs: Sequence[float], place: int, columns: int
) -> Series:
    """What lies between two curves, as one line that goes up and down in every column.

    It belongs to the series at ``place``; a band of one x is a single stroke.
    """
    steps = [xs[0] + (xs[-1] - xs[0]) * step / max(1, columns - 1) for step in range(columns)]
    low, high = (Series("", xs, edge) for edge in (lows, highs))
    ups_and_downs: list[float] = []
    for step, x in enumerate(steps):
        ends = [_height(edge, x) for edge in (low, high)]
        ups_and_downs += reversed(ends) if step % 2 else ends
    return Series("", [x for x in steps for _ in range(2)], ups_and_downs, band_of=place)


def thin_out(xs: Sequence[float], ys: Sequence[float], columns: int) -> tuple[list[float], ...]:
    """At most two points per column, its minimum and maximum, in their order."""
    if len(xs) <= POINTS_PER_COLUMN * columns:
        return list(xs), list(ys)
    kept: list[int] = []
    size = len(xs) / max(1, columns)
    for column in range(columns):
        first = int(column * size)
        part = ys[first : int((column + 1) * size)]
        kept += sorted({first + part.index(min(part)), first + part.index(max(part))})
    return [xs[i] for i in kept], [ys[i] for i in kept]


def round_numbers(low: float, high: float, most: int) -> list[float]:
    """At most ``most`` multiples of 1, 2 or 5 times a power of ten, from ``low`` to ``high``."""
    apart = (high - low) / most if most > 0 else 0.0
    if not 0 < apart < math.inf:
        return []
    power = 10.0 ** math.floor(math.log10(apart))
    for nice in NICE_STEPS:
        step = nice * power
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            break
    # Multiplied, not added up, so that no rounding error shows in the labels.
    return [round(each * step, 12) for each in range(first, last + 1)]


def _drawable(series: Series, x: Scale, log_y: bool) -> Series:
    xs, ys = _within(series, x)
    # Looking at every point takes longer than all the rest; a sum tells it for all.
    if not math.isfinite(sum(ys)) or (log_y and ys and min(ys) <= 0):
        points = [(x, y) for x, y in zip(xs, ys, strict=True) if _has_a_place(y, log_y)]
        xs, ys = [x for x, _ in points], [y for _, y in points]
    return replace(series, xs=xs, ys=ys)


def _within(series: Series, x: Scale) -> tuple[Sequence[float], Sequence[float]]:
    """The points in view; a line is cut where it enters and leaves."""
    xs, ys = series.xs, series.ys
    first = 0 if x.low is None else bisect_left(xs, x.low)
    end = len(xs) if x.high is None else bisect_right(xs, x.high)
    inside, heights = list(xs[first:end]), list(ys[first:end])
    if series.points or first == len(xs) or end == 0:
        return inside, heights
    if x.low is not None and first > 0 and xs[first] > x.low:
        inside.insert(0, x.low)
        heights.insert(0, _between(series, first, x.low))
    if x.high is not None and end < len(xs) and xs[end - 1] < x.high:
        inside.append(x.high)
        heights.append(_between(series, end, x.high))
    return inside, heights


def _height(series: Series, x: float) -> float:
    """The height of a curve at ``x``, which lies between its ends."""
    index = bisect_left(series.xs, x)
    if not 0 < index < len(series.xs):
        return series.ys[0 if index == 0 else -1]
    return _between(series, index, x)


def _between(series: Series, index: int, x: float) -> float:
    """The height at ``x`` of the line that ends at the point of this index."""
    (x0, x1), (y0, y1) = series.xs[index - 1 : index + 1], series.ys[index - 1 : index + 1]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def _has_a_place(y: float, log_y: bool) -> bool:
    return math.isfinite(y) and (y > 0 or not log_y)


def _reduced(series: Series, width: int, log_y: bool) -> Series:
    xs, ys = thin_out(series.xs, series.ys, width)
    return replace(series, xs=xs, ys=[math.log10(y) for y in ys] if log_y else ys)


def _legend(title: str, series: Sequence[Series], colour: bool, note: str) -> Text:
    text = Text(title, style="bold", no_wrap=True, overflow="ellipsis")
    for index, each in enumerate(series):
        red, green, blue = COLOURS[index % len(COLOURS)]
        style = f"not bold rgb({red},{green},{blue})" if colour else "not bold"
        if each.label and each.band_of is None:
            text.append(f"  {LEGEND_MARKERS[index % len(MARKERS)]} {each.label}", style)
    if note:
        text.append(f"  {note}", "not bold dim")
    return text


def _plot(
    series: Sequence[Series],
    width: int,
    height: int,
    colour: bool,
    log_y: bool,
    x: Scale,
    y: Scale,
) -> Text:
    figure = plotext.figure
    figure.clear()
    figure.theme(THEME if colour else "colorless")
    figure.plot_size(width, height)
    # What is drawn later covers what is there.
    for index, each in sorted(enumerate(series), key=lambda item: item[1].band_of is None):
        if not each.xs:
            continue
        signal = figure.signal(each.xs, each.ys, marker=_marker(index, each, colour))
        joined = not each.points and len(each.xs) > 1
        figure.draw(signal.lines() if joined else signal)
    _label_x(figure, series, x, width)
    if log_y:
        _label_powers(figure, series)
    else:
        _label_y(figure, series, y, height)
    text = Text.from_ansi(str(figure.build()).rstrip("\n"))
    text.no_wrap = True
    return text


def _marker(index: int, series: Series, colour: bool) -> Any:
    """What a curve is drawn with; without a colour of its own it would take the next one."""
    marks, place = MARKERS, index
    if series.band_of is not None:
        marks, place = BAND_MARKERS, series.band_of
    mark = marks[place % len(marks)]
    return plotext.marker(mark, COLOURS[place % len(COLOURS)]) if colour else mark


def _label_x(figure: Any, series: Sequence[Series], x: Scale, width: int) -> None:
    """Limits of the x axis, and ticks at round numbers if no others are given."""
    low = min(each.xs[0] for each in series if each.xs) if x.low is None else x.low
    high = max(each.xs[-1] for each in series if each.xs) if x.high is None else x.high
    if high > low:
        figure.ruler("x").lim(low, high)
    ticks = x.ticks or round_numbers(low, high, min(MOST_TICKS, max(2, width // CELLS_PER_TICK)))
    if ticks:
        figure.ruler("x").ticks(list(ticks), [x.tick_text(tick) for tick in ticks])


def _label_y(figure: Any, series: Sequence[Series], y: Scale, height: int) -> None:
    """Limits of a linear y axis, and ticks at round numbers."""
    values = [value for each in series for value in each.ys]
    low = min(values) if y.low is None else min(y.low, *values)
    high = max(values) if y.high is None else max(y.high, *values)
    if low == high:  # plotext adds one on each side, which a large number does not feel
        low, high = low - abs(low) / 2, high + abs(high) / 2
    if low < high:
        figure.ruler("y").lim(low, high)
    ticks = round_numbers(low, high, min(MOST_TICKS, max(2, height // ROWS_PER_TICK)))
    if ticks:
        figure.ruler("y").ticks(ticks, [f"{tick:,.6g}" for tick in ticks])


def _label_powers(figure: Any, series: Sequence[Series]) -> None:
    """Ticks of a logarithmic y axis, at whole powers of ten where it spans enough of them."""
    values = [y for each in series for y in each.ys]
    low, high = min(values), max(values)
    ticks = [low + (high - low) * step / 4 for step in range(5)]
    if high - low >= FEWEST_POWERS:
        ticks = [float(round(tick)) for tick in ticks[1:-1]]
        ticks = [float(math.ceil(low)), *ticks, float(math.floor(high))]
    figure.ruler("y").ticks(ticks, [f"{10**tick:.2g}" for tick in ticks])
