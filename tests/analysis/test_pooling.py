"""Pooling: the numbers are torch's, and every window explains its cell."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from cnn_tui.analysis.inputs import named_input
from cnn_tui.analysis.pooling import check_settings, output_size, pool
from cnn_tui.analysis.records import Grid, PoolSettings
from cnn_tui.errors import UsageError

CHAPTER = named_input("chapter").grid


@st.composite
def poolings(draw: st.DrawFn) -> tuple[Grid, PoolSettings]:
    """A map and settings that torch accepts for it."""
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    cells = st.floats(-100, 100, allow_nan=False, width=32)
    grid = draw(
        st.lists(
            st.lists(cells, min_size=width, max_size=width).map(tuple),
            min_size=height,
            max_size=height,
        ).map(tuple)
    )
    kernel_size = draw(st.integers(1, min(height, width)))
    return grid, PoolSettings(
        kind=draw(st.sampled_from(["max", "avg"])),
        kernel_size=kernel_size,
        stride=draw(st.integers(1, 5)),
        padding=draw(st.integers(0, kernel_size // 2)),
        ceil_mode=draw(st.booleans()),
    )


@settings(max_examples=200, deadline=None)
@given(poolings())
def test_gives_torchs_numbers(case: tuple[Grid, PoolSettings]) -> None:
    grid, chosen = case
    function = F.max_pool2d if chosen.kind == "max" else F.avg_pool2d
    expected = function(
        torch.tensor(grid, dtype=torch.float64)[None, None],
        chosen.kernel_size,
        chosen.stride,
        chosen.padding,
        ceil_mode=chosen.ceil_mode,
    )[0, 0]
    result = pool(grid, chosen)
    torch.testing.assert_close(torch.tensor(result.output, dtype=torch.float64), expected)
    assert result.output_size == tuple(expected.shape)
    assert result.output_size == tuple(output_size(side, chosen) for side in result.input_size)


@settings(max_examples=200, deadline=None)
@given(poolings())
def test_explains_every_cell_by_its_window(case: tuple[Grid, PoolSettings]) -> None:
    grid, chosen = case
    for window in pool(grid, chosen).windows:
        explained = (
            max(window.cells) if chosen.kind == "max" else sum(window.cells) / window.divisor
        )
        assert math.isclose(window.value, explained, rel_tol=1e-6, abs_tol=1e-6)


def test_pools_the_chapters_map() -> None:
    assert pool(CHAPTER, PoolSettings("max")).output == ((6, 4), (7, 9))
    average = pool(CHAPTER, PoolSettings("avg"))
    assert average.output == ((3.75, 2.25), (3.5, 6.5))
    assert average.reduction_percent == 75


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (PoolSettings("median"), "use max or avg"),
        (PoolSettings(kernel_size=0), "at least 1"),
        (PoolSettings(stride=0), "at least 1"),
        (PoolSettings(stride=-1), "at least 1"),
        (PoolSettings(stride=10**20), "at most 1000"),
        (PoolSettings(kernel_size=3, padding=2), "half of kernel_size"),
        (PoolSettings(padding=-1), "half of kernel_size"),
        (PoolSettings(kernel_size=5), "does not fit"),
    ],
)
def test_refuses_what_cannot_be_pooled(chosen: PoolSettings, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        check_settings(CHAPTER, chosen)
