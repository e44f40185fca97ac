"""The right side of the Topics pane: the text, what was found, and a demo beside or below."""

import asyncio
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.geometry import Size
from textual.reactive import Reactive, var
from textual.widget import Widget
from textual.widgets import Static

from cnn_tui.chapter.catalogue import DemoInfo
from cnn_tui.chapter.page import widest_diagram
from cnn_tui.render.pages.topic import topic_sections
from cnn_tui.tui.background import after_refresh
from cnn_tui.tui.panes.demo_panel import DemoPanel
from cnn_tui.tui.panes.topics.arrangement import Arrangement, arrange
from cnn_tui.tui.panes.topics.state import TopicsState
from cnn_tui.tui.panes.topics.topic_text import TopicText

if TYPE_CHECKING:
    from cnn_tui.tui.dialogs.search import SearchResult

ONE_FRAME = 1 / 60
"""Seconds after which Textual draws what has changed."""
MOST_FRAMES = 12
"""So long the opening of a demo may wait for the focus to move."""


class TextColumn(Vertical):
    """The text, and below it what was found."""

    # Textual repaints a container whose size has changed, though the layout of the
    # screen has just drawn all that is in it: 8 KB on the wire for nothing.
    virtual_size = Reactive(Size(0, 0), layout=True, repaint=False)


class TopicBody(Container):
    """Shows a topic, and one of its demos while that is open."""

    virtual_size = Reactive(Size(0, 0), layout=True, repaint=False)
    has_demo: var[bool] = var(False, init=False)
    arrangement: var[Arrangement] = var(Arrangement, init=False)

    def __init__(self) -> None:
        super().__init__(id="topic-body")
        self._diagram = 0
        self._back_to: Widget | None = None

    def compose(self) -> ComposeResult:
        """The text, what was found, and once a demo ran, its output."""
        with TextColumn(id="topic-column"):
            yield TopicText(id="topic-text")
            yield Static(id="topic-found", markup=False)
        yield DemoPanel()

    @property
    def text(self) -> TopicText:
        """The text of the topic."""
        return self.query_one(TopicText)

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
        self._diagram = widest_diagram(state.topic)
        self.text.show_sections(topic_sections(state.topic, state.unfolded), words=state.words)

    def show_found(self, found: "SearchResult | None") -> None:
        """Say which of the places is shown; None for the end of the search."""
        line = self.query_one("#topic-found", Static)
        line.display = found is not None
        if found is not None:
            line.update(
                f"“{found.words}”: place {found.index + 1} of {len(found.places)}. "
                "n N next, previous; Esc ends."
            )

    async def open_demo(self, info: DemoInfo, tree: Widget, *, edit: bool) -> None:
        """Run a demo, or show its form; the focus will go back to where it is now."""
        with self.app.batch_update():
            await self.panel.take(info)
            if edit:
                self.panel.edit()
            else:
                self.panel.run()
            if not self.has_demo:
                self._back_to = self.text if self.text.has_focus else tree
                self.has_demo = True
                await self._wait_for_focus()

    def close_demo(self) -> None:
        """Put the demo away."""
        with self.app.batch_update():
            self.panel.close()
            self.has_demo = False
        # Not at once: until the next layout the tree is hidden and takes no focus.
        after_refresh(self, (self._back_to or self.text).focus)

    def find_room(self) -> None:
        """Find the place of text and demo for the width of the terminal."""
        least = self.text.columns_for(self._diagram)
        self.arrangement = arrange(self.app.size.width, least, has_demo=self.has_demo)

    def watch_has_demo(self) -> None:
        """Make room for the demo, or give it back to the text."""
        self.find_room()

    def watch_arrangement(self, arrangement: Arrangement) -> None:
        """Lay the text out before the screen is: else it would be drawn twice."""
        self.set_class(arrangement.is_beside, "-beside")
        width = arrangement.columns if arrangement.is_beside else "1fr"
        self.query_one("#topic-column").styles.width = width
        if arrangement.is_wide:
            self.text.lay_out_for(arrangement.columns)

    async def _wait_for_focus(self) -> None:
        """What asks to be drawn must have done so before the layout, which draws all of it."""
        for _ in range(MOST_FRAMES):
            await asyncio.sleep(ONE_FRAME)
            if self.panel.has_focus_within:
                break
        await asyncio.sleep(ONE_FRAME)
