"""The lab draws maps that one pooling serves better for any random numbers."""

import pytest
import torch

from cnn_tui.grading.checks.feature_maps import AGAINST, KINDS, agreements
from cnn_tui.grading.exercises.hidden_tests.exercise1 import DRAWN_WINDOWS

KEPT_BY_MAX = ("bright spots", "thin edges", "presence")
CLEAR = 0.05
"""Two agreements that are as far apart are the same two for whoever rounds otherwise."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "seeds", [range(2), pytest.param(range(2, 300), marks=pytest.mark.exhaustive)]
)
def test_draws_maps_that_one_pooling_serves_clearly_better(kind: str, seeds: range) -> None:
    for window in DRAWN_WINDOWS:
        for seed in seeds:
            drawn = KINDS[kind](torch.Generator().manual_seed(seed), *window)
            by_max, by_average = agreements(*drawn, *window)
            margin = by_max - by_average if kind in KEPT_BY_MAX else by_average - by_max
            assert margin > CLEAR, (window, seed)


@pytest.mark.parametrize(("kind", "opposite"), zip(AGAINST, (0, 1), strict=True))
def test_draws_maps_after_which_one_pooling_says_the_opposite(kind: str, opposite: int) -> None:
    drawn = AGAINST[kind](torch.Generator().manual_seed(1), 2, 2)
    both = agreements(*drawn, 2, 2)
    assert both[opposite] == pytest.approx(-1)
    assert -0.85 < both[1 - opposite] < -0.5
