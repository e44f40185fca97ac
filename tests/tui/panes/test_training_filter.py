"""The Training pane's list, filtered and sorted."""

import pytest
from textual.widgets import Input

from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.widgets.frame import Frame
from cnn_tui.tui.widgets.run_list import RunList
from cnn_tui.workspace import Workspace
from tests.made_up_runs import CREATED, make_run
from tests.tui.fake_engine import FakeEngine
from tests.tui.waiting import wait_for


@pytest.mark.slow
async def test_lists_the_runs_that_are_asked_for(workspace: Workspace) -> None:
    make_run(workspace, "old-run", lr=0.1, created=CREATED, done=9, end="stopped")
    make_run(workspace, "new-run", lr=0.01, created=CREATED + 100, done=3, end="stopped")
    app = LabApp(workspace=workspace)
    app.engine = FakeEngine()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("4")
        await wait_for(pilot, lambda: len(app.query(RunList)) > 0)
        runs, side = app.query_one(RunList), app.query_one("#run-side", Frame)
        await wait_for(pilot, lambda: list(runs.statuses) == ["new-run", "old-run"])
        await pilot.press("S")
        await wait_for(pilot, lambda: list(runs.statuses) == ["old-run", "new-run"])
        assert side.title == "Runs by validation"
        await pilot.press("slash")
        await wait_for(pilot, lambda: isinstance(app.screen, PromptScreen))
        line = app.screen.query_one(Input)
        line.value = "epochz>3"
        await pilot.press("enter")
        problem = app.screen.query_one("#prompt-problem")
        await wait_for(pilot, lambda: "did you mean epoch" in str(problem.render()))
        line.value = "lenet lr = 0.01"
        await pilot.press("enter")
        await wait_for(pilot, lambda: list(runs.statuses) == ["new-run"])
        await wait_for(pilot, lambda: app.pane.selected == "new-run")  # type: ignore[attr-defined]
        assert side.state == "1 of 2"
        make_run(workspace, "other-run", lr=0.01, created=CREATED + 200, end="stopped")
        await wait_for(pilot, lambda: side.state == "2 of 3")
        await pilot.press("escape")
        await wait_for(pilot, lambda: len(runs.statuses) == 3)
        assert side.state == "3"
