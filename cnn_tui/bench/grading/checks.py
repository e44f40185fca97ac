"""What a check costs: all its processes, beside plain pytest of the same asserts."""

import resource
import sys
from pathlib import Path

from cnn_tui.bench.catalogue import CHECK_COLD, CHECK_WARM
from cnn_tui.bench.estimate import rounds_until_decided
from cnn_tui.bench.records import BenchResult, compared, measured
from cnn_tui.bench.turns import command_seconds, take_turns
from cnn_tui.grading.catalogue import exercise_named, own_exercises, solution
from cnn_tui.grading.checker import Checker
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.launch import hosting
from cnn_tui.processes import descendants

FEW_ROUNDS = 3
"""For what has no budget."""


def measure() -> list[BenchResult]:
    """Checks of the references, cold by the whole command and warm, and a host's memory.

    Exercise 1 takes turns with plain pytest. The others spend their time in
    computing, which a second process would only repeat: they have no reference.
    """
    plain = [sys.executable, "-m", "cnn_tui.bench.grading.plain_pytest"]
    pairs = take_turns(
        lambda: command_seconds(_check("exercise1")),
        lambda: command_seconds(plain),
        CHECK_COLD,
        looks=2,
    )
    results = [compared("check exercise1, cold", "s", pairs, CHECK_COLD)]
    for exercise in own_exercises()[1:]:
        seconds = [command_seconds(_check(exercise.name)) for _ in range(FEW_ROUNDS)]
        results.append(measured(f"check {exercise.name}, cold", "s", seconds))
    return [*results, *_warm(), measured("memory of a host", "MB", [_megabytes_of_a_host()])]


def _warm() -> list[BenchResult]:
    """Further checks in processes that have checked before, as in the TUI and ``--watch``."""
    with Checker() as checker:
        return [_warm_check(checker, exercise) for exercise in own_exercises()[:2]]


def _warm_check(checker: Checker, exercise: Exercise) -> BenchResult:
    name, path = f"check {exercise.name}, warm", solution(exercise)
    checker.check(exercise, path)
    seconds = rounds_until_decided(
        lambda: checker.check(exercise, path).seconds,
        lambda taken: measured(name, "s", taken, CHECK_WARM).is_decided,
    )
    return measured(name, "s", seconds, CHECK_WARM)


def _megabytes_of_a_host() -> float:
    """Resident memory of the process that submissions are forked from."""
    with hosting() as host:
        from cnn_tui.grading.isolation.host_control import HostControl

        hosts = HostControl(host.control)
        hosts.start().channel.close()
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
