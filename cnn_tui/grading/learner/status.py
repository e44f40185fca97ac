"""Where the learner stands: every exercise with what is remembered of it; torch-free."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cnn_tui.errors import LabFault, UsageError
from cnn_tui.grading.catalogue import exercises, find, resolve
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.source import UNREADABLE, digest_of_file
from cnn_tui.grading.learner import progress
from cnn_tui.grading.learner.versions import (
    is_current,
    lacks_functions,
    missing_functions,
    older_submission,
)
from cnn_tui.grading.records import CheckReport
from cnn_tui.next_steps import Action, NextStep, step
from cnn_tui.workspace import Workspace

ExerciseState = Literal["passed", "not passed", "not checked yet", "no file"]


@dataclass(frozen=True)
class Standing:
    """How one exercise stands, and what to do next.

    ``state`` is that of the last check; ``passed_at`` says whether it was ever
    passed. Times are ISO 8601 in UTC, "" for what never happened. ``starter_changed``:
    this lab's starter is another one than the learner's file was made from.
    ``changed``: the file is another one than that of the last check, which says nothing of it.
    ``missing``: functions of this lab's starter that the learner's file of an older version lacks.
    """

    exercise: str
    title: str
    state: ExerciseState
    score: int
    best_score: int
    max_score: int
    attempts: int
    hints_seen: int
    hints: int
    checked_at: str
    passed_at: str
    starter_changed: bool
    next_step: NextStep
    changed: bool = False
    missing: tuple[str, ...] = ()


def standings(workspace: Workspace) -> tuple[Standing, ...]:
    """Every exercise, in order."""
    remembered = progress.load(workspace)
    return tuple(
        _standing(
            workspace, each, remembered.get(each.name) or progress.ExerciseProgress(each.name)
        )
        for each in exercises()
    )


def first_open(workspace: Workspace) -> Exercise | None:
    """The first exercise that was never passed, or None where all were."""
    remembered = progress.load(workspace)
    passed = {name for name, each in remembered.items() if each.ever_passed}
    return next((each for each in exercises() if each.name not in passed), None)


def exercise_meant(workspace: Workspace, argument: str | None) -> Exercise:
    """The exercise of the workspace that an argument means; without one, the first open one.

    Raises UsageError where there is none, or where the argument is a file elsewhere.
    """
    if argument is None:
        exercise = first_open(workspace)
        if exercise is None:
            raise UsageError("Every exercise is passed: name the one that you mean.")
        return exercise
    exercise, path = resolve(argument, workspace)
    if path.resolve().parent != workspace.exercises.resolve():
        raise UsageError(
            f"{path} is not in the workspace {workspace.root}: name an exercise, "
            f"such as {exercise.name}, or its workspace.",
            fields=("workspace",),
        )
    return exercise


def remember(
    report: CheckReport, exercise: Exercise, workspace: Workspace | None
) -> tuple[str, tuple[NextStep, ...]]:
    """Record a report, where there is a workspace.

    Returns what to tell the learner beside it, or "", and what can be done about that.
    """
    if workspace is None:
        return older_submission(Path(report.path), exercise), ()
    try:
        is_own = progress.record(workspace, report)
    except LabFault as fault:  # the verdict holds all the same
        return str(fault), fault.next_steps
    if is_own:
        return older_file(workspace, exercise)
    return older_submission(Path(report.path), exercise), ()


def older_file(workspace: Workspace, exercise: Exercise) -> tuple[str, tuple[NextStep, ...]]:
    """What a check or a hint tells a learner whose file is of an older starter, or "".

    Also what can be done about it. That an experiment is new would be told at every check:
    it is left to ``note_on``.
    """
    has_news = not exercise.keeps_functions and has_new_starter(workspace, exercise)
    return _note(
        exercise.name,
        missing_functions(workspace.exercises / exercise.file_name, exercise),
        has_news,
    )


def note_on(stands: Standing) -> tuple[str, tuple[NextStep, ...]]:
    """What a list of exercises says of a file of an older starter, or "", and what can be done."""
    return _note(stands.exercise, stands.missing, stands.starter_changed)


def _note(
    name: str, missing: tuple[str, ...], is_changed: bool
) -> tuple[str, tuple[NextStep, ...]]:
    exercise = find(name)
    if missing and exercise is not None:
        return lacks_functions(exercise, missing), (step(Action.ADD_MISSING, name),)
    if is_changed:
        fits = exercise is not None and exercise.keeps_functions
        return starter_changed(name, fits=fits), (step(Action.RESET, name),)
    return "", ()


def has_new_starter(workspace: Workspace, exercise: Exercise) -> bool:
    """Whether the starter has changed under the learner, which ``starter_changed`` tells."""
    stands = progress.load(workspace).get(exercise.name)
    return stands is not None and _starter_changed(workspace, exercise, stands)


def starter_changed(exercise: str, *, fits: bool) -> str:
    """What to tell a learner whose starter has changed under them, but whose functions may fit."""
    if fits:
        return (
            f"The starter of {exercise} has changed since you began, but your functions still fit: "
            "only the experiment below them and some words are new. "
            "A reset brings the new starter and keeps your file beside it."
        )
    return (
        f"The starter of {exercise} has changed since you began: "
        "a reset brings the new one and keeps your file beside it."
    )


def _standing(
    workspace: Workspace, exercise: Exercise, stands: progress.ExerciseProgress
) -> Standing:
    state, holds = _state(workspace, exercise, stands), _digest(workspace, exercise)
    changed = state in ("passed", "not passed") and stands.checked not in ("", holds)
    return Standing(
        exercise=exercise.name,
        title=exercise.title,
        state=state,
        score=stands.score,
        best_score=stands.best_score,
        max_score=stands.max_score or exercise.max_score,
        attempts=stands.attempts,
        hints_seen=stands.hints_seen,
        hints=len(exercise.hints),
        checked_at=stands.checked_at,
        passed_at=stands.passed_at,
        starter_changed=_starter_changed(workspace, exercise, stands),
        next_step=_next_step(exercise, state, changed=changed),
        changed=changed,
        missing=missing_functions(workspace.exercises / exercise.file_name, exercise),
    )


def _state(
    workspace: Workspace, exercise: Exercise, stands: progress.ExerciseProgress
) -> ExerciseState:
    if stands.passed:
        return "passed"
    if not (workspace.exercises / exercise.file_name).exists():
        return "no file"
    return "not passed" if stands.attempts else "not checked yet"


def _next_step(exercise: Exercise, state: ExerciseState, *, changed: bool) -> NextStep:
    match state:
        case "passed" | "not passed" if changed:
            return step(Action.CHECK, exercise.name)
        case "passed":
            return step(Action.SOLUTION, exercise.name)
        case "no file":
            return step(Action.RESET, exercise.name, yes=True)
        case "not checked yet":
            return step(Action.CHECK, exercise.name, watch=True)
        case "not passed":
            return step(Action.HINT, exercise.name)


def _starter_changed(
    workspace: Workspace, exercise: Exercise, stands: progress.ExerciseProgress
) -> bool:
    today = progress.starter_digest(stands.exercise)
    if not stands.starter or stands.starter == today:
        return False
    is_there = _digest(workspace, exercise) not in (today, UNREADABLE)
    return is_there and not is_current(workspace, exercise)


def _digest(workspace: Workspace, exercise: Exercise) -> str:
    """Of what the learner's file holds."""
    return digest_of_file(workspace.exercises / exercise.file_name)
