"""The way back through pooling: where gradients go, and what max unpooling gives back.

As in torch, the first of several equal maxima gets all of the gradient. Sums over windows that
overlap go along the rows first and then down the columns, so that the largest map takes
milliseconds; a test holds them equal to torch's.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

from cnn_tui.analysis.pooling.arithmetic import gathered, power_of
from cnn_tui.analysis.pooling.records import (
    GridPosition,
    PoolGradient,
    PoolResult,
    PoolSettings,
    PoolSpan,
)
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.errors import UsageError

Chosen = tuple[tuple[GridPosition, ...], ...]


def chooses(settings: PoolSettings) -> bool:
    """Whether each window passes on one of its cells: all kinds of max, and Lp with infinite p."""
    is_extreme = settings.kind == "lp" and math.isinf(settings.norm_type)
    return settings.kind.endswith("max") or is_extreme


@lru_cache(maxsize=4)
def chosen_cells(result: PoolResult) -> Chosen:
    """The input cell that each window passes on: the first of its largest, row by row."""
    settings, grid = result.settings, result.input
    pick: Callable[..., int] = max
    if settings.kind == "lp":
        grid = tuple(tuple(map(abs, row)) for row in grid)
        pick = max if settings.norm_type > 0 else min
    across = [[pick(span.cells, key=line.__getitem__) for span in result.columns] for line in grid]
    return tuple(
        tuple(
            (row, across[row][column])
            for column in range(len(result.columns))
            for row in (pick(down.cells, key=_along(grid, across, column)),)
        )
        for down in result.rows
    )


def indices(result: PoolResult) -> tuple[tuple[int, ...], ...]:
    """What ``return_indices=True`` adds in torch: row · width + column of each window's maximum.

    Raises UsageError for a kind of pooling that has none.
    """
    if not result.settings.kind.endswith("max"):
        raise UsageError(
            f"{result.settings.kind} pooling has no indices, since no cell of a window is passed "
            "on: choose max, global-max or adaptive-max.",
            fields=("kind",),
        )
    width = result.input_size[1]
    return tuple(
        tuple(row * width + column for row, column in line) for line in chosen_cells(result)
    )


def backward(result: PoolResult, upstream: NumberGrid | None = None) -> PoolGradient:
    """The gradient of the input; ``upstream`` is that of the output, 1 everywhere if not given.

    It is infinite or NaN where torch's is. Raises UsageError where ``upstream`` has another
    size than the output.
    """
    if upstream is None:
        upstream = tuple((1.0,) * len(row) for row in result.output)
    size = len(upstream), len(upstream[0])
    if size != result.output_size:
        (rows, columns), (height, width) = size, result.output_size
        raise UsageError(
            f"The gradient of the output is {rows}×{columns}: it has as many numbers as the "
            f"output, {height}×{width}."
        )
    if chooses(result.settings):
        return PoolGradient(result, upstream, upstream, _to_chosen(result, upstream))
    sent = _sent(result, upstream)
    return PoolGradient(result, upstream, sent, _scaled(_spread(sent, result), result))


def contribution(gradient: PoolGradient, place: GridPosition, cell: GridPosition) -> float:
    """What output cell ``place`` sends to input cell ``cell``, which its window reaches."""
    return gradient.sent[place[0]][place[1]] * _factor(gradient.result, *cell)


def window_gradient(gradient: PoolGradient, place: GridPosition) -> NumberGrid:
    """What the window of output cell ``place`` alone sends to the input."""
    result = gradient.result
    height, width = result.input_size
    cells = [[0.0] * width for _ in range(height)]
    for row, column in reached(result, place):
        cells[row][column] = contribution(gradient, place, (row, column))
    return tuple(map(tuple, cells))


def reached(result: PoolResult, place: GridPosition) -> tuple[GridPosition, ...]:
    """The input cells that get a gradient from output cell ``place``, row by row."""
    row, column = place
    if chooses(result.settings):
        return (chosen_cells(result)[row][column],)
    down, across = result.rows[row].cells, result.columns[column].cells
    return tuple((i, j) for i in down for j in across)


def senders(result: PoolResult, cell: GridPosition) -> tuple[GridPosition, ...]:
    """The output cells whose gradient reaches input cell ``cell``, row by row."""
    rows, columns = (
        [index for index, span in enumerate(side) if at in span.cells]
        for side, at in zip((result.rows, result.columns), cell, strict=True)
    )
    places = [(row, column) for row in rows for column in columns]
    if chooses(result.settings):
        chosen = chosen_cells(result)
        places = [(row, column) for row, column in places if chosen[row][column] == cell]
    return tuple(places)


def unpool(result: PoolResult) -> NumberGrid:
    """What ``nn.MaxUnpool2d`` makes of output and indices: each maximum where it was, 0 elsewhere.

    The map has the input's size. Raises UsageError where torch would.
    """
    settings = result.settings
    if settings.kind != "max":
        raise UsageError(
            f"Unpooling puts back what max pooling kept, and {settings.kind} pooling is another "
            "kind: choose max.",
            fields=("kind",),
        )
    for side, out in zip(result.input_size, result.output_size, strict=True):
        _check_unpooled_side(side, out, settings)
    height, width = result.input_size
    cells = [[0.0] * width for _ in range(height)]
    for values, places in zip(result.output, chosen_cells(result), strict=True):
        for value, (row, column) in zip(values, places, strict=True):
            cells[row][column] = value
    return tuple(map(tuple, cells))


def _check_unpooled_side(side: int, out: int, settings: PoolSettings) -> None:
    """Refuse what torch refuses: a stride or more beyond the size without dilation."""
    usual = (out - 1) * settings.stride - 2 * settings.padding + settings.kernel_size
    most = usual + settings.stride - 1
    if side > most:
        raise UsageError(
            f"nn.MaxUnpool2d cannot give back {side} cells a side from {out}, at most {most}, "
            "since it knows no dilation: choose a dilation of 1, or another stride."
        )


def _along(
    grid: NumberGrid, across: Sequence[Sequence[int]], column: int
) -> Callable[[int], float]:
    """The value that each row has at its own place for output ``column``."""
    return lambda row: grid[row][across[row][column]]


def _to_chosen(result: PoolResult, upstream: NumberGrid) -> NumberGrid:
    height, width = result.input_size
    cells = [[0.0] * width for _ in range(height)]
    for values, places in zip(upstream, chosen_cells(result), strict=True):
        for value, (row, column) in zip(values, places, strict=True):
            cells[row][column] += value * _factor(result, row, column)
    return tuple(map(tuple, cells))


def _factor(result: PoolResult, row: int, column: int) -> float:
    """How a kind of pooling weighs a cell by its value; only Lp pooling does."""
    if result.settings.kind != "lp":
        return 1.0
    cell, power = result.input[row][column], result.settings.norm_type
    if math.isinf(power):  # |x| falls where x is negative
        return math.copysign(1.0, cell) if cell else 0.0
    return power * power_of(cell, power - 1)


def _sent(result: PoolResult, upstream: NumberGrid) -> NumberGrid:
    """What each window sends to each of its cells, before Lp pooling's own factor of a cell."""
    if result.settings.kind == "lp":
        upstream = _through_root(result, upstream)
    return tuple(
        tuple(
            value / (down.divided * across.divided)
            for across, value in zip(result.columns, line, strict=True)
        )
        for down, line in zip(result.rows, upstream, strict=True)
    )


def _through_root(result: PoolResult, upstream: NumberGrid) -> NumberGrid:
    """The gradient behind Lp pooling's root, whose argument torch scales up to whole windows."""
    power = result.settings.norm_type
    powers = tuple(tuple(power_of(cell, power) for cell in row) for row in result.input)
    sums = gathered(powers, result.rows, result.columns, sum)
    size = result.settings.kernel_size**2
    return tuple(
        tuple(
            value * _root_slope(total / (down.divided * across.divided) * size, power) * size
            for across, total, value in zip(result.columns, totals, line, strict=True)
        )
        for down, totals, line in zip(result.rows, sums, upstream, strict=True)
    )


def _root_slope(total: float, power: float) -> float:
    """The slope of a p-th root; at 0 it is 0, as torch has it."""
    return power_of(total, 1 / power - 1) / power if total else 0.0


def _scaled(spread: NumberGrid, result: PoolResult) -> NumberGrid:
    """The sums over windows, weighed by each cell's factor."""
    if result.settings.kind != "lp":
        return spread
    return tuple(
        tuple(total * _factor(result, row, column) for column, total in enumerate(line))
        for row, line in enumerate(spread)
    )


def _spread(sent: NumberGrid, result: PoolResult) -> NumberGrid:
    """Every window's number added to each of its cells."""
    height, width = result.input_size
    across = [_added(line, result.columns, width) for line in sent]
    down = [_added(column, result.rows, height) for column in zip(*across, strict=True)]
    return tuple(zip(*down, strict=True))


def _added(line: Sequence[float], spans: Sequence[PoolSpan], size: int) -> list[float]:
    cells = [0.0] * size
    for value, span in zip(line, spans, strict=True):
        for cell in span.cells:
            cells[cell] += value
    return cells
