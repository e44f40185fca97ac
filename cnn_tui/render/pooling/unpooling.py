"""What max pooling remembers: the indices of its maxima, and the map that unpooling makes."""

from dataclasses import replace

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.analysis.pooling.backward import chosen_cells, indices, senders, unpool
from cnn_tui.analysis.pooling.records import GridPosition, PoolResult
from cnn_tui.render.draw.blocks import GridBlock
from cnn_tui.render.draw.numbers import cell_value
from cnn_tui.render.pooling.arithmetic import WIDTH
from cnn_tui.render.pooling.backward import FIRST_TIES, BackWords, over_input
from cnn_tui.render.pooling.facts import labeled
from cnn_tui.render.pooling.view import arranged, grid_title, input_view, output_view

LONGEST_INDICES = 60


def unpooled_view(
    result: PoolResult, cursor: GridPosition = (0, 0), *, width: int = WIDTH
) -> RenderableType:
    """The output, what unpooling makes of it and what follows, as they are printed."""
    drawn = unpooled_map(result, cursor, width=width)
    return Group(drawn, Text(), *unpooled_facts(result, width=width))


def unpooled_map(
    result: PoolResult,
    cursor: GridPosition = (0, 0),
    *,
    width: int = WIDTH,
    height: int | None = None,
) -> GridBlock:
    """The output, and the map with each maximum where it was; raises UsageError as torch does."""
    window = result.window(*cursor)
    unpooled = over_input(result, window, unpool(result), "Unpooled")
    ends = *unpooled.extent, *input_view(result, window).extent
    scale = min(ends), max(ends)  # one color for a value, wherever it stands
    views = [replace(each, scale=scale) for each in (output_view(result, window), unpooled)]
    row, column = cell = chosen_cells(result)[window.row][window.column]
    index = indices(result)[window.row][window.column]
    count = len(senders(result, cell))
    words = BackWords(
        cursor,
        is_steady=height is not None,
        sentences=(
            f"{cell_value(window.value)} goes back to index {index}: row {row}, column {column}",
            f"{count} windows kept this cell" if count > 1 else "no other window kept this cell",
        ),
    )
    return arranged(views, words, width=width, height=height)


def unpooled_facts(result: PoolResult, *, width: int) -> list[Text]:
    """The indices, what torch calls it, and what is lost."""
    settings = result.settings
    size = len(result.input) * len(result.input[0])
    kept = len({cell for row in chosen_cells(result) for cell in row})
    padding = f", padding={settings.padding}" if settings.padding else ""
    made = f"nn.MaxUnpool2d({settings.kernel_size}, {settings.stride}{padding})"
    return labeled(
        (
            ("Indices", [_indices(result)]),
            ("In torch", [f"{made}(y, indices, output_size=x.size())"]),
            ("Lost", [f"{size - kept} of {size} values are not known any more, and are 0"]),
        ),
        width,
    )


def indices_view(
    result: PoolResult, cursor: GridPosition = (0, 0), *, width: int = WIDTH
) -> RenderableType:
    """The output and the indices of its cells in the input, as they are printed."""
    window = result.window(*cursor)
    shown = output_view(result, window)
    found = tuple(tuple(map(float, row)) for row in indices(result))
    views = [shown, replace(shown, title=grid_title("Indices", result.output_size), grid=found)]
    row, column = chosen_cells(result)[window.row][window.column]
    across = result.input_size[1]
    words = BackWords(
        cursor,
        (
            f"{cell_value(window.value)} stood in row {row}, column {column} of the input",
            f"{row} · {across} + {column} = {row * across + column}",
        ),
    )
    facts = labeled(
        (("Indices", ["row · width + column, counted from 0"]), ("Ties", [FIRST_TIES])), width
    )
    return Group(arranged(views, words, width=width), Text(), *facts)


def _indices(result: PoolResult) -> str:
    """The indices as torch prints them, or the first of many."""
    found = str([list(row) for row in indices(result)])
    return found if len(found) <= LONGEST_INDICES else f"{found[: LONGEST_INDICES - 2]} …"
