"""How often a shift by one cell leaves an output as it was, and how much it changes it."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from cnn_tui.analysis.pooling.records import ShiftComparison, ShiftMeasure
from cnn_tui.render.draw import styles
from cnn_tui.render.draw.numbers import whole_percent

BESIDE = 72
"""Columns from which both measurements stand side by side."""
FULL = 53
"""Columns from which one of them says all that was counted."""
LABEL, SHORT_LABEL = 24, 18
HEADS = (("stays", 6), ("moves", 7), ("change", 8), ("at most", 8))
SHORT_HEADS = (("stays", 8), ("change", 9))
MANY_SHIFTS = 100
"""From so many on, only their share is told."""


def shift_table(
    shifts: Sequence[ShiftComparison], width: int, pixel_row: int | None = None
) -> list[Text]:
    """What a shift by one cell does to a bright pixel in a row, and to the map itself."""
    if width >= BESIDE and pixel_row is not None:
        return list(_side_by_side(shifts, pixel_row))
    row = "" if pixel_row is None else f", row of {pixel_row}"
    is_full = width >= FULL
    return [
        *_one(f"a bright pixel{row}", [(each.label, each.pixel) for each in shifts], is_full),
        *_one("this map, 4 ways", [(each.label, each.map) for each in shifts], is_full),
    ]


def _side_by_side(shifts: Sequence[ShiftComparison], pixel_row: int) -> Iterator[Text]:
    pixel, ways = f"a bright pixel, row of {pixel_row}", "this map, its 4 ways"
    heads = f"{'moves':>6}{'change':>7}{'at most':>8}"
    yield Text(f"{'One pixel:':<12}{pixel:<34}{ways}", styles.QUIET)
    yield Text(f"{'':<12}{'stays':>10}{heads}   {'stays':>5}{heads}", styles.QUIET)
    for each in shifts:
        stays = _count(each.pixel.unchanged, each.pixel.shifts)
        if each.pixel.shifts < MANY_SHIFTS:
            stays += f"{whole_percent(each.pixel.unchanged / max(1, each.pixel.shifts)):>5}"
        ways = _count(each.map.unchanged, each.map.shifts)
        changes = f"{_changes(each.pixel)}   {ways:>5}{_changes(each.map)}"
        yield Text(f"{each.label:<12}{stays:>10}{changes}")


def _changes(measure: ShiftMeasure) -> str:
    moves = _count(measure.moved, measure.shifts)
    mean, most = whole_percent(measure.mean_change), whole_percent(measure.largest_change)
    return f"{moves:>6}{mean:>7}{most:>8}"


def _one(title: str, measures: Sequence[tuple[str, ShiftMeasure]], is_full: bool) -> Iterator[Text]:
    label, heads = (LABEL, HEADS) if is_full else (SHORT_LABEL, SHORT_HEADS)
    yield Text(f"{title:<{label}}{_cells([name for name, _ in heads], heads)}", styles.QUIET)
    for name, measure in measures:
        told = {
            "stays": _count(measure.unchanged, measure.shifts),
            "moves": _count(measure.moved, measure.shifts),
            "change": whole_percent(measure.mean_change),
            "at most": whole_percent(measure.largest_change),
        }
        cells = _cells([told[head] for head, _ in heads], heads)
        yield Text(f"{f'  {name}':<{label}}{cells}")


def _cells(values: Sequence[str], heads: Sequence[tuple[str, int]]) -> str:
    return "".join(f"{value:>{width}}" for value, (_, width) in zip(values, heads, strict=True))


def _count(some: int, of_all: int) -> str:
    """``4/7``, or their share where both would take too much room."""
    return f"{some}/{of_all}" if of_all < MANY_SHIFTS else whole_percent(some / of_all)
