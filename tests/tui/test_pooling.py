"""The Pooling pane: every key changes what it says it changes."""

from cnn_tui.workspace import Workspace
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for


async def test_answers_each_key(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("3")
        await wait_for(pilot, lambda: "max(1, 3, 5, 6) = 6" in app.pane.shown_text())
        for key, words in (
            ("right", "max(2, 4, 1, 2) = 4"),
            ("down", "max(8, 3, 6, 9) = 9"),
            ("k", "max(2, 4, 1, 2) = 4"),
            ("left", "max(1, 3, 5, 6) = 6"),
            ("j", "max(7, 2, 1, 4) = 7"),
            ("m", "(7 + 2 + 1 + 4) / 4 = 3.5"),
            ("right_square_bracket", "kernel_size 3"),
            ("less_than_sign", "stride 1"),
            ("greater_than_sign", "stride 2"),
            ("p", "padding 1"),
            ("p", "padding 0"),
            ("left_square_bracket", "kernel_size 2"),
            ("i", "edges"),
        ):
            await pilot.press(key)
            await wait_for(pilot, lambda words=words: words in app.pane.shown_text())


async def test_says_why_a_window_cannot_grow(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("3")
        await pilot.pause()
        await wait_for(pilot, lambda: "= 6" in app.pane.shown_text())
        for size in (3, 4):
            await pilot.press("right_square_bracket")
            await wait_for(pilot, lambda size=size: f"kernel_size {size}" in app.pane.shown_text())
        await pilot.press("right_square_bracket")
        await pilot.pause()
        assert any("does not fit" in note.message for note in app._notifications)
        assert "kernel_size 4" in app.pane.shown_text()
