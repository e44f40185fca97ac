"""The Topics pane: the chapter as a tree, its text, and its demos."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from rich.console import Group, RenderableType
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.geometry import Size
from textual.reactive import Reactive
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static, Tree

from cnn_tui.chapter.catalogue import Topic, demo_info, topics
from cnn_tui.chapter.catalogue import topic as topic_named
from cnn_tui.chapter.page import CHECK_YOURSELF, linked_from, links, questions, widest_diagram
from cnn_tui.chapter.reading import ReadingMarks, load, remember
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError
from cnn_tui.render.pages.topic import topic_sections
from cnn_tui.tui.background import after_refresh, later
from cnn_tui.tui.panes.demo_panel import DemoPanel
from cnn_tui.tui.panes.pane import Pane, PaneInfo
from cnn_tui.tui.panes.topic_side import TopicSide
from cnn_tui.tui.panes.topic_text import TopicText
from cnn_tui.workspace import Workspace

if TYPE_CHECKING:
    from cnn_tui.options import OptionValue
    from cnn_tui.tui.dialogs.search import SearchResult

ONE_FRAME = 1 / 60
"""Seconds after which Textual draws what has changed."""
MOST_FRAMES = 12
"""So long the opening of a demo may wait for the focus to move."""
LEAST_DEMO = 60
"""Columns: less would break a demo's tables into slivers."""
SIDE_WIDTH = 40
"""Columns of the tree on a wide terminal, as the stylesheet has it."""
WARM_UP_SECONDS = 0.5
"""So long after the first paint, what the next keys need is loaded beside the app."""
WARM_UP_WORDS = "pooling"
REMEMBER_SECONDS = 1.0
"""So long after the last key, what was read is saved: not for each topic on the way."""


@dataclass(frozen=True)
class Visit:
    """A topic that was left by a link, and the row at the top of what was seen of it."""

    topic: Topic
    row: int


class Body(Container):
    """The text, and a demo beside or below it."""

    # Textual repaints a container whose size has changed, though the layout of the
    # screen has just drawn all that is in it: 8 KB on the wire for nothing.
    virtual_size = Reactive(Size(0, 0), layout=True, repaint=False)


class Column(Vertical):
    """The text, and below it what was found."""

    virtual_size = Reactive(Size(0, 0), layout=True, repaint=False)


class TopicsPane(Pane):
    """Read a topic, run its demo beside the text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "r",
            "run_demo",
            "Demo",
            id="topics.run",
            tooltip="Run this topic's demo; of several, the one that you choose",
        ),
        Binding(
            "p",
            "edit_parameters",
            "Change",
            id="topics.parameters",
            tooltip="Change the demo's numbers; Enter runs it, and what changes is marked",
        ),
        Binding(
            "a",
            "answer",
            "Answer",
            id="topics.answer",
            tooltip="Unfold the next answer of this topic's questions, in the end fold all",
        ),
        Binding(
            "g",
            "go",
            "Go to",
            id="topics.go",
            tooltip="The contents of this page, the topics that it leads to and that lead here",
        ),
        Binding("slash", "search", "Search", id="topics.search", tooltip="Search all topics"),
        Binding(
            "n", "next_place(1)", show=False, id="topics.next-place", tooltip="Next place found"
        ),
        Binding(
            "N",
            "next_place(-1)",
            show=False,
            id="topics.previous-place",
            tooltip="Previous place found",
        ),
        Binding(
            "right_square_bracket",
            "heading(1)",
            show=False,
            id="topics.next-heading",
            tooltip="Next heading",
        ),
        Binding(
            "left_square_bracket",
            "heading(-1)",
            show=False,
            id="topics.previous-heading",
            tooltip="Previous heading",
        ),
        Binding(
            "greater_than_sign",
            "topic(1)",
            show=False,
            id="topics.next-topic",
            tooltip="Next topic",
        ),
        Binding(
            "less_than_sign",
            "topic(-1)",
            show=False,
            id="topics.previous-topic",
            tooltip="Previous topic",
        ),
        Binding(
            "b,backspace",
            "return",
            show=False,
            id="topics.return",
            tooltip="Back to the topic from which a link or a search led here",
        ),
        Binding(
            "m",
            "mark",
            show=False,
            id="topics.mark",
            tooltip="Mark this topic as read, or as not read; its end in sight marks it too",
        ),
    ]

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        # One small file, read before the first paint: the topic would jump if it came later.
        self._reading = load(workspace)
        self._topic = _topic_to_begin_with(self._reading)
        self._marks: dict[str, bool] = {}
        self._saving: Timer | None = None
        self._not_saved = ""
        self._unfolded: dict[str, int] = {}
        self._visits: list[Visit] = []
        self._found: SearchResult | None = None
        self._before_demo: Widget | None = None

    def compose(self) -> ComposeResult:
        """Tree, text and, once a demo ran, its output."""
        with Horizontal():
            yield TopicSide(self._reading.read)
            with Body(id="topic-body"):
                with Column(id="topic-column"):
                    yield TopicText(id="topic-text")
                    yield Static(id="topic-found", markup=False)
                yield DemoPanel()

    def on_mount(self) -> None:
        """Show the topic that was looked at last."""
        self._show_text()
        self._side.chapter.go_to(self._topic)
        later(self, WARM_UP_SECONDS, self._warm_up)

    async def on_unmount(self) -> None:
        """The app ends, and all of its panes with it."""
        with contextlib.suppress(LabError):
            await in_background(self._save)

    def close(self) -> None:
        """Keep what was read."""
        with contextlib.suppress(LabError):
            self._save()

    def focus_first(self) -> None:
        """The tree."""
        self._side.chapter.focus()

    def shown(self) -> RenderableType:
        """The topic, and the demo's output below it."""
        parts: list[RenderableType] = [self._text.content]
        if self._panel.is_open:
            parts.append(self._panel.shown)
        return Group(*parts)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what this topic has; what is typed into the form is no key of the pane."""
        if isinstance(self.screen.focused, Input):
            return False
        if action in ("run_demo", "edit_parameters"):
            return bool(self._topic.demos)
        if action == "answer":
            return bool(questions(self._topic))
        if action == "next_place":
            return self._found is not None
        return super().check_action(action, parameters)

    def on_resize(self) -> None:
        """Find another place for an open demo."""
        if self.has_class("-running"):
            self._arrange()

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[Topic]) -> None:
        """Show the topic under the cursor."""
        topic = event.node.data
        if topic is not None and topic is not self._topic and event.node.tree.has_focus:
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

    def on_demo_panel_form_changed(self, message: DemoPanel.FormChanged) -> None:
        """A small terminal hides the text while numbers are changed."""
        self.set_class(self._panel.is_edited, "-editing")

    def action_back(self) -> None:
        """Put the demo away, then the marks of a search, then leave the text for the tree."""
        if self._panel.is_open:
            self._close_panel()
        elif self._found is not None:
            self._end_search()
            self._show_text()
        else:
            self.focus_first()

    def action_run_demo(self) -> None:
        """Run the topic's demo and show its output."""
        self._choose_demo(self._run_demo)

    def action_edit_parameters(self) -> None:
        """Change the parameters of the demo that is shown, or of the topic's own."""
        shown = self._panel.info
        if shown is not None:
            self.start(self._edit(shown.name), "form")
        else:
            self._choose_demo(lambda name: self.start(self._edit(name), "form"))

    def action_answer(self) -> None:
        """Unfold one more answer, or after the last fold all of them."""
        count, slug = len(questions(self._topic)), self._topic.slug
        unfolded = (self._unfolded.get(slug, 0) + 1) % (count + 1)
        self._unfolded[slug] = unfolded
        self._show_text()
        first = self._text.index_of(CHECK_YOURSELF)
        self._text.jump_to_section(first + unfolded)

    def action_go(self) -> None:
        """Offer the headings of this page and the topics around it."""
        from cnn_tui.tui.dialogs.choice import ChoiceScreen  # would slow the first paint

        headings = [(f"#{name}", name) for name in self._text.headings]
        there = [(each.slug, each.title) for each in links(self._topic)]
        here = [(each.slug, each.title) for each in linked_from(self._topic)]
        choices = {
            "On this page": [("#", self._topic.title), *headings],
            "Leads to": there,
            "Led to from": [each for each in here if each not in there],
        }
        self.ask(ChoiceScreen("Go to", choices), self._go)

    def action_search(self) -> None:
        """Search all topics for words."""
        from cnn_tui.tui.dialogs.search import SearchScreen  # would slow the first paint

        def found(answer: "SearchResult | None") -> None:
            if answer is not None:
                self._remember_visit()
                self._show_found(answer)

        self.app.push_screen(SearchScreen(self._found.words if self._found else ""), found)

    def action_next_place(self, step: int) -> None:
        """Go to the next place that was found, or with -1 to the one before; round and round."""
        if self._found is not None:
            index = (self._found.index + step) % len(self._found.places)
            self._show_found(replace(self._found, index=index))

    def action_heading(self, step: int) -> None:
        """Scroll to the next heading, or with -1 to the one before."""
        self._text.jump(step)

    def action_topic(self, step: int) -> None:
        """Open the next topic of the chapter, or with -1 the one before."""
        pages = topics()
        index = pages.index(self._topic) + step
        if 0 <= index < len(pages):
            self._open(pages[index])
            self._side.chapter.go_to(self._topic)

    def action_return(self) -> None:
        """Go back to where a link or a search was followed."""
        if self._visits:
            visit = self._visits.pop()
            self._open(visit.topic)
            self._text.scroll_to(y=visit.row, animate=False)
            self._side.chapter.go_to(visit.topic)

    def action_mark(self) -> None:
        """Mark the topic as read, or as not read."""
        self._mark(self._topic.slug not in self._reading.read)

    @property
    def _side(self) -> TopicSide:
        return self.query_one(TopicSide)

    @property
    def _text(self) -> TopicText:
        return self.query_one(TopicText)

    @property
    def _panel(self) -> DemoPanel:
        return self.query_one(DemoPanel)

    def _warm_up(self) -> None:
        self.start(in_background(_load_what_comes_next), "warm-up")

    def _open(self, topic: Topic) -> None:
        self._topic = topic
        self._end_search()
        if self._panel.is_open:
            self._close_panel()
        self._show_text()
        self._text.scroll_home(animate=False)
        self.refresh_bindings()
        self._save_soon()

    def _show_text(self) -> None:
        sections = topic_sections(self._topic, self._unfolded.get(self._topic.slug, 0))
        words = self._found.words if self._found else ""
        self._text.show_sections(sections, words=words)
        self._side.show_contents(self._text.headings, self._text.heading)

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
        self._visits.append(Visit(self._topic, self._text.scroll_offset.y))

    def _show_found(self, found: "SearchResult") -> None:
        place = found.place
        if place.slug != self._topic.slug:
            self._open(topic_named(place.slug))
            self._side.chapter.go_to(self._topic)
        self._found = found
        if place.in_answer:
            self._unfolded[place.slug] = len(questions(self._topic))
        self._show_text()
        self._text.jump_to_found(place.occurrence)
        self._text.focus()
        line = self.query_one("#topic-found", Static)
        line.display = True
        line.update(
            f"“{found.words}”: place {found.index + 1} of {len(found.places)}. "
            "n N next, previous; Esc ends."
        )
        self.refresh_bindings()

    def _end_search(self) -> None:
        if self._found is not None:
            self._found = None
            self.query_one("#topic-found").display = False
            self.refresh_bindings()

    def _choose_demo(self, take: Callable[[str], None]) -> None:
        names = self._topic.demos
        if len(names) == 1:
            take(names[0])
            return
        from cnn_tui.tui.dialogs.choice import ChoiceScreen  # would slow the first paint

        choices = {"": [(name, demo_info(name).title) for name in names]}
        self.ask(ChoiceScreen("Which demo?", choices), take)

    def _run_demo(self, name: str) -> None:
        self.start(self._show_demo(name), "form")

    async def _show_demo(self, name: str) -> None:
        with self.app.batch_update():
            await self._panel.take(demo_info(name))
            self._panel.run()
            await self._make_room()

    async def _edit(self, name: str) -> None:
        info = demo_info(name)
        if not info.parameters:
            self.say("This demo has nothing to change: r runs it.")
            return
        with self.app.batch_update():
            await self._panel.take(info)
            self._panel.edit()
            await self._make_room()

    async def _make_room(self) -> None:
        if not self.has_class("-running"):
            self._before_demo = self._text if self._text.has_focus else self._side.chapter
            self.add_class("-running")
            self._arrange()
            # What asks to be drawn must have done so before the layout, which draws all of it.
            for _ in range(MOST_FRAMES):
                await asyncio.sleep(ONE_FRAME)
                if self._panel.has_focus_within:
                    break
            await asyncio.sleep(ONE_FRAME)

    def _close_panel(self) -> None:
        self.workers.cancel_group(self, "demo")
        with self.app.batch_update():
            self._panel.close()
            self.remove_class("-running")
            self._arrange()
        # Not at once: until the next layout the tree is hidden and takes no focus.
        after_refresh(self, (self._before_demo or self._text).focus)

    def _arrange(self) -> None:
        """Put the demo beside the text where both fit, without the tree if need be, else below.

        The text is laid out before the screen is: else it would be drawn twice.
        """
        room = self.app.size.width
        text = max(LEAST_DEMO, self._text.columns_for(widest_diagram(self._topic)))
        is_wide = room >= LEAST_DEMO * 2
        is_open = self.has_class("-running")
        is_beside = is_open and text + LEAST_DEMO <= room
        is_whole = is_open and (text + LEAST_DEMO > room - SIDE_WIDTH if is_beside else not is_wide)
        self.set_class(is_beside, "-beside")
        self.set_class(is_whole, "-whole")
        columns = room - (0 if is_whole else SIDE_WIDTH)
        if is_beside:
            columns = max(text, columns // 2)
        self.query_one("#topic-column").styles.width = columns if is_beside else "1fr"
        if is_wide:
            self._text.lay_out_for(columns)

    async def _run(self, name: str, parameters: "dict[str, OptionValue]") -> None:
        result = await self.engine.run("demo", name=name, parameters=parameters)
        self._panel.show(result)

    def _complain(self, sentence: str, page: str | None) -> None:
        if page == "demo-output":
            self._panel.fail(sentence)
        else:
            super()._complain(sentence, page)

    def _mark(self, is_read: bool) -> None:
        slug = self._topic.slug
        if is_read != (slug in self._reading.read):
            self._marks[slug] = is_read
            read = self._reading.read ^ {slug}
            self._reading = replace(self._reading, read=read)
            self._side.mark(read)
            self._save_soon()

    def _save_soon(self) -> None:
        if self._saving is not None:
            self._saving.stop()
        self._saving = later(self, REMEMBER_SECONDS, self._start_saving)

    def _start_saving(self) -> None:
        self.start(self._save_beside(), "reading")

    async def _save_beside(self) -> None:
        """Save what was read, and take in what other sessions have marked.

        What keeps it from being saved, such as a folder that is read-only, is told once.
        """
        try:
            reading = await in_background(self._save)
        except LabError as error:
            if str(error) == self._not_saved:
                return
            self._not_saved = str(error)
            raise
        self._not_saved = ""
        if reading is not None:
            self._reading = reading
            self._side.mark(reading.read)

    def _save(self) -> ReadingMarks | None:
        if self.workspace is None:
            return None
        return remember(self.workspace, self._topic.slug, self._marks)


def _load_what_comes_next() -> None:
    """The dialogs and the search's texts: on the first key they would hold it up."""
    from cnn_tui.chapter.search import search

    for module in ("help", "choice", "search"):
        import_module(f"cnn_tui.tui.dialogs.{module}")
    import_module("cnn_tui.render.pages.demo")
    search(WARM_UP_WORDS)


def _topic_to_begin_with(reading: ReadingMarks) -> Topic:
    return next((each for each in topics() if each.slug == reading.last), topics()[0])
