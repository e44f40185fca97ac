"""Sizes and keys that follow each other at once: in the end the terminal shows the screen."""

import asyncio
import random
import time
from typing import Any

import pyte
import pytest
from textual._context import visible_screen_stack
from textual.driver import Driver
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Key, Resize
from textual.geometry import Size

from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.help import HelpScreen
from cnn_tui.tui.terminal.terse import Terse
from cnn_tui.tui.widgets.header import Header
from cnn_tui.workspace import Workspace
from tests.made_up_runs import make_run
from tests.tui.fake_engine import FakeEngine

pytestmark = pytest.mark.drawn
LOST = "#"
SIZES = [(120, 40), (80, 24), (100, 30), (60, 20), (59, 19), (40, 10)]
KEYS = {"question_mark": "?", "slash": "/", "escape": None, "tab": None, "ctrl+l": None}
PANES = {each: each for each in "12345n"}
CALM_TURNS, CALM_SECONDS, MOST_SECONDS = 10, 0.01, 20


class Wired(HeadlessDriver):
    """A terminal in memory, which loses all of its cells whenever it takes a size."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        assert self._size is not None
        self.terminal = pyte.Screen(*self._size)
        self.terse = Terse(*self._size)
        self.writes = 0
        self.blank_frames: list[str] = []
        self.outdated: list[Size] = []

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        pyte.Stream(self.terminal).feed(self.terse.shorten(data))
        self.writes += 1
        if "m" in data and not "".join(self.terminal.display).strip():
            self.blank_frames.append(type(self._app.screen).__name__)
        drawn = self._app.screen._compositor.size
        if "m" in data and drawn != self._app.size:
            self.outdated.append(drawn)

    def take(self, size: tuple[int, int]) -> None:
        columns, lines = self._size = size
        self.terse.forget(columns, lines)
        self.terminal = pyte.Screen(columns, lines)
        lost = "\r\n".join([LOST * columns] * lines)
        pyte.Stream(self.terminal).feed("\x1b[?7l" + lost)
        self._app.post_message(Resize(Size(*size), Size(*size)))


class WiredApp(LabApp):
    """The lab on a terminal in memory."""

    def get_driver_class(self) -> type[Driver]:
        return Wired

    @property
    def wire(self) -> Wired:
        assert isinstance(self._driver, Wired)
        return self._driver

    def type_key(self, key: str) -> None:
        self.post_message(Key(key, (KEYS | PANES)[key]))

    def wanted(self) -> list[str]:
        visible_screen_stack.set(self._background_screens)
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]

    def shown(self) -> list[str]:
        return [line.rstrip() for line in self.wire.terminal.display]

    async def is_calm(self) -> None:
        """Return once nothing was written for some turns; fails where that never happens."""
        calm, writes, deadline = 0, -1, time.monotonic() + MOST_SECONDS
        while calm < CALM_TURNS:
            assert time.monotonic() < deadline, "the app does not come to rest"
            await asyncio.sleep(CALM_SECONDS)
            is_busy = any(getattr(each, "_painting", None) for each in self.screen_stack)
            calm = 0 if is_busy or self.wire.writes != writes else calm + 1
            writes = self.wire.writes


async def run_wired(workspace: Workspace, act: Any, size: tuple[int, int] = (120, 40)) -> None:
    app = WiredApp(workspace=workspace)
    app.engine = FakeEngine()
    failures: list[BaseException] = []

    async def pilot(_: object) -> None:
        try:
            await app.is_calm()
            await act(app)
        except BaseException as error:
            failures.append(error)
        finally:
            app.exit()

    await app.run_async(headless=False, size=size, auto_pilot=pilot)
    if failures:
        raise failures[0]


@pytest.mark.slow
async def test_keeps_what_is_below_a_dialog_that_is_drawn_again(workspace: Workspace) -> None:
    async def act(app: WiredApp) -> None:
        app.type_key("question_mark")
        await app.is_calm()
        assert isinstance(app.screen, HelpScreen)
        visible_screen_stack.set(app._background_screens)  # as once for each paint
        for _ in range(2):
            app.screen.refresh()
            lines = app.screen._compositor.render_strips()
        assert any("─ Chapter ─" in line.text for line in lines)

    await run_wired(workspace, act)


@pytest.mark.slow
async def test_writes_nothing_for_a_size_that_is_outdated(workspace: Workspace) -> None:
    async def act(app: WiredApp) -> None:
        for size in [(100, 30), (59, 19), (40, 10), (80, 24), (100, 30)]:
            app.wire.take(size)
            await asyncio.sleep(0.009)
        await app.is_calm()
        assert app.shown() == app.wanted()
        assert app.wire.outdated == []

    await run_wired(workspace, act)


@pytest.mark.slow
async def test_writes_nothing_between_a_size_and_its_layout(workspace: Workspace) -> None:
    async def act(app: WiredApp) -> None:
        app.wire.take((80, 24))
        while app.size != (80, 24):
            await asyncio.sleep(0)
        assert app.screen._compositor.size == (120, 40)
        app.screen.query_one(Header).refresh()
        app.screen._on_timer_update()  # as whenever something is to be drawn again
        await app.is_calm()
        assert app.wire.outdated == []
        assert app.shown() == app.wanted()

    await run_wired(workspace, act)


@pytest.mark.slow
async def test_lays_nothing_out_for_a_size_that_another_one_has_followed(
    workspace: Workspace,
) -> None:
    async def act(app: WiredApp) -> None:
        app.screen.post_message(Resize(Size(80, 24), Size(80, 24)))
        for _ in range(CALM_TURNS):
            await asyncio.sleep(CALM_SECONDS)
            assert app.screen._compositor.size == app.size == (120, 40)
            assert app.screen.has_class("-wide")

    await run_wired(workspace, act)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
async def test_shows_the_screen_after_any_burst(workspace: Workspace, seed: int) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    chance = random.Random(seed)

    async def act(app: WiredApp) -> None:
        for _ in range(12):
            log = await burst(app, chance)
            await app.is_calm()
            assert app.shown() == app.wanted(), log
            assert app.wire.blank_frames == app.wire.outdated == [], log
            if app.is_covered:
                app.wire.take((120, 40))
                await app.is_calm()

    await run_wired(workspace, act)


async def burst(app: WiredApp, chance: random.Random) -> list[object]:
    log: list[object] = []
    for _ in range(chance.randint(2, 7)):
        if chance.random() < 0.5:
            log.append(size := chance.choice(SIZES))
            app.wire.take(size)
        else:
            log.append(key := chance.choice([*KEYS, *PANES]))
            app.type_key(key)
        for _ in range(chance.choice([0, 0, 1, 3, 10])):
            await asyncio.sleep(0)
        await asyncio.sleep(chance.choice([0, 0, 0.002, 0.009, 0.03]))
    return log
