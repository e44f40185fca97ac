"""A map and its shifted copy, both pooled: what changed, and how often such a shift changes it."""

from collections.abc import Sequence

from rich.text import Text

from cnn_tui.analysis.pooling.operators import WITHOUT
from cnn_tui.analysis.pooling.records import (
    GridPosition,
    TranslationResult,
)
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.render.draw import styles
from cnn_tui.render.draw.blocks import GridBlock, above, beside
from cnn_tui.render.draw.boxes import boxed, boxed_size, cell_sizes
from cnn_tui.render.draw.grid_view import GridView
from cnn_tui.render.draw.grids import Look, grids_in_a_row, looks, spare_columns
from cnn_tui.render.draw.numbers import whole_percent
from cnn_tui.render.pooling.arithmetic import WIDTH
from cnn_tui.render.pooling.shifts import shift_table
from cnn_tui.render.pooling.view import ARROW, PRINTED_LINES, grid_title
from cnn_tui.render.pooling.words import wrapped

GAP = "   "
CHANGE = "Change: 0 % the same numbers, 100 % nothing in common (mean, at most)."

COMFORTABLE = 2
"""Blanks in each cell from which numbers of four grids in a row read well."""
FEWEST_LINES = 5
"""Of a row of grids: its title, which part of them is shown, and three rows."""


def translation_view(
    result: TranslationResult, *, width: int = WIDTH, height: int | None = None
) -> GridBlock:
    """Both inputs and both outputs, the changed cells marked, and the measured shares.

    In ``width`` columns, and in ``height`` lines where it is given: in more than that where
    the inputs would not be whole.
    """
    below = wrapped([*shift_sentences(result), Text()], width)
    below += shift_table(result.comparisons, width, result.pixel_row)
    below += wrapped([Text(CHANGE, styles.QUIET)], width)
    room = None
    if height is not None:
        room = max(height - len(below) - 1, min(height, _least_lines(result, width)))
    return above([_grids(result, width, room), GridBlock([Text(), *below])])


def shift_sentences(result: TranslationResult) -> list[Text]:
    """Which way the map went, and what that did to the output."""
    height, width = result.before.output_size
    changed = len(result.changed)
    share = whole_percent(result.changed_share)
    told = f"{changed} of {height * width} output cells changed ({share})"
    return [
        Text(f"The input is shifted {_way(result.shift)}; zeros move in, nothing wraps around."),
        Text.assemble((told, styles.STRONG), f": {_meaning(result)}."),
    ]


def _grids(result: TranslationResult, width: int, room: int | None) -> GridBlock:
    """With lines around their cells where there is room for that."""
    inputs, outputs = _inputs(result), _outputs(result)
    tallest = 1 if room is None else room
    lines = PRINTED_LINES if room is None else room
    for size in cell_sizes([*inputs, *outputs], tallest=tallest):
        for rows in ([[*inputs, *outputs]], [inputs, outputs]):
            sizes = [[boxed_size(view, size) for view in row] for row in rows]
            widths = [sum(w for _, w in row) + sum(map(len, _gaps(row))) for row in sizes]
            tall = sum(max(h for h, _ in row) for row in sizes) + len(rows) - 1
            if max(widths) <= width and tall <= lines:
                drawn = [beside([boxed(view, size) for view in row], _gaps(row)) for row in rows]
                return _apart(drawn)
    return _without_lines(result, width, room)


def _least_lines(result: TranslationResult, width: int) -> int:
    """Lines of whole grids as numbers, side by side or in two rows."""
    grids = [*_inputs(result), *_outputs(result)]
    seen = looks(grids, _gaps(grids), width)
    rows = result.before.input_size[0] + 1
    pairs = [looks(pair, [GAP], width) for pair in (grids[:2], grids[2:])]
    in_two_rows = seen[0] is not Look.NUMBERS and all(pair[0] is Look.NUMBERS for pair in pairs)
    return rows + in_two_rows * (result.before.output_size[0] + 2)


def _gaps(row: Sequence[object]) -> list[str]:
    """What stands between two inputs, two outputs, or all four."""
    return [GAP, ARROW, GAP][: len(row) - 1] if len(row) > 2 else [GAP]


def _apart(rows: Sequence[GridBlock]) -> GridBlock:
    """Rows of grids with a blank line between them."""
    return above([part for row in rows for part in (row, GridBlock([Text()]))][:-1])


def _without_lines(result: TranslationResult, width: int, room: int | None) -> GridBlock:
    """All in one row where numbers fit, else the inputs above the outputs.

    Where there is no room for two rows, outputs as numbers are worth more than
    large inputs, and shaded outputs more than any inputs.
    """
    inputs, outputs, gaps = _inputs(result), _outputs(result), [GAP, ARROW, GAP]
    seen = looks([*inputs, *outputs], gaps, width)
    fits = room is None or room >= sum(len(each.grid) + 1 for each in (inputs[0], outputs[0])) + 1
    tight = room is not None and not fits and room < 2 * FEWEST_LINES + result.before.output_size[0]
    if all(look is Look.NUMBERS for look in seen) or (tight and seen[-1] is Look.NUMBERS):
        views = [*inputs, *outputs]
        spare = spare_columns(views, gaps, width)
        if room is None or not fits or spare >= COMFORTABLE:
            return grids_in_a_row(views, gaps, width, room, spare=spare)
    if looks(outputs, [GAP], width)[-1] is not Look.NUMBERS:
        outputs.append(_change(result))
    lower_gaps = [GAP] * (len(outputs) - 1)
    spare = spare_columns(outputs, lower_gaps, width)
    if tight:
        return grids_in_a_row(outputs, lower_gaps, width, room, spare=spare)
    spare = min(spare, spare_columns(inputs, [GAP], width))
    upper = lower = None
    if room is not None and not fits:
        upper, lower = room // 2, room - room // 2 - 1
    return _apart(
        [
            grids_in_a_row(inputs, [GAP], width, upper, spare=spare),
            grids_in_a_row(outputs, lower_gaps, width, lower, spare=spare),
        ]
    )


def _inputs(result: TranslationResult) -> list[GridView]:
    before, after = result.before.input, result.after.input
    scale = _common_scale(before, after)
    title = grid_title("Input", result.before.input_size)
    return [
        GridView(title, before, focus=_middle(before), scale=scale),
        GridView("Shifted", after, focus=_middle(after), scale=scale),
    ]


def _outputs(result: TranslationResult) -> list[GridView]:
    before, after = result.before.output, result.after.output
    scale = _common_scale(before, after)
    title = grid_title("Output", result.before.output_size)
    return [
        GridView(title, before, focus=_middle(before), scale=scale, is_output=True),
        GridView(
            "Afterwards",
            after,
            result.changed,
            focus=_middle(after),
            scale=scale,
            is_output=True,
        ),
    ]


def _change(result: TranslationResult) -> GridView:
    """Where the outputs differ, for looks in which changed cells cannot be marked."""
    pairs = zip(result.before.output, result.after.output, strict=True)
    change = tuple(tuple(abs(new - old) for old, new in zip(*rows, strict=True)) for rows in pairs)
    return GridView("Change", change, focus=_middle(change), is_output=True)


def _middle(grid: NumberGrid) -> GridPosition:
    return len(grid) // 2, len(grid[0]) // 2


def _common_scale(*grids: NumberGrid) -> tuple[float, float]:
    return min(min(map(min, grid)) for grid in grids), max(max(map(max, grid)) for grid in grids)


def _way(steps: GridPosition) -> str:
    """``1 row down and 2 columns to the left``."""
    rows, columns = steps
    ways = [
        f"{abs(count)} {name}{'s' if abs(count) > 1 else ''} {forth if count > 0 else back}"
        for count, name, forth, back in (
            (rows, "row", "down", "up"),
            (columns, "column", "to the right", "to the left"),
        )
        if count
    ]
    return " and ".join(ways) or "by nothing"


def _meaning(result: TranslationResult) -> str:
    if not result.changed:
        return "the output stayed exactly as it was"
    if result.moved is not None:
        return f"the output moved along by exactly {_way(result.moved)}, its border aside"
    settings = result.settings
    if settings.kind in WITHOUT:
        return "windows that follow from the map's size stay where they are"
    if any(step % settings.stride for step in result.shift):
        return (
            f"it did not just move along, as the shift is no multiple of stride {settings.stride}"
        )
    return "no window lies whole inside the map before and after, to be followed"
