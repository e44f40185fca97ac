"""A pooled map as two grids, with one window marked and its arithmetic spelled out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.analysis.pooling.backward import chooses
from cnn_tui.analysis.pooling.operators import positions
from cnn_tui.analysis.pooling.records import (
    POOL_OPTIONS,
    GridPosition,
    PoolResult,
    PoolWindow,
)
from cnn_tui.render.draw.blocks import GridBlock, above, beside
from cnn_tui.render.draw.boxes import CellSize, boxed, boxed_size, cell_sizes
from cnn_tui.render.draw.grid_view import Edit, GridView, Margin
from cnn_tui.render.draw.grids import Look, grids_in_a_row, looks, spare_columns
from cnn_tui.render.pooling.arithmetic import WIDTH, arithmetic_line
from cnn_tui.render.pooling.facts import facts
from cnn_tui.render.pooling.words import Wording, Words

BLANK = GridBlock([Text()])
INPUT, OUTPUT = "input", "output"
"""The names of the two grids."""
ARROW = "  ──▶  "
LONG_ARROW = "     ──────▶      "
STEP_LINES = 18
"""Lines that each of the steps shows of a map at most: a map of 16 rows is shown whole."""
WIDEST_INDENT = 3
"""Columns between a frame and the grids, where there is room for that."""
PRINTED_LINES = 24
"""Lines that a printed map may take with lines around its cells."""
NARROWEST_WORDS = 24
"""Columns that the arithmetic needs to stand below the output, beside the input."""

ENOUGH_FOR_WORDS = 32
"""Columns beyond which the arrow may be longer instead."""
LONGEST_WORDS = 3
"""Lines of arithmetic beside the input; what takes more is summed up."""
LINES_OF_WORDS = 4
"""Lines that the arithmetic may take below the output, though the input ends before."""
GridWay = Callable[[Wording], GridBlock | None]
"""How two grids can be drawn with some words; None where there is no room for that."""


def pool_view(
    result: PoolResult,
    cursor: GridPosition = (0, 0),
    *,
    width: int = WIDTH,
    moved: PoolResult | None = None,
    key: str = "",
    edited: Edit | None = None,
) -> RenderableType:
    """Input and output, the window of output cell ``cursor`` marked, and what follows from it."""
    window = result.window(*cursor)
    lines = facts(result, window, moved, width=width, key=key)
    return Group(pooled_map(result, cursor, width=width, edited=edited), Text(), *lines)


def pool_steps(result: PoolResult, width: int = WIDTH) -> Iterator[RenderableType]:
    """Every window in turn: the map around it with the window marked, and its arithmetic."""
    for window in result.windows():
        view = input_view(result, window)
        yield boxed_or_not([view], width, STEP_LINES)
        yield Group(arithmetic_line(result.settings, window, width), Text())
    yield pool_view(result, width=width)


def pooled_map(
    result: PoolResult,
    cursor: GridPosition = (0, 0),
    *,
    width: int = WIDTH,
    height: int | None = None,
    edited: Edit | None = None,
) -> GridBlock:
    """Both grids and the arithmetic of the window, in the largest look that there is room for.

    In ``width`` columns and ``height`` lines; where that is not given, in few.
    """
    window = result.window(*cursor)
    views = [input_view(result, window, edited), output_view(result, window)]
    words = Words(result, window, is_steady=height is not None)
    draw, block = _first_way(views, words, width, height)
    if edited is None:
        return block
    told = draw(replace(words, edited=edited))
    shows_cell = looks(views[:1], [], width)[0] is Look.NUMBERS
    is_left_out = told is None or (shows_cell and _would_move(block, told, width, height))
    return block if told is None or is_left_out else told


def arranged(
    views: Sequence[GridView], words: Wording, *, width: int, height: int | None = None
) -> GridBlock:
    """Two grids and what is said about them, in the largest look that there is room for."""
    return _first_way(views, words, width, height)[1]


def _first_way(
    views: Sequence[GridView], words: Wording, width: int, height: int | None
) -> tuple[GridWay, GridBlock]:
    drawn = ((draw, draw(words)) for draw in _ways(views, width, height))
    return next((draw, block) for draw, block in drawn if block is not None)


def _ways(views: Sequence[GridView], width: int, height: int | None) -> Iterator[GridWay]:
    """How the grids can be drawn with some words, the largest look first; the last one can."""
    room = PRINTED_LINES if height is None else height
    tallest = 1 if height is None else room
    alike = groupby(cell_sizes(views, tallest=tallest), lambda size: (size.decimals, size.height))
    for sizes in (list(each) for _, each in alike):
        for arrange in (_in_a_row, _stacked):
            for size in sizes:
                yield partial(arrange, views, size, width=width, room=room)
    yield partial(_without_lines, views, width=width, height=height)


def _would_move(block: GridBlock, told: GridBlock, width: int, height: int | None) -> bool:
    """Whether more words would move the grids, which stay away from a frame that has room."""
    needs_more = told.height > block.height or told.width > block.width
    is_near = height is not None and (
        told.height >= height > block.height or told.width + 2 * WIDEST_INDENT > width
    )
    return told.grids != block.grids or (needs_more and is_near)


def input_view(result: PoolResult, window: PoolWindow, edited: Edit | None = None) -> GridView:
    """The map, with the window and what it chooses marked in it."""
    settings = result.settings
    rows, columns = _window_sides(result, window)
    first = chosen_cell(result, window)
    spread = settings.kernel_size if settings.dilation > 1 and settings.kind == "max" else 1
    middle = window.rows[len(window.rows) // 2], window.columns[len(window.columns) // 2]
    return GridView(
        grid_title("Input", result.input_size),
        result.input,
        marked=frozenset((row, column) for row in rows for column in columns),
        focus=(edited.row, edited.column) if edited else middle,
        gutters=2 * spread,
        edit=edited,
        name=INPUT,
        chosen=frozenset() if first is None else frozenset({first}),
        margin=_margin(result),
    )


def chosen_cell(result: PoolResult, window: PoolWindow) -> GridPosition | None:
    """The cell that the window passes on, the first of several; None where it takes all."""
    if not chooses(result.settings):
        return None
    sized = abs if result.settings.kind == "lp" else float
    places = ((row, column) for row in window.rows for column in window.columns)
    return next(
        (row, column) for row, column in places if sized(result.input[row][column]) == window.value
    )


def output_view(result: PoolResult, window: PoolWindow | None, title: str = "Output") -> GridView:
    """What came out, with the window's cell marked, if there is one."""
    place = (0, 0) if window is None else (window.row, window.column)
    return GridView(
        grid_title(title, result.output_size),
        result.output,
        marked=frozenset() if window is None else frozenset({place}),
        focus=place,
        gutters=2,
        is_output=True,
        name=OUTPUT,
    )


def grid_title(name: str, size: tuple[int, int]) -> str:
    """``Input 4×4``."""
    return f"{name} {size[0]}×{size[1]}"


def _window_sides(result: PoolResult, window: PoolWindow) -> tuple[Sequence[int], Sequence[int]]:
    """The rows and columns of a window, those outside of the map included."""
    if "kernel_size" not in POOL_OPTIONS[result.settings.kind]:
        return window.rows, window.columns
    return positions(window.row, result.settings), positions(window.column, result.settings)


def _margin(result: PoolResult) -> Margin:
    """The padding, and what the last windows reach over it with ``ceil_mode``."""
    settings = result.settings
    if "kernel_size" not in POOL_OPTIONS[settings.kind]:
        return Margin()
    rows, columns = (
        max(settings.padding, positions(out - 1, settings)[-1] + 1 - size)
        for out, size in zip(result.output_size, result.input_size, strict=True)
    )
    padding = settings.padding
    counts = settings.kind == "avg" and settings.count_include_pad
    return Margin((padding, padding), (rows, columns), padding if counts else 0)


def _in_a_row(
    views: Sequence[GridView], size: CellSize, words: Wording, *, width: int, room: int
) -> GridBlock | None:
    """Input, arrow and output, the arithmetic under the output where it fits, else under both."""
    (height, left), (out_height, right) = (boxed_size(view, size) for view in views)
    tallest = max(height, out_height)
    column = width - left - len(LONG_ARROW)
    gap = LONG_ARROW if column >= max(right, ENOUGH_FOR_WORDS) else ARROW
    if left + len(gap) + right > width or tallest > room:
        return None
    grids = [boxed(view, size) for view in views]
    return _with_words(grids, gap, words, width, room)


def _with_words(
    grids: Sequence[GridBlock], gap: str, words: Wording, width: int, room: int | None
) -> GridBlock | None:
    """Two grids side by side, the arithmetic under the second where it fits, else under both."""
    first, second = grids
    arrow = (first.height + 1) // 2
    column = width - first.width - len(gap)
    most = first.height if room is None else room
    free = max(first.height, min(most, second.height + LINES_OF_WORDS + 1)) - second.height
    if column >= NARROWEST_WORDS:
        told = words.block(column, min(LONGEST_WORDS, max(1, free - 3)))
        if told.height <= free:
            blank = GridBlock([Text()] * (told.height < free))
            return beside([first, above([second, blank, told])], [gap], arrow)
    block = above([beside(grids, [gap], arrow), BLANK, words.block(width, 2)])
    return block if room is None or block.height <= room else None


def _stacked(
    views: Sequence[GridView], size: CellSize, words: Wording, *, width: int, room: int
) -> GridBlock | None:
    """Input above output, and the arithmetic beside the output where it fits, else below."""
    (height, left), (out_height, right) = (boxed_size(view, size) for view in views)
    if max(left, right) > width or height + out_height + 1 > room:
        return None
    output = boxed(views[1], size)
    column = width - right - 3
    told = words.block(column, 2) if column >= NARROWEST_WORDS else None
    if told is not None and told.height < out_height:
        output = beside([output, above([BLANK, told])], ["   "], 0)
    else:
        output = above([output, BLANK, words.block(width, 2)])
    block = above([boxed(views[0], size), BLANK, output])
    return block if block.height <= room else None


def _without_lines(
    views: Sequence[GridView], words: Wording, *, width: int, height: int | None
) -> GridBlock:
    """Numbers side by side or one above the other, else shades."""
    beside_both = looks(views, [ARROW], width)
    if beside_both[0] is Look.NUMBERS:
        block = _numbers_in_a_row(views, words, width, height)
        if block is not None:
            return block
    told = above([BLANK, words.block(width, 2)])
    rows = [len(view.sides[0]) + 1 for view in views]
    fits = height is None or sum(rows) + 1 + told.height <= height
    if fits and all(looks([view], [], width)[0] is Look.NUMBERS for view in views):
        spare = min(spare_columns([view], [], width) for view in views)
        grids = [grids_in_a_row([view], [], width, spare=spare) for view in views]
        return above([grids[0], BLANK, grids[1], told])
    room = None if height is None else height - told.height
    return above([grids_in_a_row(views, [ARROW], width, room), told])


def _numbers_in_a_row(
    views: Sequence[GridView], words: Wording, width: int, height: int | None
) -> GridBlock | None:
    """Both grids and the arithmetic, with cells as wide as there is room for."""
    narrow = [grids_in_a_row([view], [], width) for view in views]
    block = _with_words(narrow, ARROW, words, width, height)
    if block is not None and block.width > width:  # alone, each of them has more decimals
        return None
    spare = spare_columns(views, [ARROW], width)
    if block is None or height is None or spare < 1:
        return block
    wide = [grids_in_a_row([view], [], width, spare=spare) for view in views]
    return _with_words(wide, ARROW, words, width, height) or block


def boxed_or_not(views: Sequence[GridView], width: int, lines: int) -> GridBlock:
    """One grid with lines around its cells where it fits."""
    for size in cell_sizes(views, tallest=1):
        height, columns = boxed_size(views[0], size)
        if height <= lines and columns <= width:
            return boxed(views[0], size)
    return grids_in_a_row(views, [], width, lines)
