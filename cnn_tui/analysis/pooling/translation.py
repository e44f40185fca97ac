"""How far pooling is blind to a shift: measured, not claimed.

A map and the same map shifted are pooled alike. A shift inside a cell leaves the
output as it was; a shift by the whole stride moves it along; any other changes
it. The same is counted for a single bright pixel walking along a row, and set
beside pooling at stride 1 and beside blur-pool: the same pooling at stride 1,
then a fixed [1 2 1]/4 blur with the stride ("Making Convolutional Networks
Shift-Invariant Again", Zhang 2019).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import chain, pairwise

from cnn_tui.analysis.pooling.arithmetic import pooled, transposed
from cnn_tui.analysis.pooling.operators import (
    WITHOUT,
    check_settings,
    output_size,
    parse_integers,
    pool,
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

CELLS_IN_ROW = 4
"""Windows side by side in the bright pixel's row: 8 pixels for a 2×2 window with stride 2."""

NEIGHBORS = ((-1, 0), (1, 0), (0, -1), (0, 1))
BINOMIAL = (0.25, 0.5, 0.25)

Pooling = Callable[[NumberGrid, bool], NumberGrid]
"""(map, whether windows are one cell high) → pooled map."""

Whole = tuple[Sequence[bool], Sequence[bool]]
"""Which rows and which columns of windows have no cell outside of the map."""


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
    return tuple(row for map in _pixel_outputs(_pooling(settings), width) for row in map)


def _moved(before: PoolResult, after: PoolResult, shift: GridPosition) -> GridPosition | None:
    """By how many cells the output moved along; None where it did something else."""
    stride = before.settings.stride
    if before.settings.kind in WITHOUT or any(step % stride for step in shift):
        return None
    move = shift[0] // stride, shift[1] // stride
    whole = _whole(before.rows), _whole(before.columns)
    return move if _moves_along(before.output, after.output, move, whole) else None


def _whole(side: tuple[PoolSpan, ...]) -> list[bool]:
    """Which windows of one side have no cell outside of the map."""
    return [len(span.cells) == span.length for span in side]


def _moves_along(old: NumberGrid, new: NumberGrid, move: GridPosition, whole: Whole) -> bool:
    """Whether ``new`` is ``old`` moved by ``move``, wherever both windows are ``whole``."""
    rows, columns = (_whole_before_and_after(*each) for each in zip(whole, move, strict=True))
    pairs = [(old[i - move[0]][j - move[1]], new[i][j]) for i in rows for j in columns]
    return bool(pairs) and all(math.isclose(*pair, rel_tol=1e-9) for pair in pairs)


def _whole_before_and_after(whole: Sequence[bool], step: int) -> list[int]:
    """The windows of one side that are whole, and so are those ``step`` before them."""
    places = range(max(step, 0), len(whole) + min(step, 0))
    return [place for place in places if whole[place] and whole[place - step]]


def _comparisons(grid: NumberGrid, settings: PoolSettings, row: int) -> tuple[ShiftComparison, ...]:
    found = [_compare("as set", grid, settings, row, _pooling(settings))]
    dense = replace(settings, stride=1, ceil_mode=False)
    if settings.kind not in WITHOUT and settings.stride > 1 and _fits(grid, dense):
        found.append(_compare("at stride 1", grid, dense, row, _pooling(dense)))
        blurred = _blur_pooling(dense, settings.stride)
        found.append(_compare("blur-pool", grid, settings, row, blurred))
    return tuple(found)


def _fits(grid: NumberGrid, dense: PoolSettings) -> bool:
    """Whether a window fits: with ``ceil_mode`` and a stride, one larger than the map does."""
    return output_size(min(len(grid), len(grid[0])), dense) > 0


def _compare(
    label: str, grid: NumberGrid, settings: PoolSettings, row: int, pooling: Pooling
) -> ShiftComparison:
    """Measure ``pooling``, which steps over the map with the stride of ``settings``."""
    map = pooling(grid, False)
    neighbors = [(map, pooling(shifted(grid, each), False), each) for each in NEIGHBORS]
    pixels = _pixel_outputs(pooling, row)
    down, across = spans(len(grid), len(grid[0]), settings)
    _, along = spans(reach(settings), row, settings)
    follows = settings.kind not in WITHOUT and settings.stride == 1
    return ShiftComparison(
        label,
        pixel=_measure(
            [(old, new, (0, 1)) for old, new in pairwise(pixels)],
            ([True], _whole(along)) if follows else None,
        ),
        map=_measure(neighbors, (_whole(down), _whole(across)) if follows else None),
    )


def _measure(
    pairs: Sequence[tuple[NumberGrid, NumberGrid, GridPosition]], whole: Whole | None
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
        unchanged=sum(old == new for old, new, _ in pairs),
        moved=sum(followed),
        mean_change=sum(changes) / len(changes) if changes else 0.0,
        largest_change=max(changes, default=0.0),
    )


def _change(old: NumberGrid, new: NumberGrid) -> float:
    """Σ|new − old| / (Σ|new| + Σ|old|): 0 for the same numbers, 1 for nothing in common."""
    before, after = list(chain.from_iterable(old)), list(chain.from_iterable(new))
    largest = max(map(abs, chain(before, after)))
    if largest == 0:
        return 0.0
    before, after = [each / largest for each in before], [each / largest for each in after]
    difference = sum(abs(now - was) for was, now in zip(before, after, strict=True))
    return difference / (sum(map(abs, before)) + sum(map(abs, after)))  # no sum overflows


def _pooling(settings: PoolSettings) -> Pooling:
    sides = cache(partial(spans, settings=settings))

    def pooling(grid: NumberGrid, along_rows_only: bool) -> NumberGrid:
        rows, columns = sides(len(grid), len(grid[0]))
        if along_rows_only:
            rows = tuple(PoolSpan((row,), 1, 1) for row in range(len(grid)))
        return pooled(grid, rows, columns, settings)

    return pooling


def _blur_pooling(dense: PoolSettings, stride: int) -> Pooling:
    """``dense`` pooling, then the binomial blur with ``stride``; the border is repeated."""
    pool_densely = _pooling(dense)

    def pooling(grid: NumberGrid, along_rows_only: bool) -> NumberGrid:
        blurred = _blurred(pool_densely(grid, along_rows_only), stride)
        return blurred if along_rows_only else transposed(_blurred(transposed(blurred), stride))

    return pooling


def _blurred(grid: NumberGrid, stride: int) -> NumberGrid:
    """Every row blurred, and of the result every ``stride``-th cell."""
    before, here, after = BINOMIAL
    return tuple(
        tuple(
            before * row[max(cell - 1, 0)]
            + here * row[cell]
            + after * row[min(cell + 1, len(row) - 1)]
            for cell in range(0, len(row), stride)
        )
        for row in grid
    )


def _pixel_outputs(pooling: Pooling, width: int) -> list[NumberGrid]:
    """What becomes of one bright pixel in a row of ``width``, at each place in turn."""
    dark = (0.0,) * width
    return [pooling(((*dark[:place], 1.0, *dark[place + 1 :]),), True) for place in range(width)]
