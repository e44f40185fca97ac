"""What the lab remembers of a learner's work: ``.cnn-lab/progress.json``."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cnn_tui.errors import LabFault
from cnn_tui.grading.catalogue import find, starter
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.records import CheckReport
from cnn_tui.processes import keeps_no_locks
from cnn_tui.state_file import StateFile
from cnn_tui.workspace import Workspace

VERSION = 3
"""1 knew neither hints nor starters, 2 not what was checked; both are read as they are."""


@dataclass(frozen=True)
class ExerciseProgress:
    """How one exercise stands; times are ISO 8601 in UTC and "" for what never happened.

    ``starter`` is the SHA-256 of the starter that the learner's file was made
    from, or that it last passed with; "" where the lab has not seen the file yet.
    ``checked`` is the digest of what the last check was about; "" where that is not known.
    """

    exercise: str
    passed: bool = False
    score: int = 0
    best_score: int = 0
    max_score: int = 0
    attempts: int = 0
    checked_at: str = ""
    passed_at: str = ""
    hints_seen: int = 0
    starter: str = ""
    checked: str = ""

    @property
    def ever_passed(self) -> bool:
        """Whether it was passed at any time, whatever the file holds now."""
        return bool(self.passed_at)


def load(workspace: Workspace) -> dict[str, ExerciseProgress]:
    """Every exercise that the lab remembers, by name; one that only gave hints has 0 attempts.

    Empty where the file is missing, damaged or a newer lab's: ``trouble`` says which.
    """
    return _file(workspace).read()


def trouble(workspace: Workspace) -> str:
    """Why what the progress file holds cannot be shown, in a sentence; "" where it can."""
    return _file(workspace).trouble()


def record(workspace: Workspace, report: CheckReport) -> bool:
    """Remember a report on one of the workspace's own files, and no other; returns whether it is.

    A file that could not be checked counts as an attempt; a report without a verdict
    changes nothing. A damaged progress file is kept aside. Raises LabFault where
    nothing can be written.
    """
    if report.not_graded:
        return False
    if Path(report.path).resolve().parent != workspace.exercises.resolve():
        return False
    _update(workspace, [report.exercise], lambda before: _checked_again(before, report))
    return True


def record_hint(workspace: Workspace, exercise: Exercise, total: int) -> int:
    """Remember that one more of ``total`` hints is seen; returns its number, at most ``total``.

    Raises LabFault where nothing can be written.
    """

    def one_more(before: ExerciseProgress) -> ExerciseProgress:
        return replace(_begun(before), hints_seen=min(before.hints_seen + 1, total))

    (now,) = _update(workspace, [exercise.name], one_more)
    return now.hints_seen


def record_starters(workspace: Workspace, exercises: Iterable[Exercise]) -> None:
    """Remember that the files of these exercises were made from today's starters.

    Raises LabFault where nothing can be written.
    """

    def made_now(before: ExerciseProgress) -> ExerciseProgress:
        return replace(before, starter=starter_digest(before.exercise))

    if names := [exercise.name for exercise in exercises]:
        _update(workspace, names, made_now)


def starter_digest(exercise: str) -> str:
    """The SHA-256 of the packaged starter of an exercise; "" where there is none."""
    found = find(exercise)
    return sha256(starter(found).read_bytes()).hexdigest() if found else ""


def _update(
    workspace: Workspace,
    exercises: Iterable[str],
    change: Callable[[ExerciseProgress], ExerciseProgress],
) -> list[ExerciseProgress]:
    """Change what is remembered of some exercises, while nobody else does."""
    names = list(exercises)

    def changed(before: dict[str, ExerciseProgress]) -> dict[str, ExerciseProgress]:
        of_these = {name: before.get(name) or ExerciseProgress(name) for name in names}
        return before | {name: change(each) for name, each in of_these.items()}

    try:
        now = _file(workspace).change(changed)
        return [now[name] for name in names]
    except OSError as error:
        lockless = keeps_no_locks(error)
        way_out = ": put the workspace on another one, such as a local disk" if lockless else ""
        raise LabFault(
            f"Your progress could not be saved to {workspace.progress_file} "
            f"({error.strerror}){way_out}."
        ) from error


def _file(workspace: Workspace) -> StateFile[dict[str, ExerciseProgress]]:
    return StateFile(workspace.progress_file, VERSION, empty={}, decode=_decoded, encode=_encoded)


def _decoded(fields: dict[str, Any]) -> dict[str, ExerciseProgress]:
    return {each["exercise"]: _checked(ExerciseProgress(**each)) for each in fields["exercises"]}


def _encoded(progress: dict[str, ExerciseProgress]) -> dict[str, Any]:
    return {"exercises": [asdict(progress[name]) for name in sorted(progress)]}


def _checked(progress: ExerciseProgress) -> ExerciseProgress:
    for name, kind in ExerciseProgress.__annotations__.items():
        if type(getattr(progress, name)) is not kind:
            raise ValueError(f"{name} is no {kind.__name__}")
    return progress


def _checked_again(before: ExerciseProgress, report: CheckReport) -> ExerciseProgress:
    now = _now()
    # What passes is good for today's starter, whichever one it was made from.
    begun = replace(before, starter="") if report.passed else before
    return replace(
        _begun(begun),
        passed=report.passed,
        score=report.score,
        best_score=max(report.score, before.best_score),
        max_score=report.max_score,
        attempts=before.attempts + 1,
        checked_at=now,
        checked=report.digest,
        passed_at=before.passed_at or (now if report.passed else ""),
    )


def _begun(progress: ExerciseProgress) -> ExerciseProgress:
    """What is seen for the first time was made from the starter of this lab, as far as it knows."""
    return replace(progress, starter=progress.starter or starter_digest(progress.exercise))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
