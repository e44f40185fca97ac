"""Terminals that are too small: nothing that is not shown can be acted on, or is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.events import Resize
from textual.geometry import Size
from textual.pilot import Pilot

from cnn_tui.tui.app import LabApp
from cnn_tui.tui.cover import Cover
from cnn_tui.tui.dialogs.new_run import NewRunScreen
from cnn_tui.tui.dialogs.palette import Palette
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.panes.training.pane import TrainingPane
from cnn_tui.tui.widgets.fields import TextField
from cnn_tui.workspace import Workspace
from tests.made_up_runs import make_run
from tests.tui.fake_engine import FakeEngine
from tests.tui.waiting import resize, wait_for

pytestmark = pytest.mark.drawn

SMALL, LEAST, LARGE = (59, 19), (60, 20), (120, 40)
OF_PANES = [
    *"12345acdefghiklmnoprstuvxyz?/<>[]+-=",
    *("space", "enter", "escape", "tab", "up", "down", "pageup", "pagedown", "home", "end"),
    *("ctrl+p", "ctrl+s", "backspace", "delete"),
]


@asynccontextmanager
async def lab(
    workspace: Workspace, size: tuple[int, int] = LARGE
) -> AsyncIterator[tuple[LabApp, Pilot[str]]]:
    app = LabApp(workspace=workspace)
    app.engine = FakeEngine()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


async def test_asks_for_room_from_the_start(workspace: Workspace) -> None:
    async with lab(workspace, (50, 18)) as (app, pilot):
        assert isinstance(app.screen, Cover)
        await resize(pilot, LEAST)
        assert not app.is_covered
        assert app.focused is app.query_one("#topic-list")
        await resize(pilot, LARGE)
        await wait_for(pilot, lambda: app.screen.has_class("-wide"))


@pytest.mark.slow
async def test_asks_for_room_where_either_side_is_too_short(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        for size in [(59, 20), (60, 19), (1, 1), (200, 19)]:
            await resize(pilot, size)
            assert isinstance(app.screen, Cover)
            await resize(pilot, LARGE)
            assert not app.is_covered


@pytest.mark.slow
async def test_acts_on_nothing_that_is_not_shown(workspace: Workspace) -> None:
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa", end="finished")
    async with lab(workspace, SMALL) as (app, pilot):
        await app.action_open_pane(3)
        pane = app.pane
        assert isinstance(pane, TrainingPane)
        await pilot.pause(0.1)
        view = pane.view
        await pilot.press(*OF_PANES)
        await pilot.click(offset=(5, 5))
        await pilot.pause()
        assert len(app.screen_stack) == 2
        assert app.pane is pane
        assert pane.view == view
        assert run.path.is_dir()


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_leaves_a_terminal_that_is_too_small(workspace: Workspace, key: str) -> None:
    async with lab(workspace, SMALL) as (app, pilot):
        await pilot.press(key)
        await wait_for(pilot, lambda: app.return_value is not None)


@pytest.mark.slow
async def test_brings_a_dialog_back_as_it_was(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4", "n", "tab", "a")
        await pilot.pause()
        dialog = app.screen
        assert isinstance(dialog, NewRunScreen)
        field = dialog.form.current
        assert isinstance(field, TextField)
        typed = field.line
        for size in (SMALL, (1, 1)):
            await resize(pilot, size)
            await pilot.press("b", "enter", "escape", "ctrl+s")
            assert isinstance(app.screen, Cover)
        await resize(pilot, (130, 41))
        assert app.screen is dialog
        assert app.focused is dialog.form
        assert dialog.form.current is field
        assert field.line == typed


@pytest.mark.slow
async def test_keeps_the_page_that_was_read(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("enter", "down", "down")
        await pilot.pause()
        page, place = app.focused, app.query_one("#topic-text").scroll_offset
        assert page is app.query_one("#topic-text") and place.y == 2
        await resize(pilot, SMALL)
        await resize(pilot, LARGE)
        assert app.focused is page
        assert page.scroll_offset == place


async def test_keeps_an_answer_that_came_while_nothing_could_be_shown(
    workspace: Workspace,
) -> None:
    async with lab(workspace) as (app, pilot):
        answers: list[bool | None] = []
        dialog = QuestionScreen("Well?", "Yes")
        app.push_screen(dialog, answers.append)
        await pilot.pause()
        await resize(pilot, SMALL)
        dialog.dismiss(True)
        await pilot.pause()
        assert isinstance(app.screen, Cover)
        assert answers == []
        await resize(pilot, LARGE)
        await wait_for(pilot, lambda: answers)
        assert answers == [True]
        assert len(app.screen_stack) == 1


@pytest.mark.slow
async def test_asks_below_the_request_for_room(workspace: Workspace) -> None:
    async with lab(workspace, SMALL) as (app, pilot):
        dialog = QuestionScreen("Well?", "Yes")
        app.push_screen(dialog)
        await pilot.pause()
        assert isinstance(app.screen, Cover)
        await resize(pilot, LARGE)
        assert app.screen is dialog


@pytest.mark.slow
@pytest.mark.parametrize("kind", [QuestionScreen, Palette])
async def test_takes_an_answer_one_time_only(
    workspace: Workspace, kind: type[QuestionScreen] | type[Palette]
) -> None:
    async with lab(workspace) as (app, pilot):
        below = QuestionScreen("First?", "Yes")
        app.push_screen(below)
        app.push_screen(QuestionScreen("Well?", "Yes") if kind is QuestionScreen else Palette())
        await pilot.pause()
        top = app.screen
        assert isinstance(top, kind)
        top.dismiss(None)
        top.dismiss(None)
        await pilot.pause()
        assert app.screen is below


@pytest.mark.slow
async def test_says_that_enter_opens_what_a_list_without_a_page_names(workspace: Workspace) -> None:
    def border() -> str:
        return app.screen._compositor.render_strips()[-2].text

    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace, (60, 20)) as (app, pilot):
        for pane in "1245":
            await pilot.press(pane)
            await wait_for(pilot, lambda: "⏎ open" in border())
        await resize(pilot, (120, 40))
        await wait_for(pilot, lambda: "auto-check" in border())
        assert "⏎ open" not in border()


@pytest.mark.slow
async def test_lays_nothing_out_that_is_covered(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        palette = Palette()
        app.push_screen(palette)
        app.post_message(Resize(Size(4, 9), Size(4, 9)))
        await pilot.pause(0.1)
        assert isinstance(app.screen, Cover)
        assert palette.outer_size.width in (0, LARGE[0])
        assert app._lab.outer_size == LARGE
        await resize(pilot, LEAST)
        assert app.screen is palette
        await wait_for(pilot, lambda: palette.outer_size == LEAST)
