"""The way back: the gradient beside its map, and what each window sends.

Each sentence has a length at most, so that the grids stay in their places while the window moves.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.analysis.pooling.backward import (
    chooses,
    chosen_cells,
    contribution,
    reached,
    senders,
    window_gradient,
)
from cnn_tui.analysis.pooling.records import GridPosition, PoolGradient, PoolResult, PoolWindow
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.render.draw import styles
from cnn_tui.render.draw.blocks import GridBlock
from cnn_tui.render.draw.grid_view import Edit, GridView
from cnn_tui.render.draw.numbers import cell_value
from cnn_tui.render.pooling.arithmetic import WIDTH
from cnn_tui.render.pooling.facts import labeled
from cnn_tui.render.pooling.view import (
    STEP_LINES,
    arranged,
    boxed_or_not,
    grid_title,
    input_view,
)
from cnn_tui.render.pooling.words import wrapped

LONGEST_SENT, LONGEST_SUM = 60, 52
"""Characters of what a window sends, and of what a cell gets from all of them."""
GLOBAL_TIES = "nn.AdaptiveMaxPool2d(1) takes the first of equal maxima; x.amax() shares it"
FIRST_TIES = "of equal maxima, torch takes the first, row by row"


@dataclass(frozen=True)
class BackWords:
    """What is said about the way back of one window: two sentences."""

    place: GridPosition
    sentences: tuple[str, str]
    is_steady: bool = False

    def block(self, columns: int, lines: int) -> GridBlock:
        """The sentences in ``columns``; steady ones have room for the longest of other windows."""
        told = [Text(f"Output ({self.place[0]}, {self.place[1]})", styles.STRONG)]
        shown = wrapped([*told, *map(Text, self.sentences)], columns)
        if not self.is_steady:
            return GridBlock(shown)
        room = 1 + sum(-(-longest // max(columns, 1)) for longest in (LONGEST_SENT, LONGEST_SUM))
        return GridBlock(
            [*shown, *[Text()] * (room - len(shown))], least=min(columns, LONGEST_SENT)
        )


def gradient_view(
    gradient: PoolGradient, cursor: GridPosition = (0, 0), *, width: int = WIDTH
) -> RenderableType:
    """The map, its gradient and what follows, as they are printed."""
    drawn = gradient_map(gradient, cursor, width=width)
    return Group(drawn, Text(), *gradient_facts(gradient, width=width))


def gradient_steps(gradient: PoolGradient, width: int = WIDTH) -> Iterator[RenderableType]:
    """What each window sends to the map, in turn, and the sum of all."""
    for window in gradient.result.windows():
        place = (window.row, window.column)
        view = over_input(
            gradient.result, window, window_gradient(gradient, place), "Sent to the input"
        )
        yield boxed_or_not([view], width, STEP_LINES)
        yield Group(_gradient_words(gradient, window).block(width, 1), Text())
    yield gradient_view(gradient, width=width)


def gradient_map(
    gradient: PoolGradient,
    cursor: GridPosition = (0, 0),
    *,
    width: int = WIDTH,
    height: int | None = None,
    edited: Edit | None = None,
) -> GridBlock:
    """The map and its gradient, the window of output cell ``cursor`` marked in both."""
    result = gradient.result
    window = result.window(*cursor)
    back = over_input(result, window, gradient.gradient, "Gradient")
    views = [input_view(result, window, edited), back]
    words = _gradient_words(gradient, window, is_steady=height is not None)
    return arranged(views, words, width=width, height=height)


def gradient_facts(gradient: PoolGradient, *, width: int) -> list[Text]:
    """What is given, what all cells get together, and what ties and overlaps do."""
    result, kind = gradient.result, gradient.result.settings.kind
    cells = [cell for row in gradient.gradient for cell in row]
    reached_cells = sum(bool(cell) for cell in cells)
    given = "the gradient that was given for the output"
    if all(value == 1 for row in gradient.upstream for value in row):
        given = "1 for each output, as y.sum().backward() gives"
    sums = f"{_sum(gradient.upstream)} in the output, {_sum(gradient.gradient)} in the input"
    ties = {"global-max": GLOBAL_TIES}.get(kind, FIRST_TIES)
    shared = _most_windows(result)
    told = (
        ("Given", [given]),
        ("Sum", [f"{sums}, in {reached_cells} of {len(cells)} cells{_lost(result)}"]),
        ("Ties", [ties] if kind.endswith("max") else []),
        (
            "Overlap",
            [f"up to {shared} windows share a cell: what they send adds up"] * (shared > 1),
        ),
    )
    return labeled(told, width)


def over_input(result: PoolResult, window: PoolWindow, grid: NumberGrid, name: str) -> GridView:
    """A grid of the input's size, with the same marks; its colors begin at what no window sends."""
    finite = [0.0, *(cell for row in grid for cell in row if math.isfinite(cell))]
    view = input_view(result, window)
    return replace(
        view,
        title=grid_title(name, result.input_size),
        grid=grid,
        scale=(min(finite), max(finite)),
        margin=replace(view.margin, zeros=0),
        is_output=True,
    )


def _gradient_words(
    gradient: PoolGradient, window: PoolWindow, *, is_steady: bool = False
) -> BackWords:
    place = (window.row, window.column)
    return BackWords(place, (sent(gradient, place), _received(gradient, window)), is_steady)


def sent(gradient: PoolGradient, place: GridPosition) -> str:
    """Where the gradient of an output goes: ``gradient 1 goes to (1, 1), its maximum``."""
    result = gradient.result
    window = result.window(*place)
    cells = reached(result, place)
    begun = f"gradient {cell_value(gradient.upstream[place[0]][place[1]])} goes to"
    if chooses(result.settings):
        return f"{begun} {cells[0]}, {_choice(result, window)}"
    count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
    values = [contribution(gradient, place, cell) for cell in cells]
    if result.settings.kind != "lp":
        return f"{begun} {count}, 1/{window.divisor} of it to each: {cell_value(values[0])}"
    listed = f"{begun} {count}: {', '.join(map(cell_value, values))}"
    if len(listed) <= LONGEST_SENT:
        return listed
    return f"{begun} {count}, {cell_value(min(values))} to {cell_value(max(values))} each"


def _choice(result: PoolResult, window: PoolWindow) -> str:
    """Why a window chose its cell."""
    if result.settings.kind == "lp":
        return "the largest |x|" if result.settings.norm_type > 0 else "the smallest |x|"
    count = window.cells.count(window.value)
    return "its maximum" if count == 1 else f"the first of {count} equal maxima"


def _received(gradient: PoolGradient, window: PoolWindow) -> str:
    """What a cell gets from all windows: the chosen one of ``window``, else its middle."""
    result = gradient.result
    cell = window.rows[len(window.rows) // 2], window.columns[len(window.columns) // 2]
    if chooses(result.settings):
        cell = chosen_cells(result)[window.row][window.column]
    values = [contribution(gradient, each, cell) for each in senders(result, cell)]
    total = cell_value(gradient.gradient[cell[0]][cell[1]])
    if len(values) == 1:
        return f"{cell} gets {total}, from this window only"
    listed = " + ".join(map(cell_value, values)).replace("+ -", "- ")
    full = f"{cell} gets {listed} = {total}"
    return full if len(full) <= LONGEST_SUM else f"{cell} gets {total}, from {len(values)} windows"


def _sum(grid: NumberGrid) -> str:
    return cell_value(sum(map(sum, grid)))


def _lost(result: PoolResult) -> str:
    """Where an average's gradient goes that does not arrive."""
    is_padded = any(len(each.cells) < each.divided for each in (*result.rows, *result.columns))
    return "; padding takes the rest" if is_padded else ""


def _most_windows(result: PoolResult) -> int:
    """How many windows share one cell at most."""
    rows, columns = (
        max(sum(place in span.cells for span in side) for place in range(size))
        for side, size in zip((result.rows, result.columns), result.input_size, strict=True)
    )
    return rows * columns
