"""A new exercise of a teacher's: its files, and whether its tests tell right from wrong.

A folder holds ``tests/NAME.py``, ``solution/NAME.py`` (must pass), ``starter/NAME.py``
and ``mutants/NAME/*.py`` (must fail), for one or more exercises. Torch-free; what does the
checking is handed in as ``FileChecker``.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cnn_tui.errors import ExitCode, UsageError
from cnn_tui.files import write_atomically
from cnn_tui.grading.classroom.example import FILES
from cnn_tui.grading.classroom.teacher_tests import NAME, exercises_in
from cnn_tui.grading.classroom.workers import FileChecker
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.limits import MAX_SEED
from cnn_tui.grading.records import CheckReport

TrialRole = Literal["reference", "starter", "mutant"]


@dataclass(frozen=True)
class TrialFile:
    """A file that the tests of ``exercise`` run on, and what it is there for."""

    exercise: Exercise
    role: TrialRole
    path: Path
    shown: str


@dataclass(frozen=True)
class Trial:
    """What the tests said of one file."""

    file: TrialFile
    report: CheckReport

    @property
    def is_right(self) -> bool:
        """Whether the reference passed, or a check failed the starter or a mutant.

        What only came to no end has been noticed by none of the tests.
        """
        if self.file.role == "reference":
            return self.report.status == "passed"
        return self.report.status == "not passed" and bool(self.noticed_by)

    @property
    def noticed_by(self) -> tuple[str, ...]:
        """The checks that failed."""
        return tuple(check.id for check in self.report.checks if check.status == "failed")

    @property
    def sentence(self) -> str:
        """What came out, and what is wrong with it, if anything."""
        report = self.report
        if report.not_graded or report.unusable:
            return report.not_graded or report.unusable
        if self.is_right:
            failed = ", ".join(self.noticed_by)
            return "passes" if self.file.role == "reference" else f"fails: {failed}"
        match self.file.role:
            case "mutant" | "starter" if report.stopped:
                return f"no test failed it: {report.stopped}"
            case "mutant":
                return "survives: no test notices its mistake"
            case "starter":
                return "passes, and nothing is left for the learner to write"
        failure = report.first_failure
        why = f"{failure.id}: {failure.message}" if failure else report.stopped
        return f"fails, and must pass: {why}"

    @property
    def exit_code(self) -> ExitCode:
        """What this trial alone tells the shell; the larger, the worse."""
        if self.report.not_graded:
            return ExitCode.LAB_FAULT
        if self.report.unusable:
            return ExitCode.UNUSABLE_INPUT
        return ExitCode.DONE if self.is_right else ExitCode.NOT_PASSED

    def to_json(self) -> dict[str, Any]:
        """The trial as plain JSON data."""
        return {
            "exercise": self.file.exercise.name,
            "file": self.file.shown,
            "role": self.file.role,
            "right": self.is_right,
            "status": self.report.status,
            "score": self.report.score,
            "max_score": self.report.max_score,
            "noticed_by": list(self.noticed_by),
            "sentence": self.sentence,
            "seed": self.report.seed,
        }


def write_example(folder: Path) -> tuple[Path, ...]:
    """Write an exercise that works into a new or empty folder, named like it; returns its files.

    Raises UsageError for a folder that is not empty, and for a name that no exercise can have.
    """
    name = folder.resolve().name
    if not NAME.fullmatch(name):
        raise UsageError(
            f"The exercise is named like its folder, and {name!r} is no such name: use letters, "
            "digits, - and _, such as homework1."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty: name a new folder for the exercise.")
        return tuple(
            _written(folder / path.replace("{name}", name), text.replace("{name}", name))
            for path, text in FILES.items()
        )
    except OSError as error:
        raise UsageError(f"{folder} cannot be written ({error.strerror}).") from error


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, lambda target: target.write_text(text, encoding="utf-8"))
    return path


def files_in(folder: Path) -> list[TrialFile]:
    """What the tests in a folder are to run on; raises UsageError where files are missing."""
    return [file for exercise in exercises_in(folder / "tests") for file in _of(exercise, folder)]


def _of(exercise: Exercise, folder: Path) -> Iterator[TrialFile]:
    roles: tuple[tuple[TrialRole, str], ...] = (("reference", "solution"), ("starter", "starter"))
    for role, part in roles:
        shown = f"{part}/{exercise.file_name}"
        if not (folder / shown).is_file():
            raise UsageError(f"There is no {folder / shown}: put the {role} there.")
        yield TrialFile(exercise, role, folder / shown, shown)
    for path in sorted((folder / "mutants" / exercise.name).glob("[!_.]*.py")):
        yield TrialFile(exercise, "mutant", path, path.relative_to(folder).as_posix())


def trials(files: Sequence[TrialFile], checks: FileChecker) -> Iterator[Trial]:
    """Run the tests on one file after another, all with the same inputs."""
    seed = secrets.randbelow(MAX_SEED + 1)
    for file in files:
        report = checks.check(
            file.exercise, file.path, seed=seed, timeout=None, stop=None, helpers=None
        )
        yield Trial(file, report)


def exit_code(done: Sequence[Trial]) -> ExitCode:
    """What all trials together tell the shell."""
    return max(trial.exit_code for trial in done)
