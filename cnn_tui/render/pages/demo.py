"""Demos as Rich renderables: what one showed, and the list of all."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain, groupby, starmap, zip_longest

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, JustifyMethod, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table as RichTable
from rich.text import Text

from cnn_tui.chapter.catalogue import DemoInfo, demos
from cnn_tui.chapter.records import (
    DemoBlock,
    DemoResult,
    Grid,
    Histograms,
    Plot,
    Say,
    Table,
    TableCell,
    Tiles,
)
from cnn_tui.options import OptionValue, text
from cnn_tui.render.draw.grids import number_grid
from cnn_tui.render.draw.line_breaks import unbroken
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.draw.pictures import half_block_image, histogram_view, tile_columns
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.draw.styles import QUIET, STRONG, TITLE
from cnn_tui.render.draw.widths import shared_out

WIDEST_PICTURE = 56
"""Columns, and half as many lines: more would not fit on a screen with the words below."""
WIDEST_CHART, CHART_HEIGHT = 72, 12
"""Columns, and lines with the legend."""
SMALLEST_FIXED, LARGEST_FIXED = 1e-3, 1e5
"""Outside of these, a number is written with a power of ten."""
DIGITS = 4
"""Significant digits of a number in a table, whatever stands above and below it."""
GAPS = (3, 2, 1)
"""Columns of space between those of a table, as many as there is room for."""
BETWEEN_GRIDS = 3
CHANGED = "reverse"
"""No color, and not what marks a window in a grid."""
WORD = re.compile(r"[\w.,]*\w")
NUMBER = re.compile(r"-?\d[\d.,]*(?:e[+-]\d+)?")


def demo_blocks(result: DemoResult, before: DemoResult | None = None) -> RenderableType:
    """Everything that one run of a demo showed; grids that follow each other stand in a row.

    What differs from the run ``before`` it, of the same demo, is marked.
    """
    given = _in_words(result, result.parameters)
    parts: list[RenderableType] = [Text(result.title, style=TITLE)]
    if given:
        parts.append(Text(f"with {given}", style=QUIET))
    if before is not None and before.parameters != result.parameters:
        parts.append(_since(result, before))
    earlier = before.blocks if before is not None else ()
    pairs = zip_longest(result.blocks, earlier[: len(result.blocks)])
    for are_grids, blocks in groupby(pairs, lambda pair: isinstance(pair[0], Grid)):
        shown = [_block(*each) for each in blocks]
        for part in [_InRows(tuple(shown))] if are_grids else shown:
            parts += [Text(), part]
    return Group(*parts)


def demo_list(listed: Iterable[DemoInfo]) -> RenderableType:
    """Every demo with its parameters, what they mean and their defaults."""
    return Group(*chain.from_iterable((_listed(each), Text()) for each in listed))


def _since(result: DemoResult, before: DemoResult) -> Text:
    others = _in_words(
        before,
        {
            name: value
            for name, value in before.parameters.items()
            if value != result.parameters.get(name)
        },
    )
    return Text.assemble(f"before: {others}; what differs is ", ("marked", CHANGED))


def _in_words(result: DemoResult, parameters: Mapping[str, OptionValue]) -> str:
    """The parameters as the form calls them: ``kernel size 2, stride 2``."""
    known = (each for info in demos() if info.name == result.name for each in info.parameters)
    titles = {each.name: each.title for each in known}
    return ", ".join(
        f"{titles.get(name, name)} {text(value)}" for name, value in parameters.items()
    )


def _block(block: DemoBlock, before: DemoBlock | None = None) -> RenderableType:
    if isinstance(block, Say):
        return _Said(block.text, before.text if isinstance(before, Say) else block.text)
    if isinstance(block, Tiles):
        return Group(Text(printable(block.picture.title), style=STRONG), _Drawn(block))
    if isinstance(block, Plot):
        return _Plotted(block)
    title = Text(block.title, style=STRONG)
    if isinstance(block, Histograms):
        return Group(title, _Spread(block))
    if isinstance(block, Grid):
        return Group(title, _grid(block, before if isinstance(before, Grid) else block))
    return Group(title, _Tabled(block, before if isinstance(before, Table) else block))


@dataclass(frozen=True)
class _InRows:
    """Grids beside each other, as many in each row as there is room for."""

    grids: Sequence[RenderableType]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rows: list[list[RenderableType]] = []
        left = 0
        for each in self.grids:
            width = Measurement.get(console, options, each).maximum
            if not rows or width > left:
                rows.append([])
                left = options.max_width
            rows[-1].append(each)
            left -= width + BETWEEN_GRIDS
        for index, row in enumerate(rows):
            if index:
                yield Text()
            table = RichTable.grid(padding=(0, BETWEEN_GRIDS, 0, 0))
            table.add_row(*row)
            yield table


@dataclass(frozen=True)
class _Said:
    """A paragraph; signs are spelled out, where they must be, before its lines are broken."""

    text: str
    before: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        spelled = spelled_out if options.ascii_only else str
        yield _marked(spelled(self.text), spelled(self.before))


def _marked(text: str, before: str) -> Text:
    """The paragraph, with the words marked that the one before it has not."""
    shown = Text(text)
    words = list(WORD.finditer(text))
    matcher = SequenceMatcher(None, WORD.findall(before), [word[0] for word in words], False)
    for kind, _, _, start, end in matcher.get_opcodes():
        for word in words[start:end] if kind != "equal" else ():
            shown.stylize(CHANGED, *word.span())
    return shown


def _grid(grid: Grid, before: Grid) -> Text:
    shown = number_grid(grid.rows, frozenset(grid.marks))
    then = NUMBER.findall(number_grid(before.rows, frozenset(before.marks)).plain)
    now = list(NUMBER.finditer(shown.plain))
    if len(now) == len(then):
        for number, earlier in zip(now, then, strict=True):
            if number[0] != earlier:
                shown.stylize(CHANGED, *number.span())
    return shown


@dataclass(frozen=True)
class _Drawn:
    """Tiles, as wide as there is room; each below its label, where that is no wider."""

    tiles: Tiles

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(WIDEST_PICTURE, options.max_width)
        picture, side, labels = self.tiles.picture, self.tiles.side, self.tiles.labels
        if not labels:
            yield half_block_image(picture, width, cell=side or None)
            return
        per_row = picture.width // side
        room = tile_columns(picture, width, side)
        for row, start in enumerate(range(0, len(labels), per_row)):
            shown = (
                label.ljust(room) if cell_len(label) <= room else " " * room
                for label in labels[start : start + per_row]
            )
            yield Text(" ".join(shown).rstrip(), style=QUIET)
            yield half_block_image(picture.rows(row * side, (row + 1) * side), width, cell=side)


@dataclass(frozen=True)
class _Plotted:
    """Curves, as wide as there is room; their title stands in the legend."""

    block: Plot

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from cnn_tui.render.draw.axes import Scale  # most demos draw no curves
        from cnn_tui.render.draw.curves import Series
        from cnn_tui.render.draw.plot import chart

        # In ASCII the power of a label, and that of a value, take a column more: 10^-9.
        room = options.max_width - 2 * options.ascii_only
        yield chart(
            self.block.title,
            [Series(each.label, each.xs, each.ys) for each in self.block.curves],
            width=min(WIDEST_CHART, room),
            height=CHART_HEIGHT,
            log_y=self.block.log_y,
            x=Scale(unit=self.block.unit),
        )


@dataclass(frozen=True)
class _Spread:
    """Histograms below each other, as wide as there is room."""

    block: Histograms

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(WIDEST_CHART, options.max_width)
        for place, each in enumerate(self.block.histograms):
            if place:
                yield Text()
            yield histogram_view(each, width=width)


@dataclass(frozen=True)
class _Tabled:
    """A table in the room there is: first its gaps shrink, then words wrap, no number is cut."""

    block: Table
    before: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        spelled = spelled_out if options.ascii_only else str
        names = [spelled(name) for name in self.block.columns]
        rows = [tuple(map(spelled, row)) for row in _rows(self.block)]
        then = [tuple(map(spelled, row)) for row in _rows(self.before)]
        gap, widths = _layout(list(zip(names, *rows, strict=True)), options.max_width)
        table = RichTable(box=None, pad_edge=False, header_style=QUIET, padding=(0, gap, 0, 0))
        for name, width, cell in zip(names, widths, self.block.rows[0], strict=True):
            justify: JustifyMethod = "left" if isinstance(cell, str) else "right"
            table.add_column(Text(name), justify=justify, width=width, overflow="fold")
        for index, row in enumerate(rows):
            earlier = then[index] if index < len(then) else ()
            table.add_row(*starmap(_compared, zip_longest(row, earlier[: len(row)], fillvalue="")))
        yield table


def _layout(columns: Sequence[Sequence[str]], room: int) -> tuple[int, list[int]]:
    """(the gap between columns, their widths): where room is short, long cells wrap."""
    longest = [max(map(cell_len, column)) for column in columns]
    words = [
        max(cell_len(word) for cell in column for word in unbroken(cell)) for column in columns
    ]
    for gap in GAPS:
        if sum(longest) <= _without_gaps(room, gap, columns):
            return gap, longest
    fitting = (gap for gap in GAPS[1:] if sum(words) <= _without_gaps(room, gap, columns))
    gap = next(fitting, GAPS[-1])
    return gap, shared_out(words, longest, _without_gaps(room, gap, columns))


def _without_gaps(room: int, gap: int, columns: Sequence[Sequence[str]]) -> int:
    return room - gap * len(columns)  # Rich counts one behind the last column too


def _rows(table: Table) -> list[tuple[str, ...]]:
    return [tuple(map(_cell, row)) for row in table.rows]


def _compared(cell: str, before: str) -> Text:
    return Text(cell, style="" if cell == before else CHANGED)


def _cell(cell: TableCell) -> str:
    """A cell as text: a fraction with four significant digits, without trailing zeros."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int) or cell == 0:
        return f"{cell:,.0f}"
    if SMALLEST_FIXED <= abs(cell) < LARGEST_FIXED:
        before_the_point = math.floor(math.log10(abs(cell))) + 1
        text = f"{cell:,.{max(0, DIGITS - before_the_point)}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{cell:.1e}"


def _listed(info: DemoInfo) -> RenderableType:
    parameters = RichTable.grid(padding=(0, 2))
    for each in info.parameters:
        default = f"--{each.name.replace('_', '-')} {text(each.default)}"
        meaning = f"{each.help} ({each.limits})" if each.limits else each.help
        parameters.add_row("", Text(default, no_wrap=True), Text(meaning))
    return Group(Text.assemble((info.name, STRONG), "  ", info.title), parameters)
