"""Curves as text, drawn by plotext: the one module that touches it.

plotext keeps one global figure, so everything here must run on one thread.
Each series has a marker of its own as well as a colour: a chart must be
readable without colours.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import plotext
from rich.console import Group, RenderableType
from rich.text import Text

MARKERS = ("hd", "•", "+", "x", "o", "*")
"""plotext's names: quarter blocks first, then characters that differ in shape."""
LEGEND_MARKERS = ("▚", "•", "+", "x", "o", "*")
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
FEWEST_POWERS = 8
"""From so many powers of ten on, only whole ones are labelled."""
THEME = "cnn-lab"

plotext.terminal.limit(False, False)
plotext.add_theme(THEME, "default", "default", list(COLOURS))


@dataclass(frozen=True)
class Series:
    """One curve; as ``points`` it is not joined, and lets what lies under it show."""

    label: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    points: bool = False


def chart(
    title: str,
    series: Sequence[Series],
    *,
    width: int,
    height: int,
    colour: bool = True,
    log_y: bool = False,
    x_ticks: Sequence[int] = (),
) -> RenderableType:
    """Curves in ``width`` × ``height`` cells, the title and legend line included.

    Points that are not finite (or, with ``log_y``, not positive) are left out.
    ``x_ticks`` are what the x axis is labelled with; whole numbers if not given.
    """
    kept = [_drawable(each, log_y) for each in series]
    legend = _legend(title, kept, colour)
    if not any(each.xs for each in kept) or height < 5 or width < 20:
        return Group(legend, Text("no points yet", style="dim"))
    return Group(legend, _plot(kept, width, height - 1, colour, log_y, x_ticks))


def thin_out(xs: Sequence[float], ys: Sequence[float], columns: int) -> tuple[list[float], ...]:
    """At most two points per column, its minimum and maximum, in their order."""
    if len(xs) <= POINTS_PER_COLUMN * columns:
        return list(xs), list(ys)
    kept: list[int] = []
    size = len(xs) / columns
    for column in range(columns):
        indices = range(int(column * size), int((column + 1) * size))
        lowest = min(indices, key=lambda i: ys[i])
        highest = max(indices, key=lambda i: ys[i])
        kept += sorted({lowest, highest})
    return [xs[i] for i in kept], [ys[i] for i in kept]


def _drawable(series: Series, log_y: bool) -> Series:
    points = [
        (x, math.log10(y) if log_y else y)
        for x, y in zip(series.xs, series.ys, strict=True)
        if math.isfinite(y) and (y > 0 or not log_y)
    ]
    xs, ys = tuple(x for x, _ in points), tuple(y for _, y in points)
    return replace(series, xs=xs, ys=ys)


def _legend(title: str, series: Sequence[Series], colour: bool) -> Text:
    text = Text(title, style="bold", no_wrap=True, overflow="ellipsis")
    for index, each in enumerate(series):
        red, green, blue = COLOURS[index % len(COLOURS)]
        style = f"not bold rgb({red},{green},{blue})" if colour else "not bold"
        text.append(f"  {LEGEND_MARKERS[index % len(MARKERS)]} {each.label}", style)
    return text


def _plot(
    series: Sequence[Series],
    width: int,
    height: int,
    colour: bool,
    log_y: bool,
    x_ticks: Sequence[int],
) -> Text:
    figure = plotext.figure
    figure.clear()
    figure.theme(THEME if colour else "colorless")
    figure.plot_size(width, height)
    for index, each in enumerate(series):
        if not each.xs:
            continue
        xs, ys = thin_out(each.xs, each.ys, width)
        signal = figure.signal(xs, ys, marker=MARKERS[index % len(MARKERS)])
        figure.draw(signal if each.points or len(xs) == 1 else signal.lines())
    if x_ticks:
        figure.ruler("x").ticks(list(x_ticks), [str(tick) for tick in x_ticks])
    else:
        _label_whole_numbers(figure, series)
    if log_y:
        _label_powers(figure, series)
    text = Text.from_ansi(str(figure.build()).rstrip("\n"))
    text.no_wrap = True
    return text


def _label_whole_numbers(figure: Any, series: Sequence[Series]) -> None:
    """Ticks of the x axis at whole epochs (or steps), where it spans any."""
    low = min(each.xs[0] for each in series if each.xs)
    high = max(each.xs[-1] for each in series if each.xs)
    first, last = math.ceil(low), math.floor(high)
    if last - first < 1:
        return
    step = math.ceil((last - first) / MOST_TICKS)
    ticks = list(range(first, last + 1, step))
    figure.ruler("x").ticks(ticks, [str(tick) for tick in ticks])


def _label_powers(figure: Any, series: Sequence[Series]) -> None:
    """Ticks of a logarithmic y axis, at whole powers of ten where it spans enough of them."""
    values = [y for each in series for y in each.ys]
    low, high = min(values), max(values)
    ticks = [low + (high - low) * step / 4 for step in range(5)]
    if high - low >= FEWEST_POWERS:
        ticks = [float(round(tick)) for tick in ticks[1:-1]]
        ticks = [float(math.ceil(low)), *ticks, float(math.floor(high))]
    figure.ruler("y").ticks(ticks, [f"{10**tick:.2g}" for tick in ticks])
