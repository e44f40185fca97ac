"""The way back through pooling: gradients, indices and unpooling are torch's."""

import math
import random
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from cnn_tui.analysis.pooling.backward import (
    backward,
    chosen_cells,
    indices,
    senders,
    unpool,
    window_gradient,
)
from cnn_tui.analysis.pooling.named_inputs import named_input
from cnn_tui.analysis.pooling.operators import KINDS, choose, pool
from cnn_tui.analysis.pooling.records import PoolSettings
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.errors import UsageError
from tests.analysis.pooling.test_operators import arguments, by_torch

CHAPTER = named_input("chapter").grid


def as_tensor(grid: NumberGrid) -> torch.Tensor:
    return torch.tensor(grid, dtype=torch.float64)


def torchs_gradient(grid: NumberGrid, chosen: PoolSettings, upstream: NumberGrid) -> torch.Tensor:
    """The gradient by autograd; of global max pooling as of ``nn.AdaptiveMaxPool2d(1)``."""
    if chosen.kind == "global-max":  # amax would share it between equal maxima
        chosen = PoolSettings("adaptive-max", output_size=(1, 1))
    maps = as_tensor(grid).requires_grad_()
    by_torch(maps, chosen).backward(as_tensor(upstream))
    assert maps.grad is not None
    return maps.grad


def agrees_with_torch(grid: NumberGrid, chosen: PoolSettings, seed: int) -> bool:
    """Compare the gradients of a pooling; False where it is refused."""
    try:
        result = pool(grid, chosen)
    except UsageError:
        return False
    numbers = random.Random(seed)
    upstream = tuple(tuple(numbers.uniform(-1, 1) for _ in row) for row in result.output)
    found = backward(result, upstream)
    expected = torchs_gradient(grid, chosen, upstream)
    torch.testing.assert_close(as_tensor(found.gradient), expected, equal_nan=True)
    return True


def test_sends_gradients_where_torch_does() -> None:
    compared = 0

    @settings(max_examples=12, deadline=None, derandomize=True)
    @given(arguments(), st.integers(0, 99))
    def compare(case: tuple[NumberGrid, PoolSettings], seed: int) -> None:
        nonlocal compared
        compared += agrees_with_torch(*case, seed)

    compare()
    assert compared >= 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_sends_the_gradients_of_each_kind_where_torch_does(kind: str) -> None:
    compared = 0

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(
        arguments(kind),
        st.integers(0, 99),
    )
    def compare(case: tuple[NumberGrid, PoolSettings], seed: int) -> None:
        nonlocal compared
        compared += agrees_with_torch(*case, seed)

    compare()
    assert compared >= 10


@pytest.mark.slow
@settings(max_examples=200, deadline=None, derandomize=True)
@given(arguments("max"))
def test_gives_torchs_indices_and_unpools_what_torch_unpools(
    case: tuple[NumberGrid, PoolSettings],
) -> None:
    grid, chosen = case
    try:
        result = pool(grid, chosen)
    except UsageError:
        return
    options = (chosen.kernel_size, chosen.stride, chosen.padding)
    output, places = F.max_pool2d(
        as_tensor(grid)[None, None],
        *options,
        dilation=chosen.dilation,
        ceil_mode=chosen.ceil_mode,
        return_indices=True,
    )
    assert indices(result) == tuple(map(tuple, places[0, 0].tolist()))
    size = [len(grid), len(grid[0])]
    try:
        found = unpool(result)
    except UsageError:
        with pytest.raises(ValueError, match="output_size"):
            F.max_unpool2d(output, places, *options, output_size=size)
    else:
        expected = F.max_unpool2d(output, places, *options, output_size=size)
        assert torch.equal(as_tensor(found), expected[0, 0])


def test_gives_the_gradient_to_the_first_of_equal_maxima() -> None:
    tied = pool(((2.0, 2.0), (2.0, 2.0)), choose("max"))
    assert backward(tied).gradient == ((1, 0), (0, 0))
    assert chosen_cells(tied) == (((0, 0),),)
    assert senders(tied, (0, 0)) == ((0, 0),)
    assert not senders(tied, (1, 1))


def test_sums_gradients_where_windows_overlap() -> None:
    peak = pool(((0.0, 0.0, 0.0), (0.0, 5.0, 0.0), (0.0, 0.0, 0.0)), choose("max", stride=1))
    found = backward(peak)
    assert found.gradient == ((0, 0, 0), (0, 4, 0), (0, 0, 0))
    assert senders(peak, (1, 1)) == ((0, 0), (0, 1), (1, 0), (1, 1))
    assert window_gradient(found, (1, 0)) == ((0, 0, 0), (0, 1, 0), (0, 0, 0))
    average = backward(pool(CHAPTER, choose("avg", kernel_size=3, stride=1)))
    assert math.isclose(average.gradient[1][1], 4 / 9)
    assert average.to_json()["output_gradient"] == [[1, 1], [1, 1]]


def test_puts_maxima_back_where_they_were() -> None:
    result = pool(CHAPTER, choose("max"))
    assert indices(result) == ((5, 3), (8, 15))
    assert unpool(result) == ((0, 0, 0, 4), (0, 6, 0, 0), (7, 0, 0, 0), (0, 0, 0, 9))


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (choose("avg"), "avg pooling has no indices"),
        (choose("lp"), "choose max, global-max or adaptive-max"),
    ],
)
def test_refuses_indices_where_no_cell_is_chosen(chosen: PoolSettings, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        indices(pool(CHAPTER, chosen))


def test_refuses_what_cannot_be_unpooled() -> None:
    with pytest.raises(UsageError, match="avg pooling is another kind: choose max"):
        unpool(pool(CHAPTER, choose("avg")))
    with pytest.raises(UsageError, match="knows no dilation"):
        unpool(pool(CHAPTER, choose("max", stride=1, dilation=2)))
    with pytest.raises(UsageError, match=r"gradient of the output is 1×1.*output, 2×2"):
        backward(pool(CHAPTER, choose("max")), ((1.0,),))


@pytest.mark.parametrize("kind", ["max", "avg", "lp"])
def test_has_a_gradient_for_each_cell_of_the_largest_map(kind: str) -> None:
    grid = tuple(tuple(float(7 * i * j % 256) for j in range(64)) for i in range(64))
    result = pool(grid, replace(choose(kind, kernel_size=3), stride=1))
    gradient = backward(result).gradient
    assert [len(row) for row in gradient] == [64] * 64
