"""The journal of a class: every grade as it comes, so that an interrupted run goes on.

One JSON object per line, appended in one write: first the seed, then one line
per grade. A line that was torn or damaged is skipped, and its submission is
graded again. Whoever grades holds a lock on the file. Torch-free.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cnn_tui import __version__
from cnn_tui.errors import LabFault, UsageError
from cnn_tui.grading.catalogue import hidden_tests
from cnn_tui.grading.classroom.submissions import ClassSubmission
from cnn_tui.grading.limits import MAX_SEED
from cnn_tui.grading.records import CheckReport, CheckResult
from cnn_tui.processes import try_lock

SUFFIX = ".journal"


@dataclass(frozen=True)
class Policy:
    """What holds for a whole class: its seed, the time for each submission, the sandbox's level."""

    seed: int
    timeout: float | None
    sandbox: str


@dataclass(eq=False)
class Journal:
    """The grades of one class so far; ``seed`` is the one that they were given with, if any."""

    path: Path
    descriptor: int
    seed: int | None = None
    grades: dict[tuple[str, str], CheckReport] = field(default_factory=dict)

    def begin(self, seed: int) -> None:
        """Go on with this seed."""
        if seed != self.seed:
            self.seed = seed
            self._append({"seed": seed})

    def find(self, learner: str, key: str) -> CheckReport | None:
        """The grade that this learner has already for the very same, or None."""
        return self.grades.get((learner, key))

    def keep(self, learner: str, key: str, report: CheckReport) -> None:
        """Write one grade down; raises LabFault where the disk refuses."""
        self.grades[learner, key] = report
        self._append({"learner": learner, "key": key, "report": report.to_json()})

    def _append(self, line: dict[str, Any]) -> None:
        # A line that was torn by a kill must not swallow the next one: each begins a new line.
        document = f"\n{json.dumps(line)}\n".encode()
        try:
            while document:
                document = document[os.write(self.descriptor, document) :]
        except OSError as error:
            raise LabFault(f"{self.path} could not be written ({error.strerror}).") from error


@contextmanager
def opened(outs: Sequence[Path], *, again: bool = False) -> Iterator[Journal]:
    """The journal of a class whose grades go to ``outs``, for this process alone.

    It lies beside the first of them; with ``again`` it begins empty. Raises
    UsageError where another process is grading into one of ``outs``, and where
    they cannot be written.
    """
    with ExitStack() as stack:
        first, *others = dict.fromkeys(map(path_beside, outs))
        journal = Journal(first, stack.enter_context(_locked(first)))
        for other in others:
            stack.enter_context(_locked(other, remove=True))
        if again:
            os.ftruncate(journal.descriptor, 0)
        for line in first.read_bytes().split(b"\n"):
            _restore(journal, line)
        yield journal


def path_beside(out: Path) -> Path:
    """The journal of a class whose grades go to ``out``."""
    return Path(os.path.realpath(out)).with_suffix(SUFFIX)


def key_of(submission: ClassSubmission, policy: Policy) -> str:
    """What a grade depends on, as a digest: the files, the tests, the lab, the policy."""
    assert submission.exercise is not None
    exercise = submission.exercise
    tests = hashlib.sha256(hidden_tests(exercise).read_bytes()).hexdigest()
    deadlines = (exercise.load_seconds, exercise.check_seconds, exercise.total_seconds)
    parts = [submission.digest, exercise.name, tests, deadlines, __version__, asdict(policy)]
    if submission.helpers is not None:
        helpers = sorted(submission.helpers.items())
        parts.append([(name, hashlib.sha256(data).hexdigest()) for name, data in helpers])
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@contextmanager
def _locked(path: Path, *, remove: bool = False) -> Iterator[int]:
    """A descriptor of ``path`` with a lock on it; ``remove`` takes the file away at the end."""
    try:
        descriptor = _lock(path)
    except BlockingIOError:
        raise UsageError(
            f"Another process grades into {path.with_suffix('')}.*: "
            "wait for it, or name another file.",
            fields=("out",),
        ) from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}): name a file in a folder that is yours."
        ) from error
    try:
        yield descriptor
    finally:
        if remove:
            path.unlink(missing_ok=True)
        os.close(descriptor)


def _lock(path: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            if not try_lock(descriptor):
                raise BlockingIOError(f"{path} is locked")
            # Whoever held it before may have taken the file away in between.
            if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _restore(journal: Journal, line: bytes) -> None:
    """Take in one line; one that is not whole, or of another version, is skipped."""
    try:
        match json.loads(line):
            case {"seed": int(seed)} if 0 <= seed <= MAX_SEED:
                journal.seed = seed
            case {"learner": str(learner), "key": str(key), "report": dict(report)}:
                journal.grades[learner, key] = _report(report)
    except (ValueError, TypeError, KeyError, RecursionError):
        return


def _report(fields: dict[str, Any]) -> CheckReport:
    fields.pop("status", None)  # follows from the others
    checks = tuple(CheckResult.from_json(each) for each in fields["checks"])
    tuples = {"checks": checks, "gaps": tuple(fields["gaps"]), "lines": tuple(fields["lines"])}
    tuples["remarks"] = tuple(fields["remarks"])
    return CheckReport(**fields | tuples)
