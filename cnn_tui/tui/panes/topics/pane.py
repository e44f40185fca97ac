"""The Topics pane itself: its keys, and what they change."""

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from cnn_tui.chapter.catalogue import Topic, demo_info
from cnn_tui.chapter.catalogue import topic as topic_named
from cnn_tui.chapter.page import CHECK_YOURSELF
from cnn_tui.chapter.scratch import scratch_file
from cnn_tui.chapter.snippets import snippets
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError
from cnn_tui.tui.background import later
from cnn_tui.tui.exports import copied
from cnn_tui.tui.panes import offers
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.tui.panes.demo_panel import DemoPanel
from cnn_tui.tui.panes.pane import Pane
from cnn_tui.tui.panes.predict_box import PredictBox
from cnn_tui.tui.panes.topics.keys import KEYS
from cnn_tui.tui.panes.topics.state import contents, destinations
from cnn_tui.tui.panes.topics.topic_text import TopicText
from cnn_tui.tui.panes.topics.view import TopicsView
from cnn_tui.tui.panes.topics.warm_up import warm_up
from cnn_tui.tui.terminal.editor import hand_over
from cnn_tui.tui.widgets.topic_list import TopicList

if TYPE_CHECKING:
    from cnn_tui.tui.dialogs.search import SearchResult

WARM_UP_SECONDS = 0.5
"""So long after the first paint, what the next keys need is loaded beside the app."""


class TopicsPane(TopicsView):
    """Read a topic, run its demo beside the text."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS

    def on_mount(self) -> None:
        """Load what the next keys need, and move what was read without a workspace into one."""
        later(self, WARM_UP_SECONDS, self._warm_up)
        if self.saver.is_to_move:
            self.saver.save_soon()

    async def on_unmount(self) -> None:
        """The app ends, and all of its panes with it."""
        with contextlib.suppress(LabError):
            await in_background(self.saver.save)

    def close(self) -> None:
        """Keep what was read."""
        with contextlib.suppress(LabError):
            self.saver.save()

    def open_item(self, name: str) -> None:
        """Open a topic by its slug, or run ``demo:NAME``; ``b`` comes back to the one before."""
        kind, _, demo = name.partition(":")
        if kind != "demo":
            self._visit(topic_named(name))
            return
        self._visit(topic_named(demo_info(demo).topic))
        self.start(self.demo.show(demo), "form")

    def workspace_made(self) -> None:
        """Save there what was read and predicted so far."""
        self.saver.save_soon()
        self.start(self.panel.box.move(), "predictions")

    def on_topic_list_reached(self, message: TopicList.Reached) -> None:
        """Show the topic under the cursor; Enter moves the focus to its text."""
        topic = message.topic
        if topic is not self.state.topic and self.side.chapter.has_focus:
            self._open(topic)
        if message.entered:
            self.open_page(self.text)

    def on_topic_text_moved(self, message: TopicText.Moved) -> None:
        """Follow the reader: in the contents, and in what counts as read.

        The end of a topic that needs no scrolling is seen from the list, too: it counts
        once the text has the focus.
        """
        self.show_place()
        if self.text.has_focus or self.text.scroll_offset.y > 0:
            self._mark_at_end()

    def on_topic_text_followed(self, message: TopicText.Followed) -> None:
        """Open what a link leads to that was clicked."""
        self._follow(message.link)

    def on_topic_text_links_asked(self, message: TopicText.LinksAsked) -> None:
        """Offer what the page leads to."""
        from cnn_tui.tui.dialogs.choice import ChoiceScreen  # would slow the first paint

        self.ask(ChoiceScreen("Links", destinations(self.state.topic)), self._follow)

    def on_demo_panel_asked(self, message: DemoPanel.Asked) -> None:
        """Run a demo with what its form says."""
        self.demo.run(message)

    def action_back(self) -> None:
        """Leave the demo, then the marks of a search, then the text for the list."""
        previews = self.body.previews(self.state.topic)
        if self.panel.has_focus_within or (self.panel.is_open and not previews):
            self.demo.close(keep=previews)
        elif self.state.found is not None:
            self.state = self.state.finding(None)
        else:
            self.focus_first()

    def action_run_demo(self) -> None:
        """Run the topic's demo and show its output."""
        self._choose_demo(lambda name: self.start(self.demo.show(name), "form"))

    def action_edit_parameters(self) -> None:
        """Change the parameters of the demo that is shown, or of the topic's own."""
        shown = self.panel.info
        if shown is not None:
            self.start(self.demo.edit(shown.name), "form")
        else:
            self._choose_demo(lambda name: self.start(self.demo.edit(name), "form"))

    def action_answer(self) -> None:
        """Unfold one more answer, or after the last fold all of them."""
        self.state = self.state.answered()
        first = self.text.index_of(CHECK_YOURSELF)
        self.text.jump_to_section(first + self.state.unfolded)
        self._mark_at_end()
        self._show_page()

    def action_go(self) -> None:
        """Offer the headings of this page."""
        from cnn_tui.tui.dialogs.choice import ChoiceScreen  # would slow the first paint

        places = contents(self.state.topic, self.text.headings)
        self.ask(ChoiceScreen("On this page", places), self._go)

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
        self.text.jump(step)
        self._show_page()

    def action_topic(self, step: int) -> None:
        """Open the next topic of the chapter, or with -1 the one before."""
        topic = self.state.neighbor(step)
        if topic is not None:
            self._open(topic)
            self.side.chapter.go_to(topic)

    def action_return(self) -> None:
        """Go back to where a link or a search was followed."""
        if self.state.visits:
            visit = self.state.visits[-1]
            self.state = self.state.returned()
            self._open(visit.topic)
            self.text.scroll_to(y=visit.row, animate=False)
            self.side.chapter.go_to(visit.topic)

    def action_mark(self) -> None:
        """Mark the topic as read, or as not read; without a place for that, offer one."""
        if not self.saver.can_keep:
            self.offer_workspace(self.action_mark)
            return
        self._mark(self.state.topic.slug not in self.state.read)

    def action_copy_code(self) -> None:
        """Copy the block of code that is read."""
        code = self.text.nearest_code(snippets(self.state.topic))
        self.app.copy_to_clipboard(code)
        self.notify(copied("code", code, "e opens it as a file"), markup=False)

    def action_edit_code(self) -> None:
        """Hand the page's code to the learner's editor, as a file of its own."""
        if self.workspace is None:
            self.offer_workspace(self.action_edit_code)
        else:
            self.start(self._edit_code(), "code")

    async def _edit_code(self) -> None:
        if not await self.is_workspace_there(self.action_edit_code):
            return
        assert self.workspace is not None
        file = await in_background(scratch_file, self.workspace, self.state.topic)
        try:
            hand_over(self.app, file.path)
        finally:  # once the terminal is back: nobody would see it before
            name = file.path.relative_to(self.workspace.root)
            self.notify(file.sentence(str(name)), markup=False)

    def on_predict_box_kept(self, message: PredictBox.Kept) -> None:
        """Count the predictions."""
        from cnn_tui.chapter.predicted import tally  # loaded with what was predicted

        self.side.count(tally(message.kept))

    def _warm_up(self) -> None:
        self.start(self._load_beside(), "warm-up")

    async def _load_beside(self) -> None:
        await in_background(warm_up)
        await self.panel.box.load()

    def _open(self, topic: Topic) -> None:
        # Before the other text is there, whose end this row could be.
        self.text.scroll_home(animate=False, immediate=True)
        self.state = self.state.opened(topic)
        self.demo.preview(topic)
        self.saver.last = topic.slug
        self.saver.save_soon()

    def _show_page(self) -> None:
        """Open the page where the list takes its place, in a narrow terminal."""
        if not self.body.display:
            self.open_page(self.text)

    def _go(self, heading: str) -> None:
        self.text.jump_to(heading[1:])
        self.open_page(self.text)

    def _follow(self, link: str) -> None:
        target = offers.target(link)
        if target.kind == offers.TOPIC:
            self._visit(topic_named(target.name))
        elif target.kind == offers.DEMO:
            self.start(self.demo.show(target.name, target.settings), "form")
        else:
            self.app.call_later(self._leave_for, target)

    async def _leave_for(self, target: offers.Target) -> None:
        """Open another pane, at what the link names."""
        if target.kind == offers.PANE:
            names = [each.id for each in PANES]
            await self.app.run_action(f"app.open_pane({names.index(target.name)})")
        else:
            pane = offers.PANE_OF[target.kind]
            await self.app.open_item(pane, target.name)  # type: ignore[attr-defined]
        if "key" in target.settings:
            opened: Pane = self.app.pane  # type: ignore[attr-defined]
            if not opened.is_open_at(target.settings["key"]):
                action = opened.action_of(**target.settings)
                await self.app.run_action(action, default_namespace=opened)

    def _visit(self, topic: Topic) -> None:
        self._remember_visit()
        self._open(topic)
        self.side.chapter.go_to(topic)
        self.open_page(self.text)

    def _remember_visit(self) -> None:
        self.state = self.state.leaving(self.text.scroll_offset.y)

    def _show_found(self, found: "SearchResult") -> None:
        place = found.place
        if place.slug != self.state.topic.slug:
            self._open(topic_named(place.slug))
            self.side.chapter.go_to(self.state.topic)
        self.state = self.state.finding(found)
        self.text.jump_to_found(place.occurrence)
        self.open_page(self.text)

    def _choose_demo(self, take: Callable[[str], None]) -> None:
        names = self.state.topic.demos
        if len(names) == 1:
            take(names[0])
            return
        from cnn_tui.tui.dialogs.choice import ChoiceScreen  # would slow the first paint

        choices = {"": [(name, demo_info(name).title) for name in names]}
        self.ask(ChoiceScreen("Which demo?", choices), take)

    def _mark_at_end(self) -> None:
        if self.text.is_end_seen:
            self._mark(True)

    def _mark(self, is_read: bool) -> None:
        slug, read = self.state.topic.slug, self.state.read
        if is_read != (slug in read):
            self.saver.add(slug, is_read)
            self.take_read(read ^ {slug})
