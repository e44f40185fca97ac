"""A busy machine fails no right solution, and what never ends is failed on any machine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from cnn_tui.errors import ExitCode
from cnn_tui.grading import checker
from cnn_tui.grading.catalogue import exercise_named
from cnn_tui.grading.checker import CheckOutcome
from cnn_tui.grading.isolation import deadlines, host_control
from cnn_tui.grading.isolation.usage import ProcessorUsage, TaskUsage
from cnn_tui.grading.records import CheckReport
from tests.grading.conftest import Grade, grading_on, reference
from tests.grading.test_alternatives import EVERY, REFERENCES, _exercise, _source

LOAD = 8
PROCESSORS = 2
BURN = """
import os, sys
while os.getppid() == int(sys.argv[1]):
    for _ in range(10**6): pass
"""
SPIN = "while True: pass"
FOR_EVER = {
    "sleeps": "import time; time.sleep(1000)",
    "waits for a lock": "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "spins": SPIN,
    "spins in four threads": f"""
    import threading
    def spin():
        {SPIN}
    for _ in range(3): threading.Thread(target=spin, daemon=True).start()
    spin()
""",
    "spins in forty threads of torch": """
    import threading
    def spin():
        a = torch.ones(300, 300)
        while True: a @ a
    for _ in range(40): threading.Thread(target=spin, daemon=True).start()
    spin()
""",
}


def never_ends(body: str) -> str:
    return f"{reference('exercise1')}\ndef max_pool(*_):\n    {body.strip()}\n"


class Starved:
    """Reads of every process that it did nothing but wait for a processor."""

    seconds = 0.0

    def read(self) -> ProcessorUsage:
        self.seconds += 1000
        return ProcessorUsage(0.0, {(1, 1): TaskUsage(0.0, self.seconds)})


def test_grades_nothing_from_where_the_machine_was_too_busy(
    grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = reference("exercise1") + "\nimport time\ndef avg_pool(*_): time.sleep(60)\n"
    monkeypatch.setattr(host_control, "meter_of", lambda pid: Starved())
    monkeypatch.setattr(deadlines, "CLOCK_FACTOR", 3)
    verdict = grade("exercise1", source, check_seconds=0.1, load_seconds=20)
    statuses = [each.status for each in verdict.results.values()]
    first = statuses.index("not graded")
    assert set(statuses[:first]) <= {"passed"}
    assert set(statuses[first:]) == {"not graded"}
    assert verdict.not_graded == next(
        each.message for each in verdict.results.values() if each.status == "not graded"
    )
    assert "for a processor: the machine was too busy" in verdict.not_graded


def test_grades_nothing_where_the_file_could_not_even_be_loaded(
    grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_control, "meter_of", lambda pid: Starved())
    monkeypatch.setattr(deadlines, "CLOCK_FACTOR", 3)
    verdict = grade("exercise1", "import time; time.sleep(60)\n", load_seconds=0.2)
    assert "for a processor: the machine was too busy" in verdict.not_graded
    assert not verdict.results and not verdict.stopped


def _after_the_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, waited: float, has_begun: bool
) -> CheckReport:
    """The report on a file whose judge says nothing more, and waited so long for a processor."""
    ends = time.monotonic() - 1

    def outcome() -> CheckOutcome:
        return CheckOutcome(deadline=ends, begun=ends if has_begun else None)

    path = tmp_path / "exercise1.py"
    path.write_text("x = 1\n")
    with ExitStack() as stack:
        ours, theirs, host, judge = (
            stack.enter_context(each) for each in (*socket.socketpair(), *socket.socketpair())
        )
        process = SimpleNamespace(pid=os.getpid())
        processes = (
            SimpleNamespace(process=process, control=theirs, output=host),
            SimpleNamespace(process=process, jobs=ours, results=judge),
        )
        monkeypatch.setattr(checker.Checker, "_processes", lambda self: processes)
        monkeypatch.setattr(checker, "CheckOutcome", outcome)
        monkeypatch.setattr(checker, "seconds_waited", lambda pid: waited)
        return checker.check(exercise_named("exercise1"), path)


@pytest.mark.parametrize(
    ("waited", "has_begun"), [(0.0, False), (30.0, True)], ids=["before", "after"]
)
def test_grades_nothing_where_the_judge_had_no_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited: float, has_begun: bool
) -> None:
    report = _after_the_deadline(tmp_path, monkeypatch, waited=waited, has_begun=has_begun)
    assert report.status == "not graded" and not report.stopped
    assert report.not_graded.endswith(": the machine was too busy.")
    assert {each.status for each in report.checks} == {"not graded"}


@pytest.mark.parametrize(
    ("waited", "clock", "later"), [(1.3, 720.0, 0.3), (99.0, 120.5, 0.0)], ids=["waits", "clock"]
)
def test_gives_its_processes_more_time_to_start_for_what_they_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited: float, clock: float, later: float
) -> None:
    waits = iter([60.0])
    monkeypatch.setattr(checker, "_seconds_waited", lambda host, judge: next(waits, 60 + waited))
    monkeypatch.setattr(checker, "START_CLOCK", clock)
    begun = time.monotonic()
    report = _after_the_deadline(tmp_path, monkeypatch, waited=0.0, has_begun=False)
    assert report.not_graded.startswith("The check did not start within 1")
    assert later <= time.monotonic() - begun < 30


def test_asks_host_and_judge_how_long_they_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = {1: 3.0, 2: 1.0, 3: 7.0}
    monkeypatch.setattr(checker, "seconds_waited", waits.__getitem__)
    monkeypatch.setattr(checker, "descendants", {1: [3], 2: []}.__getitem__)
    one, two = (SimpleNamespace(process=SimpleNamespace(pid=pid)) for pid in (1, 2))
    assert checker._seconds_waited(one, two) == 7, "bubblewrap waits for what it has started"
    assert checker._seconds_waited(two, one) == 3


def test_fails_what_kept_the_judge_at_work_on_an_idle_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = _after_the_deadline(tmp_path, monkeypatch, waited=0.0, has_begun=True)
    assert report.status == "not passed" and not report.not_graded
    assert report.stopped == "The checks did not finish in time and were stopped."


@pytest.mark.slow
@pytest.mark.parametrize("body", FOR_EVER.values(), ids=FOR_EVER.keys())
def test_fails_what_never_ends(grade: Grade, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    monkeypatch.setattr(deadlines, "CLOCK_FACTOR", 20)  # other tests run beside this one
    verdict = grade("exercise1", never_ends(body), check_seconds=2)
    result = verdict.results["max_pool"]
    assert result.status == "failed"
    assert "max_pool did not finish within 2 s and was stopped; the call was" in result.message
    assert not verdict.not_graded


@pytest.fixture(scope="module")
def load() -> Iterator[None]:
    """Eight processes that compute beside this one, on the two processors that all of them have."""
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("processes cannot be kept to processors")
    before = os.sched_getaffinity(0)
    with ExitStack() as stack:
        stack.callback(os.sched_setaffinity, 0, before)
        os.sched_setaffinity(0, sorted(before)[:PROCESSORS])
        for _ in range(LOAD):
            burning = subprocess.Popen([sys.executable, "-c", BURN, str(os.getpid())])
            stack.callback(burning.wait)
            stack.callback(burning.kill)
        yield


@pytest.fixture(scope="module")
def busy_grade(load: None) -> Iterator[Grade]:
    """Judges on a busy machine, with processes that have started."""
    with grading_on(None) as grade:
        yield grade


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", EVERY)
def test_passes_every_right_solution_at_a_load_of_eight(
    busy_grade: Grade, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = exercise_named(_exercise(name))
    monkeypatch.setattr(deadlines, "CLOCK_FACTOR", 6)
    verdict = busy_grade(
        exercise.name,
        _source(name),
        load_seconds=exercise.load_seconds,
        check_seconds=exercise.check_seconds,
        total_seconds=exercise.total_seconds,
    )
    assert verdict.passed, (verdict.not_passed, verdict.stopped, verdict.not_graded)


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", REFERENCES)
def test_passes_every_reference_with_processes_that_start_at_a_load_of_eight(
    load: None, name: str, tmp_path: Path
) -> None:
    path = tmp_path / f"{name}.py"
    path.write_text(reference(name))
    command = [sys.executable, "-m", "cnn_tui", "check", str(path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.DONE, done.stdout + done.stderr
