"""The Topics pane itself: its keys, and what they change."""

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.reactive import var
from textual.widgets import Input, Tree

from cnn_tui.chapter.catalogue import Topic, demo_info
from cnn_tui.chapter.catalogue import topic as topic_named
from cnn_tui.chapter.page import CHECK_YOURSELF, questions
from cnn_tui.chapter.reading import load
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError
from cnn_tui.tui.background import later
from cnn_tui.tui.panes.demo_panel import DemoPanel
from cnn_tui.tui.panes.pane import Pane, PaneInfo
from cnn_tui.tui.panes.topics.arrangement import Arrangement
from cnn_tui.tui.panes.topics.keys import KEYS
from cnn_tui.tui.panes.topics.reading_saver import ReadingSaver
from cnn_tui.tui.panes.topics.state import TopicsState, begin, destinations
from cnn_tui.tui.panes.topics.topic_body import TopicBody
from cnn_tui.tui.panes.topics.topic_side import TopicSide
from cnn_tui.tui.panes.topics.topic_text import TopicText
from cnn_tui.tui.panes.topics.warm_up import warm_up
from cnn_tui.workspace import Workspace

if TYPE_CHECKING:
    from cnn_tui.options import OptionValue
    from cnn_tui.tui.dialogs.search import SearchResult

WARM_UP_SECONDS = 0.5
"""So long after the first paint, what the next keys need is loaded beside the app."""


class TopicsPane(Pane):
    """Read a topic, run its demo beside the text."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS

    state: var[TopicsState] = var(TopicsState, init=False)

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        # One small file, read before the first paint: the topic would jump if it came later.
        self.set_reactive(TopicsPane.state, begin(load(workspace)))
        self._saver = ReadingSaver(self, self.state.topic.slug, self._take_read)

    def compose(self) -> ComposeResult:
        """The tree, and what there is to read."""
        with Horizontal():
            yield TopicSide(self.state.read)
            yield TopicBody()

    def on_mount(self) -> None:
        """Show the topic that was looked at last."""
        self.watch(self._body, "arrangement", self._make_way, init=False)
        self._show_text()
        self._side.chapter.go_to(self.state.topic)
        later(self, WARM_UP_SECONDS, self._warm_up)

    async def on_unmount(self) -> None:
        """The app ends, and all of its panes with it."""
        with contextlib.suppress(LabError):
            await in_background(self._saver.save)

    def close(self) -> None:
        """Keep what was read."""
        with contextlib.suppress(LabError):
            self._saver.save()

    def focus_first(self) -> None:
        """The tree."""
        self._side.chapter.focus()

    def shown(self) -> RenderableType:
        """The topic, and the demo's output below it."""
        return self._body.content

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what this topic has; what is typed into the form is no key of the pane."""
        if isinstance(self.screen.focused, Input):
            return False
        if action in ("run_demo", "edit_parameters"):
            return bool(self.state.topic.demos)
        if action == "answer":
            return bool(questions(self.state.topic))
        if action == "next_place":
            return self.state.found is not None
        return super().check_action(action, parameters)

    def watch_state(self, before: TopicsState, state: TopicsState) -> None:
        """Show what has changed: the text, what was found in it, what is read."""
        is_other = state.topic is not before.topic or state.found is not before.found
        if state.found is not before.found:
            self._body.show_found(state.found)
        if is_other or state.unfolded != before.unfolded:
            self._show_text()
        if is_other:
            self.refresh_bindings()
        self._side.mark(state.read)

    def on_resize(self) -> None:
        """Find another place for an open demo."""
        if self._body.has_demo:
            self._body.find_room()

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[Topic]) -> None:
        """Show the topic under the cursor."""
        topic = event.node.data
        if topic is not None and topic is not self.state.topic and event.node.tree.has_focus:
            self._open(topic)

    def on_tree_node_selected(self, event: Tree.NodeSelected[Topic]) -> None:
        """Enter on a topic moves the focus to its text."""
        if event.node.data is not None:
            self._text.focus()

    def on_topic_text_moved(self, message: TopicText.Moved) -> None:
        """Follow the reader: in the contents, and in what counts as read."""
        self._side.show_contents(self._text.headings, self._text.heading)
        if self._text.has_focus and self._text.is_end_seen:
            self._mark(True)

    def on_topic_text_followed(self, message: TopicText.Followed) -> None:
        """Open the topic of a link that was clicked."""
        self._visit(topic_named(message.slug))

    def on_demo_panel_asked(self, message: DemoPanel.Asked) -> None:
        """Run a demo; it replaces one that still runs."""
        work = self._run(message.info.name, message.parameters)
        self.start(work, "demo", page="demo-output")

    def action_back(self) -> None:
        """Put the demo away, then the marks of a search, then leave the text for the tree."""
        if self._panel.is_open:
            self._close_demo()
        elif self.state.found is not None:
            self.state = self.state.finding(None)
        else:
            self.focus_first()

    def action_run_demo(self) -> None:
        """Run the topic's demo and show its output."""
        self._choose_demo(lambda name: self.start(self._show_demo(name), "form"))

    def action_edit_parameters(self) -> None:
        """Change the parameters of the demo that is shown, or of the topic's own."""
        shown = self._panel.info
        if shown is not None:
            self.start(self._edit(shown.name), "form")
        else:
            self._choose_demo(lambda name: self.start(self._edit(name), "form"))

    def action_answer(self) -> None:
        """Unfold one more answer, or after the last fold all of them."""
        self.state = self.state.answered()
        first = self._text.index_of(CHECK_YOURSELF)
        self._text.jump_to_section(first + self.state.unfolded)

    def action_go(self) -> None:
        """Offer the headings of this page and the topics around it."""
        from cnn_tui.tui.dialogs.choice import ChoiceScreen  # would slow the first paint

        places = destinations(self.state.topic, self._text.headings)
        self.ask(ChoiceScreen("Go to", places), self._go)

    def action_search(self) -> None:
        """Search all topics for words."""
        from cnn_tui.tui.dialogs.search import SearchScreen  # would slow the first paint

        def found(answer: "SearchResult | None") -> None:
            if answer is not None:
                self._remember_visit()
                self._show_found(answer)

        self.app.push_screen(SearchScreen(self.state.words), found)

    def action_next_place(self, step: int) -> None:
        """Go to the next place that was found, or with -1 to the one before; round and round."""
        found = self.state.next_place(step)
        if found is not None:
            self._show_found(found)

    def action_heading(self, step: int) -> None:
        """Scroll to the next heading, or with -1 to the one before."""
        self._text.jump(step)

    def action_topic(self, step: int) -> None:
        """Open the next topic of the chapter, or with -1 the one before."""
        topic = self.state.neighbor(step)
        if topic is not None:
            self._open(topic)
            self._side.chapter.go_to(topic)

    def action_return(self) -> None:
        """Go back to where a link or a search was followed."""
        if self.state.visits:
            visit = self.state.visits[-1]
            self.state = self.state.returned()
            self._open(visit.topic)
            self._text.scroll_to(y=visit.row, animate=False)
            self._side.chapter.go_to(visit.topic)

    def action_mark(self) -> None:
        """Mark the topic as read, or as not read."""
        self._mark(self.state.topic.slug not in self.state.read)

    @property
    def _side(self) -> TopicSide:
        return self.query_one(TopicSide)

    @property
    def _body(self) -> TopicBody:
        return self.query_one(TopicBody)

    @property
    def _text(self) -> TopicText:
        return self._body.text

    @property
    def _panel(self) -> DemoPanel:
        return self._body.panel

    def _warm_up(self) -> None:
        self.start(in_background(warm_up), "warm-up")

    def _make_way(self, arrangement: Arrangement) -> None:
        """Hide the tree where text and demo need all of the terminal."""
        self.set_class(arrangement.is_whole, "-whole")

    def _show_text(self) -> None:
        self._body.show(self.state)
        self._side.show_contents(self._text.headings, self._text.heading)

    def _open(self, topic: Topic) -> None:
        if self._panel.is_open:
            self._close_demo()
        self.state = self.state.opened(topic)
        self._text.scroll_home(animate=False)
        self._saver.last = topic.slug
        self._saver.save_soon()

    def _go(self, target: str) -> None:
        if target.startswith("#"):
            self._text.jump_to(target[1:])
            self._text.focus()
        else:
            self._visit(topic_named(target))

    def _visit(self, topic: Topic) -> None:
        self._remember_visit()
        self._open(topic)
        self._side.chapter.go_to(topic)
        self._text.focus()

    def _remember_visit(self) -> None:
        self.state = self.state.leaving(self._text.scroll_offset.y)

    def _show_found(self, found: "SearchResult") -> None:
        place = found.place
        if place.slug != self.state.topic.slug:
            self._open(topic_named(place.slug))
            self._side.chapter.go_to(self.state.topic)
        self.state = self.state.finding(found)
        self._text.jump_to_found(place.occurrence)
        self._text.focus()

    def _choose_demo(self, take: Callable[[str], None]) -> None:
        names = self.state.topic.demos
        if len(names) == 1:
            take(names[0])
            return
        from cnn_tui.tui.dialogs.choice import ChoiceScreen  # would slow the first paint

        choices = {"": [(name, demo_info(name).title) for name in names]}
        self.ask(ChoiceScreen("Which demo?", choices), take)

    async def _show_demo(self, name: str) -> None:
        await self._body.open_demo(demo_info(name), self._side.chapter, edit=False)

    async def _edit(self, name: str) -> None:
        info = demo_info(name)
        if info.parameters:
            await self._body.open_demo(info, self._side.chapter, edit=True)
        else:
            self.say("This demo has nothing to change: r runs it.")

    def _close_demo(self) -> None:
        self.workers.cancel_group(self, "demo")
        self._body.close_demo()

    async def _run(self, name: str, parameters: "dict[str, OptionValue]") -> None:
        result = await self.engine.run("demo", name=name, parameters=parameters)
        self._panel.show(result)

    def _complain(self, sentence: str, page: str | None) -> None:
        if page == "demo-output":
            self._panel.fail(sentence)
        else:
            super()._complain(sentence, page)

    def _mark(self, is_read: bool) -> None:
        slug, read = self.state.topic.slug, self.state.read
        if is_read != (slug in read):
            self._saver.add(slug, is_read)
            self._take_read(read ^ {slug})

    def _take_read(self, read: frozenset[str]) -> None:
        self.state = self.state.marked(read)
