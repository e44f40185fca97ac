"""What the lab remembers of a learner's checks: ``.cnn-lab/progress.json``.

Two sessions may write at once, and the machine may stop at any moment: writers
take turns by a lock, and the file is replaced as a whole or not at all.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cnn_tui.errors import LabFault
from cnn_tui.grading.records import CheckReport
from cnn_tui.workspace import Workspace

VERSION = 1


@dataclass(frozen=True)
class ExerciseProgress:
    """How one exercise stands; times are ISO 8601 in UTC, ``passed_at`` is "" before a pass."""

    exercise: str
    passed: bool
    score: int
    best_score: int
    max_score: int
    attempts: int
    checked_at: str
    passed_at: str = ""

    @property
    def ever_passed(self) -> bool:
        """Whether it was passed at any time, whatever the file holds now."""
        return bool(self.passed_at)


def load(workspace: Workspace) -> dict[str, ExerciseProgress]:
    """Every exercise that was checked here, by name; empty where the file is missing or damaged."""
    try:
        return _parsed(workspace.progress_file.read_bytes())
    except (OSError, ValueError):
        return {}


def record(workspace: Workspace, report: CheckReport) -> None:
    """Remember a report on one of the workspace's own files, and no other.

    A file that could not be checked counts as an attempt. A damaged progress
    file is kept aside. Raises LabFault where nothing can be written.
    """
    if Path(report.path).resolve().parent != workspace.exercises.resolve():
        return
    try:
        with _lock(workspace):
            progress = _load_or_keep_aside(workspace.progress_file)
            updated = _updated(progress.get(report.exercise), report)
            _replace(workspace.progress_file, progress | {report.exercise: updated})
    except OSError as error:
        raise LabFault(
            f"Your progress could not be saved to {workspace.progress_file} ({error.strerror})."
        ) from error


def _parsed(document: bytes) -> dict[str, ExerciseProgress]:
    """Raises ValueError for anything but a progress file of this version."""
    try:
        fields = json.loads(document)
        if fields["version"] != VERSION:
            raise ValueError(f"version {fields['version']}")
        return {
            each["exercise"]: _checked(ExerciseProgress(**each)) for each in fields["exercises"]
        }
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not a progress file") from error


def _checked(progress: ExerciseProgress) -> ExerciseProgress:
    for name, kind in ExerciseProgress.__annotations__.items():
        if type(getattr(progress, name)) is not kind:
            raise ValueError(f"{name} is no {kind.__name__}")
    return progress


def _load_or_keep_aside(file: Path) -> dict[str, ExerciseProgress]:
    try:
        return _parsed(file.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        file.replace(file.with_name(f"progress.damaged-{_now().replace(':', '')}.json"))
        return {}


def _updated(before: ExerciseProgress | None, report: CheckReport) -> ExerciseProgress:
    now = _now()
    passed_at = before.passed_at if before else ""
    return ExerciseProgress(
        exercise=report.exercise,
        passed=report.passed,
        score=report.score,
        best_score=max(report.score, before.best_score if before else 0),
        max_score=report.max_score,
        attempts=1 + (before.attempts if before else 0),
        checked_at=now,
        passed_at=passed_at or (now if report.passed else ""),
    )


@contextmanager
def _lock(workspace: Workspace) -> Iterator[None]:
    workspace.state.mkdir(parents=True, exist_ok=True)
    with (workspace.state / "progress.lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _replace(file: Path, progress: dict[str, ExerciseProgress]) -> None:
    document: dict[str, Any] = {
        "version": VERSION,
        "exercises": [asdict(progress[name]) for name in sorted(progress)],
    }
    # The lock is held, so nobody else writes to this name.
    temporary = file.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as writing:
        json.dump(document, writing, indent=2)
        writing.flush()
        os.fsync(writing.fileno())
    temporary.replace(file)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
