"""Short notices: what they say, and that they are whole and leave the footer alone."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets._toast import Toast

from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.choice import ChoiceScreen
from cnn_tui.tui.dialogs.first_page import FirstPage
from cnn_tui.tui.dialogs.help import HelpScreen
from cnn_tui.tui.dialogs.new_run import NewRunScreen
from cnn_tui.tui.dialogs.new_workspace import NewWorkspaceScreen
from cnn_tui.tui.dialogs.palette import Palette
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.dialogs.search import SearchScreen
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.tui.screenshot import has_settled
from cnn_tui.tui.widgets.key_line import KeyLine
from cnn_tui.workspace import Workspace
from tests.made_up_runs import alive, make_run
from tests.tui.fake_engine import FakeEngine
from tests.tui.waiting import wait_for

KEY = re.compile(r"(?<![\w'’])(?:[b-z?/]|Esc|⏎|space|ctrl-[a-z])(?![\w'’])")
"""A key as sentences name it."""
MORE_KEYS = ("4r", "4x", "4p", "4o", "5d", "2c")
"""Panes, and keys that act on what is not there."""
LONG = (
    "The system refused (No space left on device: /scratch/users/somebody/experiments/lab/runs/"
    "20231115-091200-lenet5-digits-2c59/metrics.jsonl), but you can go on. The traceback is in "
    "/scratch/users/somebody/experiments/lab/.cnn-lab/log/tui-20231115-091200-12345.log."
)


@asynccontextmanager
async def lab(
    workspace: Workspace | None, size: tuple[int, int] = (100, 30)
) -> AsyncIterator[tuple[LabApp, Pilot[str]]]:
    app = LabApp(workspace=workspace)
    app.engine = FakeEngine()
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield app, pilot


def messages(app: LabApp) -> list[str]:
    return [each.message for each in app._notifications]


@pytest.mark.parametrize(
    "size",
    [(60, 20), *(pytest.param(size, marks=pytest.mark.slow) for size in ((80, 24), (200, 50)))],
    ids=str,
)
async def test_shows_a_long_notice_whole_and_above_the_footer(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    async with lab(workspace, size) as (app, pilot):
        app.notify(LONG, severity="error", markup=False)
        await wait_for(pilot, lambda: app.screen.query(Toast))
        await pilot.pause(0.1)
        toast = app.screen.query_one(Toast)
        footer = app.screen.query_one(KeyLine)
        assert app.screen.region.contains_region(toast.region)
        assert toast.region.bottom <= footer.region.y
        rows = [strip.text for strip in app.screen._compositor.render_strips()]
        inside = rows[toast.region.y + 1 : toast.region.bottom - 1]
        shown = "".join(
            row[toast.region.x + 1 : toast.region.right - 1].replace(" ", "") for row in inside
        )
        assert shown == LONG.replace(" ", "")
        assert rows[-1].rstrip().endswith("? Help")


@pytest.mark.slow
async def test_says_where_the_new_workspace_is_and_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CNN_LAB_WORKSPACE", raising=False)
    async with lab(None) as (app, pilot):
        await pilot.press("4", "n")
        await wait_for(pilot, lambda: isinstance(app.screen, NewWorkspaceScreen))
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, NewRunScreen))
        (said,) = messages(app)
        assert str(tmp_path) in said
        assert "5 exercises in exercises/" in said and "runs/" in said


@pytest.mark.slow
async def test_writes_a_picture_of_the_screen_from_the_palette(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with lab(workspace) as (app, pilot):
        await pilot.press("3", "ctrl+p", *"screenshot", "enter")
        picture = tmp_path / "cnn-lab-pooling-1.svg"
        await wait_for(pilot, picture.exists)
        await wait_for(pilot, lambda: messages(app))
        assert "Max pooling" in picture.read_text().replace("&#160;", " ")
        assert "Find by name" not in picture.read_text().replace("&#160;", " ")
        assert str(picture) in messages(app)[0]


@pytest.mark.slow
async def test_says_which_runs_go_on_when_left_through_the_palette(workspace: Workspace) -> None:
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa", end=None)
    with alive(run):
        async with lab(workspace) as (app, pilot):
            await pilot.press("ctrl+p", *"quit", "enter")
            await wait_for(pilot, lambda: app.return_value is not None)
        assert "Still running: 20231114-221320-lenet5-digits-aaaa" in (app.return_value or "")


@pytest.mark.parametrize("key", ["escape", pytest.param("ctrl+c", marks=pytest.mark.slow)])
async def test_closes_everything_that_opens_over_a_pane(workspace: Workspace, key: str) -> None:
    async with lab(workspace) as (app, pilot):
        for screen in (
            Palette(),
            HelpScreen("Topics", "About.", app.screen.active_bindings),
            FirstPage([("Topics", "To read.")], app.engine, workspace),
            ChoiceScreen("Which?", {"": [("a", "Apple")]}),
            PromptScreen("Which map?", "A hint", drafts={}),
            QuestionScreen("Delete it?", "Delete"),
            SearchScreen(),
            NewWorkspaceScreen(),
            NewRunScreen(app.engine, workspace),
        ):
            app.push_screen(screen)
            await pilot.pause()
            await pilot.press(key)
            await wait_for(pilot, lambda: len(app.screen_stack) == 1)
        assert app.return_value is None


@pytest.mark.parametrize(
    "keys",
    ["4s", "5y", *(pytest.param(keys, marks=pytest.mark.slow) for keys in MORE_KEYS)],
    ids=lambda keys: f"{PANES[int(keys[0]) - 1].title}-{keys[1]}",
)
async def test_names_a_key_where_there_is_nothing_to_act_on(
    workspace: Workspace, keys: str
) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press(keys[0])
        await wait_for(pilot, lambda: app.pane.info is PANES[int(keys[0]) - 1])
        await has_settled(app)
        await pilot.press(keys[1])
        await wait_for(pilot, lambda: messages(app))
        assert KEY.search(messages(app)[-1]), messages(app)


@pytest.mark.slow
@pytest.mark.parametrize("has_workspace", [True, False])
async def test_names_a_key_where_there_is_nothing_to_show(
    workspace: Workspace, has_workspace: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnn_tui.tui.app.find_or_none", lambda: None)
    async with lab(workspace if has_workspace else None) as (app, pilot):
        for number, info in enumerate(PANES, start=1):
            await pilot.press(str(number))
            await wait_for(pilot, lambda info=info: app.pane.info is info)  # type: ignore[misc]
            await has_settled(app)
            if number in (4, 5):
                assert KEY.search(app.pane.shown_text()), app.pane.shown_text()
            else:  # what comes with the lab is there
                assert len(app.pane.shown_text().splitlines()) > 5
