"""Other kinds of pooling beside the one that is looked at."""

from collections.abc import Sequence
from dataclasses import replace

from rich.text import Text

from cnn_tui.analysis.pooling.backward import backward
from cnn_tui.analysis.pooling.records import (
    POOL_OPTIONS,
    GridPosition,
    PoolResult,
    PoolWindow,
    ShiftComparison,
)
from cnn_tui.render.draw import styles
from cnn_tui.render.draw.blocks import GridBlock, above
from cnn_tui.render.draw.boxes import boxed, boxed_size, cell_sizes
from cnn_tui.render.draw.grid_view import GridView
from cnn_tui.render.draw.grids import grids_in_a_row, spare_columns
from cnn_tui.render.pooling.arithmetic import arithmetic
from cnn_tui.render.pooling.backward import over_input, sent
from cnn_tui.render.pooling.settings import TITLES
from cnn_tui.render.pooling.shifts import shift_table
from cnn_tui.render.pooling.view import output_view
from cnn_tui.render.pooling.words import wrapped

TALLEST_CELL = 5
NOT_IN_ALL = ("padding", "dilation")
"""Options that move the windows, and that some kinds do not take."""
BLANK = GridBlock([Text()])


def comparison(
    results: Sequence[PoolResult],
    shown: PoolResult,
    cursor: GridPosition,
    shifts: Sequence[ShiftComparison] = (),
    *,
    width: int,
    height: int,
) -> GridBlock:
    """What the others make of the window of ``shown`` at ``cursor``, and what a shift does.

    A window that lies elsewhere in another kind is not marked there. In ``width`` columns;
    cells are as large as all of it fits into ``height`` lines.
    """
    title = Text("Shift by one cell", styles.STRONG)
    table = GridBlock([title, *shift_table(shifts, width)] if shifts else [])
    room = height - table.height - len(results) if shifts else height
    lines = room // max(1, len(results)) - 1
    parts = [_one(each, shown, cursor, width, lines) for each in results]
    parts += [table] * bool(shifts)
    return above([part for each in parts for part in (each, BLANK)][:-1])


def gradients_compared(
    results: Sequence[PoolResult],
    shown: PoolResult,
    cursor: GridPosition,
    *,
    width: int,
    height: int,
) -> GridBlock:
    """The gradients of other kinds of pooling, each with the window of ``shown`` at ``cursor``."""
    lines = height // max(1, len(results)) - 1
    blocks = [_one_gradient(each, shown, cursor, width, lines) for each in results]
    return above([part for block in blocks for part in (block, BLANK)][:-1])


def _one_gradient(
    result: PoolResult, shown: PoolResult, cursor: GridPosition, width: int, height: int
) -> GridBlock:
    gradient, window = backward(result), _same_window(result, shown, cursor)
    title = f"{TITLES[result.settings.kind]} ←"
    view = over_input(result, window or result.window(0, 0), gradient.gradient, title)
    if window is None:
        view = replace(view, marked=frozenset(), chosen=frozenset())
    told = wrapped([] if window is None else [Text(sent(gradient, cursor))], width)
    drawn = _drawn(view, width, height - len(told))
    drawn.lines[0].stylize(styles.STRONG)
    return above([drawn, GridBlock(told)])


def _one(
    result: PoolResult, shown: PoolResult, cursor: GridPosition, width: int, height: int
) -> GridBlock:
    """One kind: its output, and where it has the same window, that marked and its arithmetic."""
    window = _same_window(result, shown, cursor)
    view = output_view(result, window, f"{TITLES[result.settings.kind]} →")
    told = [] if window is None else arithmetic(result.settings, window, width)[1:]
    note = _lacking(result, shown)
    if note and len(view.title) + len(note) + 2 <= width:
        view = replace(view, title=f"{view.title}, {note}")
    elif note:
        told.insert(0, Text(note, styles.QUIET))
    lines = wrapped(told, width)
    drawn = _drawn(view, width, height - len(lines))
    drawn.lines[0].stylize(styles.STRONG)
    return above([drawn, GridBlock(lines)])


def _same_window(result: PoolResult, shown: PoolResult, cursor: GridPosition) -> PoolWindow | None:
    """The window at ``cursor``, where it covers the same cells as that of ``shown``."""
    row, column = cursor
    height, width = result.output_size
    if row >= height or column >= width:
        return None
    spans = (result.rows[row].cells, result.columns[column].cells)
    same = spans == (shown.rows[row].cells, shown.columns[column].cells)
    return result.window(row, column) if same else None


def _lacking(result: PoolResult, shown: PoolResult) -> str:
    """What ``shown`` is pooled with and this kind does not take: ``it has no padding``."""
    asked, taken = shown.settings.to_json(), POOL_OPTIONS[result.settings.kind]
    missing = [
        option
        for option in NOT_IN_ALL
        if option not in taken and asked[option] not in (None, getattr(result.settings, option))
    ]
    return f"it has no {' or '.join(missing)}" if missing else ""


def _drawn(view: GridView, width: int, height: int) -> GridBlock:
    for size in cell_sizes([view], tallest=TALLEST_CELL):
        lines, columns = boxed_size(view, size)
        if columns <= width and lines <= height:
            return boxed(view, size)
    return grids_in_a_row([view], [], width, height, spare=spare_columns([view], [], width))
