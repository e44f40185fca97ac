"""The right side of the Topics pane: the text, what was found, and a demo beside or below."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Size
from textual.reactive import Reactive, var
from textual.widget import Widget
from textual.widgets import Static

from cnn_tui.chapter.catalogue import DemoInfo, Topic, topics
from cnn_tui.chapter.page import reading_minutes, widest_diagram
from cnn_tui.chapter.snippets import snippets
from cnn_tui.render.draw.styles import STRONG
from cnn_tui.render.pages.topic import topic_sections
from cnn_tui.tui.background import after_refresh
from cnn_tui.tui.panes.demo_panel import DemoPanel
from cnn_tui.tui.panes.offers import offer
from cnn_tui.tui.panes.topics.arrangement import Arrangement, arrange, has_room_for_demo
from cnn_tui.tui.panes.topics.state import TopicsState
from cnn_tui.tui.panes.topics.topic_text import TEXT_SIDES, TopicText, title_fits
from cnn_tui.tui.widgets.frame import Frame, frame_keys
from cnn_tui.tui.widgets.page import Page

if TYPE_CHECKING:
    from cnn_tui.tui.dialogs.search import SearchResult

SEARCH_KEYS = frame_keys(("n", "next"), ("N", "previous"), ("escape", "end the search"))


class TextFrame(Frame):
    """The text under its title, and below it what was found."""

    # Textual repaints a container whose size has changed, though the layout of the
    # screen has just drawn all that is in it: 8 KB on the wire for nothing.
    virtual_size = Reactive(Size(0, 0), layout=True, repaint=False)

    def __init__(self) -> None:
        super().__init__(id="topic-frame")
        self._topic = topics()[0]

    def compose(self) -> ComposeResult:
        """The text, and the place of what was found."""
        yield TopicText(id="topic-text")
        yield Static(id="topic-found", markup=False)

    def show_topic(self, topic: Topic, percent: int, *, is_searched: bool) -> None:
        """Name the topic, how far its reader is, and the keys of the page or of a search."""
        self._topic = topic
        self.keys = SEARCH_KEYS if is_searched else _keys(topic)
        self.state = f"{reading_minutes(topic)} min · {percent} %"
        self._write_title(self.outer_size.width)

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """There may be room for all of the title now, or no longer."""
        self._write_title(size.width)
        return super()._size_updated(size, virtual_size, container_size, layout)

    def _write_title(self, columns: int) -> None:
        topic = self._topic
        fits = not columns or title_fits(topic.title, columns - TEXT_SIDES)
        self.title = topic.title if fits else topic.section


class TopicBody(Container):
    """Shows a topic, and one of its demos while that is open."""

    virtual_size = Reactive(Size(0, 0), layout=True, repaint=False)
    has_demo: var[bool] = var(False, init=False)
    arrangement: var[Arrangement] = var(Arrangement, init=False)

    def __init__(self) -> None:
        super().__init__(id="topic-body", classes="main")
        self._topic = topics()[0]
        self._diagram = 0
        self._back_to: Widget | None = None
        self._is_searched = False

    def compose(self) -> ComposeResult:
        """The text, what was found, and once a demo ran, its output."""
        yield TextFrame()
        yield DemoPanel()

    @property
    def text(self) -> TopicText:
        """The text of the topic."""
        return self.query_one(TopicText)

    @property
    def frame(self) -> TextFrame:
        """What is around the text."""
        return self.query_one(TextFrame)

    @property
    def panel(self) -> DemoPanel:
        """The demo."""
        return self.query_one(DemoPanel)

    @property
    def content(self) -> RenderableType:
        """The topic, and the demo's output below it."""
        return Group(self.text.content, *([self.panel.shown] if self.panel.is_open else []))

    def on_demo_panel_form_changed(self, message: DemoPanel.FormChanged) -> None:
        """A small terminal hides the text while numbers are changed."""
        self.set_class(self.panel.is_edited, "-editing")

    def show(self, state: TopicsState) -> None:
        """Show the text of a topic, with what is unfolded and found in it."""
        self._topic = state.topic
        self._diagram = widest_diagram(state.topic)
        sections = topic_sections(state.topic, state.unfolded, offer)
        self.text.show_sections(state.topic.title, sections, words=state.words)
        self._label()

    def on_page_resized(self, message: Page.Resized) -> None:
        """The frame may have room for all of the title now, or no longer."""
        self._label()

    def on_topic_text_moved(self, message: TopicText.Moved) -> None:
        """Say how far the reader is."""
        self._label()

    def show_found(self, found: "SearchResult | None") -> None:
        """Say which of the places is shown; None for the end of the search."""
        line = self.query_one("#topic-found", Static)
        line.display = self._is_searched = found is not None
        if found is not None:
            place = f"place {found.index + 1} of {len(found.places)}"
            line.update(Text.assemble((f"“{found.words}”", STRONG), f"  {place}"))
        self._label()

    async def open_demo(
        self, info: DemoInfo, chapter: Widget, *, edit: bool, settings: Mapping[str, str]
    ) -> None:
        """Run a demo, or show its form; the focus will go back to where it is now."""
        with self.app.batch_update():
            if not self.panel.has_focus_within:
                self._back_to = self.text if self.text.has_focus else chapter
            self.panel.take(info, settings)
            if edit:
                await self.panel.edit()
            else:
                self.panel.run()
            self.has_demo = True
        self.screen.check_idle()  # else what was asked for meanwhile is drawn with the next key

    def previews(self, topic: Topic) -> bool:
        """Whether the topic's demo is beside it without being asked for."""
        return bool(topic.demos) and has_room_for_demo(self.app.size.width)

    def preview(self, info: DemoInfo) -> None:
        """Put a demo beside the text, before it has run."""
        self.panel.preview(info)
        self.has_demo = True

    def close_demo(self, *, keep: bool) -> None:
        """Leave the demo, and put it away unless ``keep`` leaves it beside the text."""
        had_focus = self.panel.has_focus_within
        with self.app.batch_update():
            if not keep:
                self.panel.close()
                self.has_demo = False
        self.screen.check_idle()
        if had_focus:
            # Not at once: until the next layout the list is hidden and takes no focus.
            after_refresh(self, (self._back_to or self.text).focus)

    def find_room(self) -> None:
        """Find the place of text and demo for the width of the terminal."""
        least = self.text.columns_for(self._diagram)
        self.arrangement = arrange(self.app.size.width, least, has_demo=self.has_demo)

    async def watch_has_demo(self) -> None:
        """Make room for the demo, or give it back to the text, in turns of the event loop."""
        self.frame.set_class(self.has_demo, "-beside-demo")
        await asyncio.sleep(0)
        self.find_room()

    async def watch_arrangement(self, arrangement: Arrangement) -> None:
        """Lay the text out before the screen is: else it would be drawn twice."""
        self.frame.styles.width = arrangement.columns if arrangement.is_beside else "1fr"
        if arrangement.is_wide:
            self.text.lay_out_for(arrangement.columns)
        await asyncio.sleep(0)
        self.set_class(arrangement.is_beside, "-beside")

    def _label(self) -> None:
        self.frame.show_topic(self._topic, self.text.percent, is_searched=self._is_searched)


def _keys(topic: Topic) -> Text:
    """What acts on the page, as its border shows it: all, or nothing where it is too wide."""
    code = [("c", "copy"), ("e", "edit")] if snippets(topic) else []
    demo = [("r", "demo" if code else "run the demo")] if topic.demos else []
    return frame_keys(*demo, *code, ("enter", "links"), ("g", "contents"))
