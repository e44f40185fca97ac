"""Keys that come faster than what they open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import App
from textual.events import Event, Key, Paste
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import OptionList

from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.new_run import NewRunScreen
from cnn_tui.tui.panes.models.pane import ModelsPane
from cnn_tui.tui.terminal import type_ahead
from cnn_tui.tui.terminal.type_ahead import TypeAhead
from cnn_tui.tui.widgets.form_view import FormView
from cnn_tui.tui.widgets.net_list import NetList
from cnn_tui.workspace import Workspace
from tests.tui.fake_engine import FakeEngine
from tests.tui.waiting import wait_for

NAMES = {"\r": "enter"}


@asynccontextmanager
async def lab(workspace: Workspace) -> AsyncIterator[tuple[LabApp, Pilot[str]]]:
    app = LabApp(workspace=workspace)
    app.engine = FakeEngine()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        yield app, pilot


def burst(app: LabApp, keys: str) -> None:
    """All at once, as a terminal hands over what was typed while the app was busy."""
    for each in keys:
        app.post_message(Key(NAMES.get(each) or _character_to_key(each), each))


async def test_types_into_the_filter_of_a_pane_that_opens(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        burst(app, "2/vgg16")
        await wait_for(pilot, lambda: isinstance(app.pane, ModelsPane))
        nets = app.query_one(NetList)
        await wait_for(pilot, lambda: nets.query_one(OptionList).option_count == 1)
        assert nets.target == "vgg16"
        assert isinstance(app.pane, ModelsPane), "the 1 went to the strip of panes"


@pytest.mark.slow
async def test_acts_on_what_a_filter_has_found(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        burst(app, "2/vgg16\r ")
        await wait_for(pilot, lambda: app.query(NetList) and app.query_one(NetList).marked)
        assert app.query_one(NetList).marked == ["vgg16"]


async def test_types_into_the_form_of_a_pane_that_opens(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        burst(app, "4nvgg16")
        await wait_for(pilot, lambda: isinstance(app.screen, NewRunScreen))
        form: Any = app.screen
        await wait_for(pilot, lambda: form.field("net").value == "vgg16")


async def test_types_into_a_dialog_that_no_key_has_opened(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        form: Any = NewRunScreen(app.engine, workspace)
        app.push_screen(form)
        burst(app, "vgg16")
        await wait_for(pilot, lambda: form.query(FormView))
        await wait_for(pilot, lambda: form.field("net").value == "vgg16")


async def test_holds_no_key_that_only_bubbles_up() -> None:
    delivered: list[Event] = []

    async def deliver(event: Event) -> None:
        delivered.append(event)

    app: App[None] = App()
    async with app.run_test():
        ahead = TypeAhead(app, deliver)
        ahead.wait_for(app.screen)
        bubbling = Key("a", "a")
        bubbling._set_forwarded()
        await ahead.take(bubbling)
        assert delivered == [bubbling]


async def test_drops_keys_that_wait_while_another_program_has_the_terminal(
    workspace: Workspace,
) -> None:
    async with lab(workspace) as (app, pilot):
        app._type_ahead.wait_for(app.screen)
        await app._type_ahead.take(Key("2", "2"))
        app.come_back()
        await pilot.pause(0.1)
        assert app.pane.info.title == "Topics"
        await pilot.press("3")
        assert app.pane.info.title == "Pooling"


async def test_never_moves_the_focus_into_a_pane_that_is_closed(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        left = app.focused
        assert left is not None
        await pilot.press("2")
        left.focus()
        await pilot.pause()
        assert app.focused is not None and app.pane in app.focused.ancestors


@pytest.mark.slow
async def test_forgets_a_key_that_means_nothing_where_it_is_typed(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        burst(app, "Zn")
        await wait_for(pilot, lambda: isinstance(app.screen, NewRunScreen))
        await pilot.pause(0.1)
        form: Any = app.screen
        assert form.field("net").value == "lenet5"


async def test_keeps_the_order_of_keys_that_have_waited_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    delivered: list[str] = []

    async def deliver(event: Event) -> None:
        assert isinstance(event, Key)
        delivered.append(event.key)

    app: App[None] = App()
    async with app.run_test() as pilot:
        ahead = TypeAhead(app, deliver)
        ahead.wait_for(app.screen)
        await ahead.take(Key("a", "a"))
        assert not delivered
        monkeypatch.setattr(type_ahead, "LONGEST_WAIT", 0.001)
        await ahead.take(Key("b", "b"))
        await wait_for(pilot, lambda: len(delivered) == 2)
        assert delivered == ["a", "b"]


async def test_pastes_into_the_filter_that_opens(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        burst(app, "2/")
        app.post_message(Paste("vgg16"))
        await wait_for(pilot, lambda: app.query(NetList))
        nets = app.query_one(NetList)
        await wait_for(pilot, lambda: nets.query_one(OptionList).option_count == 1)
        assert nets.target == "vgg16"


async def test_types_on_though_what_a_key_waits_for_has_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class GoingScreen(Screen[None]):
        def call_later(self, callback: object, *args: object, **settings: object) -> bool:
            return True  # taken in, but the screen ends before its turn comes

    delivered: list[Event] = []

    async def deliver(event: Event) -> None:
        delivered.append(event)

    monkeypatch.setattr(type_ahead, "LONGEST_WAIT", 0.1)
    app: App[None] = App()
    async with app.run_test() as pilot:
        ahead = TypeAhead(app, deliver)
        ahead.wait_for(GoingScreen())
        await ahead.take(Key("a", "a"))
        assert not delivered
        await wait_for(pilot, lambda: delivered)
