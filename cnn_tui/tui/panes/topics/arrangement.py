"""Where the text of a topic and a demo stand, in a terminal of a given width."""

from dataclasses import dataclass

from cnn_tui.tui.lab_screen import VERY_WIDE, WIDE

LEAST_DEMO = 60
"""Columns: less would break a demo's tables into slivers."""
LIST_WIDTHS = {VERY_WIDE: 40, WIDE: 34}
"""Columns of the list from a terminal's width on, as the stylesheet has it."""
MOST_TEXT = 90
"""Columns of a frame of text beside which there is something else."""


@dataclass(frozen=True)
class Arrangement:
    """Whether the demo stands beside the text, and whether the list makes way for both.

    ``columns`` is the width of the text's frame, on a wide terminal (``is_wide``) only.
    """

    is_beside: bool = False
    is_whole: bool = False
    is_wide: bool = False
    columns: int = 0


def arrange(room: int, least_text: int, *, has_demo: bool) -> Arrangement:
    """Put the demo beside the text where both fit, without the list if need be, else below."""
    text = max(LEAST_DEMO, least_text)
    is_wide = room >= WIDE
    side = next((columns for width, columns in LIST_WIDTHS.items() if room >= width), 0)
    is_beside = has_demo and text + LEAST_DEMO <= room
    is_whole = has_demo and (text + LEAST_DEMO > room - side if is_beside else not is_wide)
    columns = room - (0 if is_whole else side)
    if is_beside:
        columns = max(text, min(MOST_TEXT, columns - LEAST_DEMO))
    return Arrangement(is_beside, is_whole, is_wide, columns)


def has_room_for_demo(room: int) -> bool:
    """Whether a demo stands beside its topic without being asked for."""
    return room >= VERY_WIDE
