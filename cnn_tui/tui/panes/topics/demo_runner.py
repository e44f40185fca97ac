"""The demos of the Topics pane: which one runs, with what, and what is known before it has."""

import asyncio
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from textual.timer import Timer
from textual.widget import Widget

from cnn_tui.chapter.catalogue import Topic, demo_info
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError
from cnn_tui.tui.background import after_refresh, later
from cnn_tui.tui.panes.pane import Pane
from cnn_tui.tui.panes.topics.topic_body import TopicBody

if TYPE_CHECKING:
    from cnn_tui.chapter.records import DemoResult
    from cnn_tui.tui.panes.demo_panel import DemoPanel

PREVIEW_SECONDS = 0.15
"""A demo is not shown for each topic that the cursor runs over."""
OVERTAKEN_SECONDS = 0.04
"""No process starts for a number that the next one overtakes sooner: keys repeat every 0.03 s."""
MOST_RECENT = 64
"""Results that are kept, for the way back."""
OUTPUT = "demo-output"
SHOWN_WITH = ("cnn_tui.render.pages.demo", "cnn_tui.render.pages.prediction")
NO_SETTINGS: Mapping[str, str] = {}


class DemoRunner:
    """Shows demos in ``body``; the focus goes back to the text, or to ``chapter``."""

    def __init__(self, pane: Pane, body: TopicBody, chapter: Widget) -> None:
        self._pane = pane
        self._body = body
        self._chapter = chapter
        self._previewing: Timer | None = None
        self._recent: dict[str, DemoResult] = {}

    def preview(self, topic: Topic) -> None:
        """Put the topic's demo beside it where there is room for both, else put it away."""
        panel = self._body.panel
        if not self._body.previews(topic):
            if panel.is_open:
                self.close(keep=False)
            return
        self._body.preview(demo_info(topic.demos[0]))
        if self._previewing is not None:
            self._previewing.stop()
        self._previewing = later(self._pane, PREVIEW_SECONDS, self._start_preview)

    async def show(self, name: str, settings: Mapping[str, str] = NO_SETTINGS) -> None:
        """Run a demo with what was typed for it before, or with ``settings``."""
        await self._body.panel.box.load()
        await self._make_room()
        info = demo_info(name)
        await self._body.open_demo(info, self._chapter, edit=False, settings=settings)

    async def edit(self, name: str) -> None:
        """Show the form of a demo."""
        info = demo_info(name)
        if not info.parameters:
            self._pane.say("This demo has nothing to change: r runs it.")
            return
        await self._body.panel.box.load()
        await self._make_room()
        await self._body.open_demo(info, self._chapter, edit=True, settings=NO_SETTINGS)

    def close(self, *, keep: bool) -> None:
        """Leave the demo, and put it away unless ``keep`` leaves it beside the text."""
        if not keep:
            self._pane.workers.cancel_group(self._pane, "demo")
        self._body.close_demo(keep=keep)

    def run(self, asked: "DemoPanel.Asked") -> None:
        """Run a demo; it replaces one that still runs."""
        if asked.info is not self._body.panel.info:
            return
        if not asked.live or not self._show_known(asked):
            self._pane.start(self._run(asked), "demo", page=OUTPUT)

    def _show_known(self, asked: "DemoPanel.Asked") -> bool:
        """Whether what a key asked for is known: it is shown then, else the output is stale."""
        panel = self._body.panel
        try:
            result = self._pane.engine.at_once(
                "demo", name=asked.info.name, parameters=asked.parameters
            )
        except LabError:
            return False  # the job raises it again, where it is shown
        result = result or self._recent.get(_key(asked))
        if result is None:
            panel.wait_for()
            return False
        self._pane.workers.cancel_group(self._pane, "demo")
        panel.show(result)
        return True

    async def _run(self, asked: "DemoPanel.Asked") -> None:
        """Show what comes with the package at once; asked for again, compute it."""
        if asked.live:
            await asyncio.sleep(OVERTAKEN_SECONDS)  # a key that is held down overtakes itself
        result = await self._pane.engine.run(
            "demo", recompute=asked.again, name=asked.info.name, parameters=asked.parameters
        )
        if asked.info is self._body.panel.info:
            self._remember(asked, result)
            self._body.panel.show(result)

    def _remember(self, asked: "DemoPanel.Asked", result: "DemoResult") -> None:
        """Keep a result that stays as it is: a text may name a file or a run, which change."""
        if not any(each.kind == "str" and not each.choices for each in asked.info.parameters):
            self._recent[_key(asked)] = result
        while len(self._recent) > MOST_RECENT:
            del self._recent[next(iter(self._recent))]

    async def _make_room(self) -> None:
        """Let the list make way where there is room for one frame: what is hidden has no focus."""
        self._pane.is_reading = True
        await asyncio.sleep(0)  # the keys have their turn: a class changes every widget's style
        if not self._body.display:
            shown = asyncio.Event()
            after_refresh(self._body, shown.set)
            await shown.wait()

    def _start_preview(self) -> None:
        if self._body.panel.is_waiting:
            self._pane.start(self._preview(), "preview", page=OUTPUT)

    async def _preview(self) -> None:
        """Show what is known of the demo without running it."""
        panel = self._body.panel
        info = panel.info
        for module in SHOWN_WITH:
            await in_background(import_module, module)
        await panel.box.load()
        if info is None or info is not panel.info or not panel.is_waiting:
            return
        if panel.ask_first(panel.run, focus=False):
            return
        result = self._pane.engine.at_once("demo", name=info.name, parameters={})
        if result is not None:
            panel.show(result)
        else:
            panel.invite()


def _key(asked: "DemoPanel.Asked") -> str:
    return f"{asked.info.name} {sorted(asked.parameters.items())}"
