"""Which part of an array is the map: rows and columns are its last two dimensions."""

import math
from collections.abc import Sequence
from typing import Any

from cnn_tui.analysis.pooling.named_inputs import grid_of
from cnn_tui.analysis.pooling.reading.tables import ReadMap
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.errors import UsageError

LARGEST_SIDE = 64
"""Cells along one side of a map: more than that no terminal can show."""


def chosen_map(values: Any, shape: tuple[int, ...], source: str, channel: str | None) -> ReadMap:
    """The map in an array, or in nested lists, of ``shape``.

    One number in a row is a map of one row, and dimensions of 1 in front of the rows are left
    out; of several maps ``channel`` takes one, the first if not given.
    """
    if not shape or 0 in shape:
        raise UsageError(
            f"{source} holds no rows of numbers: its shape is {shape}, and a map has at least one "
            "row and one column."
        )
    wide = [size for size in shape[:-2] if size > 1]
    if len(wide) > 1:
        raise UsageError(
            f"{source} has the shape {'×'.join(map(str, shape))}: a map has rows and columns, "
            "so choose one in the program that made it, as in x[0, 0]."
        )
    index, note = 0, ""
    if wide:
        index = channel_index(channel, wide[0], source)
        note = f"channel {index} of {wide[0]}"
    elif channel not in (None, "0"):
        raise UsageError(f"{source} has one channel: name none.", fields=("channel",))
    part = values
    for size in shape[:-2]:
        part = part[index if size > 1 else 0]
    height, width = (1, *shape)[-2:]
    refuse_large(height, width, source)
    rows = part.tolist() if hasattr(part, "tolist") else part
    grid = grid_of(rows if len(shape) > 1 else [rows])
    _refuse_non_finite(grid, source)
    return ReadMap(grid, note)


def channel_index(channel: str | None, count: int, source: str, of: str = "it") -> int:
    """The number of the channel that is meant, of ``count``."""
    text = channel or "0"
    if not (text.isascii() and text.isdecimal() and len(text) < LARGEST_SIDE):
        raise UsageError(
            f"{source}: the channel of {'an array' if of == 'it' else 'a layer'} is a number from "
            f"0 on, not {text!r}.",
            fields=("channel",),
        )
    if int(text) >= count:
        raise UsageError(
            f"{source}: {of} has {count:,} channels, #0 to #{count - 1}: there is no #{text}.",
            fields=("channel",),
        )
    return int(text)


def refuse_ragged(grid: NumberGrid, numbers: Sequence[int], source: str) -> None:
    """Raise UsageError where rows differ in length, or there are too many cells."""
    width = len(grid[0])
    for number, row in zip(numbers, grid, strict=True):
        if len(row) != width:
            raise UsageError(
                f"{source}, row {number} has {len(row)} numbers where row {numbers[0]} has "
                f"{width}: every row of a map is as long as the first."
            )
    refuse_large(len(grid), width, source)


def refuse_large(height: int, width: int, source: str) -> None:
    """Raise UsageError where a map has too many cells."""
    if max(height, width) > LARGEST_SIDE:
        raise UsageError(
            f"{source} is {height}×{width}: a map may have {LARGEST_SIDE} cells a side at most."
        )


def _refuse_non_finite(grid: NumberGrid, source: str) -> None:
    for row, cells in enumerate(grid):
        for column, cell in enumerate(cells):
            if not math.isfinite(cell):
                raise UsageError(
                    f"{source} holds {cell} at ({row}, {column}): pooling needs finite numbers."
                )
