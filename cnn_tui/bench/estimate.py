"""What the rounds of a measurement say: a median, the interval it lies in, and a verdict.

Lab and reference take turns, and each turn gives one ratio, so that a machine
that is slow for a while slows both sides. The interval of their median comes
from their order alone, whatever their distribution: of n independent rounds
fewer than k lie below the true median with a probability that coin tosses give.
It is then widened by what the same measurement drifts from run to run, which
no number of rounds within one run can show.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb
from typing import Literal, TypeVar

Verdict = Literal["within", "missed", "undecided"]

CONFIDENCE = 0.998
"""Of one interval. Rounds are looked at up to MOST_LOOKS times, so 0.992 in all."""

ROUNDS = 10
"""The fewest for which minimum and maximum enclose the median with CONFIDENCE."""

MOST_LOOKS = 4
"""An undecided measurement goes on for as many rounds again, until it has had so many looks."""

FEW_ROUNDS = {2: 160.8, 3: 6.22, 4: 1.82, 5: 0.83, 6: 0.45, 7: 0.25, 8: 0.13, 9: 0.05}
"""Rounds → by how many times their range minimum and maximum move apart to give CONFIDENCE.

For normal noise, simulated: with fewer than ROUNDS the order alone cannot give it.
"""

ONE_ROUND = 0.1
"""What takes minutes is measured once, and taken to be known to a tenth."""

Round = TypeVar("Round")


@dataclass(frozen=True)
class Budget:
    """A limit for a ratio, or for a value where ``unit`` is given.

    ``drift`` is how far, as a part, medians of long measurements differ from run
    to run on one machine.
    """

    at_most: float | None = None
    at_least: float | None = None
    unit: str | None = None
    drift: float = 0.01

    def __str__(self) -> str:
        """As in ``<= 1.5`` or ``>= 60 per minute``."""
        limit = f">= {self.at_least:g}" if self.at_most is None else f"<= {self.at_most:g}"
        return f"{limit} {self.unit}".rstrip() if self.unit else limit


@dataclass(frozen=True)
class Estimate:
    """A median and the interval in which it lies with CONFIDENCE."""

    median: float
    low: float
    high: float


def estimate(values: Sequence[float], drift: float = 0.0) -> Estimate:
    """The median of one value per round, none below 0, and its interval, widened by ``drift``."""
    median = statistics.median(values)
    low, high = _interval(sorted(values))
    return Estimate(median, max(0.0, low - drift * median), high + drift * median)


def verdict(found: Estimate, budget: Budget) -> Verdict:
    """Whether the whole interval keeps the budget, or none of it does."""
    if budget.at_most is not None:
        kept, broken = found.high <= budget.at_most, found.low > budget.at_most
    else:
        assert budget.at_least is not None
        kept, broken = found.low >= budget.at_least, found.high < budget.at_least
    return "within" if kept else "missed" if broken else "undecided"


def rounds_until_decided(
    take: Callable[[], Round],
    decided: Callable[[Sequence[Round]], bool],
    first: int = ROUNDS,
    looks: int = MOST_LOOKS,
) -> list[Round]:
    """``first`` rounds, and as many again until they are ``decided`` or have had all ``looks``."""
    taken: list[Round] = []
    for _ in range(looks):
        taken += [take() for _ in range(first)]
        if decided(taken):
            break
    return taken


def _interval(ordered: Sequence[float]) -> tuple[float, float]:
    count = len(ordered)
    low, high = ordered[0], ordered[-1]
    if count == 1:
        return low * (1 - ONE_ROUND), high * (1 + ONE_ROUND)
    if count < ROUNDS:
        apart = FEW_ROUNDS[count] * (high - low)
        return low - apart, high + apart
    outside = _values_outside(count)
    return ordered[outside], ordered[-1 - outside]


def _values_outside(count: int) -> int:
    """How many of the smallest, and of the largest, values may be left out."""
    outside, below = 0, 1
    while 2 * (below := below + comb(count, outside + 1)) / 2**count <= 1 - CONFIDENCE:
        outside += 1
    return outside
