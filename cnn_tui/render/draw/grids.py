"""Grids of numbers side by side: as numbers, or as shades where numbers do not fit.

A window is marked by brackets as well as by colour, so that it survives
``NO_COLOR``. What is larger than the space is cut to the part around its focus.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import repeat

from rich.style import Style
from rich.text import Text

from cnn_tui.analysis.pooling.records import GridPosition
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.render.draw.numbers import cell_value

COLD, HOT = (24, 32, 58), (255, 176, 59)
"""The two ends of the heat colours, as RGB."""
DARK_INK, BRIGHT_INK = "#101418", "#e8ecf4"
HEAT_LEVELS = 16
SHADE_CONTRAST = 0.1
"""How much hotter a shade's ink is than its ground."""
SHADES = " ░▒▓█"

FEWEST_ROWS = 3
"""Rows of a grid that are shown however little height there is."""
FEWEST_COLUMNS = len("columns 10–20")
MOST_DECIMALS = 3
LONGEST_EDIT = 12
"""Characters of a cell's text that are shown while it is edited."""


class Look(Enum):
    """How cells are drawn."""

    NUMBERS = "numbers"
    WIDE = "two-character shades"
    NARROW = "half-width shades"


LEAST_CELL = {Look.NUMBERS: 1, Look.WIDE: 2, Look.NARROW: 1}
"""Characters of a cell, without the brackets that numbers have."""


@dataclass(frozen=True)
class Edit:
    """The input cell that is being edited, and the text typed so far; None before the first key."""

    row: int
    column: int
    text: str | None = None


@dataclass(frozen=True)
class GridView:
    """A grid to be drawn: what is marked in it, and what must stay in sight.

    ``gutters`` are the columns kept free for the brackets of shaded cells;
    without any, marks show on numbers only. ``scale`` are the coldest and the
    hottest value, the grid's own if not given. ``is_output`` keeps its numbers
    when there is no room for those of the others.
    """

    title: str
    grid: NumberGrid
    marked: frozenset[GridPosition] = frozenset()
    focus: GridPosition = (0, 0)
    gutters: int = 0
    scale: tuple[float, float] | None = None
    edit: Edit | None = None
    is_output: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the grid."""
        return len(self.grid), len(self.grid[0])


@dataclass(frozen=True)
class Drawing:
    """How one view is drawn: look, decimals, and the width of a cell without brackets."""

    look: Look
    decimals: int
    cell: int

    def width(self, view: GridView) -> int:
        """Characters that all columns of ``view`` take."""
        columns = view.size[1]
        if self.look is Look.NUMBERS:
            return columns * (self.cell + 2)
        return columns * self.cell + view.gutters


def grids_in_a_row(
    views: Sequence[GridView], gaps: Sequence[str], width: int, height: int | None = None
) -> Text:
    """Views side by side, ``gaps`` between them, in the largest look that fits into ``width``.

    At most ``height`` lines where it is given, titles included.
    """
    free = width - sum(map(len, gaps))
    drawings = _fitting(views, free)
    columns = _shown_columns(views, drawings, free)
    columns_cut = any(len(each) < view.size[1] for each, view in zip(columns, views, strict=True))
    rows = max(view.size[0] for view in views)
    rows_cut = height is not None and rows > height - 1 - columns_cut
    if height is not None and rows_cut:
        rows = max(FEWEST_ROWS, height - 2 - columns_cut)
    told = (rows_cut, columns_cut)
    blocks = [
        _block(view, drawing, (_around(view, 0, rows), shown), told)
        for view, drawing, shown in zip(views, drawings, columns, strict=True)
    ]
    return _side_by_side(blocks, gaps)


def looks(views: Sequence[GridView], gaps: Sequence[str], width: int) -> tuple[Look, ...]:
    """How each view is drawn by ``grids_in_a_row``."""
    return tuple(each.look for each in _fitting(views, width - sum(map(len, gaps))))


def number_grid(grid: NumberGrid, marked: frozenset[GridPosition] = frozenset()) -> Text:
    """Numbers on heat colours; marked cells stand in brackets."""
    view = GridView("", grid, marked)
    drawing = _drawing(view, Look.NUMBERS, MOST_DECIMALS)
    height, width = view.size
    lines = _number_lines(view, drawing, range(height), range(width))
    return Text("\n", no_wrap=True).join(lines)


def heat_style(share: float) -> Style:
    """The ink and the heat colour behind it for ``share``, from 0 to 1."""
    return _heat(math.ceil(share * HEAT_LEVELS) / HEAT_LEVELS, marked=False)


def shade(share: float) -> tuple[str, Style]:
    """One character for ``share``, from 0 to 1, that can be told without its colours too."""
    hot = math.ceil(share * HEAT_LEVELS) / HEAT_LEVELS
    return SHADES[math.ceil(share * (len(SHADES) - 1))], _shaded(hot)


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


def _preferences(views: Sequence[GridView]) -> Iterator[tuple[Look, int, Look]]:
    """(look of the inputs, decimals, look of the outputs): outputs keep their numbers longest."""
    decimals = range(MOST_DECIMALS, _fewest_decimals(views) - 1, -1)
    yield from ((Look.NUMBERS, each, Look.NUMBERS) for each in decimals)
    for look in (Look.WIDE, Look.NARROW):
        yield from ((look, each, Look.NUMBERS) for each in decimals)
    yield Look.WIDE, 0, Look.WIDE
    yield Look.NARROW, 0, Look.WIDE
    yield Look.NARROW, 0, Look.NARROW


def _fewest_decimals(views: Sequence[GridView]) -> int:
    """So many that rounding hides no more than a twentieth of what lies between the values."""
    spread = min((high - low for low, high in map(_scale, views) if high > low), default=1.0)
    closest, widest = 10.0**-MOST_DECIMALS, 1e3
    needed = math.ceil(math.log10(20 / min(max(spread, closest), widest)))
    return min(MOST_DECIMALS, max(0, needed))


def _least_width(view: GridView, look: Look) -> int:
    return Drawing(look, 0, LEAST_CELL[look]).width(view)


def _drawing(view: GridView, look: Look, decimals: int) -> Drawing:
    if look is not Look.NUMBERS:
        return Drawing(look, decimals, LEAST_CELL[look])
    return Drawing(look, decimals, max(_longest(view.grid, decimals), len(_typed(view.edit))))


@lru_cache(maxsize=16)
def _longest(grid: NumberGrid, decimals: int) -> int:
    return max(len(cell_value(value, decimals)) for row in grid for value in row)


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
    shown = [range(view.size[1]) for view in views]
    for place, index in enumerate(sorted(range(len(views)), key=needs.__getitem__)):
        share = width // (len(views) - place)
        if needs[index] > share:
            free = share - views[index].gutters
            shown[index] = _around(views[index], 1, max(FEWEST_COLUMNS, free))
        width -= min(needs[index], share)
    return shown


def _around(view: GridView, axis: int, count: int) -> range:
    """``count`` rows (axis 0) or columns (axis 1), with the focus in their middle if possible."""
    size = view.size[axis]
    first = min(max(view.focus[axis] - count // 2, 0), max(size - count, 0))
    return range(first, min(first + count, size))


def _block(
    view: GridView, drawing: Drawing, shown: tuple[range, range], told: tuple[bool, bool]
) -> list[Text]:
    """A view's lines: its title, which rows and columns these are where ``told``, its cells."""
    draw = _number_lines if drawing.look is Look.NUMBERS else _shade_lines
    parts = [
        Text(f"{name} {part[0]}–{part[-1]}" if len(part) < size else "")
        for name, part, size, tell in zip(("rows", "columns"), shown, view.size, told, strict=True)
        if tell
    ]
    return [Text(view.title, style="bold"), *parts, *draw(view, drawing, *shown)]


def _number_lines(
    view: GridView, drawing: Drawing, rows: Iterable[int], columns: Iterable[int]
) -> list[Text]:
    scale, width, lines = _scale(view), drawing.cell, []
    for i in rows:
        line = Text(no_wrap=True)
        for j in columns:
            value, marked = view.grid[i][j], (i, j) in view.marked
            if _is_edited(view, i, j):
                text = _typed(view.edit) or cell_value(value, drawing.decimals)
                line.append(f">{text:>{width}}<", "bold reverse")
                continue
            left, right = "[]" if marked else "  "
            number = cell_value(value, drawing.decimals)
            line.append(f"{left}{number:>{width}}{right}", _heat(_share(value, scale), marked))
        lines.append(line)
    return lines


def _shade_lines(
    view: GridView, drawing: Drawing, rows: Iterable[int], columns: range
) -> list[Text]:
    """Shaded cells; the marked ones stand between brackets, for which columns are kept free.

    Above and below the marked rows these columns show the cell beside them.
    """
    scale, lines = _scale(view), []
    marked_rows = {row for row, _ in view.marked} if view.gutters else set()
    marked_columns = {column for _, column in view.marked} if view.gutters else set()
    for i in rows:
        line = Text(no_wrap=True)
        for j in columns:
            share = _share(view.grid[i][j], scale)
            shade = SHADES[math.ceil(share * (len(SHADES) - 1))], _shaded(share)
            is_marked = i in marked_rows
            if j in marked_columns and j - 1 not in marked_columns:
                line.append(*("[", "bold") if is_marked else shade)
            if _is_edited(view, i, j):
                line.append("><"[: drawing.cell] if drawing.cell > 1 else "+", "bold reverse")
            else:
                line.append(shade[0] * drawing.cell, shade[1])
            if j in marked_columns and j + 1 not in marked_columns:
                line.append(*("]", "bold") if is_marked else shade)
        lines.append(line)
    return lines


def _side_by_side(blocks: Sequence[list[Text]], gaps: Sequence[str]) -> Text:
    """Blocks of lines in one: blank where one is shorter, gaps told halfway down the tallest."""
    height = max(map(len, blocks))
    widths = [max(line.cell_len for line in block) for block in blocks]
    lines = []
    for i in range(height):
        line = Text(no_wrap=True)
        for place, (block, width) in enumerate(zip(blocks, widths, strict=True)):
            part = block[i].copy() if i < len(block) else Text()
            if place < len(gaps):
                part.pad_right(width - part.cell_len)
                gap = gaps[place]
                part.append(gap if i == (height + 1) // 2 else " " * len(gap))
            line.append_text(part)
        lines.append(line)
    return Text("\n", no_wrap=True, overflow="crop").join(lines)


def _typed(edit: Edit | None) -> str:
    """The end of what was typed, with a mark where the next character goes."""
    return "" if edit is None or edit.text is None else f"{edit.text[-LONGEST_EDIT:]}_"


def _is_edited(view: GridView, row: int, column: int) -> bool:
    return view.edit is not None and (view.edit.row, view.edit.column) == (row, column)


def _scale(view: GridView) -> tuple[float, float]:
    if view.scale is not None:
        return view.scale
    return min(map(min, view.grid)), max(map(max, view.grid))


def _share(value: float, scale: tuple[float, float]) -> float:
    """How hot ``value`` is, from 0 to 1, in steps; only the coldest value is 0."""
    low, high = scale
    if math.isinf(high - low):
        value, low, high = value / 2, low / 2, high / 2
    share = (value - low) / (high - low) if high > low else 0.0
    return math.ceil(share * HEAT_LEVELS) / HEAT_LEVELS


@lru_cache
def _heat(share: float, marked: bool) -> Style:
    ink = DARK_INK if share > 0.45 else BRIGHT_INK
    return Style(color=ink, bgcolor=_heat_colour(share), bold=marked, underline=marked)


@lru_cache
def _shaded(share: float) -> Style:
    """For a shade's character: seen without colours, and hardly at all on its heat colour."""
    return Style(color=_heat_colour(min(1.0, share + SHADE_CONTRAST)), bgcolor=_heat_colour(share))


def _heat_colour(share: float) -> str:
    red, green, blue = (
        round(cold + (hot - cold) * share) for cold, hot in zip(COLD, HOT, strict=True)
    )
    return f"#{red:02x}{green:02x}{blue:02x}"
