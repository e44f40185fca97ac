"""Lab and reference in turns, so that a noisy machine disturbs both alike."""

import itertools
import subprocess
import time
from collections.abc import Callable, Sequence

from cnn_tui.bench.estimate import MOST_LOOKS, ROUNDS, Budget, rounds_until_decided
from cnn_tui.bench.records import Pair, compared


def take_turns(
    lab: Callable[[], float],
    reference: Callable[[], float],
    budget: Budget | None = None,
    rounds: int = ROUNDS,
    looks: int = MOST_LOOKS,
) -> list[Pair]:
    """Both in every round, each first in every other; one round more warms them up.

    With a budget, an undecided measurement goes on.
    """
    orders = itertools.cycle((True, False))

    def take() -> Pair:
        if next(orders):
            return lab(), reference()
        theirs = reference()
        return lab(), theirs

    def decided(taken: Sequence[Pair]) -> bool:
        return compared("", "", taken, budget).is_decided

    take()
    return rounds_until_decided(take, decided, rounds, looks)


def seconds_of(work: Callable[[], object]) -> float:
    """How long ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def command_seconds(command: Sequence[str]) -> float:
    """How long a whole process takes; it must succeed."""
    return seconds_of(lambda: subprocess.run(command, check=True, capture_output=True))
