"""Tables that take what room there is, and stay fast with ten thousand rows.

Rich's own Table measures and wraps every cell, which takes seconds then, and
cuts numbers where the terminal is narrow. Here the least important columns go
whole, and in a ColumnTable a row is one line.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from cnn_tui.render.draw.numbers import share_bar
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.draw.styles import ACCENT

GAP = "  "
HEADER = Style(bold=True)
FIRST_EXTRA = 9
"""The rank from which on columns are shown only where names need not be cut for them."""
NARROWEST_BAR, WIDEST_BAR = 4, 16
LONGEST_NAME = 40
"""Names up to this length are never cut."""
UNLIMITED = 10_000


@dataclass(frozen=True)
class TableColumn:
    """One column: its cells, and how much room it wants at least and at most.

    ``rank`` is its place when room is given out: those of one rank come or go
    together. A column of ``shares`` is drawn as bars; ``joined`` leaves one space
    before it instead of two.
    """

    title: str
    rank: int
    cells: Sequence[str] = ()
    shares: Sequence[float | None] = ()
    at_least: int = 0
    at_most: int = 0
    width: int = 0
    is_left: bool = False
    joined: bool = False

    @property
    def gap(self) -> str:
        """What stands before it."""
        return " " if self.joined else GAP

    def header(self) -> str:
        """The title, in as many cells as the column has."""
        return _fitted(self.title, self.width, self.is_left or bool(self.shares))

    def cell(self, index: int) -> str:
        """The cell of that row."""
        if self.shares:
            share = self.shares[index]
            return "" if share is None else share_bar(share, 1, self.width)
        return _fitted(self.cells[index], self.width, self.is_left)


@dataclass(frozen=True, eq=False)
class ColumnTable:
    """Columns side by side, as many as there is room for; ``styles`` are those of the rows.

    Its first line is the header.
    """

    columns: Sequence[TableColumn]
    styles: Sequence[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = list(map(_plain, self.columns)) if options.ascii_only else self.columns
        columns = _laid_out(columns, options.max_width)
        accent = console.get_style(ACCENT)
        looks = {name: console.get_style(name) for name in set(self.styles)}
        yield from _segments([each.header() for each in columns], HEADER, columns, accent)
        for index, name in enumerate(self.styles):
            cells = [each.cell(index) for each in columns]
            yield from _segments(cells, looks[name], columns, accent)


@dataclass(frozen=True, eq=False)
class FittingTable:
    """A table of Rich's, without those of the ``droppable`` columns that do not fit, in order.

    Below it stand the ``notes`` on those of its columns that are shown.
    """

    table: Table
    droppable: Sequence[str]
    notes: Mapping[str, RenderableType] = field(default_factory=dict)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = copy(self.table)
        for title in self.droppable:
            if console.measure(table, options=options.update(max_width=UNLIMITED)).minimum <= (
                options.max_width
            ):
                break
            left = [each for each in table.columns if each.header != title]
            # Their places say to Rich which one is the last, and has no gap behind it.
            table.columns = [replace(each, _index=place) for place, each in enumerate(left)]
        yield table
        for title, note in self.notes.items():
            if any(each.header == title for each in table.columns):
                yield Text()
                yield note


def names(title: str, rank: int, cells: Sequence[str], *, at_least: int) -> TableColumn:
    """Words, cut to ``at_least`` cells before a column of a lower rank is left out."""
    widest = max(map(cell_len, (title, *cells)))
    return TableColumn(title, rank, cells, (), min(at_least, widest), widest, is_left=True)


def numbers(title: str, rank: int, cells: Sequence[str]) -> TableColumn:
    """Numbers, never cut; those without a unit stand above the digits of the others."""
    if any(cell[-2:-1] == " " for cell in cells):
        cells = [
            cell if cell[-2:-1] == " " or not cell[-1:].isdigit() else f"{cell}  " for cell in cells
        ]
    width = max(map(cell_len, (title, *cells)))
    return TableColumn(title, rank, cells, (), width, width)


def bars(rank: int, shares: Sequence[float | None]) -> TableColumn:
    """Shares of the longest bar, which belong to the column of numbers on their left."""
    return TableColumn("", rank, (), shares, NARROWEST_BAR, WIDEST_BAR, joined=True)


def needed(columns: Sequence[TableColumn]) -> int:
    """The cells that all of them take at least."""
    return sum(column.at_least + len(column.gap) for column in columns) - len(GAP)


def _plain(column: TableColumn) -> TableColumn:
    """The column as wide as its cells are where their signs are spelled out."""
    if column.shares:
        return column
    cells = list(map(spelled_out, column.cells))
    widest = max(map(len, (column.title, *cells)))
    least = widest if column.at_least == column.at_most else column.at_least
    return replace(column, cells=cells, at_least=least, at_most=widest)


def _laid_out(columns: Sequence[TableColumn], room: int) -> list[TableColumn]:
    """The columns that fit, the most important first, and as wide as there is room for.

    Names are shown whole before there are extra columns.
    """
    widths: dict[int, int] = {}
    for rank in sorted({column.rank for column in columns}):
        if rank >= FIRST_EXTRA:
            left = [place for place in widths if columns[place].is_left]
            _grow(columns, left, widths, room)
        wanted = [place for place, column in enumerate(columns) if column.rank == rank]
        needed = sum(columns[place].at_least + len(columns[place].gap) for place in wanted)
        if widths and needed > room - _taken(columns, widths):
            break
        widths |= {place: columns[place].at_least for place in wanted}
    _grow(columns, list(widths), widths, room)
    return [replace(columns[place], width=widths[place]) for place in sorted(widths)]


def _grow(
    columns: Sequence[TableColumn], places: Sequence[int], widths: dict[int, int], room: int
) -> None:
    """Give out the cells that are spare, or take back those that there are not.

    Names come first, from the left; bars share what is left.
    """
    spare = room - _taken(columns, widths)
    for place in sorted(places):
        if not columns[place].shares:
            width = max(1, min(columns[place].at_most, widths[place] + spare))
            spare -= width - widths[place]
            widths[place] = width
    drawn = [place for place in sorted(places) if columns[place].shares]
    for left, place in zip(range(len(drawn), 0, -1), drawn, strict=True):
        width = max(1, min(columns[place].at_most, widths[place] + spare // left))
        spare -= width - widths[place]
        widths[place] = width


def _taken(columns: Sequence[TableColumn], widths: dict[int, int]) -> int:
    gaps = sum(len(columns[place].gap) for place in widths)
    return sum(widths.values()) + gaps - len(GAP)


def _segments(
    cells: Sequence[str], style: Style, columns: Sequence[TableColumn], bar: Style
) -> Iterator[Segment]:
    """One line: as few segments as its bars leave."""
    text = ""
    for index, (cell, column) in enumerate(zip(cells, columns, strict=True)):
        text += column.gap if index else ""
        if column.shares and cell and style is not HEADER:
            yield Segment(text, style)
            yield Segment(cell, bar)
            text = " " * (column.width - len(cell))
        else:
            text += cell if cell else " " * column.width
    yield Segment(text.rstrip() + "\n", style)


def _fitted(text: str, width: int, is_left: bool) -> str:
    if text.isascii() or cell_len(text) == len(text):
        if len(text) > width:
            return f"{text[: width - 1]}…"
        return text.ljust(width) if is_left else text.rjust(width)
    if cell_len(text) > width:
        return f"{set_cell_size(text, width - 1)}…"
    space = " " * (width - cell_len(text))
    return text + space if is_left else space + text
