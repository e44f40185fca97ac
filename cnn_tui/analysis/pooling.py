"""Pooling a map, window by window: the numbers and the arithmetic behind each.

The results are torch's own; the windows follow its rules for padding and
``ceil_mode`` (a window may not start in the padding on the far side). Torch
is imported on first use, so that settings can be checked without it.
"""

import math
from collections.abc import Callable

from cnn_tui.analysis.records import Grid, PoolResult, PoolSettings, PoolWindow
from cnn_tui.errors import UsageError

KINDS = ("max", "avg")
LARGEST_STEP = 1000


def pool(grid: Grid, settings: PoolSettings) -> PoolResult:
    """Pool ``grid`` (height × width) with torch, and explain every output cell.

    Raises UsageError for settings that torch would refuse, in its user's words.
    """
    check_settings(grid, settings)
    output = _pooled(grid, settings)
    windows = tuple(
        _window(grid, settings, row, column, value)
        for row, values in enumerate(output)
        for column, value in enumerate(values)
    )
    return PoolResult(settings, grid, output, windows)


def output_size(size: int, settings: PoolSettings) -> int:
    """Cells along one side of the output.

    ⌊(size + 2·padding − kernel_size) / stride⌋ + 1, rounded up with
    ``ceil_mode``, where the last window must still start inside the input.
    """
    steps = (size + 2 * settings.padding - settings.kernel_size) / settings.stride
    cells = (math.ceil(steps) if settings.ceil_mode else math.floor(steps)) + 1
    if settings.ceil_mode and (cells - 1) * settings.stride >= size + settings.padding:
        cells -= 1
    return cells


def check_settings(grid: Grid, settings: PoolSettings) -> None:
    """Raise UsageError where ``settings`` cannot pool ``grid``."""
    if settings.kind not in KINDS:
        raise UsageError(f"Pooling kind {settings.kind!r} is not known: use max or avg.")
    if not (1 <= settings.kernel_size <= LARGEST_STEP and 1 <= settings.stride <= LARGEST_STEP):
        raise UsageError(
            f"kernel_size and stride must be at least 1 and at most {LARGEST_STEP}, "
            f"not {settings.kernel_size} and {settings.stride}."
        )
    if not 0 <= settings.padding <= settings.kernel_size // 2:
        raise UsageError(
            f"padding must lie between 0 and half of kernel_size ({settings.kernel_size // 2} "
            f"for a kernel of {settings.kernel_size}), not {settings.padding}: "
            "more would leave windows with nothing but padding."
        )
    height, width = len(grid), len(grid[0])
    if settings.kernel_size > min(height, width) + 2 * settings.padding:
        raise UsageError(
            f"A {settings.kernel_size}×{settings.kernel_size} window does not fit into a "
            f"{height}×{width} map with padding {settings.padding}: use a smaller kernel_size."
        )


def _pooled(grid: Grid, settings: PoolSettings) -> Grid:
    import torch
    from torch.nn import functional as F

    function: Callable[..., torch.Tensor] = F.max_pool2d if settings.kind == "max" else F.avg_pool2d
    maps = function(
        torch.tensor(grid, dtype=torch.float64)[None, None],
        kernel_size=settings.kernel_size,
        stride=settings.stride,
        padding=settings.padding,
        ceil_mode=settings.ceil_mode,
    )
    return tuple(tuple(row) for row in maps[0, 0].tolist())


def _window(grid: Grid, settings: PoolSettings, row: int, column: int, value: float) -> PoolWindow:
    top, bottom, rows = _span(row, len(grid), settings)
    left, right, columns = _span(column, len(grid[0]), settings)
    cells = tuple(grid[i][j] for i in range(top, bottom) for j in range(left, right))
    return PoolWindow(row, column, top, left, bottom, right, cells, rows * columns, value)


def _span(index: int, size: int, settings: PoolSettings) -> tuple[int, int, int]:
    """(first cell, one past the last cell, cells that an average divides by) along one side."""
    start = index * settings.stride - settings.padding
    end = min(start + settings.kernel_size, size + settings.padding)
    return max(start, 0), min(end, size), end - start
