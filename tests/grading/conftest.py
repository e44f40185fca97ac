"""One host for all tests of the room: each submission is a fork of it, as in a real check."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from cnn_tui.grading.catalogue import exercise_named, hidden_tests, solution
from cnn_tui.grading.isolation import deadlines
from cnn_tui.grading.isolation.host_control import HostControl
from cnn_tui.grading.isolation.launch import Job, hosting
from cnn_tui.grading.judge.verdict import judge
from cnn_tui.grading.records import CheckResult

SEED = 20_260_101
CPU_SECONDS = 600
PATIENT_FACTOR = 100


@dataclass
class Verdict:
    """What the judge told of one submission."""

    results: dict[str, CheckResult] = field(default_factory=dict)
    unusable: str = ""
    stopped: str = ""
    not_graded: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return bool(self.results) and not self.not_passed

    @property
    def not_passed(self) -> dict[str, str]:
        return {
            name: f"{result.status}: {result.message}"
            for name, result in self.results.items()
            if result.status != "passed"
        }

    @property
    def first_failure(self) -> str:
        return next((name for name, each in self.results.items() if each.status == "failed"), "")


Grade = Callable[..., Verdict]


@pytest.fixture(scope="session")
def grade() -> Iterator[Grade]:
    """Judges a submission in this process, run by a real host on the best level."""
    with grading_on(None) as grade:
        yield grade


@contextmanager
def grading_on(sandbox: str | None) -> Iterator[Grade]:
    """The same on one level."""
    with pytest.MonkeyPatch.context() as patch, one_thread():
        # These tests are about submissions, and other tests run beside them.
        patch.setattr(deadlines, "CLOCK_FACTOR", PATIENT_FACTOR)
        patch.setenv("A_SECRET", "that no submission may see")
        with hosting(sandbox) as host:
            threading.Thread(target=host.output.readlines, daemon=True).start()
            yield partial(_grade, HostControl(host.control, CPU_SECONDS))


@contextmanager
def one_thread() -> Iterator[None]:
    """As the judge has it: more would be in each other's way where tests run side by side."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def _grade(
    hosts: HostControl,
    exercise: str,
    source: str,
    *,
    seed: int = SEED,
    load_seconds: float = 20,
    check_seconds: float = 60,
    total_seconds: float = 120,
    until_first_failure: bool = False,
    tests: Path | None = None,
    helpers: dict[str, bytes] | None = None,
) -> Verdict:
    verdict = Verdict()

    def tell(event: str, value: Any) -> None:
        if event == "check":
            written = json.dumps(value)  # as it crosses to the checker
            verdict.results[value["id"]] = CheckResult.from_json(json.loads(written))
            if until_first_failure and value["status"] == "failed":
                pytest.exit("enough", returncode=0)
        elif event == "end":
            verdict.unusable = value.get("unusable", "")
            verdict.stopped = value.get("stopped", "")
            verdict.not_graded = value.get("not_graded", "")
            verdict.remarks = tuple(value["remarks"])

    job = Job(
        name=exercise,
        tests=str(tests or hidden_tests(exercise_named(exercise))),
        source=source.encode(),
        seed=seed,
        load_seconds=load_seconds,
        check_seconds=check_seconds,
        total_seconds=total_seconds,
        helpers=helpers,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        judge(job, hosts, tell)
    return verdict


def reference(exercise: str) -> str:
    """The source of the reference solution."""
    return solution(exercise_named(exercise)).read_text(encoding="utf-8")
