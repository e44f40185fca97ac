"""How the value of one output cell comes about, in numbers."""

import math

from rich.text import Text

from cnn_tui.analysis.pooling.arithmetic import power_of
from cnn_tui.analysis.pooling.records import PoolSettings, PoolWindow
from cnn_tui.render.draw import styles
from cnn_tui.render.draw.numbers import cell_value

WIDTH = 80
LINES_OF_ARITHMETIC = 2
"""A window whose arithmetic takes more is summed up."""
MOST_CELLS_IN_FULL = 60
SLACK = 10
"""Characters that breaking a line between words may cost."""


def arithmetic(
    settings: PoolSettings, window: PoolWindow, width: int = WIDTH, lines: int = LINES_OF_ARITHMETIC
) -> list[Text]:
    """Which output cell it is, its arithmetic, and what the padding counts as.

    The arithmetic is summed up where it takes more than ``lines`` of ``width``.
    """
    value = cell_value(window.value)
    sentences = [Text(f"Output ({window.row}, {window.column})", styles.STRONG)]
    sentence = _short_arithmetic(settings, window)
    if is_in_full(settings, window, width, lines):
        sentence = _full_arithmetic(settings, window)
    sentences.append(Text.assemble(f"{sentence} = ", (value, styles.STRONG)))
    notes = _outside(settings, window)
    return [*sentences, Text(notes, styles.QUIET)] if notes else sentences


def is_in_full(settings: PoolSettings, window: PoolWindow, width: int, lines: int) -> bool:
    """Whether the arithmetic of a window has room, every cell in it."""
    if len(window.cells) > MOST_CELLS_IN_FULL:
        return False
    needed = len(_full_arithmetic(settings, window)) + len(cell_value(window.value)) + 3
    return needed <= lines * max(width, 1) - (SLACK if lines > 1 else 0)


def arithmetic_line(settings: PoolSettings, window: PoolWindow, width: int = WIDTH) -> Text:
    """The same in one sentence: ``Output (0, 0)   max(1, 3, 5, 6) = 6``."""
    return Text("   ").join(arithmetic(settings, window, width))


def _full_arithmetic(settings: PoolSettings, window: PoolWindow) -> str:
    cells = [cell_value(cell) for cell in window.cells]
    if settings.kind.endswith("max"):
        return f"max({', '.join(cells)})"
    if _is_extreme(settings):
        return f"{_extreme(settings)}({', '.join(f'|{cell}|' for cell in cells)})"
    if settings.kind == "lp":
        power = f"{settings.norm_type:g}"
        terms = [
            f"({cell})^{power}" if cell.startswith("-") else f"{cell}^{power}" for cell in cells
        ]
        return _lp(settings, window, " + ".join(terms))
    return f"({' + '.join(cells)}) / {window.divisor}".replace("+ -", "- ")


def _short_arithmetic(settings: PoolSettings, window: PoolWindow) -> str:
    count = len(window.cells)
    if settings.kind.endswith("max"):
        low, high = (cell_value(pick(window.cells)) for pick in (min, max))
        return f"max of {count} cells, from {low} to {high},"
    if _is_extreme(settings):
        low, high = (cell_value(pick(map(abs, window.cells))) for pick in (min, max))
        return f"{_extreme(settings)} |x| of {count} cells, from {low} to {high},"
    if settings.kind == "lp":
        total = sum(power_of(cell, settings.norm_type) for cell in window.cells)
        return _lp(
            settings,
            window,
            f"sum of {count} cells, each ^{settings.norm_type:g}: {cell_value(total)}",
        )
    return f"(sum of {count} cells: {cell_value(sum(window.cells))}) / {window.divisor}"


def _is_extreme(settings: PoolSettings) -> bool:
    """Whether it is lp pooling with an infinite p, which torch takes for the extreme ``|x|``."""
    return settings.kind == "lp" and math.isinf(settings.norm_type)


def _extreme(settings: PoolSettings) -> str:
    return "max" if settings.norm_type > 0 else "min"


def _lp(settings: PoolSettings, window: PoolWindow, total: str) -> str:
    cut_short = f"{window.size}/{len(window.cells)} · " if len(window.cells) < window.size else ""
    inner = f"{cut_short}({total})" if cut_short else total
    return f"({inner})^(1/{settings.norm_type:g})"


def _outside(settings: PoolSettings, window: PoolWindow) -> str:
    """What becomes of the window's cells that lie outside of the map."""
    outside = window.size - len(window.cells)
    if not outside:
        return ""
    if _is_extreme(settings):
        return f"{outside} outside the map do not count"
    if settings.kind == "max":
        return f"{outside} outside the map count as −∞"
    if settings.kind == "lp":
        return f"cut short: torch scales {len(window.cells)} cells up to {window.size}"
    as_zero = window.divisor - len(window.cells)
    parts = [f"{as_zero} of padding count as 0"] * bool(as_zero)
    parts += [f"{outside - as_zero} outside the map do not count"] * bool(outside - as_zero)
    return ", ".join(parts)
