"""The lab draws maps that one pooling serves better for any random numbers."""

from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor

from cnn_tui.grading.checks.feature_maps import (
    KINDS,
    MIXED_KINDS,
    NEGATED_KINDS,
    agreements,
)
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


@pytest.mark.parametrize(("kind", "opposite"), zip(NEGATED_KINDS, (0, 1), strict=True))
def test_draws_maps_after_which_one_pooling_says_the_opposite(kind: str, opposite: int) -> None:
    drawn = NEGATED_KINDS[kind](torch.Generator().manual_seed(1), 2, 2)
    both = agreements(*drawn, 2, 2)
    assert both[opposite] == pytest.approx(-1)
    assert -0.85 < both[1 - opposite] < -0.5


def _margin(x: Tensor, wanted: Tensor) -> float:
    by_max, by_average = agreements(x, wanted, 2, 2)
    return by_max - by_average


def _of_the_mean_image(x: Tensor, wanted: Tensor) -> float:
    margins = [_margin(*each) for each in zip(x, wanted, strict=True)]
    return sum(margins) / len(margins)


PARTS: Mapping[str, tuple[Callable[[Tensor, Tensor], float], ...]] = {
    "images of differing scales": (
        lambda x, wanted: _margin(x[:1], wanted[:1]),
        _of_the_mean_image,
    ),
    "channels of differing scales": (lambda x, wanted: _margin(x[:, :1], wanted[:, :1]),),
    "images of two kinds": (lambda x, wanted: _margin(x[:1], wanted[:1]),),
}
"""Kind → what of its maps decides otherwise than all of them."""


@pytest.mark.parametrize("kind", MIXED_KINDS)
@pytest.mark.parametrize(
    "seeds", [range(2), pytest.param(range(2, 300), marks=pytest.mark.exhaustive)]
)
def test_draws_maps_of_which_a_part_clearly_decides_otherwise(kind: str, seeds: range) -> None:
    for seed in seeds:
        drawn = MIXED_KINDS[kind](torch.Generator().manual_seed(seed), 2, 2)
        whole = _margin(*drawn)
        assert abs(whole) > CLEAR, seed
        for part in PARTS[kind]:
            assert abs(part(*drawn)) > CLEAR, seed
            assert part(*drawn) * whole < 0, seed
