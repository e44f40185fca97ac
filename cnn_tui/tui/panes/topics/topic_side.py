"""The left side of the Topics pane: the chapter as a list, and the page's contents."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text
from textual.app import ComposeResult
from textual.events import Resize
from textual.widgets import Static

from cnn_tui.chapter.catalogue import Topic, topics
from cnn_tui.render.draw.styles import ACCENT, QUIET
from cnn_tui.tui.widgets.frame import AROUND, Divider, Frame, frame_keys
from cnn_tui.tui.widgets.topic_list import TopicList

CURRENT = "▸"
SEARCH = frame_keys(("slash", "search"))


class TopicSide(Frame):
    """How much is read, the chapter, and where there is room the contents of the page."""

    def __init__(self, read: frozenset[str], current: Topic) -> None:
        super().__init__(
            title="Chapter",
            state=_progress(read),
            keys=SEARCH,
            id="topic-side",
            classes="side",
        )
        self._read = read
        self._current = current
        self._predictions = Text()
        self._contents: tuple[tuple[str, ...], str] = ((), "")

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield TopicList(self._read, self._current)
        yield Divider(id="topic-contents-line")
        yield Static(id="topic-contents", markup=False)

    @property
    def chapter(self) -> TopicList:
        """The list of all topics."""
        return self.query_one(TopicList)

    def mark(self, read: frozenset[str]) -> None:
        """Tell which topics are read."""
        if read != self._read:
            self._read = read
            self.state = _progress(read)
            self.chapter.mark(read)

    def count(self, predictions: str) -> None:
        """Say how many predictions were right, where the border has room for it."""
        self._predictions = Text(f"  predicted {predictions}", QUIET) if predictions else Text()
        self._write_keys()

    def on_resize(self, event: Resize) -> None:
        """There may be room for the count now, or no longer."""
        super().on_resize(event)
        self._write_keys()

    def _write_keys(self) -> None:
        keys = Text.assemble(SEARCH, self._predictions)
        fits = keys.cell_len <= self.outer_size.width - AROUND
        self.keys = keys if fits else SEARCH

    def show_contents(self, headings: Iterable[str], current: str) -> None:
        """Show the headings of the page, with a mark at the one that is being read."""
        contents = (tuple(headings), current)
        if contents != self._contents:
            self._contents = contents
            shown = self.query_one("#topic-contents", Static)
            shown.update(_Contents(*contents), layout=False)


def _progress(read: frozenset[str]) -> str:
    count = len(read.intersection(topic.slug for topic in topics()))
    return f"{count} of {len(topics())} read"


class _Contents:
    """The headings of a page; a long one goes on below its beginning."""

    def __init__(self, headings: tuple[str, ...], current: str) -> None:
        self._headings = headings
        self._current = current

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text("On this page", style=QUIET)
        for heading in self._headings:
            style = ACCENT if heading == self._current else ""
            mark = CURRENT if heading == self._current else " "
            for line in Text(heading, style).wrap(console, max(1, options.max_width - 2)):
                yield Text.assemble((mark, ACCENT), " ", line)
                mark = " "
