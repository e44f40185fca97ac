"""The Exercises pane: task, check, report, hints, difference, reset, editor."""

import contextlib
import shlex
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from cnn_tui.grading.catalogue import exercise_named, exercises, solution, starter
from cnn_tui.grading.learner.progress import load
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.widgets.exercise_list import ExerciseList
from cnn_tui.workspace import Workspace
from tests.installed_plugins import install_exercise, installed
from tests.tui.conftest import FakeChecker
from tests.tui.made_up_reports import RIGHT
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for

FIRST, SECOND = exercises()[:2]
EDITORS_THAT_FAIL = {
    "no-such-editor": "export EDITOR=nano",
    "'unmatched": "quotes do not match",
    "/": "could not be started",
    "sh -c 'exit 3'": "ended with exit code 3",
    "sh -c 'kill -9 $$'": "ended by signal 9",
}


@contextlib.asynccontextmanager
async def pane(
    workspace: Workspace | None, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[LabApp, Pilot[str]]]:
    async with lab(workspace, size) as (app, pilot):
        await pilot.press("5")
        await wait_for(pilot, lambda: "not checked yet" in listed(app) or not app.workspace)
        yield app, pilot


def listed(app: LabApp) -> str:
    """What the list of exercises shows."""
    options = app.query_one(ExerciseList).options
    return "\n".join(str(option.prompt) for option in options)


def status(app: LabApp) -> str:
    """The line below list and page."""
    return str(app.query_one("#exercise-status").render())


def solve(workspace: Workspace, text: str = RIGHT) -> None:
    """Write what the made-up checks take for right."""
    (workspace.exercises / FIRST.file_name).write_text(text)


def note(app: LabApp) -> str:
    """The one notification that stands."""
    (only,) = app._notifications
    return only.message


async def test_shows_the_task_and_where_the_file_is(workspace: Workspace) -> None:
    async with pane(workspace) as (app, _):
        assert "max_pool" in app.pane.shown_text()
        assert "exercise1.py" in app.pane.shown_text()


async def test_lists_every_exercise_with_its_state(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        assert listed(app).count("not checked yet") == len(exercises())
        await pilot.press("c")
        await wait_for(pilot, lambda: "✗ not passed 2/10" in listed(app))
        solve(workspace)
        await pilot.press("c")
        await wait_for(pilot, lambda: "✓ passed 10/10" in listed(app))
        assert f"1 of {len(exercises())} passed" in status(app)
        solve(workspace, "wrong again")
        await pilot.press("c")
        await wait_for(pilot, lambda: "best 10/10" in listed(app))
        assert "✗ not passed 2/10" in listed(app)
    assert load(workspace)[FIRST.name].attempts == 3


@pytest.mark.slow
async def test_lists_the_exercises_of_other_packages_and_what_is_wrong_with_them(
    workspace: Workspace, tmp_path: Path
) -> None:
    packages = tmp_path / "packages"
    install_exercise(packages, "listed")
    install_exercise(packages, "unusable", record="starter=None")
    with installed(packages):
        async with pane(workspace) as (app, pilot):
            assert "listed The answer" in listed(app)
            assert "the starter of unusable is no file" in note(app)
            await pilot.press("end")
            await wait_for(pilot, lambda: "Give the answer." in app.pane.shown_text())
            assert "Write answer()." in app.pane.shown_text()


async def test_says_plainly_that_an_exercise_passed_and_which_is_next(workspace: Workspace) -> None:
    solve(workspace)
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "PASSED" in app.pane.shown_text())
        verdict, following, *_ = app.pane.shown_text().splitlines()
        assert verdict == "PASSED  10 of 10 points"
        assert following == f"Next: exercise {SECOND.number}, {SECOND.title}"


@pytest.mark.slow
async def test_says_when_nothing_is_left_to_pass(workspace: Workspace) -> None:
    for exercise in exercises():
        (workspace.exercises / exercise.file_name).write_text(RIGHT)
    async with pane(workspace) as (app, pilot):
        for number in range(1, len(exercises()) + 1):
            await pilot.press("c")
            await wait_for(pilot, lambda number=number: f"{number} of" in status(app))
            await pilot.press("j")
        await pilot.press("k")
        await wait_for(pilot, lambda: "Every exercise has been passed." in app.pane.shown_text())


@pytest.mark.slow
async def test_keeps_the_report_while_another_exercise_is_looked_at(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "NOT PASSED" in app.pane.shown_text())
        await pilot.press("j")
        await pilot.pause()
        assert "NOT PASSED" not in app.pane.shown_text()
        await pilot.press("k")
        await pilot.pause()
        assert "NOT PASSED" in app.pane.shown_text()


async def test_shows_the_task_again_and_then_the_report(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "NOT PASSED" in app.pane.shown_text())
        await pilot.press("t")
        assert "c checks it" in app.pane.shown_text()
        await pilot.press("t")
        assert "NOT PASSED" in app.pane.shown_text()


async def test_says_what_is_checked_and_goes_on_meanwhile(
    workspace: Workspace, checker: FakeChecker, monkeypatch: pytest.MonkeyPatch
) -> None:
    checker.may_answer.clear()
    monkeypatch.setattr("cnn_tui.tui.panes.exercises.pane.TELL_SECONDS", 0)
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: f"Checking {FIRST.name} … 1 passed so far" in status(app))
        await pilot.press("j")
        await wait_for(pilot, lambda: SECOND.file_name in app.pane.shown_text())
        checker.may_answer.set()
        await wait_for(pilot, lambda: "✗ not passed" in listed(app))
        assert SECOND.file_name in app.pane.shown_text()
        assert "Checking" not in status(app)


async def test_checks_anew_when_it_is_asked_again(
    workspace: Workspace, checker: FakeChecker
) -> None:
    checker.may_answer.clear()
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: checker.asked == [FIRST.name])
        solve(workspace)
        await pilot.press("c")
        checker.may_answer.set()
        await wait_for(pilot, lambda: "✓ passed" in listed(app))
    assert load(workspace)[FIRST.name].attempts == 1


async def test_checks_on_every_save_until_it_is_told_to_stop(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        assert "Auto-check on save: off" in status(app)
        await pilot.press("a")
        await wait_for(pilot, lambda: "Auto-check on save: on" in status(app))
        await pilot.pause(0.3)
        solve(workspace)
        await wait_for(pilot, lambda: "✓ passed" in listed(app))
        await pilot.press("a")
        await wait_for(pilot, lambda: "Auto-check on save: off" in status(app))
        solve(workspace, "no longer looked at")
        await pilot.pause(0.6)
        assert "✓ passed" in listed(app)


async def test_ends_what_checks_when_it_closes(workspace: Workspace, checker: FakeChecker) -> None:
    checker.may_answer.clear()
    async with pane(workspace) as (_, pilot):
        await pilot.press("a", "c")
        await wait_for(pilot, lambda: checker.asked)
    assert checker.is_closed


async def test_gives_hints_one_by_one(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(FIRST), "hints", ("a nudge", "the idea", "the line of attack"))
    async with pane(workspace) as (app, pilot):
        await pilot.press("h")
        await wait_for(pilot, lambda: "a nudge" in app.pane.shown_text())
        assert "the idea" not in app.pane.shown_text()
        await wait_for(pilot, lambda: "1 of 3 hints" in listed(app))
        await pilot.press("t", "h")
        await pilot.pause(0.2)
        assert "the idea" not in app.pane.shown_text()
        await pilot.press("h")
        await wait_for(pilot, lambda: "the idea" in app.pane.shown_text())
        await pilot.press("h")
        await wait_for(pilot, lambda: "That is the last one." in app.pane.shown_text())
        assert "a nudge" in app.pane.shown_text()
    assert load(workspace)[FIRST.name].hints_seen == 3


async def test_shows_the_solution_only_after_a_pass(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        await pilot.press("d")
        await wait_for(pilot, lambda: app._notifications)
        assert "once exercise1 is passed" in note(app)
        solve(workspace)
        await pilot.press("c")
        await wait_for(pilot, lambda: "✓ passed" in listed(app))
        await pilot.press("d")
        await wait_for(pilot, lambda: f"-{RIGHT}" in app.pane.shown_text())
        assert "+def max_pool" in app.pane.shown_text()


async def test_resets_after_a_question_and_keeps_what_was_there(workspace: Workspace) -> None:
    solve(workspace)
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "PASSED" in app.pane.shown_text())
        await pilot.press("x")
        assert isinstance(app.screen, QuestionScreen)
        await pilot.press("escape", "x", "y")
        await wait_for(pilot, lambda: "c checks it" in app.pane.shown_text())
        await wait_for(pilot, lambda: app._notifications)
        assert "is kept as exercise1.py.backup-" in note(app)
    (backup,) = workspace.exercises.glob("*.backup-*")
    assert backup.read_text() == RIGHT
    assert (workspace.exercises / FIRST.file_name).read_bytes() == starter(FIRST).read_bytes()


@pytest.mark.slow
async def test_does_not_check_the_starter_that_it_puts_back(
    workspace: Workspace, checker: FakeChecker
) -> None:
    solve(workspace)
    async with pane(workspace) as (app, pilot):
        await pilot.press("a")
        await wait_for(pilot, lambda: "Auto-check on save: on" in status(app))
        await pilot.press("x", "y")
        file = workspace.exercises / FIRST.file_name
        await wait_for(pilot, lambda: file.read_bytes() == starter(FIRST).read_bytes())
        await pilot.pause(0.6)
        assert checker.asked == []
        assert "Auto-check on save: on" in status(app)


async def test_says_that_there_is_no_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with pane(None) as (app, pilot):
        assert "cnn-lab init" in app.pane.shown_text()
        for key in "caehdx":
            app.clear_notifications()
            await pilot.press(key)
            await pilot.pause()
            assert "cnn-lab init" in note(app)


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A script that is the user's editor, and terminals that can be handed over."""
    monkeypatch.setattr(LabApp, "suspend", suspend)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{shlex.quote(str(tmp_path / 'editor'))} --wait")
    return tmp_path / "editor"


@contextlib.contextmanager
def suspend(app: LabApp) -> Iterator[None]:
    """As Textual's own: who leaves it with an error never gets the terminal back."""
    app.add_class("handed-over")
    yield
    app.remove_class("handed-over")


def write_script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


async def test_hands_the_file_to_the_editor(workspace: Workspace, editor: Path) -> None:
    write_script(editor, 'echo "# edited" >> "$2"')
    file = workspace.exercises / FIRST.file_name
    async with pane(workspace) as (_, pilot):
        await pilot.press("e")
        await wait_for(pilot, lambda: file.read_text().endswith("# edited\n"))


@pytest.mark.slow
async def test_checks_what_the_editor_saved_where_that_is_wanted(
    workspace: Workspace, editor: Path
) -> None:
    write_script(editor, f'echo "{RIGHT}" > "$2"')
    async with pane(workspace) as (app, pilot):
        await pilot.press("a")
        await pilot.pause(0.3)
        await pilot.press("e")
        await wait_for(pilot, lambda: "✓ passed" in listed(app))


@pytest.mark.slow
async def test_says_how_the_editor_failed(
    workspace: Workspace, editor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pane(workspace) as (app, pilot):
        for command, reason in EDITORS_THAT_FAIL.items():
            monkeypatch.setenv("EDITOR", command)
            app.clear_notifications()
            await pilot.press("e")
            await wait_for(pilot, lambda: app._notifications)
            assert reason in note(app)
            assert not app.has_class("handed-over")


async def test_says_that_the_file_to_edit_is_gone(workspace: Workspace, editor: Path) -> None:
    (workspace.exercises / FIRST.file_name).unlink()
    async with lab(workspace) as (app, pilot):
        await pilot.press("5", "e")
        await wait_for(pilot, lambda: app._notifications)
        assert "x puts the starter in its place" in note(app)
        await pilot.press("x", "y")
        await wait_for(pilot, (workspace.exercises / FIRST.file_name).exists)


async def test_says_that_this_terminal_cannot_be_handed_over(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        await pilot.press("e")
        await wait_for(pilot, lambda: app._notifications)
        assert "in another one" in note(app)


async def test_reports_what_the_hidden_tests_say(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnn_tui.grading.checker import Checker

    monkeypatch.setattr("cnn_tui.tui.checks.Checker", Checker)
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "NOT PASSED" in app.pane.shown_text())
        assert "NotImplementedError" in app.pane.shown_text()
        reference = solution(exercise_named("1")).read_bytes()
        (workspace.exercises / "exercise1.py").write_bytes(reference)
        await pilot.press("c")
        await wait_for(pilot, lambda: "10 of 10" in app.pane.shown_text())
        (workspace.exercises / "exercise1.py").write_text("def max_pool(:\n")
        await pilot.press("c")
        await wait_for(pilot, lambda: "line 1" in app.pane.shown_text())
