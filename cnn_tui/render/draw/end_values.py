"""The latest value of each curve, written behind its right end.

Curves that end near each other have their values in the order of their heights: of two numbers
among the curves, a reader takes the upper one for the higher curve.
"""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from cnn_tui.render.draw.axes import DrawnAxis
from cnn_tui.render.draw.canvas import Dots
from cnn_tui.render.draw.curves import LEVEL
from cnn_tui.render.draw.layout import Edges, Layout

CROSSHAIR = "│"
NEAR_ROWS = 5
"""Rows that are tried for a value behind its curve."""
Cell = tuple[str, str]
"""A sign and its style, which may begin with ``bold``."""


def add_end_values(
    rows: list[list[Cell]], layout: Layout, x: DrawnAxis, y: DrawnAxis, edges: Edges, dots: Dots
) -> None:
    """Write the latest value of each curve behind its end; where two meet, they make way.

    Where other curves are in the way, it stands at the right edge.
    """
    columns = edges.plot(layout.width)
    drawn = [place for place, each in enumerate(layout.series) if each.xs]
    behind = {
        place: x.cell(layout.series[place].xs[-1], columns, dots.across) + 2 for place in drawn
    }
    last = {place: layout.series[place].ys[-1] for place in drawn}
    widest = max((cell_len(layout.ends[place]) for place in drawn), default=0)
    for group in _that_meet(behind, widest):
        group.sort(key=lambda place: last[place], reverse=True)
        heights = [y.cell(last[place], len(rows), dots.down) for place in group]
        wanted = _spread([len(rows) - 1 - height for height in heights], len(rows))
        above = -1
        for place, row in zip(group, wanted, strict=True):
            text, style = layout.ends[place], layout.series[place].style
            starts = behind[place], columns + 1
            above = _write(rows, _spots(row, starts, above, len(rows)), text, style)


def _that_meet(behind: dict[int, int], widest: int) -> list[list[int]]:
    """The curves in groups: their values stand one behind another's end, or side by side."""
    groups: list[list[int]] = []
    for place in sorted(behind, key=lambda each: behind[each]):
        if groups and behind[place] - behind[groups[-1][-1]] <= widest:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _spread(wanted: Sequence[int], count: int) -> list[int]:
    """A row for each value, none twice, as near as may be to those that are wanted."""
    rows: list[int] = []
    for row in wanted:
        rows.append(max(row, rows[-1] + 1) if rows else row)
    most = count - 1
    for place in reversed(range(len(rows))):
        rows[place] = min(rows[place], most)
        most = rows[place] - 1
    return rows


def _spots(row: int, starts: tuple[int, int], above: int, count: int) -> Iterable[tuple[int, int]]:
    """Where a value may stand, the best first: its row, and the cell where it begins.

    Below ``above`` if there is room, so that it keeps its place among the others.
    """
    near = sorted(range(count), key=lambda other: abs(other - row))
    beside, margin = starts
    spots = [*((each, beside) for each in near[:NEAR_ROWS]), *((each, margin) for each in near)]
    yield from (spot for spot in spots if spot[0] > above)
    yield from (spot for spot in spots if spot[0] <= above)


def _write(rows: list[list[Cell]], spots: Iterable[tuple[int, int]], text: str, style: str) -> int:
    """Write it in the first spot that is free; the row of it, or −1."""
    for row, start in spots:
        if _is_free(rows[row], start - 1, len(text) + 1):
            end = start + len(text)
            _clear_level(rows[row], start - 1, end + 1)
            rows[row][start:end] = [(sign, style) for sign in text]
            return row
    return -1


def _is_free(cells: Sequence[Cell], start: int, length: int) -> bool:
    return start + length <= len(cells) and all(
        sign in (" ", CROSSHAIR, LEVEL) for sign, _ in cells[start : start + length]
    )


def _clear_level(cells: list[Cell], start: int, end: int) -> None:
    """Make way for a value and a blank on either side of it."""
    cells[start:end] = [(" ", "") if cell[0] == LEVEL else cell for cell in cells[start:end]]
