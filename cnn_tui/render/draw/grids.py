"""Grids of numbers side by side in little room: without lines, or as shades.

A window is marked by brackets as well as by color, so that it survives
``NO_COLOR``. What is larger than the space is cut to the part around its focus.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from itertools import repeat

from rich.text import Text

from cnn_tui.analysis.pooling.records import GridPosition
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.render.draw import styles
from cnn_tui.render.draw.blocks import Cells, GridBlock, beside
from cnn_tui.render.draw.boxes import WINDOW, Piece, line_of
from cnn_tui.render.draw.grid_view import (
    EDITED,
    MOST_DECIMALS,
    OUTSIDE,
    GridView,
    fewest_decimals,
    share_of,
)
from cnn_tui.render.draw.heat import shade

WIDEST_PITCH = 7
"""Characters from one number to the next, where there is room for more than they need."""
FEWEST_ROWS = 3
"""Rows of a grid that are shown however little height there is."""
FEWEST_COLUMNS = len("columns 10–20")
NAMES = ("rows", "columns")


class Look(Enum):
    """How cells are drawn."""

    NUMBERS = "numbers"
    WIDE = "two-character shades"
    NARROW = "half-width shades"


LEAST_CELL = {Look.NUMBERS: 1, Look.WIDE: 2, Look.NARROW: 1}
"""Characters of a cell, without the brackets that numbers have."""


@dataclass(frozen=True)
class Drawing:
    """How one view is drawn: look, decimals, and the width of a cell without brackets.

    ``spare`` are the blanks in a cell beyond those that its longest number needs.
    """

    look: Look
    decimals: int
    cell: int
    spare: int = 0

    @property
    def pitch(self) -> int:
        """Characters from one cell to the next, brackets included."""
        return self.cell + self.spare + (2 if self.look is Look.NUMBERS else 0)

    def width(self, view: GridView) -> int:
        """Characters that all columns of ``view`` take."""
        columns = len(view.sides[1])
        if self.look is Look.NUMBERS:
            return columns * self.pitch
        return columns * self.cell + view.gutters


def grids_in_a_row(
    views: Sequence[GridView],
    gaps: Sequence[str],
    width: int,
    height: int | None = None,
    *,
    spare: int = 0,
) -> GridBlock:
    """Views side by side, ``gaps`` between them, in the largest look that fits into ``width``.

    At most ``height`` lines where it is given, titles included. Cells of numbers are
    ``spare`` characters wider than they must be, up to a comfortable width.
    """
    free = width - sum(map(len, gaps))
    drawings = tuple(_widened(each, spare) for each in _fitting(views, free))
    columns = _shown_columns(views, drawings, free)
    columns_cut = any(
        len(shown) < len(view.sides[1]) for shown, view in zip(columns, views, strict=True)
    )
    rows = max(len(view.sides[0]) for view in views)
    rows_cut = height is not None and rows > height - 1 - columns_cut
    if height is not None and rows_cut:
        rows = max(FEWEST_ROWS, height - 2 - columns_cut)
    told = (rows_cut, columns_cut)
    blocks = [
        _block(view, drawing, (_around(view, 0, rows), shown), told)
        for view, drawing, shown in zip(views, drawings, columns, strict=True)
    ]
    return beside(blocks, gaps)


def looks(views: Sequence[GridView], gaps: Sequence[str], width: int) -> tuple[Look, ...]:
    """How each view is drawn by ``grids_in_a_row``."""
    return tuple(each.look for each in _fitting(views, width - sum(map(len, gaps))))


def number_grid(grid: NumberGrid, marked: frozenset[GridPosition] = frozenset()) -> Text:
    """Numbers on heat colors; marked cells stand in brackets."""
    view = GridView("", grid, marked)
    lines, _ = _number_lines(view, _drawing(view, Look.NUMBERS, MOST_DECIMALS), *view.sides)
    return Text("\n", no_wrap=True).join(lines)


def _fitting(views: Sequence[GridView], width: int) -> tuple[Drawing, ...]:
    """The first look in the order of preference that fits, else the smallest."""
    for look, decimals, output_look in _preferences(views):
        wanted = [output_look if view.is_output else look for view in views]
        if sum(map(_least_width, views, wanted)) > width:
            continue  # before numbers are written that cannot fit
        drawings = tuple(map(_drawing, views, wanted, repeat(decimals)))
        if sum(_widths(views, drawings)) <= width:
            return drawings
    return tuple(_drawing(view, Look.NARROW, 0) for view in views)


def spare_columns(views: Sequence[GridView], gaps: Sequence[str], width: int) -> int:
    """How much wider each cell of numbers can be where the views stand in a row."""
    free = width - sum(map(len, gaps))
    drawings = _fitting(views, free)
    numbers = (
        len(view.sides[1])
        for view, drawing in zip(views, drawings, strict=True)
        if drawing.look is Look.NUMBERS
    )
    return max(0, free - sum(_widths(views, drawings))) // max(1, sum(numbers))


def _widened(drawing: Drawing, spare: int) -> Drawing:
    if drawing.look is not Look.NUMBERS:
        return drawing
    return replace(drawing, spare=max(0, min(spare, WIDEST_PITCH - drawing.pitch)))


def _preferences(views: Sequence[GridView]) -> Iterator[tuple[Look, int, Look]]:
    """(look of the inputs, decimals, look of the outputs): outputs keep their numbers longest."""
    decimals = range(MOST_DECIMALS, fewest_decimals(views) - 1, -1)
    yield from ((Look.NUMBERS, each, Look.NUMBERS) for each in decimals)
    for look in (Look.WIDE, Look.NARROW):
        yield from ((look, each, Look.NUMBERS) for each in decimals)
    yield Look.WIDE, 0, Look.WIDE
    yield Look.NARROW, 0, Look.WIDE
    yield Look.NARROW, 0, Look.NARROW


def _least_width(view: GridView, look: Look) -> int:
    return Drawing(look, 0, LEAST_CELL[look]).width(view)


def _drawing(view: GridView, look: Look, decimals: int) -> Drawing:
    cell = view.longest(decimals) if look is Look.NUMBERS else LEAST_CELL[look]
    return Drawing(look, decimals, cell)


def _widths(views: Sequence[GridView], drawings: Sequence[Drawing]) -> list[int]:
    return [
        max(len(view.title), drawing.width(view))
        for view, drawing in zip(views, drawings, strict=True)
    ]


def _shown_columns(
    views: Sequence[GridView], drawings: Sequence[Drawing], width: int
) -> list[range]:
    """The columns of each view; where they do not all fit, the small views keep theirs."""
    needs = _widths(views, drawings)
    shown = [view.sides[1] for view in views]
    for place, index in enumerate(sorted(range(len(views)), key=needs.__getitem__)):
        share = width // (len(views) - place)
        if needs[index] > share:
            free = share - views[index].gutters
            shown[index] = _around(views[index], 1, max(FEWEST_COLUMNS, free))
        width -= min(needs[index], share)
    return shown


def _around(view: GridView, axis: int, count: int) -> range:
    """``count`` rows (axis 0) or columns (axis 1), with the focus in their middle if possible."""
    side = view.sides[axis]
    first = min(max(view.focus[axis] - count // 2, side.start), max(side.stop - count, side.start))
    return range(first, min(first + count, side.stop))


def _block(
    view: GridView, drawing: Drawing, shown: tuple[range, range], told: tuple[bool, bool]
) -> GridBlock:
    """A view's lines: its title, which rows and columns these are where ``told``, its cells."""
    draw = _number_lines if drawing.look is Look.NUMBERS else _shade_lines
    parts = [
        Text(_part(name, part, side), styles.QUIET)
        for name, part, side, tell in zip(NAMES, shown, view.sides, told, strict=True)
        if tell
    ]
    lines, column_of = draw(view, drawing, *shown)
    above = [Text(view.title), *parts]
    row_of = {len(above) + line: row for line, row in enumerate(shown[0])}
    return GridBlock([*above, *lines], [Cells(view.name, row_of, column_of)])


def _part(name: str, part: range, side: range) -> str:
    return f"{name} {part[0]}–{part[-1]}" if len(part) < len(side) else ""


def _number_lines(
    view: GridView, drawing: Drawing, rows: range, columns: range
) -> tuple[list[Text], dict[int, int]]:
    """The lines, and which column stands where in them."""
    extent, pitch = view.extent, drawing.pitch
    lines = [
        line_of(
            piece
            for column in columns
            for piece in _number(view, (row, column), drawing, view.look((row, column), extent))
        )
        for row in rows
    ]
    column_of = {
        index * pitch + place: column
        for index, column in enumerate(columns)
        for place in range(pitch)
    }
    return lines, column_of


def _number(view: GridView, cell: GridPosition, drawing: Drawing, look: str) -> Iterator[Piece]:
    """One cell: its number between brackets where it is marked, or between parentheses."""
    left, right = view.around(cell)
    if (left, right) == (" ", " ") and cell in view.marked:
        left, right = "[", "]"
    sides = WINDOW if cell in view.marked and look != EDITED else look
    yield left, sides
    number = f"{view.number(cell, drawing.decimals):>{drawing.cell}}"
    after = drawing.spare // 2
    yield " " * (drawing.spare - after) + number + " " * after, look
    yield right, sides


def _shade_lines(
    view: GridView, drawing: Drawing, rows: range, columns: range
) -> tuple[list[Text], dict[int, int]]:
    """Shaded cells; the marked ones stand between brackets, for which columns are kept free.

    Above and below the marked rows these columns show the cell beside them.
    """
    marked_rows = {row for row, _ in view.marked} if view.gutters else set()
    marked_columns = {column for _, column in view.marked} if view.gutters else set()
    shades, (height, width) = _shades(view.grid, view.extent), view.size
    lines: list[Text] = []
    column_of: dict[int, int] = {}
    for row in rows:
        pieces: list[Piece] = []
        place = 0
        for column in columns:
            is_inside = 0 <= row < height and 0 <= column < width
            sign, look = shades[row][column] if is_inside else (OUTSIDE, styles.QUIET)
            opens = column in marked_columns and column - 1 not in marked_columns
            closes = column in marked_columns and column + 1 not in marked_columns
            brackets = row in marked_rows
            is_edited = view.is_edited((row, column))
            pieces += [("[", WINDOW) if brackets else (sign, look)] * opens
            pieces.append(_edit_sign(drawing) if is_edited else (sign * drawing.cell, look))
            pieces += [("]", WINDOW) if brackets else (sign, look)] * closes
            end = place + drawing.cell + opens + closes
            if row == rows[0]:
                column_of |= dict.fromkeys(range(place, end), column)
            place = end
        lines.append(line_of(pieces))
    return lines, column_of


@lru_cache(maxsize=8)
def _shades(grid: NumberGrid, extent: tuple[float, float]) -> tuple[tuple[Piece, ...], ...]:
    """The sign and the style of every cell; they stay while the window moves."""
    return tuple(tuple(shade(share_of(value, extent)) for value in row) for row in grid)


def _edit_sign(drawing: Drawing) -> Piece:
    return ("><" if drawing.cell > 1 else "+"), EDITED
