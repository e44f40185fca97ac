"""Large paints: prepared in several turns of the event loop, written once, and nothing is lost."""

import asyncio
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
from textual._compositor import Compositor
from textual.app import App
from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from cnn_tui.tui import painting
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.painting import UnhurriedScreen
from cnn_tui.tui.panes.switcher import PaneSwitcher
from cnn_tui.tui.panes.training.store_reader import StoreReader
from cnn_tui.workspace import Workspace
from tests.made_up_runs import make_run
from tests.tui.test_app import lab
from tests.tui.waiting import resize, wait_for

pytestmark = pytest.mark.drawn
LINES = 40


class Counting(Widget):
    """Counts the turns of the event loop that pass while its lines are drawn."""

    turns = 0
    turns_at: tuple[int, ...] = ()

    def render_line(self, y: int) -> Strip:
        self.turns_at = (*self.turns_at, self.turns)
        return super().render_line(y)

    async def count(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.turns += 1


class Large(App[None]):
    """One widget that fills the terminal, on a screen that paints it in turns."""

    CSS = "Counting { width: 100%; height: 100%; }"

    def get_default_screen(self) -> Screen[None]:
        class WithOne(UnhurriedScreen[None]):
            def compose(self) -> Iterator[Widget]:
                yield Counting()

        return WithOne()


class Watched(LabApp):
    """The lab, what it has written, and the texts below its header after each time."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace=workspace)
        self.frames: list[str] = []
        self.written = ""

    def _display(self, screen: Any, renderable: Any) -> None:
        super()._display(screen, renderable)
        if renderable is not None:
            self.written += renderable.render_segments(self.console)
            self.frames.append(shown(self).partition("\n")[2])


def shown(app: App[Any]) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def wide(frames: list[str]) -> list[str]:
    """Those of a terminal of 120 columns."""
    return [each for each in frames if len(each.partition("\n")[0]) == 120]


def drawn_by_textual(app: App[Any]) -> list[Strip]:
    compositor = app.screen._compositor
    lines = Compositor._render_chops(compositor, compositor.size.region, lambda _: True)
    return [Strip.join(line.values()) for line in lines]


def cells(strips: list[Strip]) -> list[list[tuple[str, str]]]:
    return [
        [(sign, str(segment.style)) for segment in strip for sign in segment.text]
        for strip in strips
    ]


async def test_draws_what_textual_would_draw(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        for key in ("2", "question_mark", "escape", "4", "n"):
            await pilot.press(key)
            await pilot.pause(0.1)
            ours = cells(app.screen._compositor.render_strips())
            assert ours == cells(drawn_by_textual(app))


async def test_lets_keys_through_while_a_large_screen_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(painting, "SLICE_SECONDS", 0.0)
    app = Large()
    async with app.run_test(size=(120, LINES)) as pilot:
        counting = app.query_one(Counting)
        counting.run_worker(counting.count())
        counting.turns_at = ()
        counting.refresh()
        await wait_for(pilot, lambda: len(counting.turns_at) >= LINES)
        assert counting.turns_at[-1] > counting.turns_at[0]


async def test_draws_nothing_while_a_widget_still_answers_what_it_was_told() -> None:
    app = Large()
    drawn_early: list[int] = []

    async with app.run_test(size=(120, LINES)) as pilot:
        counting = app.query_one(Counting)

        async def answer() -> None:
            drawn_early.append(len(counting.turns_at))
            await asyncio.sleep(0)

        counting.turns_at = ()
        counting.refresh()
        screen = app.screen
        assert isinstance(screen, UnhurriedScreen)
        while screen._painting is None:
            await asyncio.sleep(0)
        for _ in range(8):
            counting.call_later(answer)
        await wait_for(pilot, lambda: len(counting.turns_at) >= LINES and len(drawn_early) == 8)
        assert drawn_early == [0] * 8


async def test_writes_nothing_that_was_prepared_before_a_batch_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(painting, "SLICE_SECONDS", 0.0)
    written: list[object] = []
    monkeypatch.setattr(Large, "_display", lambda _app, _screen, update: written.append(update))
    app = Large()
    async with app.run_test(size=(120, LINES)) as pilot:
        app.query_one(Counting).refresh()
        screen = app.screen
        assert isinstance(screen, UnhurriedScreen)
        while screen._painting is None:
            await asyncio.sleep(0)
        with app.batch_update():
            written.clear()
            await asyncio.sleep(0.1)
            assert written == []
        await wait_for(pilot, lambda: written)


@pytest.mark.slow
async def test_writes_a_resized_screen_once_it_has_taken_its_size(workspace: Workspace) -> None:
    app = Watched(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await wait_for(pilot, lambda: "44,426" in shown(app))
        await pilot.pause(0.3)
        app.frames.clear()
        await resize(pilot, (120, 40))
        await wait_for(pilot, lambda: wide(app.frames))
        await pilot.pause(0.3)
        first, *_, last = [*wide(app.frames), app.frames[-1]]
        assert first == last


@pytest.mark.slow
@pytest.mark.parametrize("between", [None, (100, 30), (50, 15)], ids=str)
async def test_draws_again_when_another_size_is_taken_back_at_once(
    workspace: Workspace, between: tuple[int, int] | None
) -> None:
    app = Watched(workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for(pilot, lambda: "kernel" in app.written)
        await pilot.pause(0.3)
        app.written = ""
        for size in filter(None, (between, (120, 40))):
            app.post_message(Resize(Size(*size), Size(*size)))
        await wait_for(pilot, lambda: "kernel" in app.written)
        assert "kernel" in shown(app)


@pytest.mark.slow
async def test_opens_training_with_the_newest_run_before_the_disk_answers(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wait(*_: object) -> NoReturn:
        await asyncio.sleep(3600)
        raise AssertionError

    monkeypatch.setattr(StoreReader, "read", wait)
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    app = Watched(workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for(pilot, lambda: app.query_one(PaneSwitcher).prepared)
        app.frames.clear()
        await pilot.press("4")
        await wait_for(pilot, lambda: any("╭─ Runs" in each for each in app.frames))
        first = next(each for each in app.frames if "╭─ Runs" in each)
        assert "Loss" in first and "97.5 %" in first
