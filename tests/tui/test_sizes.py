"""Any terminal, any key: whatever the size, the app stays, and nothing fails in it."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import product
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot

from cnn_tui.errors import UsageError
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.workspace import Workspace
from tests.made_up_runs import add_ending, make_run
from tests.tui.fake_engine import FakeEngine
from tests.tui.waiting import LAYOUT_SECONDS, resize

pytestmark = pytest.mark.drawn

LEAST = (60, 20)
SIZES = [
    *((width, 20) for width in range(1, 6)),
    *((60, 1), (59, 20), (60, 19), (60, 20), (61, 20), (60, 21)),
]
"""What is always tried: hardly any columns or lines, and about the least that will do."""
KEYS = [
    *"12345", *"abcdefghijklmnoprstuvwxyz", *"N?/<>[]+-= ",
    *("enter", "escape", "tab", "shift+tab", "backspace", "delete", "ctrl+p", "ctrl+s"),
    *("up", "down", "left", "right", "pageup", "pagedown", "home", "end"),
]  # fmt: skip
"""All that means something, but for the keys that leave the app."""
KEY_NAMES = {key: _character_to_key(key) for key in KEYS if len(key) == 1}
ANY_SIZE = st.tuples(st.integers(1, 80), st.integers(1, 26))
TOGETHER = 10
"""Sizes that a pane is tried in before the next one is opened, which takes longer."""
RESIZED = 0.15
"""The share of resizes among what happens."""
COLUMNS, ROWS = (1, 82), (1, 24)


class Fixed:
    """One app that all examples share, in the size and pane that the last one left it in."""

    def __init__(self, app: LabApp, pilot: Pilot[str]) -> None:
        self.app = app
        self.pilot = pilot

    async def show(self, pane: int, *, with_keys: bool) -> None:
        await self.app.action_open_pane(pane)
        (self.app.action_show_help_panel if with_keys else self.app.action_hide_help_panel)()
        await self.settle()

    async def resize(self, size: tuple[int, int]) -> None:
        await resize(self.pilot, size)

    async def settle(self) -> None:
        await self.pilot.pause(LAYOUT_SECONDS)

    async def press(self, key: str) -> None:
        """Press a key; the search's and the palette's own delays are not waited for."""
        self.app.post_message(Key(KEY_NAMES.get(key, key), key if len(key) == 1 else None))
        await self.settle()

    def check(self, done: str = "") -> None:
        assert self.app.is_running, done
        assert self.app.crash is None, done
        assert self.app.failures.errors == [], done


@asynccontextmanager
async def lab(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Fixed]:
    monkeypatch.setattr("cnn_tui.training.process.launcher.launch", refuse)
    monkeypatch.setattr("cnn_tui.training.process.launcher.resume", refuse)
    monkeypatch.setattr("cnn_tui.training.studies.store.launch", refuse)
    monkeypatch.chdir(workspace.root)  # where w writes to
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa", end="finished")
    failed = make_run(workspace, "20231114-231320-lenet5-digits-bbbb", end=None)
    add_ending(failed, "failed", "CUDA ran out of memory: use a smaller --batch-size.")
    app = LabApp(workspace=workspace)
    app.engine = FakeEngine()
    async with app.run_test(size=LEAST) as pilot:
        await pilot.pause()
        yield Fixed(app, pilot)


def refuse(*_: object) -> NoReturn:
    raise UsageError("Nothing is trained here.")


def _open_at(count: int, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every pane in every size that is always tried, and ``count`` times in one drawn."""

    @settings(
        max_examples=count // TOGETHER,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.sampled_from(range(len(PANES))),
        st.lists(ANY_SIZE, min_size=TOGETHER, max_size=TOGETHER),
        st.booleans(),
    )
    def opens(pane: int, sizes: list[tuple[int, int]], with_keys: bool) -> None:
        runner.run(shown(pane, sizes, with_keys=with_keys))

    async def shown(pane: int, sizes: Iterable[tuple[int, int]], *, with_keys: bool) -> None:
        with fixed.app._context():
            await fixed.resize(LEAST)
            await fixed.show(pane, with_keys=with_keys)
            for size in sizes:
                await fixed.resize(size)
                fixed.check()

    with asyncio.Runner() as runner:
        opened = lab(workspace, monkeypatch)
        fixed = runner.run(opened.__aenter__())
        try:
            for pane, with_keys in product(range(len(PANES)), (False, True)):
                runner.run(shown(pane, SIZES, with_keys=with_keys))
            opens()
        finally:
            runner.run(opened.__aexit__(None, None, None))


@pytest.mark.slow
def test_opens_every_pane_in_any_size(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    _open_at(200, workspace, monkeypatch)


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
def test_opens_every_pane_in_many_sizes(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    _open_at(2000, workspace, monkeypatch)


async def _press_and_resize(
    events: int, seed: int, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random keys and sizes from 1×1 to 82×24; a failure reports the last of them."""
    draw = random.Random(seed)
    done: list[str] = []
    async with lab(workspace, monkeypatch) as fixed:
        for _ in range(events):
            if draw.random() < RESIZED:
                size = (draw.randint(*COLUMNS), draw.randint(*ROWS))
                done.append(f"{size[0]}×{size[1]}")
                await fixed.resize(size)
            else:
                key = draw.choice(KEYS)
                done.append(key)
                await fixed.press(key)
            fixed.check(" ".join(done[-30:]))


@pytest.mark.slow
async def test_survives_any_keys_in_any_size(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _press_and_resize(600, 0, workspace, monkeypatch)


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(1, 6))
async def test_survives_many_keys_in_many_sizes(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    await _press_and_resize(600, seed, workspace, monkeypatch)
