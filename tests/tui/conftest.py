"""What tests of the app share: checks that cost nothing, unless a test brings the lab's own."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cnn_tui.errors import RunError
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.records import CheckReport, CheckResult
from tests.tui.made_up_reports import RIGHT, SHAPES, made_up_report


class FakeChecker:
    """Answers at once, unless ``may_answer`` is cleared: a file passes that begins with RIGHT."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_warm = False
        self.is_closed = False
        self.may_answer = threading.Event()
        self.may_answer.set()

    def warm_up(self) -> None:
        self.is_warm = True

    def check(
        self,
        exercise: Exercise,
        path: Path,
        *,
        stop: threading.Event,
        is_dropped: Callable[[], bool],
        told: Callable[[CheckResult], None],
    ) -> CheckReport:
        self.asked.append(exercise.name)
        told(SHAPES)
        passed = path.read_text().startswith(RIGHT)
        while not self.may_answer.wait(0.01):
            if stop.is_set() or is_dropped():
                raise RunError("The check was stopped.")
        return made_up_report(exercise, path, passed=passed)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture(autouse=True)
def checker(monkeypatch: pytest.MonkeyPatch) -> FakeChecker:
    """The checker of the Exercises pane."""
    fake = FakeChecker()
    monkeypatch.setattr("cnn_tui.tui.checks.Checker", lambda: fake)
    return fake
