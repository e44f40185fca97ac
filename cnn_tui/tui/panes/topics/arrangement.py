"""Where the text of a topic and a demo stand, in a terminal of a given width."""

from dataclasses import dataclass

LEAST_DEMO = 60
"""Columns: less would break a demo's tables into slivers."""
SIDE_WIDTH = 40
"""Columns of the tree on a wide terminal, as the stylesheet has it."""


@dataclass(frozen=True)
class Arrangement:
    """Whether the demo stands beside the text, and whether the tree makes way for both.

    ``columns`` is the width of the text, on a wide terminal (``is_wide``) only.
    """

    is_beside: bool = False
    is_whole: bool = False
    is_wide: bool = False
    columns: int = 0


def arrange(room: int, least_text: int, *, has_demo: bool) -> Arrangement:
    """Put the demo beside the text where both fit, without the tree if need be, else below."""
    text = max(LEAST_DEMO, least_text)
    is_wide = room >= LEAST_DEMO * 2
    is_beside = has_demo and text + LEAST_DEMO <= room
    is_whole = has_demo and (text + LEAST_DEMO > room - SIDE_WIDTH if is_beside else not is_wide)
    columns = room - (0 if is_whole else SIDE_WIDTH)
    if is_beside:
        columns = max(text, columns // 2)
    return Arrangement(is_beside, is_whole, is_wide, columns)
