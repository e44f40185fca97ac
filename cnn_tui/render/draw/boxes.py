"""A grid of numbers with lines around its cells, heavy ones around what is marked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from rich.text import Span, Text

from cnn_tui.analysis.pooling.records import GridPosition
from cnn_tui.render.draw import styles
from cnn_tui.render.draw.blocks import Cells, GridBlock
from cnn_tui.render.draw.grid_view import MOST_DECIMALS, GridView, fewest_decimals

NONE, LIGHT, HEAVY = range(3)
JUNCTIONS = " ╴╸╷┐┑╻┒┓╶─╾┌┬┭┎┰┱╺╼━┍┮┯┏┲┳╵┘┙│┤┥╽┧┪└┴┵├┼┽┟╁╅┕┶┷┝┾┿┢╆╈╹┚┛╿┦┩┃┨┫┖┸┹┞╀╃┠╂╉┗┺┻┡╄╇┣╊╋"
"""Where lines of weight u, r, d and l (up, right, down, left) meet: at 27u + 9r + 3d + l."""
ACROSS, DOWN = " ─━", " │┃"
WINDOW = styles.CURVES[1]
"""The heavy lines."""
SIZES = (
    *((7, 19), (7, 15)),
    *((5, 17), (5, 13), (5, 11)),
    *((3, 11), (3, 9), (3, 7)),
    *((1, 7), (1, 5), (1, 3)),
)
"""(lines, columns) inside a cell, the largest first; the narrowest of each height are squares."""

Piece = tuple[str, str]
"""A few characters and their style."""


@dataclass(frozen=True)
class CellSize:
    """Lines and columns inside a cell, and the decimals of its number."""

    height: int
    width: int
    decimals: int


def cell_sizes(views: Sequence[GridView], *, tallest: int = SIZES[0][0]) -> Iterator[CellSize]:
    """The sizes that the cells of all ``views`` can have, the best first."""
    for decimals in range(MOST_DECIMALS, fewest_decimals(views) - 1, -1):
        needed = max(max(v.longest_number(decimals) + 2, v.typed_length) for v in views)
        widths = dict.fromkeys((height, max(width, needed)) for height, width in SIZES)
        yield from (CellSize(*size, decimals) for size in widths if size[0] <= tallest)


def boxed(view: GridView, size: CellSize) -> GridBlock:
    """The grid under its title; the number stands in the middle of its cell."""
    rows, columns = view.sides
    extent = view.extent
    lines = [Text(view.title, no_wrap=True)]
    row_of: dict[int, int] = {}
    for row in rows:
        lines.append(line_of(_edge(view, row, size.width)))
        row_of |= dict.fromkeys(range(len(lines), len(lines) + size.height), row)
        blank, full = (
            line_of(_through(view, row, size, extent, is_full)) for is_full in (False, True)
        )
        middle = size.height // 2
        lines += [blank] * middle + [full] + [blank] * middle
    lines.append(line_of(_edge(view, rows.stop, size.width)))
    pitch = size.width + 1
    column_of = {
        place * pitch + each: column
        for place, column in enumerate(columns)
        for each in range(1, pitch)
    }
    return GridBlock(lines, [Cells(view.name, row_of, column_of)])


def boxed_size(view: GridView, size: CellSize) -> tuple[int, int]:
    """Lines and columns that ``boxed`` takes."""
    rows, columns = view.sides
    return (
        len(rows) * (size.height + 1) + 2,
        max(len(view.title), len(columns) * (size.width + 1) + 1),
    )


def line_of(pieces: Iterable[Piece]) -> Text:
    """The pieces as one line; what has the same style becomes one."""
    plain: list[str] = []
    spans: list[Span] = []
    start = 0
    for style, run in groupby(pieces, key=itemgetter(1)):
        part = "".join([text for text, _ in run])
        plain.append(part)
        end = start + len(part)
        if style:
            spans.append(Span(start, end, style))
        start = end
    return Text("".join(plain), spans=spans, no_wrap=True)


def _edge(view: GridView, row: int, width: int) -> Iterator[Piece]:
    """The line above ``row``."""
    _, columns = view.sides
    left: int = NONE
    for column in range(columns.start, columns.stop + 1):
        up = _between(view, (row - 1, column - 1), (row - 1, column))
        down = _between(view, (row, column - 1), (row, column))
        right = _between(view, (row - 1, column), (row, column)) if column in columns else NONE
        yield JUNCTIONS[27 * up + 9 * right + 3 * down + left], _style(up, right, down, left)
        if column in columns:
            yield ACROSS[right] * width, _style(right)
        left = right


def _through(
    view: GridView, row: int, size: CellSize, extent: tuple[float, float], is_full: bool
) -> Iterator[Piece]:
    """One line through the cells of ``row``, with their numbers or without."""
    longest = view.longest_number(size.decimals)
    for column in view.sides[1]:
        cell = (row, column)
        weight = _between(view, (row, column - 1), cell)
        yield DOWN[weight], _style(weight)
        text = _centered(view, cell, longest, size) if is_full else " " * size.width
        yield text, view.look(cell, extent)
    weight = _between(view, (row, view.sides[1].stop - 1), (row, view.sides[1].stop))
    yield DOWN[weight], _style(weight)


def _centered(view: GridView, cell: GridPosition, longest: int, size: CellSize) -> str:
    """The number, its right end where those of the other cells have theirs."""
    left, right = view.around(cell)
    number = view.number(cell, size.decimals)
    if len(number) + 2 > size.width:  # what is typed: its style marks it as well
        return number.center(size.width)
    return f"{f'{left}{number}{right}':>{longest + 2}}".center(size.width)


def _between(view: GridView, one: GridPosition, other: GridPosition) -> int:
    """The weight of the line between two cells."""
    if (one in view.marked) != (other in view.marked):
        return HEAVY
    return LIGHT if view.holds(one) or view.holds(other) else NONE


def _style(*weights: int) -> str:
    return WINDOW if HEAVY in weights else styles.FRAME
