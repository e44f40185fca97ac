"""Workers that grade the submissions of a class, each by itself, whatever becomes of the others.

Torch-free; what does the checking is handed in as ``FileChecker``.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeAlias

from cnn_tui.errors import LabFault, RunError
from cnn_tui.grading.catalogue import hidden_tests
from cnn_tui.grading.classroom.journal import Journal, Policy, key_of
from cnn_tui.grading.classroom.submissions import ClassSubmission
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.judge.plan import read_plan, result
from cnn_tui.grading.learner.versions import older_submission
from cnn_tui.grading.records import NO_MARKS, CheckReport, PlatformMarks
from cnn_tui.grading.text import one_line

RETRIES = 2
"""How often a submission is tried again that the machine was too busy for, each time alone."""
HOPELESS = 3
"""So many faults of the lab's own for each worker, and no verdict yet: there will be none."""


class FileChecker(Protocol):
    """What checks one file after another, such as ``checker.Checker``."""

    def check(
        self,
        exercise: Exercise,
        path: Path,
        *,
        seed: int | None,
        timeout: float | None,
        stop: threading.Event | None,
        helpers: Mapping[str, bytes] | None,
    ) -> CheckReport:
        """The verdict on one file."""
        ...


OpenChecker = Callable[[], AbstractContextManager[FileChecker]]


@dataclass(frozen=True)
class Grade:
    """What one learner's submission of one exercise came to.

    ``fault`` says why the lab could not grade it; ``kept`` that an earlier run
    had graded the very same.
    """

    learner: str
    report: CheckReport
    fault: str = ""
    kept: bool = False
    marks: PlatformMarks = NO_MARKS

    @property
    def word(self) -> str:
        """Its verdict in a word or two."""
        return "not graded" if self.fault else self.report.status


Placed = tuple[int, ClassSubmission]
"""A submission and its place among all."""
GradeQueue: TypeAlias = "queue.SimpleQueue[tuple[int, Grade] | BaseException]"


def grade_all(
    submissions: Sequence[ClassSubmission],
    policy: Policy,
    open_checks: OpenChecker,
    *,
    jobs: int,
    journal: Journal | None = None,
    tell: Callable[[Grade], None] = lambda grade: None,
) -> list[Grade]:
    """Grade ``submissions`` with ``jobs`` workers; the grades come in their order.

    Each is written to ``journal`` and told as it comes; what the journal knows
    already is not graded again. A fault of the lab's own ends no more than that
    one submission. What the machine was too busy for is tried again when all the
    others are done, one at a time. Raises LabFault where nothing at all can be
    graded; whatever ends this early, a KeyboardInterrupt too, ends the workers first.
    """
    grades = {place: _known(each, policy, journal) for place, each in enumerate(submissions)}
    for known in filter(None, grades.values()):
        tell(known)
    left = [(place, submissions[place]) for place, known in grades.items() if known is None]
    for retries in range(RETRIES, -1, -1):
        busy = []
        with _working(left, policy, open_checks, jobs if retries == RETRIES else 1) as done:
            for place, grade in _until_hopeless(done, len(left), jobs):
                grades[place] = grade
                if retries and _was_busy(grade):
                    busy.append((place, submissions[place]))
                    continue
                if grade.word != "not graded" and journal is not None:
                    journal.keep(grade.learner, key_of(submissions[place], policy), grade.report)
                tell(grade)
        left = busy
    return [grade for grade in grades.values() if grade is not None]


def _was_busy(grade: Grade) -> bool:
    """Whether the machine was too busy, and not the hidden tests or the lab itself at fault."""
    is_mistake = any(check.status == "error" for check in grade.report.checks)
    return bool(grade.report.not_graded) and not grade.fault and not is_mistake


def _until_hopeless(done: "GradeQueue", total: int, jobs: int) -> Iterator[tuple[int, Grade]]:
    """The grades as they come; raises what a worker did, and LabFault where there are only faults.

    A busy machine is no such fault: it may have less to do in a while.
    """
    verdicts = 0
    for count in range(1, total + 1):
        answer = done.get()
        if isinstance(answer, BaseException):
            raise answer
        _, grade = answer
        verdicts += not grade.fault
        if not verdicts and count >= HOPELESS * jobs:
            raise LabFault(grade.fault)
        yield answer


@contextmanager
def _working(
    submissions: Sequence[Placed], policy: Policy, open_checks: OpenChecker, jobs: int
) -> Iterator[GradeQueue]:
    """Workers that grade ``submissions``; on leaving, whatever they are at is called off."""
    waiting: queue.SimpleQueue[Placed] = queue.SimpleQueue()
    for each in submissions:
        waiting.put(each)
    done: GradeQueue = queue.SimpleQueue()
    stop = threading.Event()
    workers = [
        threading.Thread(
            target=_work, args=(waiting, done, policy, open_checks, stop), name=f"grader-{number}"
        )
        for number in range(min(jobs, len(submissions)))
    ]
    try:
        for worker in workers:
            worker.start()
        yield done
    finally:
        stop.set()
        for worker in workers:
            if worker.ident is not None:
                worker.join()


def _known(submission: ClassSubmission, policy: Policy, journal: Journal | None) -> Grade | None:
    """The grade of a submission that needs no check, or None."""
    if submission.unusable:
        report = _unchecked(submission, policy)
        return _grade(submission, replace(report, unusable=submission.unusable))
    if journal is None:
        return None
    kept = journal.find(submission.learner, key_of(submission, policy))
    return None if kept is None else replace(_grade(submission, kept), kept=True)


def _grade(submission: ClassSubmission, report: CheckReport, fault: str = "") -> Grade:
    return Grade(submission.learner, report, fault, marks=submission.marks)


def _work(
    waiting: "queue.SimpleQueue[Placed]",
    done: GradeQueue,
    policy: Policy,
    open_checks: OpenChecker,
    stop: threading.Event,
) -> None:
    """Grade one after another until none waits; every surprise goes to whoever waits."""
    try:
        with open_checks() as checks:
            while not stop.is_set():
                try:
                    place, submission = waiting.get_nowait()
                except queue.Empty:
                    return
                done.put((place, _graded(checks, submission, policy, stop)))
    except BaseException as error:
        done.put(error)


def _graded(
    checks: FileChecker, submission: ClassSubmission, policy: Policy, stop: threading.Event
) -> Grade:
    assert submission.exercise is not None
    begun = time.monotonic()
    try:
        report = checks.check(
            submission.exercise,
            submission.path,
            seed=policy.seed,
            timeout=policy.timeout,
            stop=stop,
            helpers=submission.helpers,
        )
        older = older_submission(submission.path, submission.exercise)
        remarks = (*filter(None, [submission.remark, older]), *report.remarks)
        report = replace(report, path=submission.shown, remarks=remarks)
        return _grade(submission, report)
    except RunError:
        raise
    # One submission must not end the grading of the others, whatever it has brought about.
    except Exception as error:
        sentence = str(error) if isinstance(error, LabFault) else _surprise(error)
        seconds = round(time.monotonic() - begun, 2)
        report = replace(_unchecked(submission, policy, sentence), seconds=seconds)
        return _grade(submission, report, sentence)


def _surprise(error: Exception) -> str:
    return f"The lab itself failed ({type(error).__name__}: {one_line(str(error), 200)})."


def _unchecked(submission: ClassSubmission, policy: Policy, fault: str = "") -> CheckReport:
    """The report on a submission that no check has seen; with ``fault``, through the lab's own."""
    exercise = submission.exercise
    plan = () if exercise is None else read_plan(hidden_tests(exercise))
    status, message = ("error", fault) if fault else ("not reached", submission.unusable)
    return CheckReport(
        exercise="" if exercise is None else exercise.name,
        title="" if exercise is None else exercise.title,
        path=submission.shown,
        passed=False,
        score=0,
        max_score=sum(check.points for check in plan),
        sandbox=policy.sandbox,
        seed=policy.seed,
        checks=tuple(result(check, status, message) for check in plan),  # type: ignore[arg-type]
        topic="" if exercise is None else exercise.topic,
        not_graded=fault,
    )
