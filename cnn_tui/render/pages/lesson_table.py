"""A table of the chapter in the room there is: no word of it is ever cut.

Its columns stand side by side while each has room for its longest word and that does
not take more lines than to put the first cell of a row above the others. Where those
have no room side by side either, each follows the name of its column.
"""

from collections.abc import Iterator, Sequence
from math import ceil

from rich import box
from rich.cells import cell_len
from rich.console import JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cnn_tui.render.draw.line_breaks import unbroken
from cnn_tui.render.draw.styles import CODE, FRAME, QUIET, STRONG
from cnn_tui.render.draw.widths import shared_out

GAP = 2
"""Columns between two cells that stand side by side."""
INDENT = 2
"""Columns before what stands below the first cell of its row."""

TableCells = Sequence[Text]


def lesson_table(
    names: TableCells,
    rows: Sequence[TableCells],
    alignments: Sequence[JustifyMethod],
    room: int,
    line: str = "─",
) -> Iterator[RenderableType]:
    """Names over a rule, and the rows below it; a column of numbers ends at its right edge.

    The rule is drawn with the sign ``line`` where the cells of a row stand in more than one line.
    """
    for name in names:
        name.stylize(QUIET)
    inner = max(1, room - INDENT)
    beside = _widths([names, *rows], room)
    below = _widths([row[1:] for row in (names, *rows)], inner)
    if len(names) == 1:
        beside = [room]
    elif len(names) == 2:
        below = [inner]
    if beside and (not below or _lines(rows, beside) <= _lines(rows, [room], below)):
        yield _side_by_side(names, rows, alignments, beside)
    else:
        yield from _stacked(names, rows, alignments, below, line * room)


def _side_by_side(
    names: TableCells,
    rows: Sequence[TableCells],
    alignments: Sequence[JustifyMethod],
    widths: Sequence[int],
) -> Table:
    table = Table(
        box=box.SIMPLE, pad_edge=False, style=FRAME, show_edge=False, collapse_padding=True
    )
    for name, justify, width in zip(names, alignments, widths, strict=True):
        table.add_column(name, justify=justify, width=width, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _stacked(
    names: TableCells,
    rows: Sequence[TableCells],
    alignments: Sequence[JustifyMethod],
    widths: Sequence[int] | None,
    rule: str,
) -> Iterator[RenderableType]:
    """Each first cell above the others of its row, in columns of ``widths`` where they fit."""
    if any(name.plain for name in names):
        yield names[0]
        if widths:
            yield _indented(_in_columns(names[1:], alignments[1:], widths))
        yield Text(rule, FRAME)
    for first, *others in rows:
        if first.plain:
            first.stylize_before(STRONG)
            first.overflow = "fold"
            yield first
        if widths:
            yield _indented(_in_columns(others, alignments[1:], widths))
        else:
            yield from map(_indented, _fields(names[1:], others))


def _in_columns(
    cells: TableCells, alignments: Sequence[JustifyMethod], widths: Sequence[int]
) -> Table:
    grid = Table.grid(padding=(0, GAP, 0, 0))
    for justify, width in zip(alignments, widths, strict=True):
        grid.add_column(justify=justify, width=width, overflow="fold")
    grid.add_row(*cells)
    return grid


def _fields(names: TableCells, cells: TableCells) -> Iterator[Text]:
    """Each cell behind the name of its column."""
    for name, cell in zip(names, cells, strict=True):
        field = Text(overflow="fold")
        yield field.append_text(name).append(" " if name.plain else "").append_text(cell)


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, INDENT), expand=False)


def _widths(rows: Sequence[TableCells], room: int) -> list[int] | None:
    """The widths of columns that stand side by side, or None where there is no room for that."""
    columns = list(zip(*rows, strict=True))
    left = room - GAP * (len(columns) - 1)
    most = [max(cell.cell_len for cell in column) for column in columns]
    least = [max(map(_least, column)) for column in columns]
    return shared_out(least, most, left) if sum(least) <= left else None


def _least(cell: Text) -> int:
    """The columns that keep the words of a cell whole; a cell of code is one word."""
    if any(span.style == CODE and (span.start, span.end) == (0, len(cell)) for span in cell.spans):
        return cell.cell_len
    return max(map(cell_len, unbroken(cell.plain)), default=0)


def _lines(rows: Sequence[TableCells], *parts: Sequence[int]) -> int:
    """About how many lines rows take; each of the ``parts`` stands below the one before it."""
    total = 0
    for row in rows:
        cells = iter(row)
        total += sum(
            max(ceil(next(cells).cell_len / max(1, width)) for width in part) for part in parts
        )
    return total
