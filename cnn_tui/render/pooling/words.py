"""The arithmetic below or beside the grids, in room that is the same for every window of a map."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from rich.text import Text

from cnn_tui.analysis.pooling.records import PoolResult, PoolWindow
from cnn_tui.render.draw import styles
from cnn_tui.render.draw.blocks import GridBlock
from cnn_tui.render.draw.console import wrapped_lines
from cnn_tui.render.draw.grid_view import Edit
from cnn_tui.render.draw.numbers import cell_value
from cnn_tui.render.pooling.arithmetic import arithmetic, is_in_full

MOST_MEASURED = 400
"""Windows of a map that are looked at for the longest arithmetic."""


class Wording(Protocol):
    """What is said beside two grids."""

    def block(self, columns: int, lines: int) -> GridBlock:
        """The words in ``columns``, the longest of their sentences in ``lines`` of them."""


@dataclass(frozen=True)
class Words:
    """What is said about one window, and about the cell that is ``edited``.

    With ``is_steady`` it takes as much room for each window, so that grids stay where they are
    while the window moves.
    """

    result: PoolResult
    window: PoolWindow
    edited: Edit | None = None
    is_steady: bool = False

    def block(self, columns: int, lines: int) -> GridBlock:
        """The words in ``columns``, the arithmetic in ``lines`` of them."""
        told = [*arithmetic(self.result.settings, self.window, columns, lines)]
        told += [_edit_line(self.result, self.edited)] if self.edited else []
        shown = wrapped(told, columns)
        if not self.is_steady:
            return GridBlock(shown)
        height, width = _room(self.result, columns, lines)
        return GridBlock([*shown, *[Text()] * (height - len(shown))], least=width)


def wrapped(sentences: Sequence[Text], width: int) -> list[Text]:
    """The lines that ``sentences`` take in ``width`` columns."""
    lines = [line for each in sentences for line in wrapped_lines(each, width)]
    for line in lines:
        line.rstrip()
    return lines


@lru_cache(maxsize=128)
def _room(result: PoolResult, columns: int, lines: int) -> tuple[int, int]:
    """The most lines that the arithmetic of any window takes, and its columns."""
    height = width = 0
    for alike in _longest_first(result):
        for window in alike:
            told = arithmetic(result.settings, window, columns, lines)
            height = max(height, len(wrapped(told, columns)))
            width = max(width, *(each.cell_len for each in told))
            if is_in_full(result.settings, window, columns, lines):
                break
            width = columns
    return height, min(width, columns)


@lru_cache(maxsize=4)
def _longest_first(result: PoolResult) -> tuple[tuple[PoolWindow, ...], ...]:
    """Windows with as many cells in the map and outside, those with the longest numbers first."""
    lengths = [[len(cell_value(cell)) for cell in row] for row in result.input]
    longest: dict[tuple[int, ...], dict[int, PoolWindow]] = {}
    for window in measured(result):
        alike = longest.setdefault((len(window.rows), len(window.columns), window.divisor), {})
        cells = sum(lengths[row][column] for row in window.rows for column in window.columns)
        alike[cells + len(cell_value(window.value))] = window
    return tuple(
        tuple(alike[length] for length in sorted(alike, reverse=True)) for alike in longest.values()
    )


def measured(result: PoolResult) -> Iterator[PoolWindow]:
    """Every window, or some of very many."""
    height, width = result.output_size
    for place in range(0, height * width, -(-height * width // MOST_MEASURED)):
        yield result.window(*divmod(place, width))


def _edit_line(result: PoolResult, edited: Edit) -> Text:
    value = cell_value(result.input[edited.row][edited.column])
    typed = "" if edited.text is None else f" → {edited.text}_"
    return Text.assemble(
        (f"Input ({edited.row}, {edited.column})", styles.STRONG), f" = {value}{typed}"
    )
