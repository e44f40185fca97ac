"""Clicks and the wheel work wherever one would try them."""

import pytest
from textual.events import MouseScrollDown
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.choice import ChoiceScreen
from cnn_tui.tui.dialogs.help import HelpScreen
from cnn_tui.tui.dialogs.new_run import NewRunScreen
from cnn_tui.tui.dialogs.palette import Palette
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.dialogs.search import SearchScreen
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.tui.panes.pooling.pane import PoolingPane
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace
from tests.tui.test_notices import lab
from tests.tui.waiting import wait_for

SIZES = [(60, 20), (120, 40)]


def rows(app: LabApp) -> list[str]:
    app.screen._compositor.render_update(full=False, screen_stack=app._background_screens)
    return [strip.text for strip in app.screen._compositor.render_strips()]


async def click_on(app: LabApp, pilot: Pilot[str], text: str, at: int | None = None) -> None:
    """Click the last place where ``text`` stands, once it stays there; in its middle, or ``at``."""
    looks: list[list[str]] = [[]]

    def is_steady() -> bool:
        looks.append(rows(app))
        return looks[-1] == looks[-2] and any(text in row for row in looks[-1])

    await wait_for(pilot, is_steady)
    y, row = next((y, row) for y, row in reversed(list(enumerate(rows(app)))) if text in row)
    await pilot.click(offset=(row.index(text) + (len(text) // 2 if at is None else at), y))
    await pilot.pause()


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_opens_every_pane_by_a_click_on_its_tab(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    async with lab(workspace, size) as (app, pilot):
        for number, info in [*enumerate(PANES, start=1)][::-1]:
            row = rows(app)[0]
            await pilot.click(offset=(row.index(f" {number}", 8) + 1, 0))
            await wait_for(pilot, lambda info=info: app.pane.info is info)  # type: ignore[misc]


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_presses_the_keys_of_the_footer_and_of_the_help(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    async with lab(workspace, size) as (app, pilot):
        await click_on(app, pilot, "? Help")
        await wait_for(pilot, lambda: isinstance(app.screen, HelpScreen))
        app.screen.query_one(Page).scroll_end(animate=False)
        await pilot.pause(0.1)
        await click_on(app, pilot, "ctrl-p")
        await wait_for(pilot, lambda: isinstance(app.screen, Palette))


@pytest.mark.slow
@pytest.mark.parametrize("is_in_help", [False, True], ids=["footer", "help"])
async def test_presses_each_of_the_keys_that_are_shown_together(
    workspace: Workspace, is_in_help: bool
) -> None:
    async with lab(workspace, (120, 40)) as (app, pilot):
        await pilot.press("3")
        pane = app.pane
        assert isinstance(pane, PoolingPane)
        for sign, shown, size, window in (
            ("→", "←↑↓→", 2, (0, 1)),
            ("]", "[ ]", 3, (0, 0)),
        ):
            if is_in_help:
                await pilot.press("question_mark")
                await wait_for(pilot, lambda: isinstance(app.screen, HelpScreen))
            column = f"{shown}  " if is_in_help else shown
            await click_on(app, pilot, column, shown.index(sign))
            await wait_for(pilot, lambda: app.screen is app.screen_stack[0])
            await pilot.pause()
            assert (pane.state.question.settings.kernel_size, pane.state.cursor) == (size, window)


@pytest.mark.slow
async def test_selects_what_is_clicked_in_the_palette(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("ctrl+p", *"resnet50")
        await click_on(app, pilot, "ResNet-50  ")
        await wait_for(pilot, lambda: app.pane.info.title == "Models")


@pytest.mark.slow
async def test_answers_questions_and_choices_by_clicks(workspace: Workspace) -> None:
    async with lab(workspace, (60, 20)) as (app, pilot):
        answers: list[object] = []
        app.push_screen(QuestionScreen("Delete it?", "Delete"), answers.append)
        await pilot.pause()
        await pilot.click("#yes")
        await wait_for(pilot, lambda: answers)
        app.push_screen(
            ChoiceScreen("Which?", {"": [("a", "Apple"), ("b", "Pear")]}), answers.append
        )
        await click_on(app, pilot, "Pear")
        await wait_for(pilot, lambda: len(answers) == 2)
        assert answers == [True, "b"]


@pytest.mark.slow
@pytest.mark.drawn
async def test_fills_a_form_in_by_clicks(workspace: Workspace) -> None:
    async with lab(workspace, (60, 40)) as (app, pilot):
        screen = NewRunScreen(app.engine, workspace)
        app.push_screen(screen)
        await pilot.pause()
        await click_on(app, pilot, "lenet5")
        await click_on(app, pilot, "vgg16")
        assert screen.values["net"] == "vgg16"
        before = screen.values["optimizer"]
        await pilot.click(screen.form, offset=(23, screen.form._places["optimizer"].row))
        assert screen.values["optimizer"] != before
        await pilot.click("#cancel")
        await wait_for(pilot, lambda: isinstance(app.screen, QuestionScreen))
        await click_on(app, pilot, "Discard")
        await wait_for(pilot, lambda: len(app.screen_stack) == 1)


@pytest.mark.slow
async def test_opens_the_place_that_is_clicked(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("slash", *"whisker")
        assert isinstance(app.screen, SearchScreen)
        place = app.screen._places[0]
        await click_on(app, pilot, place.title)
        await wait_for(pilot, lambda: len(app.screen_stack) == 1)
        assert place.title in app.pane.shown_text()


async def test_dismisses_a_notice_by_a_click(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        app.notify("Something was copied.")
        await click_on(app, pilot, "Something was copied.")
        await wait_for(pilot, lambda: not app._notifications)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["#topic-text", "#help-text", "#palette-found", "#form"])
async def test_scrolls_with_the_wheel(workspace: Workspace, where: str) -> None:
    keys = {"#help-text": ["question_mark"], "#palette-found": ["ctrl+p"], "#form": ["4", "n"]}
    async with lab(workspace, (80, 24)) as (app, pilot):
        for key in keys.get(where, []):
            await pilot.press(key)
            await pilot.pause(0.1)
        widget = app.screen.query_one("#new-run-values" if where == "#form" else where)
        x, y = widget.region.x + 2, widget.region.y + 2
        for _ in range(3):
            turned = MouseScrollDown(None, x, y, 0, 0, 0, False, False, False, x, y)
            app.screen._forward_event(turned)
        await wait_for(pilot, lambda: widget.scroll_offset.y > 0)


@pytest.mark.slow
async def test_moves_through_what_was_found_without_leaving_the_words(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("ctrl+p", *"pool", "down", "down", "up", "pagedown")
        assert isinstance(app.focused, Input)
        assert app.screen.query_one(OptionList).highlighted == 11
