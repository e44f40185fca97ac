"""What the Topics pane draws: the chapter, the text of a topic, and a demo beside it."""

import asyncio
from typing import TYPE_CHECKING

from rich.console import RenderableType
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import DescendantFocus
from textual.reactive import var

from cnn_tui.chapter.page import questions
from cnn_tui.chapter.snippets import snippets
from cnn_tui.engine.process import Engine
from cnn_tui.tui.panes.demo_panel import DemoPanel
from cnn_tui.tui.panes.pane import Pane, PaneInfo
from cnn_tui.tui.panes.topics.arrangement import Arrangement
from cnn_tui.tui.panes.topics.demo_runner import DemoRunner
from cnn_tui.tui.panes.topics.reading_saver import ReadingSaver
from cnn_tui.tui.panes.topics.state import TopicsState, begin
from cnn_tui.tui.panes.topics.topic_body import TopicBody
from cnn_tui.tui.panes.topics.topic_side import TopicSide
from cnn_tui.tui.panes.topics.topic_text import TopicText
from cnn_tui.workspace import Workspace

if TYPE_CHECKING:
    from cnn_tui.chapter.glossary import Term


class TopicsView(Pane):
    """Follows the pane's state; what the keys do is the pane's own matter."""

    state: var[TopicsState] = var(TopicsState, init=False)

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self.saver = ReadingSaver(self, self.take_read)
        # Small files, read before the first paint: the topic would jump if it came later.
        self.set_reactive(TopicsView.state, begin(self.saver.load()))
        self.saver.last = self.state.topic.slug

    def compose(self) -> ComposeResult:
        """The chapter, and what there is to read."""
        with Horizontal():
            yield TopicSide(self.state.read, self.state.topic)
            yield TopicBody()

    def on_mount(self) -> None:
        """Show the topic that was looked at last."""
        self.watch(self.body, "arrangement", self._make_way, init=False)
        self.demo = DemoRunner(self, self.body, self.side.chapter)
        self._show_text()
        self.demo.preview(self.state.topic)

    def focus_first(self) -> None:
        """The list."""
        self.side.chapter.focus()

    def shown(self) -> RenderableType:
        """The topic, and the demo's output below it."""
        return self.body.content

    def shown_name(self) -> str:
        """What ``shown`` is called when it is copied or written."""
        return "the topic and its demo" if self.panel.is_open else "the topic"

    def terms(self) -> "tuple[Term, ...]":
        """Those of the topic that is shown."""
        from cnn_tui.chapter.glossary import terms_of  # would slow the first paint

        return terms_of(self.state.topic)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what this topic has; what is typed into the form is no key of the pane."""
        if self.panel.is_typed_into:
            return False
        if action in ("run_demo", "edit_parameters"):
            return bool(self.state.topic.demos)
        if action in ("copy_code", "edit_code"):
            return bool(snippets(self.state.topic))
        if action == "answer":
            return bool(questions(self.state.topic))
        if action == "return":
            return bool(self.state.visits)
        if action == "next_place":
            return self.state.found is not None
        return super().check_action(action, parameters)

    def watch_state(self, before: TopicsState, state: TopicsState) -> None:
        """Show what has changed: the text, what was found in it, what is read."""
        is_other = state.topic is not before.topic or state.found is not before.found
        if state.found is not before.found:
            self.body.show_found(state.found)
        if is_other or state.unfolded != before.unfolded:
            self._show_text()
        if is_other:
            self.side.chapter.show_current(state.topic)
        if is_other or state.visits != before.visits:
            self.refresh_bindings()
        self.side.mark(state.read)

    def on_resize(self) -> None:
        """Find another place for an open demo; open it where there is room for both."""
        stays = not self.panel.is_preview or self.body.previews(self.state.topic)
        if self.panel.is_open and stays:
            self.body.find_room()
        else:
            self.demo.preview(self.state.topic)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Whatever is not the list takes its place in a narrow terminal."""
        event.prevent_default()  # a form is no page, but what is read here
        self.is_reading = event.widget is not self.side.chapter

    def show_place(self) -> None:
        """Mark in the contents where the reader is."""
        self.side.show_contents(self.text.headings, self.text.heading)

    def take_read(self, read: frozenset[str]) -> None:
        """These topics are read."""
        self.state = self.state.marked(read)

    @property
    def side(self) -> TopicSide:
        """The chapter's frame."""
        return self.query_one(TopicSide)

    @property
    def body(self) -> TopicBody:
        """The text, and the demo beside or below it."""
        return self.query_one(TopicBody)

    @property
    def text(self) -> TopicText:
        """The text of the topic."""
        return self.body.text

    @property
    def panel(self) -> DemoPanel:
        """The demo."""
        return self.body.panel

    def _show_text(self) -> None:
        self.body.show(self.state)
        self.show_place()

    async def _make_way(self, arrangement: Arrangement) -> None:
        """Hide the list where text and demo need all of the terminal, in a turn of its own."""
        await asyncio.sleep(0)
        self.set_class(arrangement.is_whole, "-whole")

    def _complain(self, sentence: str, page: str | None) -> None:
        if page == "demo-output":
            self.panel.fail(sentence)
        else:
            super()._complain(sentence, page)
