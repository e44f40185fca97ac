"""CSV files of other programs, read in whatever encoding and written back in the same.

Cells that a spreadsheet would run are defused.
"""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.grading.formats.table import APOSTROPHE, FORMULA_STARTS

MAX_BYTES = 32 << 20
NUMBER = re.compile(r"[+-]?[\d.,]*%?")
BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read_csv(path: Path) -> tuple[tuple[tuple[str, ...], ...], str, tuple[str, str]]:
    """The rows of a CSV, its encoding, and its separator and line end."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): check its path.") from error
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path} is larger than {MAX_BYTES >> 20} MiB: name a CSV of grades.")
    marked = [code for mark, code in BYTE_ORDER_MARKS.items() if data.startswith(mark)]
    encoding = marked[0] if marked else "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp1252" if not marked else encoding
        text = data.decode(encoding, "replace")
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    end = "\r\n" if first.endswith("\r") else "\n"
    try:
        read = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        rows = tuple(tuple(row) for row in read if row)
    except csv.Error as error:
        raise UsageError(f"{path} is no CSV that can be read ({error}).") from error
    if not rows:
        raise UsageError(f"{path} is empty: export it again.")
    return rows, encoding, (separator, end)


def csv_bytes(rows: Sequence[Sequence[str]], encoding: str, dialect: tuple[str, str]) -> bytes:
    """The rows as such a file holds them, with its separator and line end."""
    separator, end = dialect
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=separator, lineterminator=end)
    writer.writerows([_defused(cell) for cell in row] for row in rows)
    # What an old encoding lacks can only stand in a comment, which is HTML.
    return written.getvalue().encode(encoding, "xmlcharrefreplace")


def _defused(cell: str) -> str:
    is_formula = cell.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(cell)
    return APOSTROPHE + cell if is_formula else cell
