"""What a check costs: all its processes, beside plain pytest of the same asserts."""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from cnn_tui.bench.records import BenchResult, compared
from cnn_tui.grading.catalogue import EXERCISES, exercise_named, solution
from cnn_tui.grading.checker import Checker
from cnn_tui.grading.launch import hosting
from cnn_tui.grading.sandbox.processes import descendants

ROUNDS, FEW_ROUNDS = 5, 3
WARM_SECONDS = 0.7


def measure() -> list[BenchResult]:
    """Checks of the references, cold by the whole command and warm, and a host's memory; medians.

    Exercise 1 takes turns with plain pytest. The others spend their time in
    computing, which a second process would only repeat: they have no reference.
    """
    plain = [sys.executable, "-m", "cnn_tui.bench.plain_pytest"]
    pairs = [(_seconds(_check("exercise1")), _seconds(plain)) for _ in range(ROUNDS)]
    value, reference = (statistics.median(column) for column in zip(*pairs, strict=True))
    cold = [compared("check exercise1, cold", value, "s", reference, at_most=1.6)]
    for exercise in EXERCISES[1:]:
        training = statistics.median(_seconds(_check(exercise.name)) for _ in range(FEW_ROUNDS))
        cold.append(BenchResult(f"check {exercise.name}, cold", training, "s"))
    return [*cold, *_warm(), BenchResult("memory of a host", _megabytes_of_a_host(), "MB")]


def _warm() -> list[BenchResult]:
    """Further checks in processes that have checked before, as in the TUI and ``--watch``."""
    results = []
    with Checker() as checker:
        for exercise in EXERCISES[:2]:
            path = solution(exercise)
            reports = [checker.check(exercise, path) for _ in range(1 + ROUNDS)]
            value = statistics.median(report.seconds for report in reports[1:])
            within = value <= WARM_SECONDS
            name, budget = f"check {exercise.name}, warm", f"<= {WARM_SECONDS:g} s"
            results.append(BenchResult(name, value, "s", budget=budget, within=within))
    return results


def _megabytes_of_a_host() -> float:
    """Resident memory of the process that submissions are forked from."""
    with hosting() as host:
        from cnn_tui.grading.client import HostControl

        hosts = HostControl(host.control)
        hosts.start().close()
        hosts.stop()
        pages = [
            int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            for pid in (host.process.pid, *descendants(host.process.pid))
        ]
    # Bubblewrap runs it as a child of its own, which takes next to nothing.
    return max(pages) * resource.getpagesize() / 1e6


def _check(name: str) -> list[str]:
    path = solution(exercise_named(name))
    return [sys.executable, "-m", "cnn_tui", "check", str(path)]


def _seconds(command: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start
