"""Demos as Rich renderables: what one showed, and the list of all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

from rich.columns import Columns
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table as RichTable
from rich.text import Text

from cnn_tui.chapter.catalogue import DemoInfo
from cnn_tui.chapter.records import Block, Cell, DemoResult, Grid, Say, Table, Tiles, Value
from cnn_tui.render.grids import number_grid
from cnn_tui.render.numbers import printable
from cnn_tui.render.pictures import half_block_image

WIDEST_PICTURE = 56
"""Columns, and half as many lines: more would not fit on a screen with the words below."""
SMALLEST_FIXED, LARGEST_FIXED = 1e-3, 1e5
"""Outside of these, a number is written with a power of ten."""


def demo_blocks(result: DemoResult) -> RenderableType:
    """Everything that one run of a demo showed; grids that follow each other stand in a row."""
    given = ", ".join(f"{name} {_value(value)}" for name, value in result.parameters.items())
    parts: list[RenderableType] = [Text(result.title, style="bold")]
    if given:
        parts.append(Text(f"with {given}", style="dim"))
    for are_grids, blocks in groupby(result.blocks, lambda block: isinstance(block, Grid)):
        shown = [_block(each) for each in blocks]
        for part in [Columns(shown, padding=(0, 3))] if are_grids else shown:
            parts += [Text(), part]
    return Group(*parts)


def demo_list(demos: Iterable[DemoInfo]) -> RenderableType:
    """Every demo with its parameters, what they mean and their defaults."""
    return Group(*chain.from_iterable((_listed(each), Text()) for each in demos))


def _block(block: Block) -> RenderableType:
    if isinstance(block, Say):
        return Text(block.text)
    if isinstance(block, Tiles):
        return Group(Text(printable(block.picture.title), style="italic"), _Drawn(block))
    title = Text(block.title, style="italic")
    if isinstance(block, Grid):
        return Group(title, number_grid(block.rows, frozenset(block.marks)))
    return Group(title, _table(block))


@dataclass(frozen=True)
class _Drawn:
    """Tiles, as wide as there is room."""

    tiles: Tiles

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(WIDEST_PICTURE, options.max_width)
        yield half_block_image(self.tiles.picture, width, cell=self.tiles.side or None)


def _table(block: Table) -> RichTable:
    table = RichTable(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    columns = list(zip(*block.rows, strict=True))
    for name, cells in zip(block.columns, columns, strict=True):
        table.add_column(Text(name), justify="left" if isinstance(cells[0], str) else "right")
    for row in zip(*map(_column, columns), strict=True):
        table.add_row(*map(Text, row))
    return table


def _column(cells: Sequence[Cell]) -> list[str]:
    """The cells as text, with as many decimals as the largest number leaves room for."""
    fixed = [abs(cell) for cell in cells if isinstance(cell, float) and abs(cell) < LARGEST_FIXED]
    decimals = 3 if max(fixed, default=0) < 10 else 1
    return [_cell(cell, decimals) for cell in cells]


def _cell(cell: Cell, decimals: int) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int) or cell == 0:
        return f"{cell:,.0f}"
    if SMALLEST_FIXED <= abs(cell) < LARGEST_FIXED:
        return f"{cell:,.{decimals}f}"
    return f"{cell:.1e}"


def _listed(info: DemoInfo) -> RenderableType:
    parameters = RichTable.grid(padding=(0, 2))
    for each in info.parameters:
        default = f"--{each.name.replace('_', '-')} {_value(each.default)}"
        meaning = f"{each.help} ({each.limits})" if each.limits else each.help
        parameters.add_row("", Text(default, no_wrap=True), Text(meaning))
    return Group(Text.assemble((info.name, "bold"), "  ", info.title), parameters)


def _value(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value}"
