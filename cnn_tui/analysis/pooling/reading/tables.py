"""Maps written as tables: rows of numbers as CSV files, spreadsheets and terminals have them.

One separator holds for the whole table: a semicolon, a tab, a comma or spaces. A comma is a
decimal one where another sign separates the numbers; ``1,5`` alone is two numbers.
"""

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cnn_tui.analysis.records import NumberGrid
from cnn_tui.errors import UsageError

LONGEST_TOLD = 40
"""Characters of a wrong cell that an error repeats."""
COMMENT = "#"
"""What a line begins with that numpy.savetxt writes above the numbers."""
COMMA_BESIDE_BLANK = re.compile(r",\s|\s,|,$|^,")
DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class TableRow:
    """The cells of one line; the first of them is in column ``first``, counted from 1."""

    line: int
    cells: tuple[str, ...]
    first: int = 1


@dataclass(frozen=True)
class ReadMap:
    """A map that was read, and a note where something in it could be taken for something else."""

    grid: NumberGrid
    note: str = ""
    lines: tuple[int, ...] = ()


def parse_table(text: str, source: str) -> ReadMap:
    """The numbers of a table, without a header row and without names in front of the rows.

    Blank lines and comments are skipped. Raises UsageError naming the bad row, as counted in
    the file, and its column.
    """
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith(COMMENT)
    ]
    if not lines:
        raise UsageError(f"{source} holds no numbers: write one row of the map per line.")
    mark = _separator([line for _, line in lines])
    rows = [TableRow(number, _cells(line, mark, number, source)) for number, line in lines]
    rows, note = _without_names(_without_empty_ends(rows), source)
    grid = tuple(_numbers(row, mark, source) for row in rows)
    notes = [note] * bool(note) + _decimal_commas(rows, mark) + _two_columns(lines, mark)
    return ReadMap(grid, ", ".join(notes), tuple(row.line for row in rows))


def finite_number(text: str) -> float | None:
    """The finite number that ``text`` is; None where it is none, or Python's ``1_000``."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def quoted(text: str) -> str:
    """What stands in a cell, for a sentence about it."""
    if len(text) > LONGEST_TOLD:
        return f"{text[:LONGEST_TOLD]!r}…"
    return repr(text) if text.strip() else "nothing"


def _separator(lines: Sequence[str]) -> str:
    """The sign between the numbers: one for the whole table."""
    text = "\n".join(lines)
    if ";" in text:
        return ";"
    if "," in text and any(COMMA_BESIDE_BLANK.search(line.strip()) for line in lines):
        return ","
    if "\t" in text:
        parts = (cell.split() for line in lines for cell in line.split("\t"))
        return " " if any(len(part) > 1 and _are_numbers(part) for part in parts) else "\t"
    if "," not in text:
        return " "
    between_blanks = (line.split() for line in lines)
    return " " if any(len(row) > 1 and _are_numbers(row) for row in between_blanks) else ","


def _are_numbers(cells: Sequence[str]) -> bool:
    return all(DECIMAL_COMMA.fullmatch(cell) or finite_number(cell) is not None for cell in cells)


def _cells(line: str, mark: str, number: int, source: str) -> tuple[str, ...]:
    stripped = line.strip(" \r\n") if mark == "\t" else line.strip()
    stripped = " ".join(stripped.split()) if mark == " " else stripped
    try:
        cells = next(csv.reader([stripped], delimiter=mark, skipinitialspace=True))
    except csv.Error as error:  # such as a field of more than 131,072 characters
        raise UsageError(
            f"{source}, row {number} cannot be read ({error}): write one number in each cell."
        ) from error
    return tuple(cell.strip() for cell in cells)


def _without_names(rows: list[TableRow], source: str) -> tuple[list[TableRow], str]:
    """Rows without a header and an index, as pandas writes it, and what was left out."""
    header, *below = rows
    names = header.cells
    has_index = len(names) > 1 and not names[0]
    is_counted = has_index and list(names[1:]) == [str(each) for each in range(len(names) - 1)]
    if not below or not (is_counted or all(map(_is_word, names[has_index:]))):
        return rows, ""
    below = _without_empty_ends(below)
    if len(below[0].cells) != len(names):
        raise UsageError(
            f"{source}, row {below[0].line} has {len(below[0].cells)} cells below a header of "
            f"{len(names)}: give each column one name, or leave the header out."
        )
    if not has_index:
        return below, "without its header"
    columns = [replace(row, cells=row.cells[1:], first=2) for row in below]
    return columns, "without its header and the names of its rows"


def _is_word(cell: str) -> bool:
    """Whether a cell names a column: ``nan`` and ``1,5`` are bad numbers."""
    try:
        float(cell)
    except ValueError:
        return bool(cell) and not DECIMAL_COMMA.fullmatch(cell)
    return False


def _without_empty_ends(rows: Sequence[TableRow]) -> list[TableRow]:
    """Rows without the empty cell that a separator before or behind each of them makes."""
    if all(len(row.cells) > 1 and not row.cells[-1] for row in rows):
        rows = [replace(row, cells=row.cells[:-1]) for row in rows]
    if all(len(row.cells) > 1 and not row.cells[0] for row in rows):
        rows = [replace(row, cells=row.cells[1:], first=row.first + 1) for row in rows]
    return list(rows)


def _numbers(row: TableRow, mark: str, source: str) -> tuple[float, ...]:
    values = []
    for column, cell in enumerate(row.cells, start=row.first):
        is_decimal = mark != "," and DECIMAL_COMMA.fullmatch(cell)
        value = finite_number(cell.replace(",", ".") if is_decimal else cell)
        if value is None:
            raise UsageError(
                f"{source}, row {row.line}, column {column}: expected a number, got "
                f"{quoted(cell)}{_hint(cell, mark)}."
            )
        values.append(value)
    return tuple(values)


def _hint(cell: str, mark: str) -> str:
    """What to do about a cell that only looks like a number."""
    if "," not in cell or not any(sign.isdecimal() for sign in cell):
        return ""
    if mark == ",":
        return ": write a decimal point, or separate the numbers with semicolons"
    return ": write at most one comma or point in a number, and none between thousands"


def _decimal_commas(rows: Sequence[TableRow], mark: str) -> list[str]:
    """The first decimal comma, since ``1,234`` is written for a thousand elsewhere."""
    cells = (cell for row in rows for cell in row.cells)
    found = None if mark == "," else next(filter(DECIMAL_COMMA.fullmatch, cells), None)
    return [] if found is None else [f"decimal commas: {found} is {found.replace(',', '.')}"]


def _two_columns(lines: Sequence[tuple[int, str]], mark: str) -> list[str]:
    """What rows such as ``1,5`` were taken for, which could be one decimal number each."""
    may_be_decimal = all(DECIMAL_COMMA.fullmatch(line.strip()) for _, line in lines)
    if mark != "," or len(lines) == 1 or not may_be_decimal:
        return []
    return ["two columns: write 1,5; for a decimal comma"]
