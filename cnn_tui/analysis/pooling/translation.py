"""How far pooling is blind to a shift: measured, not claimed.

A map and the same map shifted are pooled alike. A shift inside a cell leaves the
output as it was; a shift by the whole stride moves it along; any other changes
it. The same is counted for a single bright pixel walking along a row, and set
beside pooling at stride 1 and beside blur-pool: the same pooling at stride 1,
then a fixed [1 2 1]/4 blur with the stride ("Making Convolutional Networks
Shift-Invariant Again", Zhang 2019).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from cnn_tui.analysis.pooling.operators import (
    WITHOUT,
    check_settings,
    parse_integers,
    pool,
    pooled,
    reach,
    spans,
)
from cnn_tui.analysis.pooling.records import (
    GridPosition,
    PoolResult,
    PoolSettings,
    PoolSpan,
    ShiftComparison,
    ShiftMeasure,
    TranslationResult,
)
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor

CELLS_IN_ROW = 4
"""Windows side by side in the bright pixel's row: 8 pixels for a 2×2 window with stride 2."""

NEIGHBOURS = ((-1, 0), (1, 0), (0, -1), (0, 1))
BINOMIAL = (0.25, 0.5, 0.25)

Pooling = Callable[["Tensor", bool], "Tensor"]
"""(maps, whether windows are one cell high) → pooled maps."""


def translation(
    grid: NumberGrid, settings: PoolSettings, shift: GridPosition = (0, 1)
) -> TranslationResult:
    """Pool ``grid``, shift it by (rows, columns), down and right counting up, and pool again.

    Raises UsageError for settings that do not fit the map and for a shift that
    leaves nothing of it.
    """
    check_shift(grid, shift)
    before, after = pool(grid, settings), pool(shifted(grid, shift), settings)
    row = pixel_row(len(grid[0]), settings)
    return TranslationResult(
        settings=settings,
        shift=shift,
        before=before,
        after=after,
        moved=_moved(before, after, shift),
        pixel_row=row,
        comparisons=_comparisons(grid, settings, row),
    )


def parse_shift(text: str) -> GridPosition:
    """``0,1`` as (rows, columns); raises UsageError for anything else."""
    steps = parse_integers(text)
    if len(steps) != 2:
        raise UsageError(
            f"A shift is ROWS,COLUMNS in whole numbers, such as 0,1 or -2,0, not {text!r}."
        )
    return steps[0], steps[1]


def check_shift(grid: NumberGrid, shift: GridPosition) -> None:
    """Raise UsageError for a shift that leaves nothing of ``grid`` on the map."""
    height, width = len(grid), len(grid[0])
    if abs(shift[0]) >= height or abs(shift[1]) >= width:
        raise UsageError(
            f"A shift by {shift[0]} rows and {shift[1]} columns leaves nothing of a "
            f"{height}×{width} map: shift by fewer."
        )


def shifted(grid: NumberGrid, shift: GridPosition) -> NumberGrid:
    """``grid`` moved down and right by ``shift``; zeros fill what it leaves, nothing wraps."""
    (rows, columns), height, width = shift, len(grid), len(grid[0])

    def cell(row: int, column: int) -> float:
        inside = 0 <= row < height and 0 <= column < width
        return grid[row][column] if inside else 0.0

    return tuple(tuple(cell(i - rows, j - columns) for j in range(width)) for i in range(height))


def pixel_row(width: int, settings: PoolSettings) -> int:
    """The width of the bright pixel's row: four windows, or the map's where they adapt to it."""
    if settings.kind in WITHOUT:
        return width
    return (CELLS_IN_ROW - 1) * settings.stride + reach(settings)


def bright_pixel_outputs(settings: PoolSettings, width: int) -> NumberGrid:
    """The pooled row (windows one cell high) for a bright pixel at each place of ``width``."""
    check_settings(((0.0,) * width,) * reach(settings), settings)
    return tuple(tuple(row) for row in _pooling(settings)(_pixels(width), True).flatten(1).tolist())


def _moved(before: PoolResult, after: PoolResult, shift: GridPosition) -> GridPosition | None:
    """By how many cells the output moved along; None where it did something else."""
    import torch

    stride = before.settings.stride
    if before.settings.kind in WITHOUT or any(step % stride for step in shift):
        return None
    move = shift[0] // stride, shift[1] // stride
    old, new = (torch.tensor(each.output, dtype=torch.float64) for each in (before, after))
    whole = _whole(before.rows)[:, None] & _whole(before.columns)
    return move if _moves_along(old, new, move, whole) else None


def _whole(side: tuple[PoolSpan, ...]) -> "Tensor":
    """Which windows of one side have no cell outside of the map."""
    import torch

    return torch.tensor([len(span.cells) == span.length for span in side])


def _moves_along(old: "Tensor", new: "Tensor", move: GridPosition, whole: "Tensor") -> bool:
    """Whether ``new`` (H, W) is ``old`` moved by ``move``, wherever both windows are ``whole``."""
    import torch

    compared = whole & _moved_map(whole, move)
    expected = _moved_map(old, move)
    same = torch.allclose(expected[compared], new[compared], rtol=1e-9, atol=0)
    return bool(compared.any()) and same


def _moved_map(values: "Tensor", move: GridPosition) -> "Tensor":
    """``values`` (H, W) moved down and right; zeros, or False, fill what they leave."""
    import torch

    (rows, columns), (height, width) = move, values.shape
    out = torch.zeros_like(values)
    kept = values[max(-rows, 0) : max(height - rows, 0), max(-columns, 0) : max(width - columns, 0)]
    top, left = max(rows, 0), max(columns, 0)
    out[top : top + kept.shape[0], left : left + kept.shape[1]] = kept
    return out


def _comparisons(grid: NumberGrid, settings: PoolSettings, row: int) -> tuple[ShiftComparison, ...]:
    found = [_compare("as set", grid, settings, row, _pooling(settings))]
    if settings.kind not in WITHOUT and settings.stride > 1:
        dense = replace(settings, stride=1, ceil_mode=False)
        found.append(_compare("at stride 1", grid, dense, row, _pooling(dense)))
        blurred = _blur_pooling(dense, settings.stride)
        found.append(_compare("blur-pool", grid, settings, row, blurred))
    return tuple(found)


def _compare(
    label: str, grid: NumberGrid, settings: PoolSettings, row: int, pooling: Pooling
) -> ShiftComparison:
    """Measure ``pooling``, which steps over the map with the stride of ``settings``."""
    import torch

    neighbours = [grid, *(shifted(grid, each) for each in NEIGHBOURS)]
    maps = pooling(torch.tensor(neighbours, dtype=torch.float64)[:, None], False)[:, 0]
    pixels = pooling(_pixels(row), True)[:, 0]
    down, across = spans(len(grid), len(grid[0]), settings)
    _, along = spans(reach(settings), row, settings)
    follows = settings.kind not in WITHOUT and settings.stride == 1
    return ShiftComparison(
        label,
        pixel=_measure(
            [(pixels[x], pixels[x + 1], (0, 1)) for x in range(row - 1)],
            _whole(along)[None] if follows else None,
        ),
        map=_measure(
            [(maps[0], new, move) for new, move in zip(maps[1:], NEIGHBOURS, strict=True)],
            _whole(down)[:, None] & _whole(across) if follows else None,
        ),
    )


def _measure(
    pairs: "list[tuple[Tensor, Tensor, GridPosition]]", whole: "Tensor | None"
) -> ShiftMeasure:
    """What one-pixel shifts did, given (output before, output after, shift) of each.

    ``whole`` marks the cells that can be followed; None where a stride above 1
    keeps the output from moving along with a single pixel.
    """
    changes = [_change(old, new) for old, new, _ in pairs]
    followed = [
        _moves_along(old, new, move, whole) for old, new, move in pairs if whole is not None
    ]
    return ShiftMeasure(
        shifts=len(pairs),
        unchanged=sum(bool((old == new).all()) for old, new, _ in pairs),
        moved=sum(followed),
        mean_change=sum(changes) / len(changes) if changes else 0.0,
        largest_change=max(changes, default=0.0),
    )


def _change(old: "Tensor", new: "Tensor") -> float:
    """Σ|new − old| / (Σ|new| + Σ|old|): 0 for the same numbers, 1 for nothing in common."""
    largest = max(float(old.abs().max()), float(new.abs().max()))
    if largest == 0:
        return 0.0
    old, new = old / largest, new / largest  # so that no sum overflows
    return float((new - old).abs().sum() / (new.abs().sum() + old.abs().sum()))


def _pooling(settings: PoolSettings) -> Pooling:
    return lambda maps, along_rows_only: pooled(maps, settings, along_rows_only=along_rows_only)


def _blur_pooling(dense: PoolSettings, stride: int) -> Pooling:
    """``dense`` pooling, then the binomial blur with ``stride``; the border is repeated."""
    import torch
    from torch.nn import functional as F

    across = torch.tensor(BINOMIAL, dtype=torch.float64)

    def pooling(maps: "Tensor", along_rows_only: bool) -> "Tensor":
        maps = pooled(maps, dense, along_rows_only=along_rows_only)
        down = torch.ones(1, dtype=torch.float64) if along_rows_only else across
        kernel = (down[:, None] * across)[None, None]
        rows = len(down) // 2
        maps = F.pad(maps, (1, 1, rows, rows), mode="replicate")
        return F.conv2d(maps, kernel, stride=(1 if along_rows_only else stride, stride))

    return pooling


def _pixels(width: int) -> "Tensor":
    """One bright pixel in a row of ``width``, at each place in turn: (width, 1, 1, width)."""
    import torch

    return torch.eye(width, dtype=torch.float64)[:, None, None]
