"""The Topics pane: the chapter as a tree, its text, and its demos."""

import shlex
from collections.abc import Mapping
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.widgets import Tree

from cnn_tui.chapter.catalogue import DemoInfo, Topic, demo_info, sections, topics
from cnn_tui.chapter.records import Value
from cnn_tui.engine.process import Engine
from cnn_tui.errors import UsageError
from cnn_tui.render.topic import topic_page
from cnn_tui.tui.pane import Pane
from cnn_tui.tui.panes import PaneInfo
from cnn_tui.tui.scroller import Page
from cnn_tui.workspace import Workspace


class TopicTree(Tree[Topic]):
    """Sections and their topics; the topic under the cursor is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "select_cursor", "Open", id="topics.open", tooltip="Read it; Esc comes back"
        ),
        Binding("j", "cursor_down", show=False, id="topics.down", tooltip="Next topic"),
        Binding("k", "cursor_up", show=False, id="topics.up", tooltip="Previous topic"),
    ]

    def __init__(self) -> None:
        super().__init__("The chapter", id="topic-tree", classes="side")
        self.show_root = False
        self.guide_depth = 2
        self.show_guides = False
        for section in sections():
            branch = self.root.add(section, expand=True, allow_expand=True)
            for topic in topics():
                if topic.section == section:
                    branch.add_leaf(topic.title, data=topic)


class TopicsPane(Pane):
    """Read a topic, run its demo beside the text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "r",
            "run_demo",
            "Run demo",
            id="topics.run",
            tooltip="Run this topic's demo; again for its next one",
        ),
        Binding(
            "p",
            "ask_parameters",
            "Parameters",
            id="topics.parameters",
            tooltip="Run the demo with other parameters",
        ),
    ]

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._topic = topics()[0]
        self._runs_of_topic = 0
        self._demo: DemoInfo | None = None
        self._given: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Tree, text and, once a demo ran, its output."""
        with Horizontal():
            yield TopicTree()
            with Container(id="topic-body"):
                yield Page(topic_page(self._topic), id="topic-text")
                yield Page(id="demo-output")

    def focus_first(self) -> None:
        """The tree."""
        tree = self.query_one(TopicTree)
        tree.focus()
        if tree.cursor_line < 0:
            tree.cursor_line = 1

    def action_back(self) -> None:
        """Put the demo's output away, then leave the text for the tree."""
        self._hide_output()
        self.focus_first()

    def shown(self) -> RenderableType:
        """The topic, and the demo's output below it."""
        parts: list[RenderableType] = [self.query_one("#topic-text", Page).content]
        if self.query_one("#demo-output").display:
            parts.append(self.query_one("#demo-output", Page).content)
        return Group(*parts)

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[Topic]) -> None:
        """Show the topic under the cursor."""
        if event.node.data is not None and event.node.data is not self._topic:
            self._open(event.node.data)

    def on_tree_node_selected(self, event: Tree.NodeSelected[Topic]) -> None:
        """Enter on a topic moves the focus to its text."""
        if event.node.data is not None:
            self.query_one("#topic-text").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a demo only where the topic has one."""
        if action in ("run_demo", "ask_parameters"):
            return bool(self._topic.demos)
        return super().check_action(action, parameters)

    def action_run_demo(self) -> None:
        """Run the topic's next demo and show its output."""
        demos = self._topic.demos
        self._demo = demo_info(demos[self._runs_of_topic % len(demos)])
        self._runs_of_topic += 1
        self._start_demo({})

    def action_ask_parameters(self) -> None:
        """Ask for the parameters of the demo that ran last, or of the topic's first."""
        from cnn_tui.tui.prompt import PromptScreen  # would slow the first paint

        info = self._demo or demo_info(self._topic.demos[0])

        def take(line: str) -> None:
            self._demo = info
            self._start_demo(_parsed(info, line))

        prompt = PromptScreen(
            info.title,
            f"{_meanings(info)}; nothing: these values",
            self._given.get(info.name) or _as_typed(info),
            lambda line: _parsed(info, line),
        )
        self.ask(prompt, take)

    def _start_demo(self, parameters: dict[str, Value]) -> None:
        assert self._demo is not None
        self._given[self._demo.name] = _as_typed(self._demo, parameters)
        output = self.query_one("#demo-output", Page)
        output.display = True
        self.add_class("-running")
        output.focus()
        output.show(Text(f"Running {self._demo.title} …", style="dim"))
        self.start(self._run(self._demo.name, parameters), "demo", page="demo-output")

    async def _run(self, name: str, parameters: dict[str, Value]) -> None:
        output = self.query_one("#demo-output", Page)
        result = await self.engine.run("demo", name=name, parameters=parameters)
        from cnn_tui.render.demo import demo_blocks

        output.show(demo_blocks(result))

    def _open(self, topic: Topic) -> None:
        self._topic = topic
        self._runs_of_topic = 0
        self._demo = None
        self.refresh_bindings()
        self.query_one("#topic-text", Page).show(topic_page(topic))
        self._hide_output()

    def _hide_output(self) -> None:
        self.query_one("#demo-output").display = False
        self.remove_class("-running")


def _as_typed(info: DemoInfo, given: Mapping[str, Value] | None = None) -> str:
    """Every parameter with its value, as it may be typed: ``--phi 1 --alpha 1.2``."""
    values = {each.name: each.default for each in info.parameters} | dict(given or {})
    words = []
    for name, value in values.items():
        text = str(value).lower() if isinstance(value, bool) else shlex.quote(str(value))
        words.append(f"--{name.replace('_', '-')} {text}")
    return " ".join(words)


def _meanings(info: DemoInfo) -> str:
    return "; ".join(
        f"{each.name.replace('_', '-')}: {each.help}" + (f" ({each.limits})" if each.limits else "")
        for each in info.parameters
    )


def _parsed(info: DemoInfo, line: str) -> dict[str, Value]:
    """The demo's parameters as they were typed; raises UsageError for what does not fit."""
    from cnn_tui.chapter.run import checked_parameters, parse_parameters

    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"This cannot be read: {error}.") from error
    return checked_parameters(info, parse_parameters(words))
