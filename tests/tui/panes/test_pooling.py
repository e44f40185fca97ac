"""The Pooling pane: every key changes what it says it changes."""

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.workspace import Workspace
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for


async def open_pooling(pilot: Pilot[str], app: LabApp) -> None:
    await pilot.press("3")
    await shows(pilot, app, "max(1, 3, 5, 6) = 6")


async def shows(pilot: Pilot[str], app: LabApp, words: str) -> None:
    await wait_for(pilot, lambda: words in app.pane.shown_text())


async def press_and_see(pilot: Pilot[str], app: LabApp, steps: tuple[tuple[str, str], ...]) -> None:
    for key, words in steps:
        await pilot.press(key)
        await shows(pilot, app, words)


async def test_answers_each_key(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_pooling(pilot, app)
        steps = (
            ("right", "max(2, 4, 1, 2) = 4"),
            ("down", "max(8, 3, 6, 9) = 9"),
            ("k", "max(2, 4, 1, 2) = 4"),
            ("left", "max(1, 3, 5, 6) = 6"),
            ("j", "max(7, 2, 1, 4) = 7"),
            ("d", "dilation 2"),
            ("c", "ceil_mode"),
            ("m", "avg pooling"),
            ("right_square_bracket", "kernel_size 3"),
            ("less_than_sign", "stride 1"),
            ("greater_than_sign", "stride 2"),
            ("p", "padding 1"),
            ("u", "padding not counted"),
            ("p", "padding 0"),
            ("left_square_bracket", "kernel_size 2"),
            ("m", "lp pooling"),
            ("n", "norm_type 3"),
            ("i", "edges"),
        )
        await press_and_see(pilot, app, steps)


@pytest.mark.slow
async def test_pools_to_a_size_that_is_asked_for(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_pooling(pilot, app)
        steps = (
            ("m", "avg"),
            ("m", "lp"),
            ("m", "global-max"),
            ("m", "global-avg"),
            ("m", "adaptive-max"),
            ("right_square_bracket", "output_size 3×3"),
        )
        await press_and_see(pilot, app, steps)
        await pilot.press("p")
        assert any("takes no padding" in note.message for note in app._notifications)


async def test_says_why_a_window_cannot_grow(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_pooling(pilot, app)
        for size in (3, 4):
            await press_and_see(pilot, app, (("right_square_bracket", f"kernel_size {size}"),))
        await pilot.press("right_square_bracket")
        await pilot.pause()
        assert any("does not fit" in note.message for note in app._notifications)
        assert "kernel_size 4" in app.pane.shown_text()


@pytest.mark.slow
async def test_edits_a_cell_in_place(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_pooling(pilot, app)
        await pilot.press("enter", "right", "2", "9", "backspace", "5")
        await shows(pilot, app, "Input (0, 1) = 3 → 25_")
        assert app.pane.info.title == "Pooling"
        await pilot.press("enter")
        await shows(pilot, app, "max(1, 25, 5, 6) = 25")
        await pilot.press("1", "n", "-")
        await shows(pilot, app, "→ 1-_")
        await pilot.press("enter")
        await pilot.pause()
        assert any("number" in note.message for note in app._notifications)
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("2")
        await pilot.pause()
        assert app.pane.info.title == "Models"


async def test_shifts_the_map_with_the_arrows(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_pooling(pilot, app)
        steps = (
            ("t", "shifted 1 column to the right"),
            ("down", "1 row down and 1 column to the right"),
        )
        await press_and_see(pilot, app, steps)
        assert "4/7 57 %" in app.pane.shown_text()
        await press_and_see(pilot, app, (("escape", "max(1, 3, 5, 6) = 6"),))


async def test_opens_a_map_that_is_asked_for(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_pooling(pilot, app)
        for line, words in (("digits#0", "Input 8×8"), ("nowhere.csv", "Input 8×8")):
            await pilot.press("o")
            await wait_for(pilot, lambda: isinstance(app.screen, PromptScreen))
            app.screen.query_one(Input).value = line
            await pilot.press("enter")
            await shows(pilot, app, words)
        await wait_for(pilot, lambda: any("nowhere.csv" in n.message for n in app._notifications))
        assert "Input 8×8" in app.pane.shown_text()
