"""The maps that the pooling lab offers, and how to read one from a file.

Torch-free: a map is a grid of numbers, row by row.
"""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cnn_tui.analysis.records import Grid
from cnn_tui.errors import UsageError
from cnn_tui.names import match

LARGEST_SIDE = 64
"""Cells along one side of a map: more than that no terminal can show."""


@dataclass(frozen=True)
class InputMap:
    """A named map and what it is good for."""

    name: str
    title: str
    grid: Grid


def _grid(rows: Iterable[Iterable[float]]) -> Grid:
    return tuple(tuple(float(cell) for cell in row) for row in rows)


INPUTS: tuple[InputMap, ...] = (
    InputMap(
        "chapter",
        "the chapter's 4×4 map",
        _grid([[1, 3, 2, 4], [5, 6, 1, 2], [7, 2, 8, 3], [1, 4, 6, 9]]),
    ),
    InputMap(
        "edges",
        "a square outline: thin edges on an empty ground",
        _grid(
            [
                [0, 0, 0, 0, 0, 0],
                [0, 1, 1, 1, 1, 0],
                [0, 1, 0, 0, 1, 0],
                [0, 1, 0, 0, 1, 0],
                [0, 1, 1, 1, 1, 0],
                [0, 0, 0, 0, 0, 0],
            ]
        ),
    ),
    InputMap(
        "checkerboard",
        "a checkerboard: detail as fine as the grid allows",
        _grid([[(row + column) % 2 for column in range(8)] for row in range(8)]),
    ),
    InputMap(
        "gradient",
        "a smooth ramp from dark to bright",
        _grid([[row + column for column in range(8)] for row in range(8)]),
    ),
)


def input_names() -> tuple[str, ...]:
    """The maps that can be named."""
    return tuple(each.name for each in INPUTS)


def named_input(name: str) -> InputMap:
    """The map that ``name`` means; raises UsageError with the nearest name."""
    found = match(name, input_names(), "pooling input", "cnn-lab pool --help")
    return next(each for each in INPUTS if each.name == found)


def read_grid(path: Path) -> Grid:
    """A map from a CSV file of numbers; raises UsageError naming the bad row and column."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(str(path), error.strerror or str(error)) from error
    return parse_grid(decode_grid(content, str(path)), str(path))


def decode_grid(content: bytes, source: str) -> str:
    """The text of a map's file; a byte order mark, as Excel writes it, is dropped."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(source, "it is not UTF-8 text") from error


def parse_grid(text: str, source: str) -> Grid:
    """A map from CSV text: commas, semicolons, tabs or spaces between the numbers."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise UsageError(f"{source} holds no numbers: write one row of the map per line.")
    rows = [_parse_row(line, number, source) for number, line in enumerate(lines, start=1)]
    width = len(rows[0])
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            raise UsageError(
                f"{source}, row {number} has {len(row)} numbers where row 1 has {width}: "
                "every row of a map is as long as the first."
            )
    if max(width, len(rows)) > LARGEST_SIDE:
        raise UsageError(
            f"{source} is {len(rows)}×{width}: a map may have {LARGEST_SIDE} cells a side at most."
        )
    return tuple(rows)


def _unreadable(source: str, reason: str) -> UsageError:
    return UsageError(
        f"{source} cannot be read as a map: {reason}. Name a CSV file of numbers, or one of: "
        f"{', '.join(input_names())}."
    )


def _parse_row(line: str, number: int, source: str) -> tuple[float, ...]:
    delimiter = next((mark for mark in ",;\t" if mark in line), " ")
    cells = next(csv.reader([line.strip()], delimiter=delimiter, skipinitialspace=True))
    values = []
    for column, cell in enumerate(cells, start=1):
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            what = repr(cell) if cell.strip() else "nothing"
            raise UsageError(
                f"{source}, row {number}, column {column}: expected a number, got {what}."
            )
        values.append(value)
    return tuple(values)
