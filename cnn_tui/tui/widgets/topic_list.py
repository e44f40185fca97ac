"""The chapter as a list: sections with their counts, and under each its topics."""

from collections.abc import Iterator
from typing import ClassVar

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import Reactive
from textual.strip import Strip
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cnn_tui.chapter.catalogue import Topic, sections, topics
from cnn_tui.render.draw.styles import ACCENT, PASSED, QUIET, STRONG
from cnn_tui.tui.widgets.keyed_list import OPENS_PAGE, KeyedList

READ, OPEN, UNREAD, FOLDED = "✓", "●", "·", "▸"
INDENT = 4
"""Cells before a title: the bar of the selected row, a blank, the mark, a blank."""
MARK_AT = 2
SECTION = "section:"
"""What the id of a section's row begins with."""


class SectionRow:
    """A section's name, and at the right edge how many of its topics are read."""

    def __init__(self, name: str, read: int, count: int, *, is_folded: bool) -> None:
        self._name = f"{FOLDED} {name}" if is_folded else name
        self._count = f"{read}/{count}"
        self._count_style = PASSED if read == count else QUIET

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.max_width - cell_len(self._count) - 2
        lines = Text(self._name, STRONG).wrap(console, max(1, room - 1))
        for row, line in enumerate(lines):
            line.pad_right(max(0, room - 1 - line.cell_len))
            count = (self._count, self._count_style) if row == 0 else ""
            yield Text.assemble(" ", line, " ", count)


class TopicRow:
    """A topic's mark and its whole title, on two lines where one does not hold it."""

    def __init__(self, topic: Topic, *, is_read: bool) -> None:
        self._title = topic.title
        self._mark = (READ, PASSED) if is_read else (UNREAD, QUIET)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = max(1, options.max_width - INDENT - 1)  # a blank before the frame
        for row, line in enumerate(Text(self._title).wrap(console, room)):
            begin = ("  ", self._mark, " ") if row == 0 else (" " * INDENT,)
            yield Text.assemble(*begin, line)


class TopicList(
    KeyedList,
    OptionList,
    room="topics",
    item="topic",
    opens=OPENS_PAGE,
    shows_open=False,
):
    """Sections and their topics; the topic under the cursor is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "fold", show=False, id="topics.fold", tooltip="Fold or unfold a section"),
        Binding("left", "fold(True)", show=False, id="topics.fold-up", tooltip="Fold the section"),
        Binding(
            "right", "fold(False)", show=False, id="topics.unfold", tooltip="Unfold the section"
        ),
    ]

    highlighted = Reactive[int | None](None, repaint=False)

    class Reached(Message):
        """The cursor came to a topic; ``entered`` where it was pressed or clicked."""

        def __init__(self, topic: Topic, entered: bool) -> None:
            super().__init__()
            self.topic = topic
            self.entered = entered

    def __init__(self, read: frozenset[str], current: Topic) -> None:
        self._read = read
        self._current = current
        self._folded: set[str] = set()
        self._was_highlighted: int | None = None
        self._topics = {each.slug: each for each in topics()}
        super().__init__(*self._rows(), id="topic-list", compact=True)

    def on_mount(self) -> None:
        """Begin at the topic that is shown."""
        super().on_mount()
        self.go_to(self._current)

    def go_to(self, topic: Topic) -> None:
        """Put the cursor on a topic, unfolding its section."""
        if topic.section in self._folded:
            self._folded.remove(topic.section)
            self._show_rows()
        self._current = topic
        self.highlighted = self.get_option_index(topic.slug)

    def show_current(self, topic: Topic) -> None:
        """Mark the topic that is shown."""
        if topic is not self._current:
            before, self._current = self._current, topic
            for each in (before, topic):
                if each.section not in self._folded:
                    self._refresh_row(self.get_option_index(each.slug))

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Draw the two rows that have changed, not all of them."""
        super().watch_highlighted(highlighted)
        before, self._was_highlighted = self._was_highlighted, highlighted
        for index in (before, highlighted):
            self._refresh_row(index)

    def mark(self, read: frozenset[str]) -> None:
        """Mark the topics that are read."""
        if read != self._read:
            self._read = read
            for option, row in zip(self.options, self._rows(), strict=True):
                option._set_prompt(row.prompt)
            self._clear_caches()
            self.refresh()

    def action_fold(self, fold: bool | None = None) -> None:
        """Fold the section of the cursor, or unfold it; without ``fold`` whichever it is not."""
        option = self.highlighted_option
        if option is None or option.id is None:
            return
        section = self._section_of(option.id)
        is_folded = section in self._folded
        if fold is None or fold is not is_folded:
            self._folded ^= {section}
            self._show_rows()
            self.highlighted = self.get_option_index(SECTION + section)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell which topic the cursor came to."""
        event.stop()
        topic = self._topics.get(event.option_id or "")
        if topic is not None:
            self.post_message(self.Reached(topic, entered=False))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a topic; fold or unfold a section."""
        event.stop()
        topic = self._topics.get(event.option_id or "")
        if topic is not None:
            self.post_message(self.Reached(topic, entered=True))
        else:
            self.action_fold()

    def render_line(self, y: int) -> Strip:
        """The row; the topic that is shown has its mark, until it is read."""
        strip = super().render_line(y)
        line = y + self.scroll_offset.y
        if line >= len(self._lines):
            return strip
        index, row = self._lines[line]
        if row or self.options[index].id != self._current.slug or self._is_read(self._current):
            return strip
        mark = strip.crop(MARK_AT, MARK_AT + 1)
        style = mark._segments[0].style or Style()
        if not (self.app.native_ansi_color and index == self.highlighted):
            style += self.app.console.get_style(ACCENT)
        open_mark = Strip([Segment(OPEN, style)], 1)
        return Strip.join([strip.crop(0, MARK_AT), open_mark, strip.crop(MARK_AT + 1)])

    def _refresh_row(self, index: int | None) -> None:
        if index is not None and index in self._index_to_line:
            self.refresh_lines(self._index_to_line[index], self._heights[index])

    def _is_read(self, topic: Topic) -> bool:
        return topic.slug in self._read

    def _section_of(self, id: str) -> str:
        topic = self._topics.get(id)
        return topic.section if topic is not None else id.removeprefix(SECTION)

    def _show_rows(self) -> None:
        self.set_options(self._rows())

    def _rows(self) -> Iterator[Option]:
        for section in sections():
            of_section = [each for each in self._topics.values() if each.section == section]
            read = sum(map(self._is_read, of_section))
            is_folded = section in self._folded
            row = SectionRow(section, read, len(of_section), is_folded=is_folded)
            yield Option(row, id=SECTION + section)
            if not is_folded:
                for topic in of_section:
                    yield Option(TopicRow(topic, is_read=self._is_read(topic)), id=topic.slug)
