"""The app as a whole: panes, keys, help, copying, small terminals, leaving."""

import asyncio
import sys
import time
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import ContentSwitcher, Input, OptionList
from textual.widgets.option_list import Option

from cnn_tui.bench.terminal import Terminal
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.help import HelpScreen
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.tui.panes.pane import Pane
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


@pytest.mark.slow
async def test_builds_a_pane_on_its_first_visit_only(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        switcher = app.query_one(ContentSwitcher)
        assert len(switcher.children) == 1
        await pilot.press("3", "1", "3")
        await pilot.pause()
        assert len(switcher.children) == 2


async def test_builds_a_pane_once_that_is_asked_for_twice_at_a_time(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await asyncio.gather(app.open_item("models", "vgg16"), app.open_item("models", "lenet5"))
        await pilot.pause()
        assert app.pane.info.id == "models"
        assert len(app.query_one(ContentSwitcher).children) == 2


async def test_opens_a_pane_by_a_click_on_its_title(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.click("Header", offset=(25, 0))
        await pilot.pause()
        assert app.pane.info.title == "Models"


async def test_shows_help_for_every_pane(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        for number in range(1, 6):
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
        assert "A convolution lays a small grid of weights" in app.clipboard
        await pilot.press("w", "w")
        await pilot.pause()
    first, second = sorted(tmp_path.glob("cnn-lab-topics-*.txt"))
    assert first.read_text() == second.read_text()
    assert "A convolution lays a small grid of weights" in first.read_text()


async def test_copies_and_writes_names_that_utf_8_cannot_hold(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Pane, "shown_text", lambda pane: "photo\udcff.png\n")
    async with lab(workspace) as (app, pilot):
        sent: list[str] = []
        monkeypatch.setattr(app._driver, "write", sent.append)
        await pilot.press("y", "w")
        await pilot.pause()
        assert app.crash is None
    (copy,) = [b64decode(each[7:-1]) for each in sent if each.startswith("\x1b]52;c;")]
    assert copy == next(tmp_path.glob("cnn-lab-*.txt")).read_bytes() == rb"photo\udcff.png" + b"\n"


@pytest.mark.parametrize("key", ["slash", "ctrl+p"])
async def test_sends_nothing_for_a_cursor_that_waits(workspace: Workspace, key: str) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        field = app.focused
        assert isinstance(field, Input)
        assert not field.cursor_blink


@pytest.mark.slow
async def test_opens_what_another_pane_leads_to(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("5")
        await app.open_item("topics", "dropout-why")
        await pilot.pause()
        assert app.pane.info.title == "Topics"
        assert "Why dropout" in app.pane.shown_text()


async def test_leaves_with_q(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("q")
        await pilot.pause(0.2)
    assert app.return_value == ""


async def test_refuses_a_theme_that_does_not_exist(workspace: Workspace) -> None:
    from cnn_tui.errors import UsageError

    with pytest.raises(UsageError, match="did you mean textual-light"):
        LabApp(theme_name="textual-lihgt", workspace=workspace)


@pytest.mark.slow
async def test_scrolls_nothing_by_pages_where_the_list_is_hidden(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        for number in range(1, 6):
            await pilot.press(str(number))
            await pilot.pause()
            lists = list(app.pane.query(OptionList))
            for rows in lists:
                rows.display = False
            await pilot.pause()
            for rows in lists:
                rows.clear_options()
                rows.add_options([Option("one"), Option("two")])
                rows.highlighted = 0
                rows.action_page_down()
                rows.action_page_up()
                assert rows.highlighted == 0


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 6))
def test_sends_nothing_while_a_dialog_is_open_and_nothing_happens(
    workspace: Workspace, number: int
) -> None:
    command = [sys.executable, "-m", "cnn_tui"]
    variables = {"CNN_LAB_WORKSPACE": str(workspace.root)}
    with Terminal(command, workspace.root, variables, size=(24, 80)) as terminal:
        terminal.wait_for(["Help"], 30)
        time.sleep(1)
        terminal.press(f"{number}")
        time.sleep(2)
        terminal.press("?")
        terminal.wait_for(["Move"], 10)
        time.sleep(1.5)
        terminal.press("\x00")  # a key that means nothing: from here on, what is written counts
        time.sleep(2.5)
        assert terminal.written == b""
