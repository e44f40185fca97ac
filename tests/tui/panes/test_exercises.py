"""The Exercises pane: task, check, report, hints, difference, reset, editor."""

import contextlib
import re
import shlex
import shutil
import stat
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from cnn_tui.chapter.catalogue import topic
from cnn_tui.grading.catalogue import exercise_named, exercises, hidden_tests, solution, starter
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.judge.plan import read_plan
from cnn_tui.grading.learner.progress import load
from cnn_tui.render.draw.console import plain_text
from cnn_tui.render.draw.styles import QUIET
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.new_workspace import NewWorkspaceScreen
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.panes.exercises.body import ExerciseFrame
from cnn_tui.tui.panes.exercises.pages import main_frame
from cnn_tui.tui.panes.exercises.state import ExercisesState
from cnn_tui.tui.widgets.exercise_list import ExerciseList
from cnn_tui.tui.widgets.frame import Frame
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace
from tests.installed_plugins import install_exercise, installed
from tests.tui.conftest import FakeChecker
from tests.tui.made_up_reports import LARGE, RIGHT, WRONG
from tests.tui.test_app import lab
from tests.tui.waiting import resize, wait_for

FIRST, SECOND = exercises()[:2]
TASK = "Pool one map by maximum and by average, and put numbers on what each of them keeps."
MORE_SIZES = ((60, 20), (120, 40), (200, 50))
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
        await wait_for(pilot, lambda: " of " in side(app) or not app.workspace)
        yield app, pilot


def listed(app: LabApp) -> str:
    """What the list of exercises shows."""
    options = app.query_one(ExerciseList).options
    return "\n".join(str(option.prompt) for option in options)


def side(app: LabApp) -> str:
    """What stands in the border of the list: the points, and whether saves are checked."""
    frame = app.query_one("#exercise-side", Frame)
    return f"{frame.state} · {frame.keys}"


def stands(app: LabApp) -> str:
    """How the exercise under the cursor stands, as its border says."""
    return str(app.query_one(ExerciseFrame).state)


def below(app: LabApp) -> str:
    """The keys in the bottom border of the exercise."""
    return str(app.query_one(ExerciseFrame).keys)


def page_text(app: LabApp) -> str:
    """All that the page of the exercise can be scrolled to, on one line."""
    return " ".join(plain_text(app.query_one("#exercise-page", Page).content).split())


def solve(workspace: Workspace, text: str = RIGHT) -> None:
    """Write what the made-up checks take for right."""
    (workspace.exercises / FIRST.file_name).write_text(text)


def note(app: LabApp) -> str:
    """The one notification that stands."""
    (only,) = app._notifications
    return only.message


@pytest.mark.slow
async def test_shows_the_task_and_where_the_file_is(workspace: Workspace) -> None:
    async with pane(workspace) as (app, _):
        assert "max_pool" in app.pane.shown_text()
        assert "exercise1.py" in app.pane.shown_text()


@pytest.mark.parametrize("exercise", exercises(), ids=lambda each: each.name)
def test_names_keys_and_no_commands_in_a_task(exercise: Exercise) -> None:
    frame = main_frame(ExercisesState(), exercise, None)
    task = " ".join(plain_text(frame.content, 90).split())
    assert "cnn-lab" not in task
    assert ("experiment" in task) == ("(4 e)" in task)


@pytest.mark.slow
async def test_lists_every_exercise_with_its_sign_and_its_score(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        assert listed(app).splitlines() == [
            f"· {each.number} {each.title} 0/10" for each in exercises()
        ]
        await pilot.press("c")
        await wait_for(pilot, lambda: "✗ 1 Pooling 2/10" in listed(app))
        assert "2 of 50" in side(app)
        solve(workspace)
        await pilot.press("c")
        await wait_for(pilot, lambda: "✓ 1 Pooling 10/10" in listed(app))
        solve(workspace, "wrong again")
        await pilot.press("c")
        await wait_for(pilot, lambda: "✗ 1 Pooling 2/10 ★10" in listed(app))
        assert "10 of 50" in side(app)
        await pilot.press("t")
        assert "Best: 10 of 10 · 3 checks · 0 of 3 hints taken" in app.pane.shown_text()
    assert load(workspace)[FIRST.name].attempts == 3


async def test_says_that_a_file_is_missing_and_what_restores_it(workspace: Workspace) -> None:
    (workspace.exercises / FIRST.file_name).unlink()
    async with pane(workspace) as (app, _):
        assert "! 1 Pooling no file" in listed(app)
        lines = app.pane.shown_text().splitlines()
        assert lines[2] == f"{FIRST.file_name} is not there: x restores its starter."
        assert below(app) == "x restore the starter"


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


@pytest.mark.slow
async def test_says_what_a_pass_achieved_and_goes_on_with_enter(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "✗ 2 of 10" in stands(app))
        solve(workspace)
        await pilot.press("c")
        await wait_for(pilot, lambda: "✓ 1 Pooling 10/10" in listed(app))
        assert stands(app) == "✓ 10 of 10 · 0.4 s"
        text = app.pane.shown_text()
        assert "★ 10 of 10 on the second try, 4 exercises to go" in text
        assert f"⏎ exercise {SECOND.number}: {SECOND.title}" in text
        await pilot.press("enter")
        assert app.query_one(ExerciseList).current is SECOND


@pytest.mark.slow
@pytest.mark.parametrize("low_bandwidth", [False, True])
async def test_turns_the_frame_green_when_an_exercise_is_passed(
    workspace: Workspace, low_bandwidth: bool
) -> None:
    solve(workspace)
    app = LabApp(workspace=workspace, low_bandwidth=low_bandwidth)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("5", "c")
        await wait_for(pilot, lambda: "✓ 1 Pooling 10/10" in listed(app))
        assert app.query_one(ExerciseFrame).has_class("-joy") is not low_bandwidth


@pytest.mark.slow
async def test_says_when_nothing_is_left_to_pass(workspace: Workspace) -> None:
    for exercise in exercises():
        (workspace.exercises / exercise.file_name).write_text(RIGHT)
    async with pane(workspace) as (app, pilot):
        for number in range(1, len(exercises()) + 1):
            await pilot.press("c")
            await wait_for(pilot, lambda number=number: listed(app).count("✓") == number)
            await pilot.press("j")
        await pilot.press("k")
        await wait_for(pilot, lambda: "on the first try, all done" in app.pane.shown_text())


@pytest.mark.slow
async def test_keeps_the_report_while_another_exercise_is_looked_at(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "Start with check 2" in app.pane.shown_text())
        await pilot.press("j")
        await pilot.pause()
        assert "Start with check" not in app.pane.shown_text()
        await pilot.press("k")
        await pilot.pause()
        assert "Start with check 2" in app.pane.shown_text()


@pytest.mark.slow
async def test_shows_the_task_again_and_then_the_report(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "Start with check 2" in app.pane.shown_text())
        await pilot.press("t")
        assert below(app) == "e edit  c check  h hint 1 of 3  t report"
        await pilot.press("t")
        assert "Start with check 2" in app.pane.shown_text()


async def test_shows_a_check_part_by_part_and_goes_on_meanwhile(
    workspace: Workspace, checker: FakeChecker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnn_tui.tui.panes.exercises.check_runner.TELL_SECONDS", 0)
    total = len(read_plan(hidden_tests(FIRST)))
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "✗ 2 of 10" in stands(app))
        checker.may_answer.clear()
        await pilot.press("c")
        await wait_for(pilot, lambda: stands(app) == f"◌ checking 2 of {total}")
        assert f"◌ 1 Pooling checking 2 of {total}" in listed(app)
        text = app.pane.shown_text()
        assert "◌ 1 max_pool keeps the largest value of each window." in text
        assert "Start with check 2" in text, "the verdict before stays until there is another"
        page = app.query_one("#exercise-page", Page)
        row = next(line for line in page._lines if "Start with check 2" in line.text)
        colors = {each.style.color for each in row if each.style and each.text.strip()}
        assert colors == {app.console.get_style(QUIET).color}, "it has faded"
        await pilot.press("j")
        await wait_for(pilot, lambda: SECOND.file_name in app.pane.shown_text())
        checker.may_answer.set()
        await wait_for(pilot, lambda: "✗ 1 Pooling 2/10" in listed(app))
        assert SECOND.file_name in app.pane.shown_text()


@pytest.mark.slow
async def test_shows_both_sides_and_what_to_do_next_as_keys(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "Start with check 2" in app.pane.shown_text())
        text = app.pane.shown_text()
        assert "✓ 1 The output has the shape that its docstring promises." in text
        assert "after 2" in text
        assert "4 of 4 values differ" in text
        (row,) = (line for line in text.splitlines() if "▐1.364▌" in line)
        assert "│ 0.909 │ 1.210 │" in row
        for key in ("⏎ read ", "h hint 1 of 3", "y copy the input", "l all 2 printed lines"):
            assert key in text
        assert "cnn-lab" not in text
        assert str(app.query_one(ExerciseFrame).keys) == "sandbox bwrap · seed 42"
        await pilot.press("y")
        assert app.clipboard.endswith("print(max_pool(x, 2, 2))\n")
        assert "Python" in note(app)
        await pilot.press("l")
        assert "[[1, 2], [3, 4]]" in app.pane.shown_text()
        assert "got 1.364, expected 0.909" in app.pane.shown_text()
        await pilot.press("l", "enter")
        await wait_for(pilot, lambda: app.pane.info.title == "Topics")
        assert topic("pooling-parameters").title in app.pane.shown_text()


@pytest.mark.slow
async def test_shows_task_and_file_once_each_in_a_wide_terminal(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        beside = app.query_one("#exercise-beside", Frame)
        await wait_for(pilot, lambda: str(beside.state) == "your file")
        assert beside.title == FIRST.file_name
        assert "def max_pool" in plain_text(beside.query_one(Page).content)
        assert TASK in " ".join(app.pane.shown_text().split())
        await pilot.press("c")
        await wait_for(pilot, lambda: "Start with check 2" in app.pane.shown_text())
        await wait_for(pilot, lambda: page_text(app).count(TASK) == 1)
        assert beside.title == FIRST.file_name
        assert plain_text(beside.query_one(Page).content).count("def max_pool") == 1
        await resize(pilot, (120, 24))
        await wait_for(pilot, lambda: beside.title == "Task")
        assert TASK not in page_text(app)
        task = " ".join(plain_text(beside.query_one(Page).content).split())
        assert TASK in task
        assert "def max_pool" in task
        await resize(pilot, (120, 40))
        await pilot.press("h")
        await wait_for(pilot, lambda: beside.title == FIRST.file_name)
        assert TASK in " ".join(app.pane.shown_text().split())
    async with pane(workspace, (100, 24)) as (app, _):
        assert not app.query_one("#exercise-beside").display


@pytest.mark.slow
async def test_gives_code_the_width_of_a_line_in_a_tall_terminal(workspace: Workspace) -> None:
    line = "    return nn.functional.max_pool2d(x, kernel_size=k, stride=s)  # as in the docs"
    solve(workspace, f"def max_pool(x, k, s):\n{line}\n")
    async with pane(workspace, (120, 40)) as (app, pilot):
        beside, frame = app.query_one("#exercise-beside", Frame), app.query_one(ExerciseFrame)
        await wait_for(pilot, lambda: "max_pool2d" in plain_text(beside.query_one(Page).content))
        assert beside.region.y == frame.region.bottom, "the file stands below the exercise"
        assert any(line in each.text for each in beside.query_one(Page)._lines)
        await pilot.press("c")
        await wait_for(pilot, lambda: "Start with check 2" in app.pane.shown_text())
        shown = frame.page._lines[: frame.page.size.height]
        assert any("y copy the input" in each.text for each in shown), "without scrolling"
        assert beside.title == FIRST.file_name
        await resize(pilot, (160, 40))
        assert beside.region.y == frame.region.y, "here both have the width"


@pytest.mark.slow
async def test_keeps_the_task_in_sight_while_the_first_check_runs(
    workspace: Workspace, checker: FakeChecker
) -> None:
    checker.may_answer.clear()
    async with pane(workspace, (80, 24)) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "checking" in str(app.query_one(ExerciseFrame).state))
        await wait_for(pilot, lambda: TASK in page_text(app))
        checker.may_answer.set()


@pytest.mark.slow
async def test_shows_the_function_that_was_called_below_a_failure(workspace: Workspace) -> None:
    solve(workspace, "import torch\n\n\ndef max_pool(x, k, s):\n    return x.sum()\n")
    async with pane(workspace, (80, 24)) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "return x.sum()" in page_text(app))
        assert "from line 4 of exercise1.py" in page_text(app)


@pytest.mark.slow
async def test_a_pass_shows_what_the_next_exercise_asks_for(workspace: Workspace) -> None:
    solve(workspace, RIGHT)
    async with pane(workspace, (100, 40)) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "Next: exercise 2, Skip connections" in page_text(app))
        assert "Build a plain block and a residual block" in page_text(app)


@pytest.mark.slow
async def test_a_title_loses_its_first_word_before_its_end(workspace: Workspace) -> None:
    async with pane(workspace, (80, 24)) as (app, pilot):
        await pilot.press("j", "j")
        frame = app.query_one(ExerciseFrame)
        await wait_for(pilot, lambda: "not checked yet" in str(frame.border_title))
        assert "3: Batch normalization" in str(frame.border_title)


async def test_shows_the_starter_beside_the_task_where_there_is_no_file(
    workspace: Workspace,
) -> None:
    (workspace.exercises / FIRST.file_name).unlink()
    async with pane(workspace) as (app, pilot):
        beside = app.query_one("#exercise-beside", Frame)
        await wait_for(pilot, lambda: str(beside.state) == "its starter")
        assert "def max_pool" in plain_text(beside.query_one(Page).content)


@pytest.mark.parametrize(
    "size",
    [(80, 24), *(pytest.param(size, marks=pytest.mark.slow) for size in MORE_SIZES)],
    ids=str,
)
async def test_shows_expected_and_yours_beside_each_other(
    size: tuple[int, int], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.tui.made_up_reports.WRONG", replace(WRONG, comparison=LARGE))
    async with pane(workspace, size) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "Start with check 2" in app.pane.shown_text())
        page = app.query_one("#exercise-page", Page)
        rows = [line.text.rstrip() for line in page._lines]
        titles = next(row for row in rows if "expected" in row)
        assert "yours" in titles
        (values,) = (row for row in rows if "▐3.750▌" in row)
        numbers = re.findall(r"\d\.\d+", values)
        expected, yours = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
        apart = [pair for pair in zip(expected, yours, strict=True) if len(set(pair)) > 1]
        assert apart == [("2.750", "3.750")]
        assert len(expected) == 2 or "2.875" in expected, "and so is what stands behind it"
        assert max(map(len, rows)) < page.size.width


@pytest.mark.slow
async def test_shows_the_line_that_failed_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised = "max_pool raised ValueError: no (line 2: raise ValueError('no')); the call was f(x)."
    failed = replace(WRONG, message=raised, comparison=None, call="", replay="", lines=(2,))
    monkeypatch.setattr("tests.tui.made_up_reports.WRONG", failed)
    solve(workspace, "def max_pool(x, k, s):\n    raise ValueError('no')\n")
    async with pane(workspace, (100, 30)) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "raised ValueError: no" in app.pane.shown_text())
        assert app.pane.shown_text().count("raise ValueError('no')") == 1
        assert "f(x)" in app.pane.shown_text()
        await resize(pilot, (120, 40))
        await wait_for(pilot, lambda: "raise ValueError" not in app.pane.shown_text())
        beside = app.query_one("#exercise-beside", Frame)
        assert str(beside.state) == "line 2"
        assert "▌2      raise ValueError('no')" in plain_text(beside.query_one(Page).content)


@pytest.mark.slow
async def test_list_and_page_take_turns_in_a_narrow_terminal(workspace: Workspace) -> None:
    async with pane(workspace, (60, 20)) as (app, pilot):
        frame, listing = app.query_one(ExerciseFrame), app.query_one("#exercise-side")
        assert listing.display and not frame.display
        for key in ("enter", "c"):
            await pilot.press(key)
            await wait_for(pilot, lambda: frame.display)
            assert not listing.display
            await pilot.press("escape")
            await wait_for(pilot, lambda: listing.display)
        await wait_for(pilot, lambda: "✗ 1 Pooling 2/10" in listed(app))
        await pilot.press("enter")
        await wait_for(pilot, lambda: frame.display)
        await pilot.press("escape")
        await wait_for(pilot, lambda: listing.display)


@pytest.mark.slow
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
        await wait_for(pilot, lambda: "✓ 1 Pooling" in listed(app))
    assert load(workspace)[FIRST.name].attempts == 1


async def test_checks_on_every_save_until_it_is_told_to_stop(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        assert "auto-check: off" in side(app)
        await pilot.press("a")
        await wait_for(pilot, lambda: "auto-check: on" in side(app))
        await pilot.pause(0.3)
        solve(workspace)
        await wait_for(pilot, lambda: "✓ 1 Pooling" in listed(app))
        await pilot.press("a")
        await wait_for(pilot, lambda: "auto-check: off" in side(app))
        solve(workspace, "no longer looked at")
        await pilot.pause(0.6)
        assert "1 Pooling 10/10" in listed(app), "it was not checked again"


@pytest.mark.slow
async def test_follows_the_file_and_drops_the_marks_of_an_old_report(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnn_tui.tui.panes.exercises.pane.LOOK_SECONDS", 0.02)
    monkeypatch.setattr("tests.tui.made_up_reports.WRONG", replace(WRONG, lines=(2,)))
    solve(workspace, "def max_pool(x, k, s):\n    return x\n")
    async with pane(workspace) as (app, pilot):
        beside = app.query_one("#exercise-beside", Frame)

        def file() -> str:
            return plain_text(beside.query_one(Page).content)

        await wait_for(pilot, lambda: "return x" in file())
        solve(workspace, "def max_pool(x, k, s):\n    return k\n")
        await wait_for(pilot, lambda: "return k" in file())
        await pilot.press("c")
        await wait_for(pilot, lambda: "▌2      return k" in file())
        assert stands(app).startswith("✗ 2 of 10")
        solve(workspace, "def max_pool(x, k, s):\n    return s\n")
        await wait_for(pilot, lambda: "return s" in file())
        assert "▌" not in file()
        assert str(beside.state) == "your file"
        assert stands(app) == "! changed since the check"
        solve(workspace, "def max_pool(x, k, s):\n    return k\n")
        await wait_for(pilot, lambda: "▌2      return k" in file())
        assert stands(app).startswith("✗ 2 of 10"), "it is what was checked again"


@pytest.mark.slow
async def test_checks_what_was_saved_since_when_saves_are_checked(
    workspace: Workspace, checker: FakeChecker
) -> None:
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "✗ 1 Pooling 2/10" in listed(app))
        await pilot.press("a")
        await wait_for(pilot, lambda: "auto-check: on" in side(app))
        await pilot.pause(0.2)
        await pilot.press("a")
        await wait_for(pilot, lambda: "auto-check: off" in side(app))
        assert checker.asked == [FIRST.name], "it holds what was checked"
        solve(workspace)
        await pilot.press("a")
        await wait_for(pilot, lambda: "✓ 1 Pooling" in listed(app))
        assert checker.asked == [FIRST.name] * 2


@pytest.mark.slow
async def test_ends_what_checks_when_it_closes(workspace: Workspace, checker: FakeChecker) -> None:
    checker.may_answer.clear()
    async with pane(workspace) as (_, pilot):
        await pilot.press("a", "c")
        await wait_for(pilot, lambda: checker.asked)
    assert checker.is_closed


@pytest.mark.slow
async def test_gives_hints_one_by_one(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(FIRST), "hints", ("a nudge", "the idea", "the line of attack"))
    async with pane(workspace) as (app, pilot):
        await pilot.press("h")
        await wait_for(pilot, lambda: "a nudge" in app.pane.shown_text())
        assert "the idea" not in app.pane.shown_text()
        await wait_for(pilot, lambda: "Hint 1 of 3" in app.pane.shown_text())
        await pilot.press("t")
        assert "h hint 2 of 3" in below(app)
        await pilot.press("h")
        await pilot.pause(0.2)
        assert "the idea" not in app.pane.shown_text()
        await pilot.press("h")
        await wait_for(pilot, lambda: "the idea" in app.pane.shown_text())
        await pilot.press("h")
        await wait_for(pilot, lambda: "Hint 3 of 3" in app.pane.shown_text())
        assert "a nudge" in app.pane.shown_text()
    assert load(workspace)[FIRST.name].hints_seen == 3


async def test_shows_the_solution_only_after_a_pass(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        await pilot.press("d")
        await wait_for(pilot, lambda: app._notifications)
        assert "once exercise1 is passed" in note(app)
        solve(workspace)
        await pilot.press("c")
        await wait_for(pilot, lambda: "✓ 1 Pooling" in listed(app))
        await pilot.press("d")
        await wait_for(pilot, lambda: f"-{RIGHT}" in app.pane.shown_text())
        assert "+def max_pool" in app.pane.shown_text()


async def test_resets_after_a_question_and_keeps_what_was_there(workspace: Workspace) -> None:
    solve(workspace)
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "10 of 10" in app.pane.shown_text())
        await pilot.press("x")
        assert isinstance(app.screen, QuestionScreen)
        await pilot.press("escape", "x", "y")
        await wait_for(pilot, lambda: "c check" in below(app))
        await wait_for(pilot, lambda: app._notifications)
        assert "kept as exercise1.py.backup-" in note(app)
    (backup,) = workspace.exercises.glob("*.backup-*")
    assert backup.read_text() == RIGHT
    assert (workspace.exercises / FIRST.file_name).read_bytes() == starter(FIRST).read_bytes()


async def test_adds_what_an_older_file_lacks(workspace: Workspace) -> None:
    path = workspace.exercises / FIRST.file_name
    path.write_text("def max_pool(x, kernel_size, stride): ...  # mine\n")
    async with pane(workspace) as (app, pilot):
        await wait_for(pilot, lambda: "agreement and better_pooling" in shown_in_one(app))
        assert "m add what is missing" in shown_in_one(app)
        await pilot.press("m")
        await wait_for(pilot, lambda: app._notifications)
        assert "Your file before: exercise1.py.backup-" in note(app)
        await wait_for(pilot, lambda: "what is missing" not in shown_in_one(app))
    assert "# mine" in path.read_text()
    assert "def better_pooling(" in path.read_text()


def shown_in_one(app: LabApp) -> str:
    return " ".join(app.pane.shown_text().split())


@pytest.mark.slow
async def test_does_not_check_the_starter_that_it_puts_back(
    workspace: Workspace, checker: FakeChecker
) -> None:
    solve(workspace)
    async with pane(workspace) as (app, pilot):
        await pilot.press("a")
        await wait_for(pilot, lambda: "auto-check: on" in side(app))
        await pilot.press("x", "y")
        file = workspace.exercises / FIRST.file_name
        await wait_for(pilot, lambda: file.read_bytes() == starter(FIRST).read_bytes())
        await pilot.pause(0.6)
        assert checker.asked == []
        assert "auto-check: on" in side(app)


async def test_offers_a_workspace_where_there_is_none_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with pane(None) as (app, pilot):
        assert "Press e to create one" in " ".join(app.pane.shown_text().split())
        assert below(app) == "e create a workspace and begin"
        for key in "caehdx":
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(app.screen, NewWorkspaceScreen)
            await pilot.press("escape")
            await pilot.pause()
        assert app.workspace is None
        await pilot.press("h", *"/mine", "enter")
        await wait_for(pilot, lambda: "Hint 1" in app.pane.shown_text())
        assert app.workspace is not None
        assert app.workspace.root == tmp_path / "mine"
        assert (app.workspace.exercises / "exercise1.py").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("key", ["e", "h", "d"])
async def test_offers_a_workspace_again_that_was_deleted_meanwhile(
    workspace: Workspace, key: str
) -> None:
    async with pane(workspace) as (app, pilot):
        shutil.rmtree(workspace.root)
        await pilot.press(key)
        await wait_for(pilot, lambda: isinstance(app.screen, NewWorkspaceScreen))
        assert not workspace.root.exists(), "nothing is made unasked"


@pytest.mark.slow
async def test_goes_back_from_hints_and_log_to_the_report(
    workspace: Workspace, checker: FakeChecker
) -> None:
    async with pane(workspace) as (app, pilot):
        await pilot.press("h")
        await wait_for(pilot, lambda: below(app) == "Esc task")
        await pilot.press("escape")
        assert "Hint 1" not in app.pane.shown_text()
        await pilot.press("c")
        await wait_for(pilot, lambda: below(app).startswith("sandbox"))
        for key in "hl":
            await pilot.press(key)
            await wait_for(pilot, lambda: below(app) == "Esc report  t task")
            assert "escape" in app.screen.active_bindings
            await pilot.press("escape")
            await wait_for(pilot, lambda: below(app).startswith("sandbox"))
        assert app.query_one(ExerciseList).has_focus


@pytest.mark.slow
async def test_shows_the_check_that_a_new_workspace_goes_on_with(
    tmp_path: Path, checker: FakeChecker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    checker.may_answer.clear()
    async with pane(None) as (app, pilot):
        await pilot.press("c", *"/mine", "enter")
        await wait_for(pilot, lambda: checker.asked and " of " in side(app))
        await pilot.pause()
        assert stands(app).startswith("◌ checking")
        checker.may_answer.set()
        await wait_for(pilot, lambda: "✗ 2 of 10" in stands(app))


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
        await wait_for(pilot, lambda: "✓ 1 Pooling" in listed(app))


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
        assert "x restores its starter" in note(app)
        await pilot.press("x", "y")
        await wait_for(pilot, (workspace.exercises / FIRST.file_name).exists)


async def test_says_that_this_terminal_cannot_be_handed_over(workspace: Workspace) -> None:
    async with pane(workspace) as (app, pilot):
        await pilot.press("e")
        await wait_for(pilot, lambda: app._notifications)
        assert "in another one" in note(app)


@pytest.mark.slow
async def test_reports_what_the_hidden_tests_say(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnn_tui.grading.checker import Checker

    monkeypatch.setattr("cnn_tui.tui.checks.Checker", Checker)
    async with pane(workspace) as (app, pilot):
        await pilot.press("c")
        await wait_for(pilot, lambda: "Start with check 1" in app.pane.shown_text())
        assert "NotImplementedError" in app.pane.shown_text()
        reference = solution(exercise_named("1")).read_bytes()
        (workspace.exercises / "exercise1.py").write_bytes(reference)
        await pilot.press("c")
        await wait_for(pilot, lambda: "10 of 10" in app.pane.shown_text())
        (workspace.exercises / "exercise1.py").write_text("def max_pool(:\n")
        await pilot.press("c")
        await wait_for(pilot, lambda: "line 1" in app.pane.shown_text())
        assert "▌1  def max_pool(:" in app.pane.shown_text()
        assert "e edit it" in app.pane.shown_text()
