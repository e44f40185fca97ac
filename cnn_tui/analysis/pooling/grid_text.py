"""Maps as text: the files that they are read from, and the cells that are typed."""

from pathlib import Path

from cnn_tui.analysis.pooling.reading.files import open_map, too_long, unreadable, unusable
from cnn_tui.analysis.pooling.reading.printed import is_printed_array, parse_printed
from cnn_tui.analysis.pooling.reading.shapes import chosen_map, refuse_ragged
from cnn_tui.analysis.pooling.reading.tables import ReadMap, finite_number, parse_table, quoted
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.errors import UsageError

LARGEST_FILE = 2**20
"""Bytes of a map's text: 64×64 numbers of any length fit in."""

BINARY = {b"\x93NUMPY": ".npy", b"PK\x03\x04": ".npz or .pt"}
"""What files of arrays begin with."""


def read_map(path: Path, channel: str | None = None) -> ReadMap:
    """A map from a text file; raises UsageError naming the bad row and column."""
    with open_map(path, LARGEST_FILE) as stream:
        content = stream.read(LARGEST_FILE + 1)  # a device has no size of its own
    return parse_map(decode_map(content, str(path)), str(path), channel)


def decode_map(content: bytes, source: str) -> str:
    """The text of a map's file; a byte order mark, as Excel writes it, is dropped."""
    if len(content) > LARGEST_FILE:
        raise too_long(source, LARGEST_FILE)
    for beginning, kind in BINARY.items():
        if content.startswith(beginning):
            raise unusable(source, f"it is a {kind} file: name a file with that ending")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(source, "it is not UTF-8 text") from error


def parse_map(text: str, source: str, channel: str | None = None) -> ReadMap:
    """A map from text: a printed tensor or array, a JSON list, or rows of numbers."""
    if text.lstrip().startswith("{"):
        raise UsageError(
            f"{source} begins with a brace: keep only the list of rows, as in [[1, 3], [2, 4]]."
        )
    if is_printed_array(text):
        printed = parse_printed(text, source)
        return chosen_map(printed.values, printed.shape, source, channel)
    if channel is not None:
        raise UsageError(
            f"{source} has no channels: an image, a run's layer or an array does.",
            fields=("channel",),
        )
    found = parse_table(text, source)
    refuse_ragged(found.grid, found.lines, source)
    return found


def with_cell(grid: NumberGrid, row: int, column: int, value: float) -> NumberGrid:
    """``grid`` with another value at (``row``, ``column``)."""
    changed = (*grid[row][:column], value, *grid[row][column + 1 :])
    return (*grid[:row], changed, *grid[row + 1 :])


def parse_cell(text: str) -> float:
    """The value that a user typed for a cell; raises UsageError where it is no finite number."""
    value = finite_number(text)
    if value is None:
        raise UsageError(
            f"A cell holds one finite number, such as 4, -1 or 0.25, not {quoted(text.strip())}."
        )
    return value
