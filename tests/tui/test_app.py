"""The app as a whole: panes, keys, help, copying, small terminals, leaving."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import ContentSwitcher, Input

from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.help import HelpScreen
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.workspace import Workspace
from tests.tui.keys import declared_keys


@asynccontextmanager
async def lab(
    workspace: Workspace, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[LabApp, Pilot[str]]]:
    app = LabApp(workspace=workspace)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


async def test_opens_each_pane_with_its_number(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        for number, info in enumerate(PANES, start=1):
            await pilot.press(str(number))
            await pilot.pause()
            assert isinstance(app.pane, info.load())
            assert app.focused is not None


async def test_builds_a_pane_on_its_first_visit_only(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        switcher = app.query_one(ContentSwitcher)
        assert len(switcher.children) == 1
        await pilot.press("3", "1", "3")
        await pilot.pause()
        assert len(switcher.children) == 2


async def test_opens_a_pane_by_a_click_on_its_title(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.click("TabStrip", offset=(14, 0))
        await pilot.pause()
        assert app.pane.info.title == "Models"


@pytest.mark.parametrize("number", range(1, 6))
async def test_shows_help_for_every_pane(workspace: Workspace, number: int) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press(str(number))
        await pilot.pause()
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        keys = dict(app.screen.keys)
        assert "Leave the lab; runs go on" in keys.values()
        assert "comes back here" in keys["ctrl-z"]
        await pilot.press("escape")
        assert not isinstance(app.screen, HelpScreen)


def test_gives_every_key_an_id_and_an_explanation() -> None:
    declared = declared_keys()
    assert len(declared) > 30
    assert [binding for binding in declared if not binding.id or not binding.tooltip] == []
    ids = [binding.id for binding in declared]
    assert sorted(set(ids)) == sorted(ids)


async def test_copies_and_writes_what_is_shown(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with lab(workspace) as (app, pilot):
        await pilot.press("y")
        assert "A pooling layer makes a feature map smaller" in app.clipboard
        await pilot.press("w", "w")
        await pilot.pause()
    first, second = sorted(tmp_path.glob("cnn-lab-topics-*.txt"))
    assert first.read_text() == second.read_text()
    assert "A pooling layer makes a feature map smaller" in first.read_text()


@pytest.mark.parametrize("key", ["slash", "ctrl+p"])
async def test_sends_nothing_for_a_cursor_that_waits(workspace: Workspace, key: str) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        field = app.focused
        assert isinstance(field, Input)
        assert not field.cursor_blink


async def test_leaves_with_q(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("q")
        await pilot.pause(0.2)
    assert app.return_value == ""


async def test_refuses_a_theme_that_does_not_exist(workspace: Workspace) -> None:
    from cnn_tui.errors import UsageError

    with pytest.raises(UsageError, match="did you mean textual-light"):
        LabApp(theme_name="textual-lihgt", workspace=workspace)
