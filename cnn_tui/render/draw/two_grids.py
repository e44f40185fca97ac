"""Two arrays beside each other, expected and yours, with the cells that differ marked.

A mark is two blocks around the number, so that it is seen without color, too. Where
the room is narrow, fewer columns are shown; where it is narrower still, the grids
stand one below the other.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from cnn_tui.grading.records import ArrayComparison
from cnn_tui.render.draw.styles import FAILED_STRONG, FRAME, QUIET, STRONG

EXPECTED, YOURS = "expected", "yours"
LEGEND = Text.assemble(("▐ ▌", FAILED_STRONG), (" differs", QUIET))
LEGEND_LINE = 2
"""Below the title and the upper rule."""
INDENT, GAP = 2, 4
FEWEST_COLUMNS = 2
RULED_ROWS, MOST_RULED = 2, 8
"""Up to so many rows have lines between them, where there is little room and where there is."""
DECIMALS = range(3, 7)
WRITTEN_OUT, SMALLEST = 1e5, 0.01
"""Outside of these, numbers may be written with a power of ten."""


@dataclass(frozen=True)
class TwoGrids:
    """A comparison as two grids; where it ``is_roomy``, with lines between all rows."""

    comparison: ArrayComparison
    is_roomy: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        compared = self.comparison
        expected, got = _written(compared)
        cell = max(len(value) for rows in (expected, got) for row in rows for value in row) + 2
        columns, beside = _room(options.max_width, cell, len(expected[0]))
        shown = slice(*_around_first(compared, columns))
        marks = [row[shown] for row in compared.differs]
        ruled = len(expected) <= (MOST_RULED if self.is_roomy else RULED_ROWS)
        left = _grid(EXPECTED, [row[shown] for row in expected], cell, None, ruled)
        right = _grid(YOURS, [row[shown] for row in got], cell, marks, ruled)
        where = Text(f"{_place(compared, shown)} of {compared.shape}", QUIET)
        margin = " " * INDENT
        if not beside:
            yield from (Text.assemble(margin, line) for line in (*left, *right))
        width = max(line.cell_len for line in left)
        has_room = beside and INDENT + 2 * (width + GAP) + LEGEND.cell_len <= options.max_width
        for index, (one, other) in enumerate(zip(left, right, strict=True) if beside else ()):
            line = Text.assemble(margin, one, " " * (width - one.cell_len + GAP), other)
            is_legends = has_room and index == LEGEND_LINE
            yield Text.assemble(line, " " * GAP, LEGEND) if is_legends else line
        below = [where] if has_room else [LEGEND, where]
        line = Text("   ").join(below)
        lines = [line] if INDENT + line.cell_len <= options.max_width else below
        yield from (Text.assemble(margin, each) for each in lines)


def _room(width: int, cell: int, columns: int) -> tuple[int, bool]:
    """How many columns are shown, and whether the grids stand beside each other."""
    fitting = ((width - INDENT - GAP) // 2 - 1) // (cell + 1)
    if fitting >= min(FEWEST_COLUMNS, columns):
        return min(columns, fitting), True
    return max(1, min(columns, (width - INDENT - 1) // (cell + 1))), False


def _around_first(compared: ArrayComparison, columns: int) -> tuple[int, int]:
    """The columns to show of those there are: the one that differs first is among them."""
    first = compared.first[-1] - compared.start[-1] if compared.first else 0
    begin = max(0, min(first - 1, len(compared.expected[0]) - columns))
    begin = max(begin, first - columns + 1)
    return begin, begin + columns


def _place(compared: ArrayComparison, shown: slice) -> str:
    """The slice of the whole arrays that is shown: ``[0, 0, 2:6, 1:4]``."""
    if not compared.shape:
        return "the one value"
    *leading, last = compared.start
    parts = [str(each) for each in leading]
    if leading:
        parts[-1] = f"{leading[-1]}:{leading[-1] + len(compared.expected)}"
    return f"[{', '.join([*parts, f'{last + shown.start}:{last + shown.stop}'])}]"


def _grid(
    title: str,
    rows: Sequence[Sequence[str]],
    cell: int,
    marks: Sequence[Sequence[bool]] | None,
    ruled: bool,
) -> list[Text]:
    """The lines of one grid under its title."""
    rule = ["─" * cell] * len(rows[0])
    lines = [Text(f" {title}", QUIET), Text(f"┌{'┬'.join(rule)}┐", FRAME)]
    for index, row in enumerate(rows):
        if index and ruled:
            lines.append(Text(f"├{'┼'.join(rule)}┤", FRAME))
        lines.append(_row(row, cell, marks[index] if marks else None))
    return [*lines, Text(f"└{'┴'.join(rule)}┘", FRAME)]


def _row(row: Sequence[str], cell: int, marks: Sequence[bool] | None) -> Text:
    line = Text.assemble(("│", FRAME))
    for index, value in enumerate(row):
        is_marked = marks is not None and marks[index]
        number = value.rjust(cell - 2)
        if is_marked:
            line.append(f"▐{number}▌", FAILED_STRONG)
        else:
            line.append(f" {number} ", STRONG if marks is None else "")
        line.append("│", FRAME)
    return line


def _written(compared: ArrayComparison) -> tuple[list[list[str]], list[list[str]]]:
    """The numbers of both sides, with as many decimals as show where they differ."""
    sides = (compared.expected, compared.got)
    values = [value for rows in sides for row in rows for value in row if math.isfinite(value)]
    largest = max(map(abs, values), default=0.0)
    if all(value == int(value) for value in values) and largest < WRITTEN_OUT:
        return _formatted(compared, "{:.0f}")
    if largest >= WRITTEN_OUT or largest < SMALLEST:
        return _formatted(compared, "{:.4g}")
    for decimals in DECIMALS:
        written = _formatted(compared, f"{{:.{decimals}f}}")
        if _is_seen(compared, *written):
            break
    return written


def _formatted(compared: ArrayComparison, pattern: str) -> tuple[list[list[str]], list[list[str]]]:
    expected, got = (
        [[pattern.format(value) for value in row] for row in rows]
        for rows in (compared.expected, compared.got)
    )
    return expected, got


def _is_seen(compared: ArrayComparison, expected: list[list[str]], got: list[list[str]]) -> bool:
    """Whether every two numbers that differ are written differently."""
    rows = zip(compared.differs, expected, got, strict=True)
    return all(
        one != other
        for marks, *both in rows
        for is_marked, one, other in zip(marks, *both, strict=True)
        if is_marked
    )
