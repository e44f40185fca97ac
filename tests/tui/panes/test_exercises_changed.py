"""The Exercises pane says whether what it reports fits the file that is there."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.strip import Strip

from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.learner import progress
from cnn_tui.render.draw.console import plain_text
from cnn_tui.tui.panes.exercises.body import ExerciseFrame, ExercisePage
from cnn_tui.tui.panes.exercises.pages import main_frame
from cnn_tui.tui.panes.exercises.reading import Reading, read_again
from cnn_tui.tui.panes.exercises.state import ExercisesState, JudgedFile
from cnn_tui.tui.panes.switcher import PaneSwitcher
from cnn_tui.tui.widgets.exercise_list import ExerciseList
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace
from tests.tui.conftest import FakeChecker
from tests.tui.made_up_reports import WRONG, made_up_report
from tests.tui.panes.test_exercises import listed, pane, solve, stands
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for

FIRST, SECOND = exercises()[:2]
CHANGED = "! changed since the check"
OLD_LINES = "Your lines as they were checked"


@pytest.fixture
def looking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pane looks at the files as soon as it can."""
    monkeypatch.setattr("cnn_tui.tui.panes.exercises.pane.LOOK_SECONDS", 0.02)


def checked(workspace: Workspace, *, passed: bool = False) -> Path:
    """The first exercise's file, once an earlier session has checked it."""
    path = workspace.exercises / FIRST.file_name
    progress.record(workspace, made_up_report(FIRST, path, passed=passed))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("passed", [True, False])
async def test_says_so_of_a_check_of_an_earlier_session(workspace: Workspace, passed: bool) -> None:
    path = checked(workspace, passed=passed)
    as_checked = path.read_text()
    path.write_text("# another one\n")
    async with pane(workspace) as (app, _):
        assert stands(app) == CHANGED
        score = "10/10" if passed else "2/10"
        assert f"! 1 Pooling {score} changed" in listed(app)
    path.write_text(as_checked)
    async with pane(workspace) as (app, _):
        assert stands(app) == ("✓ 10 of 10" if passed else "✗ 2 of 10")
        assert "changed" not in listed(app)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(60, 20), (100, 30), (120, 40)])
async def test_names_the_lines_of_an_old_report_as_such(
    workspace: Workspace,
    size: tuple[int, int],
    looking: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.tui.made_up_reports.WRONG", replace(WRONG, lines=(1,)))
    solve(workspace, "def max_pool(x): return 1\n")
    async with pane(workspace, size) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "✗ 1 Pooling 2/10" in listed(app))
        frame = app.query_one(ExerciseFrame)

        def report() -> str:
            return plain_text(frame.shown(), 100)

        assert "check again" not in report()
        solve(workspace, "def max_pool(x): return 2\n")
        await wait_for(pilot, lambda: "! 1 Pooling 2/10 changed" in listed(app))
        assert stands(app) == CHANGED
        assert "about the file as it was checked" in report()
        assert "check again" in report()
        is_alone = size[0] < 120
        assert (OLD_LINES in report(), "return 1" in report()) == (is_alone, is_alone)
        solve(workspace, "def max_pool(x): return 1\n")
        await wait_for(pilot, lambda: "✗ 1 Pooling 2/10" in listed(app))
        assert stands(app).startswith("✗ 2 of 10")
        assert "check again" not in report()


@pytest.mark.slow
async def test_follows_the_files_of_all_exercises(workspace: Workspace, looking: None) -> None:
    checked(workspace)
    async with pane(workspace) as (app, pilot):
        await pilot.press("j")
        await wait_for(pilot, lambda: app.query_one(ExerciseList).current is SECOND)
        solve(workspace, "# another one\n")
        await wait_for(pilot, lambda: "! 1 Pooling 2/10 changed" in listed(app))


@pytest.mark.slow
async def test_shows_a_check_that_a_shell_beside_it_has_run(
    workspace: Workspace, looking: None
) -> None:
    async with pane(workspace) as (app, pilot):
        assert "· 1 Pooling 0/10" in listed(app)
        checked(workspace)
        await wait_for(pilot, lambda: "✗ 1 Pooling 2/10" in listed(app))


@pytest.mark.slow
async def test_shows_the_lines_that_were_checked_though_they_were_saved_while_it_waited(
    workspace: Workspace, looking: None, checker: FakeChecker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.tui.made_up_reports.WRONG", replace(WRONG, lines=(1,)))
    checker.may_answer.clear()
    solve(workspace, "def max_pool(x): return 1\n")
    async with pane(workspace, (100, 30)) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: checker.asked == [FIRST.name])
        solve(workspace, "def max_pool(x): return 2\n")
        checker.may_answer.set()
        await wait_for(pilot, lambda: "✗ 1 Pooling 2/10" in listed(app))
        assert "return 2" in app.pane.shown_text()
        assert stands(app).startswith("✗ 2 of 10")


def test_shows_no_lines_of_a_file_that_is_not_the_checked_one(workspace: Workspace) -> None:
    path = workspace.exercises / FIRST.file_name
    report = replace(made_up_report(FIRST, path, passed=False), digest="of another file")
    state = ExercisesState().taking(read_again(workspace, Reading()))
    state = state.judged(FIRST.name, JudgedFile(report))
    frame = main_frame(state, FIRST, path)
    assert str(frame.state) == CHANGED
    assert OLD_LINES not in plain_text(frame.content, 80)


def test_reads_again_only_what_was_written(workspace: Workspace) -> None:
    first = read_again(workspace, Reading())
    assert read_again(workspace, first) is first
    state = ExercisesState().taking(first)
    assert state.taking(read_again(workspace, Reading())) is state
    solve(workspace, "# another one\n")
    second = read_again(workspace, first)
    assert second.files[FIRST.name].source == "# another one\n"
    assert second.files[SECOND.name] == first.files[SECOND.name]


async def test_shows_at_once_what_was_read_before_its_first_visit(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(workspace)
    async with lab(workspace) as (app, pilot):
        await wait_for(pilot, lambda: "exercises" in app.query_one(PaneSwitcher).prepared)
        monkeypatch.setattr("cnn_tui.tui.panes.exercises.view.read_again", lambda _, before: before)
        await pilot.press("5")
        await wait_for(pilot, lambda: "✗ 1 Pooling 2/10" in listed(app))
        assert stands(app) == "✗ 2 of 10"


@pytest.mark.slow
async def test_lays_the_file_beside_the_task_out_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out = []
    lay_out = ExercisePage._lay_out

    def noted(page: ExercisePage, width: int) -> list[Strip]:
        laid_out.append(page.id)
        return lay_out(page, width)

    monkeypatch.setattr(ExercisePage, "_lay_out", noted)
    async with lab(workspace) as (app, pilot):
        await wait_for(pilot, lambda: "exercises" in app.query_one(PaneSwitcher).prepared)
        await pilot.press("5")
        await wait_for(pilot, lambda: "exercise-beside-page" in laid_out)
        await pilot.pause(0.1)
        assert laid_out == ["exercise-page", "exercise-beside-page"]
        assert "def max_pool" in plain_text(app.query_one("#exercise-beside-page", Page).content)
