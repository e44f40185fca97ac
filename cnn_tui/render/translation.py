"""A map and its shifted copy, both pooled: what changed, and how often such a shift changes it."""

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.analysis.pooling.operators import WITHOUT
from cnn_tui.analysis.pooling.records import (
    GridPosition,
    ShiftComparison,
    ShiftMeasure,
    TranslationResult,
)
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.render.draw.grids import GridView, Look, grids_in_a_row, looks
from cnn_tui.render.pooling import ARROW, WIDTH, grid_title, wrapped

GAP = "   "
SMALLEST_SHARE = 0.005
MANY_SHIFTS = 100
"""From so many on, only their share is told."""

FEWEST_LINES = 5
"""Of a row of grids: its title, which part of them is shown, and three rows."""


def translation_view(
    result: TranslationResult, *, width: int = WIDTH, height: int | None = None
) -> RenderableType:
    """Both inputs and both outputs, the changed cells marked, and the measured shares.

    In ``width`` columns, and in at most ``height`` lines where it is given.
    """
    below = [*wrapped(shift_sentences(result), width), Text(), *one_pixel_table(result)]
    room = None if height is None else height - len(below) - 1
    return Group(*_grids(result, width, room), Text(), *below)


def shift_sentences(result: TranslationResult) -> list[Text]:
    """Which way the map went, and what that did to the output."""
    height, width = result.before.output_size
    changed = len(result.changed)
    told = f"{changed} of {height * width} output cells changed ({_percent(result.changed_share)})"
    return [
        Text(f"The input is shifted {_way(result.shift)}; zeros move in, nothing wraps around."),
        Text.assemble((told, "bold"), f": {_meaning(result)}."),
    ]


def one_pixel_table(result: TranslationResult) -> list[Text]:
    """What a shift by one pixel does to these settings, at stride 1, and with blur-pool."""
    pixel, ways = f"a bright pixel, row of {result.pixel_row}", "this map, its 4 ways"
    changes = f"{'moves':>6}{'change':>8}{'at most':>9}"
    return [
        Text(f"{'One pixel:':<12}{pixel:<37}{ways}", "bold"),
        Text(f"{'':<12}{'stays':<11}{changes}   {'stays':<5}{changes}", "bold"),
        *(_measured_line(each) for each in result.comparisons),
        Text("Change: 0 % is the same numbers, 100 % nothing in common (mean, and at most)."),
    ]


def _grids(result: TranslationResult, width: int, room: int | None) -> list[RenderableType]:
    """All in one row where numbers fit, else the inputs above the outputs.

    Where there is no room for two rows, outputs as numbers are worth more than
    large inputs, and shaded outputs more than any inputs.
    """
    inputs, outputs, gaps = _inputs(result), _outputs(result), [GAP, ARROW, GAP]
    seen = looks([*inputs, *outputs], gaps, width)
    tight = room is not None and room < 2 * FEWEST_LINES + result.before.output_size[0]
    if all(look is Look.NUMBERS for look in seen) or (tight and seen[-1] is Look.NUMBERS):
        return [grids_in_a_row([*inputs, *outputs], gaps, width, room)]
    if looks(outputs, [GAP], width)[-1] is not Look.NUMBERS:
        outputs.append(_change(result))
    lower_gaps = [GAP] * (len(outputs) - 1)
    if tight:
        return [grids_in_a_row(outputs, lower_gaps, width, room)]
    upper = None if room is None else room // 2
    lower = None if room is None else room - room // 2 - 1
    return [
        grids_in_a_row(inputs, [GAP], width, upper),
        Text(),
        grids_in_a_row(outputs, lower_gaps, width, lower),
    ]


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


def _measured_line(comparison: ShiftComparison) -> Text:
    pixel, ways = comparison.pixel, comparison.map
    stays = _count(pixel.unchanged, pixel.shifts)
    if pixel.shifts < MANY_SHIFTS:
        stays += f" {_percent(pixel.unchanged / max(1, pixel.shifts))}"
    return Text(
        f"{comparison.label:<12}{stays:<11}{_changes(pixel)}   "
        f"{_count(ways.unchanged, ways.shifts):<5}{_changes(ways)}"
    )


def _changes(measure: ShiftMeasure) -> str:
    moves = _count(measure.moved, measure.shifts)
    mean, most = _percent(measure.mean_change), _percent(measure.largest_change)
    return f"{moves:>6}{mean:>8}{most:>9}"


def _count(some: int, of_all: int) -> str:
    """``4/7``, or their share where both would take too much room."""
    return f"{some}/{of_all}" if of_all < MANY_SHIFTS else _percent(some / of_all)


def _percent(share: float) -> str:
    """In whole percent; what is neither none nor all never reads so."""
    if 0 < share < SMALLEST_SHARE:
        return "<1 %"
    return ">99 %" if 1 - SMALLEST_SHARE < share < 1 else f"{100 * share:.0f} %"
