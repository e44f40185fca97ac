"""What is cut off on a screen: text, boxes, footers; and room that is left empty meanwhile."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.widget import Widget
from textual.widgets import Input, OptionList

import cnn_tui
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.widgets.key_line import KeyLine

OPENING, CLOSING = "┌╭┏", "┐╮┓"
SIDES = frozenset("│┃├┤┼┠┨┝┥┞┟┢┡┪┩┬┴┷┯┳┻└┘╰╯┗┛┌┐╭╮┏┓|")
BELOW = {"┌": "└", "╭": "╰", "┏": "┗"}
SHORTENED = re.compile(r"\S*…")
MEANT = re.compile(r"\S*…|[^\W\d_][\w'’-]*")
WORD = re.compile(r"[^\W\d_][\w'’-]*$")
MOSTLY_EMPTY = 0.5
"""The part of a pane that may be one empty rectangle while there is more to show."""


@dataclass(frozen=True)
class Cut:
    """One fault: what kind it is, where, and what can be seen of it."""

    kind: str
    where: str
    shown: str

    def __str__(self) -> str:
        return f"{self.kind} in {self.where}: {self.shown}"


def cuts(app: LabApp) -> list[Cut]:
    """Everything that is cut off on the screen of the lab."""
    pane = app.pane if len(app.screen_stack) == 1 else None
    return cuts_on(app.screen, pane, app.pane.shown_text(), _words_of_the_lab())


def cuts_on(
    screen: Screen[Any], page: Widget | None, source: str, known: frozenset[str] = frozenset()
) -> list[Cut]:
    """Everything that is cut off on ``screen``.

    ``page`` is what should not be empty while there is more to show, ``source`` the text that
    was to be shown, ``known`` are words that are whole anywhere.
    """
    lines = list(_lines_of(screen))
    meant = known.union(MEANT.findall(f"{source} {' '.join(_written(screen))}"))
    found = [
        *_wider_than_their_widget(screen),
        *_outside_their_container(screen),
        *_shortened(meant, lines),
        *_broken_words(screen, meant, lines),
        *_open_boxes(screen, lines),
        *_incomplete_footer(screen, lines),
        *(_empty_room(page, lines) if page is not None else ()),
    ]
    return list(dict.fromkeys(found))


@cache
def _words_of_the_lab() -> frozenset[str]:
    """Every word that the lab knows, so that a part of one can be told from a whole one."""
    folder = Path(cnn_tui.__file__).parent
    texts = [path.read_text() for kind in ("*.py", "*.md") for path in folder.rglob(kind)]
    return frozenset(MEANT.findall(SHORTENED.sub(" ", " ".join(texts))))


def _lines_of(screen: Screen[Any]) -> Iterator[str]:
    """What the screen shows; below a dialog nothing, for it is meant to be covered."""
    for y, strip in enumerate(screen._compositor.render_strips()):
        # One sign for each cell: a combining one stands in the cell of the sign before it.
        text = "".join(sign for sign in strip.text if cell_len(sign))
        if not screen.is_modal:
            yield text
            continue
        seen = [each.region for each in screen.children if each.display and each.region]
        yield "".join(
            sign if any(region.contains(x, y) for region in seen) else " "
            for x, sign in enumerate(text)
        )


def _written(screen: Screen[Any]) -> Iterator[str]:
    """Texts that end in dots of their own: excerpts in a list, and what a field asks for."""
    for options in screen.query(OptionList):
        yield from (str(option.prompt) for option in options.options)
    yield from (field.placeholder for field in screen.query(Input))


def _visible(screen: Screen[Any]) -> Iterator[tuple[Widget, Region]]:
    """Every widget that can be seen, and the part of the screen that it has."""
    for widget, (region, clip, *_) in screen._compositor.visible_widgets.items():
        seen = region.intersection(clip)
        if seen and not isinstance(widget, ScrollBar) and widget is not screen:
            yield widget, seen


def _name(widget: Widget) -> str:
    return f"#{widget.id}" if widget.id else type(widget).__name__


def _wider_than_their_widget(screen: Screen[Any]) -> Iterator[Cut]:
    """Content that is wider than its widget, or higher where nothing scrolls."""
    for widget, _ in _visible(screen):
        room = widget.scrollable_content_region.size
        if isinstance(widget, Input) or not room:
            continue
        width = room.width + widget.styles.padding.width + _bar(widget)
        if widget.allow_horizontal_scroll and widget.virtual_size.width > width:
            yield Cut("wider than its widget", _name(widget), f"{widget.virtual_size} in {room}")
        elif not widget.is_container and not isinstance(widget, ScrollView):
            yield from _too_high(widget, room)


def _bar(widget: Widget) -> int:
    return 0 if widget.show_vertical_scrollbar else widget.scrollbar_size_vertical


def _too_high(widget: Widget, room: Size) -> Iterator[Cut]:
    if widget.allow_vertical_scroll or type(widget).render is Widget.render:
        return
    height = widget.get_content_height(room, room, room.width)
    if height > room.height:
        yield Cut("higher than its widget", _name(widget), f"{height} lines in {room.height}")


def _outside_their_container(screen: Screen[Any]) -> Iterator[Cut]:
    """Widgets whose sides lie outside what holds them, and cannot be scrolled to."""
    for widget, (region, _, clip, *_) in screen._compositor.full_map.items():
        if not region or not widget.is_on_screen or not widget.display or not _is_shown(widget):
            continue
        if region.x < clip.x or region.right > clip.right:
            yield Cut("beyond its container", _name(widget), f"{region} in {clip}")
        elif (region.y < clip.y or region.bottom > clip.bottom) and not _scrolls(widget):
            yield Cut("below its container", _name(widget), f"{region} in {clip}")


def _is_shown(widget: Widget) -> bool:
    return all(
        each.visible and each.display
        for each in widget.ancestors_with_self
        if isinstance(each, Widget)
    )


def _scrolls(widget: Widget) -> bool:
    return any(isinstance(each, Widget) and each.allow_vertical_scroll for each in widget.ancestors)


def _shortened(meant: frozenset[str], lines: list[str]) -> Iterator[Cut]:
    """Words that end in dots which are not in what was to be shown."""
    for line in lines:
        for found in SHORTENED.finditer(line):
            if found[0] not in meant and found[0] != "…":
                yield Cut("shortened", "the screen", line.strip())


def _broken_words(screen: Screen[Any], meant: frozenset[str], lines: list[str]) -> Iterator[Cut]:
    """Words at the right edge of a widget that go on in what was to be shown."""
    for widget, region in _visible(screen):
        if widget.is_container and not isinstance(widget, ScrollView):
            continue
        inner = widget.scrollable_content_region.size
        right = min(region.right, widget.region.x + widget.gutter.left + inner.width)
        for y in range(region.y, min(region.bottom, len(lines))):
            text = lines[y][region.x : right]  # all signs of the lab are one cell wide
            word = WORD.search(text) if cell_len(text) == right - region.x else None
            if word and word[0] not in meant and _goes_on(word[0], meant):
                yield Cut("broken word", _name(widget), text.strip())


def _goes_on(part: str, words: Iterable[str]) -> bool:
    return any(word.startswith(part) for word in words)


def _open_boxes(screen: Screen[Any], lines: list[str]) -> Iterator[Cut]:
    """Boxes without a right side, and frames of widgets without a left one down to their corner."""
    for line in lines:
        depth = 0
        for sign in line:
            depth += (sign in OPENING) - (sign in CLOSING)
        if depth > 0:
            yield Cut("open box", "the screen", line.strip())
    for widget, (region, clip, *_) in screen._compositor.visible_widgets.items():
        if not widget.styles.border or not widget.gutter or region != region.intersection(clip):
            continue
        corner = lines[region.y][region.x]
        if corner not in BELOW:
            continue
        if lines[region.bottom - 1][region.x] != BELOW[corner]:
            yield Cut("frame without its lower corner", _name(widget), lines[region.bottom - 1])
        for y in range(region.y + 1, region.bottom - 1):
            if lines[y][region.x] not in SIDES or lines[y][region.right - 1] not in SIDES:
                yield Cut("frame with a gap", _name(widget), lines[y].strip())


def _incomplete_footer(screen: Screen[Any], lines: list[str]) -> Iterator[Cut]:
    if isinstance(screen.focused, Input):  # where ? is a letter
        return
    for footer in screen.query(KeyLine):
        line = lines[footer.region.y]
        if not line.rstrip().endswith("? Help"):
            yield Cut("footer", _name(footer), line.strip())


def _empty_room(page: Widget, lines: list[str]) -> Iterator[Cut]:
    """A page that is mostly one empty rectangle while something on it scrolls."""
    region = page.region
    parts = [page, *page.walk_children(Widget)]
    hidden = [widget for widget, _ in _visible(page.screen) if widget.max_scroll_y > 0]
    names = ", ".join(_name(widget) for widget in hidden if widget in parts)
    inside = [line[region.x : region.right] for line in lines[region.y : region.bottom]]
    part = largest_blank(inside) / max(1, region.area)
    if names and part > MOSTLY_EMPTY:
        yield Cut("empty room", _name(page), f"{part:.0%} while {names} scrolls")


def largest_blank(lines: list[str]) -> int:
    """How many cells the largest rectangle of blanks has."""
    best = 0
    heights: list[int] = []
    for line in lines:
        heights += [0] * (len(line) - len(heights))
        heights = [
            height + 1 if sign == " " else 0 for height, sign in zip(heights, line, strict=True)
        ]
        best = max(best, _largest_below(heights))
    return best


def _largest_below(heights: list[int]) -> int:
    """The largest rectangle under a skyline."""
    best, stack = 0, [(-1, 0)]
    for place, height in enumerate([*heights, 0]):
        start = place
        while stack[-1][1] > height:
            start, top = stack.pop()
            best = max(best, top * (place - start))
        stack.append((start, height))
    return best
