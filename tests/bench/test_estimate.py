"""What the lab concludes from the rounds of a measurement."""

import math
import random
from collections.abc import Sequence
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_tui.bench.catalogue import FIRST_PAINT
from cnn_tui.bench.estimate import (
    CONFIDENCE,
    FEW_ROUNDS,
    MOST_LOOKS,
    ROUNDS,
    Budget,
    Estimate,
    estimate,
    rounds_until_decided,
    verdict,
)

AT_MOST = Budget(at_most=1.4)
AT_LEAST = Budget(at_least=0.96)
numbers = st.floats(0.01, 100)
several = st.lists(numbers, min_size=1, max_size=60)


@pytest.mark.slow
@given(several, st.floats(0, 0.1))
def test_encloses_the_median_and_the_more_the_further_runs_drift(
    values: list[float], drift: float
) -> None:
    found, drifting = estimate(values), estimate(values, drift)
    assert found.median == median(values)
    assert drifting.low <= found.low <= found.median <= found.high <= drifting.high


@pytest.mark.slow
@given(st.lists(numbers, min_size=ROUNDS, max_size=60))
def test_leaves_out_as_many_as_coin_tosses_allow(values: list[float]) -> None:
    found, count, ordered = estimate(values), len(values), sorted(values)
    allowed = [
        left_out
        for left_out in range(count // 2)
        if sum(math.comb(count, k) for k in range(left_out + 1)) / 2 ** (count - 1)
        <= 1 - CONFIDENCE
    ]
    assert (found.low, found.high) == (ordered[allowed[-1]], ordered[-1 - allowed[-1]])


@pytest.mark.parametrize("count", [*FEW_ROUNDS, ROUNDS, 3 * ROUNDS])
def test_contains_the_truth_as_often_as_it_says(count: int) -> None:
    rng = random.Random(count)
    trials = 6_000
    missed = 0
    for _ in range(trials):
        found = estimate([rng.gauss(1, 0.05) for _ in range(count)])
        missed += not found.low <= 1 <= found.high
    assert missed / trials < 2 * (1 - CONFIDENCE)


@given(numbers, numbers, numbers)
def test_says_within_or_missed_only_of_the_whole_interval(a: float, b: float, limit: float) -> None:
    low, high = sorted((a, b))
    found = Estimate((low + high) / 2, low, high)
    small, large = verdict(found, Budget(at_most=limit)), verdict(found, Budget(at_least=limit))
    assert (small == "within") is (high <= limit)
    assert (large == "within") is (low >= limit)
    assert (small == "missed") is (low > limit)
    assert (large == "missed") is (high < limit)
    if low < limit < high:
        assert small == large == "undecided"


@pytest.mark.parametrize("rounds", [3, 5, ROUNDS, 4 * ROUNDS])
@pytest.mark.parametrize(
    ("budget", "truths"), [(AT_MOST, (0.9, 1.9)), (AT_LEAST, (1.2, 0.7))], ids=["most", "least"]
)
def test_tells_what_is_far_from_the_budget(
    budget: Budget, truths: tuple[float, float], rounds: int
) -> None:
    for truth, expected in zip(truths, ("within", "missed"), strict=True):
        values = [truth * (1 + 0.001 * (-1) ** number) for number in range(rounds)]
        assert verdict(estimate(values, budget.drift), budget) == expected


def test_takes_one_round_to_be_known_to_a_tenth() -> None:
    pace = Budget(at_least=60, unit="per minute")
    found = [verdict(estimate([value]), pace) for value in (43.5, 63, 67)]
    assert found == ["missed", "undecided", "within"]


def one_run(rng: random.Random, budget: Budget, truth: float) -> str:
    """The verdict on a ratio that drifts from run to run, in rounds that are sometimes slow."""
    drifted = truth * rng.uniform(1 - budget.drift, 1 + budget.drift)

    def take() -> float:
        slow = rng.random() < 0.1
        return drifted * rng.lognormvariate(0, 0.04) * (rng.uniform(1, 1.5) if slow else 1)

    def decided(taken: Sequence[float]) -> bool:
        return verdict(estimate(taken, budget.drift), budget) != "undecided"

    taken = rounds_until_decided(take, decided)
    return verdict(estimate(taken, budget.drift), budget)


@pytest.mark.parametrize("distance", [-0.1, -0.03, -0.01, 0.0, 0.01, 0.03, 0.1])
def test_five_runs_of_one_truth_never_say_both_within_and_missed(distance: float) -> None:
    assert FIRST_PAINT.at_most is not None
    rng = random.Random(5)
    truth = FIRST_PAINT.at_most * (1 + distance)
    fives = [{one_run(rng, FIRST_PAINT, truth) for _ in range(5)} for _ in range(200)]
    assert not any({"within", "missed"} <= said for said in fives)
    if abs(distance) == 0.1:  # and it does not get there by saying nothing
        clear = {"within"} if distance < 0 else {"missed"}
        assert sum(said == clear for said in fives) > 190


def test_goes_on_only_while_undecided() -> None:
    def needed(looks_until_clear: int) -> int:
        return len(rounds_until_decided(lambda: 1, lambda t: len(t) >= 3 * looks_until_clear, 3))

    assert [needed(1), needed(3), needed(99)] == [3, 9, 3 * MOST_LOOKS]
