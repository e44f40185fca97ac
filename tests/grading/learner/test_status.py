"""The lab says where the learner stands."""

from dataclasses import replace

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercises, starter
from cnn_tui.grading.isolation.source import digest_of_file
from cnn_tui.grading.learner import progress
from cnn_tui.grading.learner.reset import reset
from cnn_tui.grading.learner.status import (
    exercise_meant,
    first_open,
    has_new_starter,
    note_on,
    older_file,
    standings,
)
from cnn_tui.next_steps import Action, step
from cnn_tui.workspace import Workspace
from tests.grading.learner.test_progress import report

FIRST, SECOND = exercises()[:2]


def test_tells_every_exercise_s_state_score_and_next_step(workspace: Workspace) -> None:
    progress.record(workspace, report(workspace, FIRST.name, score=10))
    progress.record(workspace, report(workspace, SECOND.name, score=4))
    progress.record_hint(workspace, SECOND, 3)
    (workspace.exercises / exercises()[2].file_name).unlink()
    first, second, third, *rest = standings(workspace)
    assert (first.state, first.best_score, first.passed_at != "") == ("passed", 10, True)
    assert first.next_step == step(Action.SOLUTION, FIRST.name)
    assert (second.state, second.score, second.attempts, second.hints_seen) == (
        "not passed",
        4,
        1,
        1,
    )
    assert second.next_step == step(Action.HINT, SECOND.name)
    assert third.state == "no file"
    assert {each.state for each in rest} <= {"not checked yet"}
    assert [each.exercise for each in standings(workspace)] == [each.name for each in exercises()]


def test_says_when_a_file_is_another_one_than_what_was_checked(workspace: Workspace) -> None:
    path = workspace.exercises / FIRST.file_name
    for score, state in ((10, "passed"), (4, "not passed")):
        checked = replace(report(workspace, FIRST.name, score), digest=digest_of_file(path))
        progress.record(workspace, checked)
        first = standings(workspace)[0]
        assert (first.state, first.changed) == (state, False)
        path.write_text(f"# another one than that with {score} points\n")
        first = standings(workspace)[0]
        assert (first.state, first.changed) == (state, True)
        assert first.next_step == step(Action.CHECK, FIRST.name)
    path.unlink()
    first = standings(workspace)[0]
    assert (first.state, first.changed) == ("no file", False)


def test_says_nothing_of_changes_since_a_check_that_an_older_lab_recorded(
    workspace: Workspace,
) -> None:
    progress.record(workspace, report(workspace, FIRST.name))
    assert not standings(workspace)[0].changed


def test_takes_the_first_that_was_never_passed(workspace: Workspace) -> None:
    assert first_open(workspace) == FIRST
    progress.record(workspace, report(workspace, FIRST.name, score=10))
    progress.record(workspace, report(workspace, FIRST.name, score=3))
    assert first_open(workspace) == SECOND
    assert exercise_meant(workspace, None) == SECOND
    assert exercise_meant(workspace, "1") == FIRST
    assert exercise_meant(workspace, str(workspace.exercises / FIRST.file_name)) == FIRST


def test_names_no_exercise_where_all_are_passed(workspace: Workspace) -> None:
    for exercise in exercises():
        progress.record(workspace, report(workspace, exercise.name, score=10))
    assert first_open(workspace) is None
    with pytest.raises(UsageError, match="Every exercise is passed"):
        exercise_meant(workspace, None)


def test_refuses_a_file_outside_of_the_workspace(workspace: Workspace) -> None:
    path = workspace.root / FIRST.file_name
    path.write_text("")
    with pytest.raises(UsageError, match="is not in the workspace"):
        exercise_meant(workspace, str(path))


def test_says_when_the_starter_has_changed_under_the_learner(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workspace.exercises / FIRST.file_name
    old_digest = progress.starter_digest
    monkeypatch.setattr(progress, "starter_digest", lambda exercise: "of an older lab")
    progress.record(workspace, report(workspace, FIRST.name))
    path.write_text("# made from the older lab's starter\n")
    assert not has_new_starter(workspace, FIRST)
    monkeypatch.setattr(progress, "starter_digest", old_digest)
    assert has_new_starter(workspace, FIRST)
    assert [each.starter_changed for each in standings(workspace)[:2]] == [True, False]
    reset(workspace, FIRST)
    assert not has_new_starter(workspace, FIRST)
    path.write_text("# made from this lab's starter\n")
    assert not has_new_starter(workspace, FIRST)
    assert not has_new_starter(workspace, SECOND), "nothing is known of what was never begun"


@pytest.mark.parametrize("number", [1, 3])
def test_tells_at_a_check_only_what_may_keep_it_from_passing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    exercise = exercises()[number - 1]
    path = workspace.exercises / exercise.file_name
    path.write_text(starter(exercise).read_text().partition("\n")[2])  # it says no version
    monkeypatch.setattr(progress, "starter_digest", lambda exercise: "of an older lab")
    progress.record(workspace, report(workspace, exercise.name))
    monkeypatch.undo()
    note, (action,) = note_on(standings(workspace)[number - 1])
    assert action == step(Action.RESET, exercise.name)
    assert note.startswith(f"The starter of {exercise.name} has changed since you began")
    assert ("your functions still fit" in note) == (number == 3)
    assert older_file(workspace, exercise)[0] == ("" if number == 3 else note)
    path.write_text(path.read_text().replace("\ndef ", "\ndef my_", 1))
    assert "lacks" in older_file(workspace, exercise)[0]
    assert older_file(workspace, exercise) == note_on(standings(workspace)[number - 1])
