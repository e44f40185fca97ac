"""What a check costs: all its processes, beside plain pytest of the same asserts."""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from cnn_tui.bench.records import BenchResult, compared
from cnn_tui.grading.catalogue import exercise_named, solution

ROUNDS = 5


def measure() -> list[BenchResult]:
    """Cold checks of the references, by the whole command; medians.

    Exercise 1 takes turns with plain pytest. Exercise 3 spends its time in
    training, which a second process would only repeat: it has no reference.
    """
    plain = [sys.executable, "-m", "cnn_tui.bench.plain_pytest"]
    pairs = [(_seconds(_check("exercise1")), _seconds(plain)) for _ in range(ROUNDS)]
    value, reference = (statistics.median(column) for column in zip(*pairs, strict=True))
    training = statistics.median(_seconds(_check("exercise3")) for _ in range(ROUNDS))
    return [
        compared("check exercise1, cold", value, "s", reference, at_most=1.6),
        BenchResult("check exercise3, cold", training, "s"),
    ]


def _check(name: str) -> list[str]:
    path = solution(exercise_named(name))
    return [sys.executable, "-m", "cnn_tui", "check", str(path)]


def _seconds(command: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start
