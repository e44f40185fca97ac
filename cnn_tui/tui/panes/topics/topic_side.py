"""The left side of the Topics pane: what was read, the chapter as a tree, the page's contents."""

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static, Tree
from textual.widgets.tree import TreeNode

from cnn_tui.chapter.catalogue import Topic, sections, topics
from cnn_tui.tui.background import after_refresh
from cnn_tui.tui.widgets.keyed_list import OPENS_PAGE, KeyedList

READ = "✓"


class TopicTree(
    KeyedList,
    Tree[Topic],
    room="topics",
    item="topic",
    opens=OPENS_PAGE,
    shows_open=True,
    open_action="select_cursor",
):
    """Sections and their topics; the topic under the cursor is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "space", "toggle_node", show=False, id="topics.fold", tooltip="Fold or unfold a section"
        ),
    ]

    def __init__(self, read: Iterable[str]) -> None:
        super().__init__("The chapter", id="topic-tree")
        self.show_root = False
        self.guide_depth = 2
        self.show_guides = False
        self._read = frozenset(read)
        self._leaves: dict[str, TreeNode[Topic]] = {}
        for section in sections():
            branch = self.root.add(self._section_label(section), expand=True, allow_expand=True)
            for topic in topics():
                if topic.section == section:
                    leaf = branch.add_leaf(self._topic_label(topic), data=topic)
                    self._leaves[topic.slug] = leaf

    def go_to(self, topic: Topic) -> None:
        """Put the cursor on a topic, unfolding its section."""
        leaf = self._leaves[topic.slug]
        if leaf.parent is not None and not leaf.parent.is_expanded:
            leaf.parent.expand()
        after_refresh(self, partial(self.move_cursor, leaf))

    def mark(self, read: frozenset[str]) -> None:
        """Mark the topics that are read; draws only what has changed."""
        changed = self._read ^ read
        self._read = read
        for slug, leaf in self._leaves.items():
            if slug in changed and leaf.data is not None and leaf.parent is not None:
                leaf.set_label(self._topic_label(leaf.data))
                leaf.parent.set_label(self._section_label(leaf.data.section))

    def _topic_label(self, topic: Topic) -> Text:
        mark = READ if topic.slug in self._read else " "
        return Text.assemble((mark, "bold"), f" {topic.title}")

    def _section_label(self, section: str) -> Text:
        slugs = [topic.slug for topic in topics() if topic.section == section]
        count = len(self._read.intersection(slugs))
        done = f" {READ}" if count == len(slugs) else f" {count}/{len(slugs)}" if count else ""
        return Text.assemble((section, "bold"), (done, "dim"))


class TopicSide(Vertical):
    """How much is read, the tree, and where there is room the contents of the page."""

    def __init__(self, read: frozenset[str]) -> None:
        super().__init__(id="topic-side", classes="side")
        self._read = read
        self._contents: tuple[tuple[str, ...], str] = ((), "")

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Static(_progress(self._read), id="topics-read")
        yield TopicTree(self._read)
        yield Static(id="topic-contents", markup=False)

    @property
    def chapter(self) -> TopicTree:
        """The tree of all topics."""
        return self.query_one(TopicTree)

    def mark(self, read: frozenset[str]) -> None:
        """Tell which topics are read."""
        if read != self._read:
            self._read = read
            self.query_one("#topics-read", Static).update(_progress(read), layout=False)
            self.chapter.mark(read)

    def show_contents(self, headings: Iterable[str], current: str) -> None:
        """Show the headings of the page, with a mark at the one that is being read."""
        contents = (tuple(headings), current)
        if contents != self._contents:
            self._contents = contents
            shown = self.query_one("#topic-contents", Static)
            shown.update(_contents(*contents), layout=False)


def _progress(read: frozenset[str]) -> str:
    count = len(read.intersection(topic.slug for topic in topics()))
    return f"{count} of {len(topics())} read"


def _contents(headings: tuple[str, ...], current: str) -> Text:
    lines = [Text("On this page", style="dim")]
    for heading in headings:
        here = heading == current
        lines.append(Text(f"{'▸' if here else ' '} {heading}", style="bold" if here else ""))
    return Text("\n", no_wrap=True, overflow="ellipsis").join(lines)
