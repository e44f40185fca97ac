"""Maps as text: the files that they are read from, and the cells that are typed."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

from cnn_tui.analysis.pooling.named_inputs import input_names
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.errors import UsageError
from cnn_tui.workspace import expanded

LARGEST_SIDE = 64
"""Cells along one side of a map: more than that no terminal can show."""

LARGEST_FILE = 2**20
"""Bytes of a map's text: 64×64 numbers of any length fit in."""

LONGEST_TOLD = 40
"""Characters of a wrong cell that an error repeats."""


def read_grid(path: Path) -> NumberGrid:
    """A map from a CSV file of numbers; raises UsageError naming the bad row and column."""
    try:
        file = expanded(path)
        if file.is_dir():
            raise _unreadable(str(path), "it is a folder")
        if file.is_fifo():  # opening it would wait for someone to write
            raise _unreadable(str(path), "it is a pipe: give - and redirect the standard input")
        with file.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(str(path), getattr(error, "strerror", None) or str(error)) from error
    return parse_grid(decode_grid(content, str(path)), str(path))


def decode_grid(content: bytes, source: str) -> str:
    """The text of a map's file; a byte order mark, as Excel writes it, is dropped."""
    if len(content) > LARGEST_FILE:
        raise _unreadable(source, f"it is longer than {LARGEST_FILE:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(source, "it is not UTF-8 text") from error


def parse_grid(text: str, source: str) -> NumberGrid:
    """A map from CSV text: commas, semicolons, tabs or spaces between the numbers.

    Blank lines are skipped; a sentence about a bad row names its line in the file.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise UsageError(f"{source} holds no numbers: write one row of the map per line.")
    grid = tuple(_parse_row(line, number, source) for number, line in lines)
    refuse_ragged(grid, [number for number, _ in lines], source)
    return grid


def with_cell(grid: NumberGrid, row: int, column: int, value: float) -> NumberGrid:
    """``grid`` with another value at (``row``, ``column``)."""
    changed = (*grid[row][:column], value, *grid[row][column + 1 :])
    return (*grid[:row], changed, *grid[row + 1 :])


def parse_cell(text: str) -> float:
    """The value that a user typed for a cell; raises UsageError where it is no finite number."""
    value = _number(text)
    if value is None:
        raise UsageError(
            f"A cell holds one finite number, such as 4, -1 or 0.25, not {_told(text.strip())}."
        )
    return value


def refuse_ragged(grid: NumberGrid, numbers: Sequence[int], source: str) -> None:
    """Raise UsageError where rows differ in length, or there are too many cells."""
    width = len(grid[0])
    for number, row in zip(numbers, grid, strict=True):
        if len(row) != width:
            raise UsageError(
                f"{source}, row {number} has {len(row)} numbers where row {numbers[0]} has "
                f"{width}: every row of a map is as long as the first."
            )
    if max(width, len(grid)) > LARGEST_SIDE:
        raise UsageError(
            f"{source} is {len(grid)}×{width}: a map may have {LARGEST_SIDE} cells a side at most."
        )


def _unreadable(source: str, reason: str) -> UsageError:
    return UsageError(
        f"{source} cannot be read as a map: {reason}. Name a CSV file of numbers, an image such "
        f"as photo.png, or one of: {', '.join(input_names())}."
    )


def _parse_row(line: str, number: int, source: str) -> tuple[float, ...]:
    delimiter = next((mark for mark in ",;\t" if mark in line), " ")
    try:
        cells = next(csv.reader([line.strip()], delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:  # such as a field of more than 131,072 characters
        raise UsageError(
            f"{source}, row {number} cannot be read ({error}): write one number in each cell."
        ) from error
    values = []
    for column, cell in enumerate(cells, start=1):
        value = _number(cell)
        if value is None:
            raise UsageError(
                f"{source}, row {number}, column {column}: expected a number, got {_told(cell)}."
            )
        values.append(value)
    return tuple(values)


def _told(text: str) -> str:
    """What stands in a cell, for a sentence about it."""
    if len(text) > LONGEST_TOLD:
        return f"{text[:LONGEST_TOLD]!r}…"
    return repr(text) if text.strip() else "nothing"


def _number(text: str) -> float | None:
    """The finite number that ``text`` is; None where it is none, or Python's ``1_000``."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None
