"""The text of a topic: a page that knows where its headings, links and found words stand."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.console import Group
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Focus, Resize
from textual.message import Message
from textual.strip import Strip

from cnn_tui.render.pages.topic import Section
from cnn_tui.tui.widgets.page import Page

if TYPE_CHECKING:
    from cnn_tui.chapter.search import Span

LONGEST_LINE = 84
"""Longer lines are hard to read: the eye loses the next one."""
ROWS_ABOVE = 3
"""What is jumped to in the middle of the text stands so far below the top."""
FOUND = Style(reverse=True)
TEXT_SIDES = 4
"""Columns of the frame that are no text: its sides, and a blank beside each."""
STATE_ROOM = 18
"""Columns of the frame's top border that its state takes beside the title."""


class TopicText(Page):
    """One topic; its links can be clicked, and what was searched for is shown in reverse."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "links",
            show=False,
            id="topics.links",
            tooltip="The links of this page, what to try, and the topics that lead here",
        ),
    ]

    class Moved(Message):
        """Another part of the text is seen, or the text is read now."""

    class LinksAsked(Message):
        """The links of the page are asked for."""

    class Followed(Message):
        """A link was clicked."""

        def __init__(self, link: str) -> None:
            super().__init__()
            self.link = link

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._title = ""
        self._sections: tuple[Section, ...] = ()
        self._starts: list[int] = []
        self._words = ""
        self._found: list[tuple[Span, ...]] = []
        self._jumped_to: str | None = None
        self._occurrence: int | None = None
        self._section: int | None = None

    def show_sections(self, title: str, sections: tuple[Section, ...], *, words: str = "") -> None:
        """Show another page, or this one with more unfolded; ``words`` are marked.

        The first section is the title, which is left out where the frame has room for it.
        """
        self._title, self._sections, self._words = title, sections, words
        self._jumped_to = self._occurrence = self._section = None
        blank = Text()
        spaced = [part for section in sections for part in (blank, section.content)]
        self.show(Group(*spaced[1:]), from_top=False)

    def columns_for(self, diagram: int) -> int:
        """How wide the frame must be, all in all, to show a diagram of so many columns whole."""
        return diagram + TEXT_SIDES

    def lay_out_for(self, columns: int) -> None:
        """Lay the text out for a frame that will be so wide, before it is so and is drawn."""
        width = columns - TEXT_SIDES
        self._lines_are_of = (self.content, width, self.rich_style)
        self._take(self._lay_out(width))

    @property
    def percent(self) -> int:
        """How far the reader has scrolled."""
        if not self._lines:
            return 0
        if self.max_scroll_y <= 0:
            return 100
        return round(100 * min(self.scroll_offset.y, self.max_scroll_y) / self.max_scroll_y)

    @property
    def headings(self) -> list[str]:
        """The headings from top to bottom."""
        return [section.heading for section in self._sections if section.heading]

    @property
    def heading(self) -> str:
        """The one that was jumped to, else the one above the first line that is seen."""
        if self._jumped_to is not None:
            return self._jumped_to
        top = self.scroll_offset.y
        above = [name for name, row in self._heading_rows() if row <= top]
        return above[-1] if above else ""

    @property
    def is_end_seen(self) -> bool:
        """Whether the last line is on the screen."""
        return bool(self._lines) and self.scroll_offset.y >= self.max_scroll_y

    def nearest_code(self, blocks: Sequence[str]) -> str:
        """The block of code that is on the screen first, else the last above, else the first."""
        top = self.scroll_offset.y
        bottom = top + self.scrollable_content_region.height
        rows = _rows_of([line.text.strip() for line in self._lines], blocks)
        placed = list(zip(rows, blocks, strict=True))
        seen = [block for at, block in placed if at.stop > top and at.start < bottom]
        above = [block for at, block in placed if at.stop <= top]
        return (seen or above[-1:] or list(blocks))[0]

    def index_of(self, heading: str) -> int:
        """Which section stands under a heading."""
        return [section.heading for section in self._sections].index(heading)

    def jump(self, step: int) -> None:
        """Scroll to the next heading, or with -1 to the one before."""
        names = ["", *self.headings]
        index = names.index(self.heading) + step
        rows = [row for _, row in self._heading_rows()]
        if step < 0 and self._jumped_to is None and self.scroll_offset.y not in rows:
            index += 1  # to the beginning of what is being read
        self.jump_to(names[max(0, min(index, len(names) - 1))])

    def jump_to(self, heading: str) -> None:
        """Scroll to a heading; "" is the top."""
        row = dict(self._heading_rows()).get(heading, 0)
        self._scroll_to_row(row)
        self._jumped_to = heading
        self.post_message(self.Moved())

    def jump_to_section(self, index: int) -> None:
        """Bring the whole of a section into sight, where it is not."""
        height = self.scrollable_content_region.height
        if index < len(self._starts) and height:
            ends, top = [*self._starts[1:], len(self._lines)], self.scroll_offset.y
            if ends[index] > top + height or self._starts[index] < top:
                self._scroll_to_row(self._starts[index] - ROWS_ABOVE)
        self._section = index  # a page that is hidden goes there once it has a size

    def jump_to_found(self, occurrence: int) -> None:
        """Scroll to where the words stand for the given time, counted from 0."""
        if self._found:
            spans_of_it = self._found[min(occurrence, len(self._found) - 1)]
            self._scroll_to_row(spans_of_it[0].row - ROWS_ABOVE if spans_of_it else 0)
        self._occurrence = occurrence  # a page that is hidden goes there once it has a size

    def on_resize(self, event: Resize) -> None:
        """Lay the text out for another width, and stay at what was jumped to."""
        heading, occurrence, section = self._jumped_to, self._occurrence, self._section
        super().on_resize(event)
        if heading is not None:
            self.jump_to(heading)
        elif section is not None:
            self.jump_to_section(section)
        elif occurrence is not None:
            self.jump_to_found(occurrence)

    def action_follow(self, link: str) -> None:
        """Ask for what a clicked link leads to."""
        self.post_message(self.Followed(link))

    def action_links(self) -> None:
        """Ask for the links of the page."""
        self.post_message(self.LinksAsked())

    def on_focus(self, event: Focus) -> None:
        """It is being read from now on."""
        self.post_message(self.Moved())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell that another part is seen."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._jumped_to = self._occurrence = self._section = None
            self.post_message(self.Moved())

    def _scroll_to_row(self, row: int) -> None:
        self.scroll_to(y=max(0, row), animate=False, immediate=True)

    def _heading_rows(self) -> list[tuple[str, int]]:
        rows = zip(self._sections, self._starts, strict=False)
        return [(section.heading, row) for section, row in rows if section.heading]

    def _lay_out(self, width: int) -> list[Strip]:
        width = min(width, LONGEST_LINE)
        lines: list[Strip] = []
        self._starts = []
        has_title = not title_fits(self._title, width)
        for number, section in enumerate(self._sections):
            if number == 0 and not has_title:
                self._starts.append(0)
                continue
            if lines:
                lines.append(Strip.blank(width, self.rich_style))
            self._starts.append(len(lines))
            lines += map(_followable, self._drawn(section.content, width))
        self._found = _spans([line.text for line in lines], self._words)
        if not has_title:  # it counts as a place, though it stands in the frame
            in_title = _spans([self._title], self._words)
            self._found = [(), *self._found] if in_title else self._found
        for span in (span for found in self._found for span in found):
            lines[span.row] = _with_mark(lines[span.row], span)
        return lines


def _followable(line: Strip) -> Strip:
    """The line with its hyperlinks made into clicks: no terminal could open ``topic:SLUG``."""
    segments = list(line)
    if not any(segment.style and segment.style.link for segment in segments):
        return line
    return Strip([_clickable(segment) for segment in segments], line.cell_length)


def _clickable(segment: Segment) -> Segment:
    text, style, _ = segment
    if style is None or not style.link:
        return segment
    click = Style(underline=True, meta={"@click": f"follow({style.link!r})"})
    return Segment(text, style.update_link(None) + click)


def title_fits(title: str, columns: int) -> bool:
    """Whether the frame of a text so wide has room for all of the title beside its state."""
    return cell_len(title) + STATE_ROOM <= columns


def _rows_of(lines: Sequence[str], blocks: Sequence[str]) -> list[range]:
    """Where each block of code stands among the lines; none of its lines is wrapped."""
    rows, at = [], 0
    for block in blocks:
        code = block.rstrip().splitlines()
        found = (row for row in range(at, len(lines)) if _is_drawn_as(code[0], lines[row]))
        start = next(found, at)
        at = start + len(code)
        rows.append(range(start, at))
    return rows


def _is_drawn_as(code: str, line: str) -> bool:
    return line == code or (line.endswith("…") and code.startswith(line[:-1]))


def _spans(lines: list[str], words: str) -> "list[tuple[Span, ...]]":
    if not words:
        return []
    from cnn_tui.chapter.search import spans  # would slow the first paint

    return spans(lines, words)


def _with_mark(line: Strip, span: "Span") -> Strip:
    cuts = [cell_len(line.text[:at]) for at in (span.start, span.end)]
    before, found, after = (
        line.crop(start, end) for start, end in pairwise([0, *cuts, line.cell_length])
    )
    return Strip.join([before, found.apply_style(FOUND), after])
