"""Grading a class: from a folder of what learners handed in to files of grades.

All learners of a class get the same inputs: one seed holds for the whole class
and for its continuation, so equal work gets equal points and a complaint can be
replayed. Torch-free.
"""

import secrets
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cnn_tui.errors import ExitCode, LabFault, UsageError
from cnn_tui.grading.catalogue import exercise_named, exercises
from cnn_tui.grading.classroom import class_files, outputs, workers
from cnn_tui.grading.classroom import journal as journals
from cnn_tui.grading.classroom.journal import Policy
from cnn_tui.grading.classroom.outputs import Output
from cnn_tui.grading.classroom.teacher_tests import exercise_called, exercises_in
from cnn_tui.grading.classroom.workers import Grade, OpenChecker
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.limits import MAX_SEED


@dataclass(frozen=True)
class GradingRequest:
    """What is to be graded, and how.

    With ``everyone``, learners who lack one of ``exercises`` are told so; else
    each is graded in what they handed in. With ``allow_helpers``, a submission may
    import other Python files and packages that lie beside it. ``seed`` None takes that of
    an earlier run into the same outputs, or draws one; ``again`` forgets the earlier run.
    """

    folder: Path
    exercises: tuple[Exercise, ...]
    sandbox: str
    everyone: bool = False
    outputs: tuple[Output, ...] = ()
    jobs: int = 1
    seed: int | None = None
    timeout: float | None = None
    again: bool = False
    allow_helpers: bool = False


class Listener(Protocol):
    """Who is told what happens meanwhile."""

    def remark(self, sentence: str) -> None:
        """Something that the teacher should know, such as a file that was left out."""

    def begin(self, total: int) -> None:
        """So many submissions were found."""

    def graded(self, grade: Grade) -> None:
        """One more of them is done."""


def grade_folder(
    order: GradingRequest, open_checks: OpenChecker, listener: Listener
) -> list[Grade]:
    """Grade every submission in a folder and write the outputs.

    What is done is kept in a journal beside the first output, so that the same
    order goes on where it was interrupted. Raises UsageError where there is
    nothing to grade, where an output cannot be written, and where another
    process grades into the same output; LabFault, once all others are written,
    where the disk refuses one.
    """
    with ExitStack() as stack:
        journal = None
        if order.outputs:
            paths = [output.path for output in order.outputs]
            journal = stack.enter_context(journals.opened(paths, again=order.again))
        spool = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cnn-lab-class-")))
        found, remarks = class_files.submissions_of(
            order.folder,
            order.exercises,
            spool,
            everyone=order.everyone,
            jobs=order.jobs,
            allow_helpers=order.allow_helpers,
        )
        for sentence in remarks:
            listener.remark(sentence)
        policy = Policy(_seed(order, journal), order.timeout, order.sandbox)
        if journal is not None:
            journal.begin(policy.seed)
        listener.begin(len(found))
        grades = workers.grade_all(
            found, policy, open_checks, jobs=order.jobs, journal=journal, tell=listener.graded
        )
        if failures := outputs.write_all(order.outputs, grades, listener.remark):
            for sentence in failures[1:]:
                listener.remark(sentence)
            raise LabFault(failures[0])
        return grades


def exercises_for(names: Sequence[str], tests: Path | None) -> tuple[Exercise, ...]:
    """The exercises to grade: those named, else all that the lab, or ``tests``, has.

    Raises UsageError for a name that is none of them.
    """
    own = None if tests is None else exercises_in(tests)
    if not names:
        return exercises() if own is None else own
    chosen = [exercise_named(name) if own is None else exercise_called(name, own) for name in names]
    return tuple(dict.fromkeys(chosen))


def exercises_named(names: Sequence[str], tests: Path | None) -> tuple[Exercise, ...]:
    """The same for what is handed to a platform, which grades what a teacher named.

    Raises UsageError where nothing was.
    """
    if not names and tests is None:
        raise UsageError(
            "Name the exercises to grade, or the folder of your own hidden tests.",
            fields=("exercise", "tests"),
        )
    return exercises_for(names, tests)


def exit_code(grades: Sequence[Grade]) -> ExitCode:
    """What grading a class tells the shell: whatever the verdicts, done where all have one."""
    ungraded = any(grade.word == "not graded" for grade in grades)
    return ExitCode.LAB_FAULT if ungraded else ExitCode.DONE


def journal_file(order: GradingRequest) -> Path | None:
    """Where the grades are kept as they come, or None where they are not."""
    return journals.path_beside(order.outputs[0].path) if order.outputs else None


def _seed(order: GradingRequest, journal: journals.Journal | None) -> int:
    if order.seed is not None:
        return order.seed
    if journal is not None and journal.seed is not None:
        return journal.seed
    return secrets.randbelow(MAX_SEED + 1)
