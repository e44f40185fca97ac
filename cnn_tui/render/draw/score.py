"""Points as a bar: the same in the app's list, in reports and on the progress page."""

from rich.text import Text

from cnn_tui.render.draw.numbers import share_bar
from cnn_tui.render.draw.styles import ACCENT, PASSED, QUIET

UNFILLED = "░"
BAR_CELLS = 12
"""Of a bar that has the room it wants."""


def score_bar(score: float, most: float, cells: int = BAR_CELLS) -> Text:
    """``███░░░``: what is earned in the accent color, in green once it is all."""
    earned = share_bar(score, most, cells)
    is_all = bool(most) and score >= most
    style = PASSED if is_all else ACCENT
    return Text.assemble((earned, style), (UNFILLED * (cells - len(earned)), QUIET))


def points(score: int, most: int) -> str:
    """``2/10``."""
    return f"{score}/{most}"
