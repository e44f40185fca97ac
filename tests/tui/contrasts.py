"""Whether what is on the screen can be read: the contrast of every cell with its ground."""

from collections.abc import Iterator
from typing import Any

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from cnn_tui.tui.themes import MARK_CONTRAST, TEXT_CONTRAST, contrast

EXEMPT = frozenset([*map(chr, range(0x2500, 0x2580)), *"░▀"])
"""Frames, rules and axes, the empty part of a bar, and pictures, whose colors are data."""
MARKS = (range(0x2580, 0x2600), range(0x2800, 0x2900))
"""Bars, blocks, triangles and the like, and braille."""


def unreadable(screen: Screen[Any]) -> Iterator[str]:
    """What has too little contrast: text below 4.5, marks and curves below 3."""
    seen = set()
    for strip in _strips(screen):
        for segment in strip:
            line = strip.text.strip()
            for least, signs in _kinds(segment):
                found = _contrast(segment)
                key = (signs, str(segment.style))
                if found is not None and found < least and key not in seen:
                    seen.add(key)
                    yield f"{found:.2f} < {least} of {signs!r} ({segment.style}) in {line!r}"


def _strips(screen: Screen[Any]) -> Iterator[Strip]:
    """The rows of the screen; of a dialog its own part, for what is below it is dimmed."""
    strips = screen._compositor.render_strips()
    parts = [each.region for each in screen.children if each.display and each.region]
    seen = screen._compositor.visible_widgets
    bars = [each.region for each in seen if isinstance(each, ScrollBar)]
    for x, y, width, height in parts if screen.is_modal else [screen.region]:
        for row in range(y, min(y + height, len(strips))):
            beside = {bar.x: bar.right for bar in bars if bar.y <= row < bar.bottom}
            ends = sorted({x, x + width, *beside})
            starts = [beside.get(start, start) for start in ends[:-1]]
            yield Strip.join(
                [strips[row].crop(*each) for each in zip(starts, ends[1:], strict=True)]
            )


def _kinds(segment: Segment) -> Iterator[tuple[float, str]]:
    """The contrast that is asked for, and the signs that it is asked for."""
    told = [each for each in segment.text if each not in EXEMPT]
    text = "".join(each for each in told if not _is_mark(each))
    marks = "".join(filter(_is_mark, told))
    if text.strip("\u00a0 "):
        yield TEXT_CONTRAST, text.strip("\u00a0 ")
    if marks:
        yield MARK_CONTRAST, marks


def _is_mark(sign: str) -> bool:
    return any(ord(sign) in each for each in MARKS)


def _contrast(segment: Segment) -> float | None:
    style = segment.style or Style.null()
    ink, ground = _rgb(style.color), _rgb(style.bgcolor)
    return None if ink is None or ground is None else contrast(ink, ground)


def _rgb(color: RichColor | None) -> Color | None:
    """None for a color of the terminal's own, which nobody knows."""
    return None if color is None or color.triplet is None else Color(*color.triplet)
