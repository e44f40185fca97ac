"""Nothing is cut off on a tour: every demo, network, exercise, kind of pooling and view of a run.

One app takes each tour, once in every size.
"""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key
from textual.pilot import Pilot

from cnn_tui.analysis.pooling.operators import KINDS
from cnn_tui.chapter.catalogue import topics
from cnn_tui.grading.catalogue import exercises
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.screenshot import WITHOUT_END, has_settled
from cnn_tui.workspace import Workspace
from tests.tui.cuts import cuts
from tests.tui.made_up_reports import RIGHT
from tests.tui.stage import BrokenEngine, Scene, StagedEngine, staged, staged_workspace
from tests.tui.test_no_cut import SIZES, in_every_size
from tests.tui.waiting import LAYOUT_SECONDS, resize, wait_for

pytestmark = pytest.mark.timeout(600)
MAPS_OF_POOLING = 6
VIEWS_OF_A_RUN = ("v", "v", "v", "v", "m", "m", "escape", "comma", "full_stop", "escape")
SETTINGS_OF_A_RUN = ("t", "t", "t", "l", "l", "z", "z", "plus", "minus", "o", "escape", "p")


class Tourist:
    """Presses keys in one app, and notes whatever is cut off on the way."""

    def __init__(self, app: LabApp, pilot: Pilot[Any], space: Workspace) -> None:
        self.app, self.pilot, self.space = app, pilot, space
        self.found: dict[str, str] = {}

    async def look(self, where: str) -> None:
        await wait_for(self.pilot, lambda: not self._is_busy())
        while self.app._notifications:  # they cover a part of the page for a while
            self.app.clear_notifications()
            await self.pilot.pause(LAYOUT_SECONDS)
        found = cuts(self.app)
        if found:  # a busy machine has perhaps not laid out everything yet
            await has_settled(self.app)
            found = cuts(self.app)
        for cut in found:
            self.found.setdefault(str(cut), where)

    def _is_busy(self) -> bool:
        return any(
            not each.is_finished and each.group not in WITHOUT_END for each in self.app.workers
        )

    async def press(self, where: str, *keys: str) -> None:
        for key in keys:
            self.app.post_message(Key(key, key if len(key) == 1 else None))
            await self.pilot.pause(LAYOUT_SECONDS)
            await self.look(f"{where}, {key}")


async def _demos(tourist: Tourist) -> None:
    for topic in topics():
        for number, demo in enumerate(topic.demos):
            await tourist.press(demo, "r")
            if len(tourist.app.screen_stack) > 1:
                await tourist.press(demo, *number * ("down",), "enter")
            await tourist.press(demo, "pagedown", "escape")
        await tourist.press(topic.slug, "greater_than_sign")


async def _networks(tourist: Tourist) -> None:
    for net in all_nets():
        await tourist.look(net.name)
        await tourist.press(net.name, "f", "s", "escape", "down")
    await tourist.press("evolution", "t")


async def _exercises(tourist: Tourist) -> None:
    for exercise in exercises():
        file = tourist.space.exercises / exercise.file_name
        await tourist.press(exercise.name, "t", "h", "h", "h", "c", "pagedown", "d")
        file.write_text(f"{RIGHT}\n")
        await tourist.press(exercise.name, "c", "pagedown", "d", "down")


async def _pooling(tourist: Tourist) -> None:
    for kind in KINDS:
        keys = ("right", "t", "t", "right_square_bracket", "left_square_bracket", "m")
        await tourist.press(kind, *keys)
    for number in range(MAPS_OF_POOLING):
        await tourist.press(f"map {number}", "i", "p", "t", "t")


async def _runs(tourist: Tourist) -> None:
    for number in range(3):
        await tourist.press(f"run {number}", *VIEWS_OF_A_RUN, *SETTINGS_OF_A_RUN, "down")
    await tourist.press("experiment", "e", "down", "enter")


async def _first_page(tourist: Tourist) -> None:
    await tourist.app.action_first_page()
    await wait_for(tourist.pilot, lambda: tourist.app.screen.is_running)
    await has_settled(tourist.app)
    await tourist.look("first page")


TOURS: dict[str, tuple[int, Callable[[Tourist], Awaitable[None]]]] = {
    "demos": (1, _demos),
    "networks": (2, _networks),
    "pooling": (3, _pooling),
    "runs": (4, _runs),
    "exercises": (5, _exercises),
    "first-page": (1, _first_page),
}


@pytest.fixture(autouse=True)
def shipped_first(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take from the package what comes with it, as the lab does."""
    monkeypatch.setattr(StagedEngine, "at_once", BrokenEngine.at_once)
    yield


@in_every_size
@pytest.mark.parametrize("name", [name for name in TOURS if name != "demos"])
async def test_cuts_nothing_off_on_a_tour(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    await _is_whole_on_a_tour(tmp_path, name, size)


@pytest.mark.exhaustive
@pytest.mark.parametrize("size", SIZES)
async def test_cuts_nothing_off_on_the_tour_of_demos(tmp_path: Path, size: tuple[int, int]) -> None:
    await _is_whole_on_a_tour(tmp_path, "demos", size)


async def _is_whole_on_a_tour(folder: Path, name: str, size: tuple[int, int]) -> None:
    pane, tour = TOURS[name]
    with staged_workspace(folder) as space:
        assert space is not None
        async with staged(Scene(name, pane), space, size) as (app, pilot):
            await resize(pilot, size)
            tourist = Tourist(app, pilot, space)
            await tour(tourist)
    assert not tourist.found, "\n".join(f"{at}: {cut}" for cut, at in tourist.found.items())
