"""A busy machine fails no right solution, and what never ends is failed on any machine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from cnn_tui.grading.catalogue import exercise_named
from cnn_tui.grading.isolation import deadlines, host_control
from cnn_tui.grading.isolation.usage import ProcessorUsage, TaskUsage
from tests.grading.conftest import Grade, grading_on, reference
from tests.grading.test_alternatives import EVERY, _exercise, _source

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
def busy_grade() -> Iterator[Grade]:
    """Judges beside eight processes that compute, on the two processors that all of them have."""
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
        yield stack.enter_context(grading_on(None))


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
