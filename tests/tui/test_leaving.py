"""The lab and its dialogs end well, whatever is still on its way to the screen."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from threading import Event
from typing import Any

import pytest

from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.choice import ChoiceScreen
from cnn_tui.tui.dialogs.choose_study import ChooseStudyScreen
from cnn_tui.tui.dialogs.dialog import Dialog
from cnn_tui.tui.dialogs.first_page import FirstPage
from cnn_tui.tui.dialogs.glossary import GlossaryScreen
from cnn_tui.tui.dialogs.help import HelpScreen
from cnn_tui.tui.dialogs.new_run import NewRunScreen
from cnn_tui.tui.dialogs.new_workspace import NewWorkspaceScreen
from cnn_tui.tui.dialogs.palette import Palette
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.dialogs.search import SearchScreen
from cnn_tui.tui.lab_status import LabStatus, LabStatusReader
from cnn_tui.tui.panes.pane import Pane
from cnn_tui.tui.widgets.header import Header
from cnn_tui.workspace import Workspace
from tests.tui.test_dialogs import lab
from tests.tui.waiting import wait_for

Make = Callable[[LabApp, Workspace], Dialog[Any]]
DIALOGS: Mapping[type, Make] = {
    ChoiceScreen: lambda app, space: ChoiceScreen("Which?", {"": [("a", "A")]}),
    ChooseStudyScreen: lambda app, space: ChooseStudyScreen([]),
    FirstPage: lambda app, space: FirstPage([("Topics", "Read.")] * 5, app.engine, space),
    GlossaryScreen: lambda app, space: GlossaryScreen(),
    HelpScreen: lambda app, space: HelpScreen("Topics", "Read.", app.screen.active_bindings),
    NewRunScreen: lambda app, space: NewRunScreen(app.engine, space),
    NewWorkspaceScreen: lambda app, space: NewWorkspaceScreen(),
    Palette: lambda app, space: Palette(),
    PromptScreen: lambda app, space: PromptScreen("Which?", "a path", drafts={}),
    QuestionScreen: lambda app, space: QuestionScreen("Delete it?", "Delete"),
    SearchScreen: lambda app, space: SearchScreen("pool"),
}
TURNS = range(4)
"""Turns of the event loop in which a dialog is given its widgets."""
QUICK = {(QuestionScreen, 2), (Palette, 0)}
"""Those that are tried each time: widgets within widgets, and a dialog that fills itself in."""


def slow_unless(is_quick: bool) -> list[pytest.MarkDecorator]:
    return [] if is_quick else [pytest.mark.slow]


def kinds(kind: type = Dialog) -> Iterator[type]:
    """The dialogs of the lab that can be opened."""
    below = kind.__subclasses__()
    for each in below:
        yield from kinds(each)
    if not below and kind.__module__.startswith("cnn_tui."):
        yield kind


def test_knows_every_dialog() -> None:
    assert set(kinds()) == DIALOGS.keys()


@pytest.mark.parametrize(
    ("kind", "turns"),
    [
        pytest.param(kind, turns, marks=slow_unless((kind, turns) in QUICK))
        for kind in DIALOGS
        for turns in TURNS
    ],
)
async def test_quits_in_the_breath_in_which_a_dialog_is_opened(
    workspace: Workspace, kind: type, turns: int
) -> None:
    async with lab(workspace) as (app, _):
        app.push_screen(DIALOGS[kind](app, workspace))
        for _turn in range(turns):
            await asyncio.sleep(0)
        app.exit()
    assert app.crash is None


@pytest.mark.parametrize(
    "turns", [pytest.param(each, marks=slow_unless(each == 1)) for each in TURNS]
)
async def test_closes_a_dialog_in_the_breath_in_which_it_is_opened(
    workspace: Workspace, turns: int
) -> None:
    async with lab(workspace) as (app, pilot):
        for make in DIALOGS.values():
            dialog = make(app, workspace)
            app.push_screen(dialog)
            for _turn in range(turns):
                await asyncio.sleep(0)
            dialog.dismiss()
            await wait_for(pilot, lambda: len(app.screen_stack) == 1)
            assert app.crash is None


@pytest.mark.slow
async def test_puts_the_focus_where_each_dialog_begins(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        for make in DIALOGS.values():
            dialog = make(app, workspace)
            await app.push_screen(dialog)
            assert app.focused is dialog.query(dialog.FIRST).first()
            dialog.dismiss()
            await wait_for(pilot, lambda: len(app.screen_stack) == 1)


@pytest.mark.parametrize("is_leaving", [False, True], ids=["under a dialog", "leaving"])
async def test_writes_no_status_to_a_header_that_is_not_seen_any_more(
    workspace: Workspace, is_leaving: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_read, may_go_on = Event(), Event()

    def read_slowly(reader: LabStatusReader) -> LabStatus:
        is_read.set()
        may_go_on.wait(10)
        return LabStatus(running=7)

    monkeypatch.setattr(LabStatusReader, "read", read_slowly)
    monkeypatch.setattr(LabApp, "update_status", lambda app: None)  # only when it is due here
    async with lab(workspace) as (app, pilot):
        header = app.query_one(Header)
        update = asyncio.create_task(app._update_status())
        await wait_for(pilot, is_read.is_set)
        if is_leaving:
            monkeypatch.setattr(type(app), "screen_stack", [])
        else:
            app.push_screen(QuestionScreen("Delete it?", "Delete"))
        may_go_on.set()
        await update
        monkeypatch.undo()
        assert header.status.running == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "key", [pytest.param(each, marks=slow_unless(each == "4")) for each in "2345"]
)
async def test_quits_while_a_pane_is_being_built(
    workspace: Workspace, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose = Pane._compose

    async def compose_too_late(pane: Pane) -> None:
        pane.app.exit()
        await asyncio.sleep(0.1)  # the app is ending by now
        await compose(pane)

    async with lab(workspace) as (app, _):
        monkeypatch.setattr(Pane, "_compose", compose_too_late)
        app.simulate_key(key)
        await asyncio.sleep(0.4)
    assert app.crash is None
