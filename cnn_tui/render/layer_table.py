"""A table of layers that takes what room there is, and stays fast with ten thousand rows.

Rich's own Table measures and wraps every cell, which takes seconds then. Here a
row is one line of fixed columns: the least important ones go where the terminal
is narrow, and long names are cut.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

from cnn_tui.analysis.folding import FoldedRow, folded_rows
from cnn_tui.analysis.records import GLOBAL, LayerSummary, NetSummary
from cnn_tui.render.numbers import mebibytes, percent, printable, shape, share_bar, short_count

GAP = "  "
HEADER, SUM, BAR = Style(bold=True), Style(dim=True), Style(color="cyan")
FIRST_EXTRA = 8
"""The rank from which on columns are shown only where names need not be cut for them."""
NARROWEST_BAR, WIDEST_BAR = 5, 10


@dataclass(frozen=True)
class Line:
    """One row of the table; ``is_sum`` where the rows inset under it show its parts."""

    row: FoldedRow
    is_sum: bool

    @property
    def module(self) -> LayerSummary:
        """What the row shows."""
        return self.row.module


def layer_table(
    summary: NetSummary, depth: int | None = None, *, unfold: bool = False
) -> "LayerTable":
    """Every module with what it puts out, holds, costs and sees.

    ``depth`` leaves out modules nested deeper than that; 1 shows the outermost.
    Blocks that repeat are folded into one unless ``unfold`` is set.
    """
    rows = list(folded_rows(summary.modules, depth=depth, unfold=unfold))
    depths = [row.module.depth for row in rows] + [0]
    lines = [Line(row, depths[i + 1] > depths[i]) for i, row in enumerate(rows)]
    return LayerTable(lines, summary.total_parameters, summary.total_macs)


@dataclass(frozen=True, eq=False)
class LayerTable:
    """The lines of the table, and the totals of which they show their shares."""

    lines: Sequence[Line]
    total_parameters: int
    total_macs: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not self.lines:
            return
        columns = _laid_out(_columns(self), options.max_width)
        yield from _segments([each.header() for each in columns], HEADER, columns)
        for index, line in enumerate(self.lines):
            style = SUM if line.is_sum else None
            yield from _segments([each.cell(index) for each in columns], style, columns)


@dataclass
class Column:
    """One column: its cells, and how much room it wants at least and at most.

    ``rank`` is its place when room is given out. A column of ``shares`` is drawn
    as bars; ``joined`` leaves one space before it instead of two.
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


def _columns(table: LayerTable) -> list[Column]:
    lines = table.lines
    modules = [line.module for line in lines]
    names = ["  " * line.module.depth + printable(line.row.label) for line in lines]
    types = [
        f"{line.row.count} × {line.module.type}" if line.row.count > 1 else line.module.type
        for line in lines
    ]
    parameters, macs = (
        [_share(line, part, whole) for line in lines]
        for part, whole in (
            ("parameters", table.total_parameters),
            ("macs", table.total_macs),
        )
    )
    return [
        _names("Layer", 0, names, at_least=16),
        _names("Type", 1, list(map(printable, types)), at_least=13),
        _text("Output", 3, modules, lambda module: shape(module.output_shape) or "–"),
        _text("Parameters", 2, modules, _parameters),
        _bars(6, parameters),
        _percents(8, parameters),
        _text("Trainable", 12, modules, _trainable),
        _text("MACs", 4, modules, lambda module: short_count(module.macs) if module.macs else "–"),
        _bars(7, macs),
        _percents(8, macs),
        _text("Act. MiB", 9, modules, lambda module: mebibytes(module.activations)),
        _text("Sees", 5, modules, _sees),
        _text("Jump", 10, modules, lambda module: _number(module.jump)),
        _text("Start", 11, modules, lambda module: _number(module.start)),
    ]


def _names(title: str, rank: int, cells: list[str], *, at_least: int) -> Column:
    widest = max(map(cell_len, (title, *cells)))
    return Column(title, rank, cells, (), min(at_least, widest), widest, is_left=True)


def _text(
    title: str, rank: int, modules: Sequence[LayerSummary], show: Callable[[LayerSummary], str]
) -> Column:
    cells = [show(module) for module in modules]
    width = max(map(len, (title, *cells)))
    return Column(title, rank, cells, (), width, width)


def _bars(rank: int, shares: Sequence[float | None]) -> Column:
    return Column("Share", rank, (), shares, NARROWEST_BAR, WIDEST_BAR, joined=True)


def _percents(rank: int, shares: Sequence[float | None]) -> Column:
    cells = ["" if share is None else percent(share, 0) for share in shares]
    cells = ["<1%" if cell == "0%" else cell for cell in cells]
    return Column("", rank, cells, (), 4, 4, joined=True)


def _share(line: Line, part: str, whole: int) -> float | None:
    """The share of the total, once for each layer: neither of sums nor of what ran before."""
    is_counted = not line.is_sum or line.row.count > 1
    if not whole or not is_counted or (part == "parameters" and line.module.reused):
        return None
    share: float = getattr(line.module, part) / whole
    return share or None


def _parameters(module: LayerSummary) -> str:
    if not module.parameters:
        return "–"
    if module.reused:
        return f"({module.parameters:,})"
    return f"{module.parameters:,}" + ("" if module.trainable else "*")


def _trainable(module: LayerSummary) -> str:
    if not module.parameters:
        return "–"
    return "all" if module.trainable == module.parameters else f"{module.trainable:,}"


def _sees(module: LayerSummary) -> str:
    if module.receptive_field is None:
        return "–"
    if module.receptive_field == GLOBAL:
        return "all"
    return f"{module.receptive_field}+" if module.gated else str(module.receptive_field)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _laid_out(columns: list[Column], room: int) -> list[Column]:
    """The columns that fit, the most important first, and as wide as there is room for.

    Names are shown whole before there are extra columns.
    """
    chosen: list[Column] = []
    for rank in range(max(column.rank for column in columns) + 1):
        if rank == FIRST_EXTRA:
            _grow([column for column in chosen if column.is_left], room - _taken(chosen))
        wanted = [column for column in columns if column.rank == rank]
        needed = sum(column.at_least + len(column.gap) for column in wanted)
        if chosen and needed > room - _taken(chosen):
            break
        for column in wanted:
            column.width = column.at_least
            chosen.append(column)
    _grow(chosen, room - _taken(chosen))
    return [column for column in columns if column.width]


def _grow(columns: Sequence[Column], spare: int) -> None:
    """Give out ``spare`` cells, or take back those that there are not."""
    for column in columns:
        width = max(1, min(column.at_most, column.width + spare))
        spare -= width - column.width
        column.width = width


def _taken(columns: Sequence[Column]) -> int:
    return sum(column.width + len(column.gap) for column in columns) - len(GAP)


def _segments(
    cells: Sequence[str], style: Style | None, columns: Sequence[Column]
) -> Iterator[Segment]:
    """One line: as few segments as its bars leave."""
    text = ""
    for index, (cell, column) in enumerate(zip(cells, columns, strict=True)):
        text += column.gap if index else ""
        if column.shares and cell:
            yield Segment(text, style)
            yield Segment(cell, BAR if style is None else BAR + style)
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
