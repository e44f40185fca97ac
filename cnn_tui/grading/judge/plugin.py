"""The pytest plugin of the judge: fixtures, prerequisites, and results.

It turns each hidden test into one CheckResult, one with parameters too: it passes where it
passes with all of them. A test whose prerequisites did
not pass is "not reached", and so is every test after the time is up. One that a
busy machine kept from its end is "not graded", and so is every test after it.
"""

import hashlib
import traceback
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch

from cnn_tui.errors import LabError
from cnn_tui.grading.checks.testing import CheckError
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.isolation.submission_errors import (
    BusyError,
    MistakenTestError,
    RaisedError,
    SubmissionError,
)
from cnn_tui.grading.judge.misuse import misused_value
from cnn_tui.grading.judge.plan import PREFIX, PlannedCheck, result
from cnn_tui.grading.misconceptions.probes import named_mistake
from cnn_tui.grading.records import CheckResult, Status
from cnn_tui.grading.text import one_line

MAX_SAID = 200


class NotReachedError(Exception):
    """A check that cannot be run, and why."""


@dataclass(eq=False)
class Grader:
    """Runs planned checks against one submission, and tells each result as it comes.

    ``check_seconds`` and ``load_seconds`` are deadlines of one check and of one
    loading of the learner's file. It ``knows_mistakes`` where the hidden tests are the
    lab's own.
    """

    plan: tuple[PlannedCheck, ...]
    learner: LoadedSubmission
    seed: int
    check_seconds: float
    load_seconds: float
    tell: Callable[[CheckResult], None]
    tests: str = ""
    knows_mistakes: bool = False
    passed: set[str] = field(default_factory=set)
    broken: str = ""
    _place: str = ""
    busy: str = ""
    cases: Counter[str] = field(default_factory=Counter)
    told: set[str] = field(default_factory=set)

    @pytest.fixture
    def submission(self) -> LoadedSubmission:
        """The learner's module."""
        return self.learner

    @pytest.fixture
    def generator(self, request: pytest.FixtureRequest) -> torch.Generator:
        """Random numbers for this test's inputs; the seed of the check decides them."""
        digest = hashlib.sha256(f"inputs {self.seed} {request.node.name}".encode()).digest()
        return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the marks known."""
        for mark in ("points(n)", "needs(*checks)", "topic(slug)", "visibility(when)"):
            config.addinivalue_line("markers", mark)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember why the hidden tests themselves cannot be read, which a teacher must know."""
        if report.failed:
            said = [line for line in report.longreprtext.splitlines() if line.startswith("E ")]
            why = one_line(said[-1][1:] if said else report.longreprtext, MAX_SAID)
            self.broken = f"{self._place}{why}"

    def pytest_exception_interact(self, call: pytest.CallInfo[Any]) -> None:
        """Remember the line of the hidden tests that an error comes from."""
        if call.when == "collect" and call.excinfo is not None:
            error = call.excinfo.value
            self._place = self._where(error.__cause__ or error)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count with how many parameters each test is run."""
        self.cases = Counter(self._planned(item).id for item in session.items)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Look whether a check can be run at all, and start its clock."""
        check = self._planned(item)
        if check.id in self.told:
            pytest.skip("it has not passed with earlier parameters")
        if self.busy:
            raise BusyError(self.busy)
        for needed in check.needs:
            if needed not in self.passed:
                described = next(each.description for each in self.plan if each.id == needed)
                raise NotReachedError(f"First comes: {described}")
        if not self.learner.clock.remaining:
            raise NotReachedError("The time for all checks together was used up.")
        self.learner.begin(check.id, self.check_seconds, self.load_seconds)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Tell the result of a check once it has run, or could not."""
        if call.when == "call" or (call.when == "setup" and call.excinfo is not None):
            error = call.excinfo.value if call.excinfo is not None else None
            self._take(item, error, call.duration)
        return (yield)

    def _take(self, item: pytest.Item, error: BaseException | None, seconds: float) -> None:
        """Tell the result of a test once it has failed, or passed with all its parameters."""
        check = self._planned(item)
        self.cases[check.id] -= 1
        if check.id not in self.told and (error is not None or not self.cases[check.id]):
            self.told.add(check.id)
            self._tell(check, error, seconds)

    def _tell(self, check: PlannedCheck, error: BaseException | None, seconds: float) -> None:
        status, message = self._judged(error)
        if status == "passed":
            self.passed.add(check.id)
        elif status == "not graded":
            self.busy = message
        if self.knows_mistakes and isinstance(error, CheckError):
            named = named_mistake(self.learner.name, check.id, self.learner)
            message = f"{message} {named}" if named else message
        self.tell(result(check, status, message, seconds, **self._details(error)))

    def _details(self, error: BaseException | None) -> dict[str, Any]:
        """What a result says of a failure besides its sentence."""
        match error:
            case RaisedError(lines=lines):
                return {"lines": lines}
            case CheckError(expected=str(expected), got=str(got)) if expected:
                sides = {"expected": expected, "got": got, "comparison": error.comparison}
                call = self.learner.last_call
                return sides | ({"call": call.shown(), "replay": call.replay()} if call else {})
        return {}

    def _planned(self, item: pytest.Item) -> PlannedCheck:
        name = item.name.partition("[")[0]
        return next(check for check in self.plan if PREFIX + check.id == name)

    def _judged(self, error: BaseException | None) -> tuple[Status, str]:
        match error:
            case None:
                return "passed", ""
            case BusyError():
                return "not graded", str(error)
            case NotReachedError() | LabError():
                return "not reached", str(error)
            case CheckError() | SubmissionError() | pytest.fail.Exception():
                return "failed", str(error)
        if misused := misused_value(error, self.tests, self.learner):
            return "failed", misused
        return "error", f"The check itself failed ({self._where(error)}{_mistake(error)})."

    def _where(self, error: BaseException) -> str:
        """The file and the line of the hidden tests that an error comes from."""
        frames = traceback.extract_tb(error.__traceback__)
        lines = [each.lineno for each in frames if each.filename == self.tests and each.lineno]
        name = Path(self.tests).name
        return f"{name}, line {lines[-1]}: " if lines else f"{name}: " if name else ""


def _mistake(error: BaseException) -> str:
    """What a test did wrong."""
    match error:
        case MistakenTestError():
            return one_line(str(error), MAX_SAID)
        case pytest.FixtureLookupError(argname=str(name)):
            return f"there is no fixture {name}; a test takes submission and generator"
        case AssertionError():
            said = one_line(str(error), MAX_SAID)
            bare = "a bare assert says nothing to the learner; write expect(condition, sentence)"
            return f"{bare} ({said})" if said else bare
    return f"{type(error).__name__}: {one_line(str(error), MAX_SAID)}"
