"""The Models pane: a network, layer by layer."""

from cnn_tui.tui.models import ModelsPane
from cnn_tui.workspace import Workspace
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for


async def test_shows_the_layer_table_of_the_net_under_the_cursor(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("2")
        await pilot.pause()
        pane = app.query_one(ModelsPane)
        await wait_for(pilot, lambda: "44,426" in pane.shown_text())
        assert "30,840" in pane.shown_text()
        await pilot.press("j", "j")
        await wait_for(pilot, lambda: "138,357,544" in pane.shown_text())


async def test_reads_on_a_narrow_terminal(workspace: Workspace) -> None:
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await pilot.press("2")
        await pilot.pause()
        await wait_for(pilot, lambda: "44,426" in app.pane.shown_text())
        await pilot.press("enter")
        await pilot.pause()
        assert not app.query_one("#net-list").display
        await pilot.press("escape")
        await pilot.pause()
        assert app.query_one("#net-list").display
