"""The way back through pooling: where gradients go, and what max unpooling gives back.

As in torch, the first of several equal maxima gets all of the gradient. Sums over windows that
overlap go along the rows first and then down the columns, so that the largest map takes
milliseconds; a test holds them equal to torch's.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

from cnn_tui.analysis.pooling.arithmetic import power_of
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
        return PoolGradient(result, upstream, _to_chosen(result, upstream))
    sent = tuple(
        tuple(_sent(result, upstream, row, column) for column in range(size[1]))
        for row in range(size[0])
    )
    spread = _spread(sent, result)
    return PoolGradient(result, upstream, _scaled(spread, result))


def window_gradient(gradient: PoolGradient, row: int, column: int) -> NumberGrid:
    """What the window of output cell (``row``, ``column``) alone sends to the input."""
    alone = tuple(
        tuple(value if (i, j) == (row, column) else 0.0 for j, value in enumerate(line))
        for i, line in enumerate(gradient.upstream)
    )
    return backward(gradient.result, alone).gradient


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
    """Torch takes an output size that lies less than a stride from the one without ceil mode."""
    usual = (out - 1) * settings.stride - 2 * settings.padding + settings.kernel_size
    least, most = usual - settings.stride + 1, usual + settings.stride - 1
    if not least <= side <= most:
        reason = "it knows no dilation" if settings.dilation > 1 else "it knows no ceil mode"
        raise UsageError(
            f"nn.MaxUnpool2d cannot give back {side} cells a side from {out}, only {least} to "
            f"{most}, since {reason}: choose a dilation of 1, or another stride."
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
            cells[row][column] += value * _slope(result, row, column)
    return tuple(map(tuple, cells))


def _slope(result: PoolResult, row: int, column: int) -> float:
    """How the chosen value follows its cell: |x| falls where x is negative."""
    cell = result.input[row][column]
    if result.settings.kind != "lp":
        return 1.0
    return math.copysign(1.0, cell) if cell else 0.0


def _sent(result: PoolResult, upstream: NumberGrid, row: int, column: int) -> float:
    """What a window sends to each of its cells, before Lp pooling's own factor of each cell."""
    down, across = result.rows[row], result.columns[column]
    share = upstream[row][column] / (down.divided * across.divided)
    if result.settings.kind != "lp":
        return share
    power = result.settings.norm_type
    cells = (result.input[i][j] for i in down.cells for j in across.cells)
    mean = sum(power_of(cell, power) for cell in cells) / (down.divided * across.divided)
    if not mean:
        return 0.0  # torch: the gradient of a sum of 0 is 0
    size = down.length * across.length
    return share * size * power_of(mean * size, 1 / power - 1) / power


def _scaled(spread: NumberGrid, result: PoolResult) -> NumberGrid:
    """Lp pooling's factor of each cell: p · x^(p − 1)."""
    if result.settings.kind != "lp":
        return spread
    power = result.settings.norm_type
    return tuple(
        tuple(
            sent * (power * power_of(cell, power - 1)) for sent, cell in zip(line, row, strict=True)
        )
        for line, row in zip(spread, result.input, strict=True)
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
