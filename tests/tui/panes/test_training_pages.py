"""The Training pane's pages for a user's own pictures, and for what a data set holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image
from textual.pilot import Pilot
from textual.widgets import Input

from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.palette import FoundList
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.panes.training.detail import RunDetail
from cnn_tui.tui.panes.training.study_page import StudyPage
from cnn_tui.workspace import Workspace
from tests.made_up_runs import make_run
from tests.tui.fake_engine import FakeEngine
from tests.tui.waiting import wait_for

RUN = "20231114-221320-lenet5-digits-aaaa"


@asynccontextmanager
async def with_engine(
    workspace: Workspace, engine: FakeEngine | None = None
) -> AsyncIterator[tuple[LabApp, Pilot[str]]]:
    app = LabApp(workspace=workspace)
    app.engine = engine or FakeEngine()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        yield app, pilot


@pytest.mark.slow
async def test_styles_no_page_again_when_curves_get_their_room(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(workspace, RUN)
    styled: list[StudyPage] = []
    monkeypatch.setattr(StudyPage, "notify_style_update", lambda page: styled.append(page))
    async with with_engine(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        detail = app.query_one(RunDetail)
        await wait_for(pilot, lambda: detail.curves_view.display)
        curves, before = detail.subject, len(styled)
        detail.say("Nothing is shown.")
        assert not detail.curves_view.display
        detail.subject = curves
        assert detail.curves_view.display
        assert len(styled) == before


@pytest.mark.slow
async def test_shows_pictures_of_ones_own_to_a_run(workspace: Workspace, tmp_path: Path) -> None:
    make_run(workspace, RUN)
    for name in ("my cat.png", "dog.png"):
        Image.new("RGB", (30, 20)).save(tmp_path / name)
    engine = FakeEngine()
    async with with_engine(workspace, engine) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        await pilot.press("f")
        assert not isinstance(app.screen, PromptScreen)  # only where predictions are shown
        await pilot.press("p")
        await wait_for(pilot, lambda: "Confusion" in app.pane.shown_text())
        await pilot.press("f")
        await wait_for(pilot, lambda: isinstance(app.screen, PromptScreen))
        line = app.screen.query_one(Input)
        line.value = str(tmp_path / "bird.png")
        await pilot.press("enter")
        problem = app.screen.query_one("#prompt-problem")
        await wait_for(pilot, lambda: "There is no file" in str(problem.render()))
        line.value = str(tmp_path / "*.png")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "my cat.jpg" in app.pane.shown_text())
        assert "predicted cat (80 %)" in app.pane.shown_text()
        assert engine.asked.count("predict") == 1
        await pilot.press("escape")
        await wait_for(pilot, lambda: "Confusion" in app.pane.shown_text())
        await pilot.press("escape")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())


@pytest.mark.slow
async def test_reports_on_the_data_of_a_run_and_comes_back(workspace: Workspace) -> None:
    make_run(workspace, RUN)
    async with with_engine(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        await pilot.press("d")
        await wait_for(pilot, lambda: isinstance(app.screen, PromptScreen))
        assert app.screen.query_one(Input).value == "digits"
        await pilot.press("enter")
        await wait_for(pilot, lambda: "Bit depths" in app.pane.shown_text())
        assert app.query_one(RunDetail).title == "Data report: digits"
        await pilot.press("escape")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())


@pytest.mark.slow
async def test_reports_on_data_where_there_is_no_run(workspace: Workspace) -> None:
    async with with_engine(workspace) as (app, pilot):
        await pilot.press("4", "d")
        await wait_for(pilot, lambda: isinstance(app.screen, PromptScreen))
        app.screen.query_one(Input).value = "digit"
        await pilot.press("enter")
        problem = app.screen.query_one("#prompt-problem")
        await wait_for(pilot, lambda: "did you mean digits" in str(problem.render()))
        app.screen.query_one(Input).value = "folder:/pets"
        await pilot.press("enter")
        await wait_for(pilot, lambda: "train/dogs/cut.png" in app.pane.shown_text())
        await pilot.press("escape")
        await wait_for(pilot, lambda: "No runs yet" in app.pane.shown_text())


@pytest.mark.slow
async def test_the_palette_finds_a_data_report(workspace: Workspace) -> None:
    async with with_engine(workspace) as (app, pilot):
        await pilot.press("ctrl+p", *"reportcifar")
        await wait_for(pilot, lambda: app.screen.query_one(FoundList).option_count == 1)
        await pilot.press("enter")
        await wait_for(pilot, lambda: "Bit depths" in app.pane.shown_text())
        assert app.query_one(RunDetail).title == "Data report: cifar10"
