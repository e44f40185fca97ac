"""The numbers of a pooled map, in plain Python.

A window's largest number, and its sum, are found along the rows first and then down the
columns, so that even the largest map and window take milliseconds.
"""

import math
from collections.abc import Callable, Iterable, Sequence

from cnn_tui.analysis.pooling.records import PoolSettings, PoolSpan
from cnn_tui.analysis.records import NumberGrid


def pooled(
    grid: NumberGrid,
    rows: Sequence[PoolSpan],
    columns: Sequence[PoolSpan],
    settings: PoolSettings,
) -> NumberGrid:
    """``grid`` with every window replaced by one number; ``inf`` where that is too large.

    As in torch, an infinite p takes the largest ``|x|`` (or the smallest, for minus infinity).

    No window may lie outside of the map altogether: ``operators.check_settings`` tells.
    """
    if settings.kind.endswith("max"):
        return gathered(grid, rows, columns, max)
    if settings.kind != "lp":
        return _averages(gathered(grid, rows, columns, sum), rows, columns)
    power = settings.norm_type
    if math.isinf(power):
        sizes = tuple(tuple(map(abs, row)) for row in grid)
        return gathered(sizes, rows, columns, max if power > 0 else min)
    powers = tuple(tuple(power_of(cell, power) for cell in row) for row in grid)
    means = _averages(gathered(powers, rows, columns, sum), rows, columns)
    return _norms(means, rows, columns, power)


def power_of(base: float, exponent: float) -> float:
    """``base`` to the power of ``exponent`` as torch computes it, infinite and NaN included."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        is_odd = exponent % 2 == 1
        return -math.inf if base < 0 and is_odd else math.inf
    except ValueError:  # zero to a negative power, or a root of a negative number
        if base:
            return math.nan
        return math.copysign(math.inf, base) if exponent % 2 == 1 else math.inf


def gathered(
    grid: NumberGrid,
    rows: Sequence[PoolSpan],
    columns: Sequence[PoolSpan],
    gather: Callable[[Iterable[float]], float],
) -> NumberGrid:
    """What ``gather`` makes of each window."""
    across = _along(grid, columns, gather)
    return transposed(_along(transposed(across), rows, gather))


def transposed(grid: NumberGrid) -> NumberGrid:
    """Rows as columns."""
    return tuple(zip(*grid, strict=True))


def _along(
    lines: NumberGrid, side: Sequence[PoolSpan], gather: Callable[[Iterable[float]], float]
) -> NumberGrid:
    parts = [_part(span.cells) for span in side]
    return tuple(tuple(gather(line[part]) for part in parts) for line in lines)


def _part(cells: tuple[int, ...]) -> slice:
    """Evenly spaced ``cells`` of a line."""
    step = cells[1] - cells[0] if len(cells) > 1 else 1
    return slice(cells[0], cells[-1] + 1, step)


def _averages(
    sums: NumberGrid, rows: Sequence[PoolSpan], columns: Sequence[PoolSpan]
) -> NumberGrid:
    return tuple(
        tuple(
            cell / (down.divided * across.divided)
            for across, cell in zip(columns, line, strict=True)
        )
        for down, line in zip(rows, sums, strict=True)
    )


def _norms(
    means: NumberGrid, rows: Sequence[PoolSpan], columns: Sequence[PoolSpan], power: float
) -> NumberGrid:
    """The p-th roots; as in torch, a window that is cut off counts for a whole one."""
    return tuple(
        tuple(
            power_of(cell * down.length * across.length, 1 / power)
            for across, cell in zip(columns, line, strict=True)
        )
        for down, line in zip(rows, means, strict=True)
    )
