"""Pooling: the numbers are torch's, and every window explains its cell."""

import math
import random

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from cnn_tui.analysis.pooling.named_inputs import named_input
from cnn_tui.analysis.pooling.operators import (
    KINDS,
    check_settings,
    choose,
    output_size,
    pool,
    with_kind,
)
from cnn_tui.analysis.pooling.records import PoolSettings, PoolWindow
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.errors import UsageError

CHAPTER = named_input("chapter").grid
SLIDING = ("max", "avg", "lp")


@st.composite
def poolings(draw: st.DrawFn) -> tuple[NumberGrid, PoolSettings]:
    """A map and settings that torch accepts for it, of any kind."""
    kind = draw(st.sampled_from(KINDS))
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    power = draw(st.sampled_from([1.0, 2.0, 3.0, 0.5]))
    lowest = 0 if kind == "lp" and power % 2 else -100
    numbers = random.Random(draw(st.integers(0, 999)))
    grid = tuple(tuple(numbers.uniform(lowest, 100) for _ in range(width)) for _ in range(height))
    if kind not in SLIDING:
        rows, columns = draw(st.integers(1, height)), draw(st.integers(1, width))
        return grid, PoolSettings(kind, output_size=(rows, columns))
    kernel_size = draw(st.integers(1, min(height, width)))
    chosen = PoolSettings(
        kind,
        kernel_size,
        stride=draw(st.integers(1, 5)),
        padding=0 if kind == "lp" else draw(st.integers(0, kernel_size // 2)),
        ceil_mode=draw(st.booleans()),
        dilation=draw(st.integers(1, 3)) if kind == "max" else 1,
        count_include_pad=draw(st.booleans()) if kind == "avg" else True,
        norm_type=power if kind == "lp" else 2.0,
    )
    try:
        check_settings(grid, chosen)
    except UsageError:
        assume(False)  # a window spread too far
    return grid, chosen


def by_torch(grid: NumberGrid, chosen: PoolSettings) -> Tensor:
    maps = torch.tensor(grid, dtype=torch.float64)[None, None]
    window = {"kernel_size": chosen.kernel_size, "stride": chosen.stride}
    rounded = {"ceil_mode": chosen.ceil_mode}
    padded = {"padding": chosen.padding, **rounded}
    counted = {"count_include_pad": chosen.count_include_pad}
    return {
        "max": lambda: F.max_pool2d(maps, **window, **padded, dilation=chosen.dilation),
        "avg": lambda: F.avg_pool2d(maps, **window, **padded, **counted),
        "lp": lambda: F.lp_pool2d(maps, chosen.norm_type, **window, **rounded),
        "global-max": lambda: maps.amax((2, 3), keepdim=True),
        "global-avg": lambda: maps.mean((2, 3), keepdim=True),
        "adaptive-max": lambda: F.adaptive_max_pool2d(maps, chosen.output_size),
        "adaptive-avg": lambda: F.adaptive_avg_pool2d(maps, chosen.output_size),
    }[chosen.kind]()[0, 0]


def explained(chosen: PoolSettings, window: PoolWindow) -> float:
    """The value of a window by the arithmetic that is shown for it."""
    if chosen.kind.endswith("max"):
        return max(window.cells)
    if chosen.kind == "lp":
        total = sum(cell**chosen.norm_type for cell in window.cells)
        return float((window.size / len(window.cells) * total) ** (1 / chosen.norm_type))
    return sum(window.cells) / window.divisor


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(poolings())
def test_gives_torchs_numbers_and_explains_each(case: tuple[NumberGrid, PoolSettings]) -> None:
    grid, chosen = case
    result, expected = pool(grid, chosen), by_torch(grid, chosen)
    torch.testing.assert_close(torch.tensor(result.output, dtype=torch.float64), expected)
    assert result.output_size == tuple(expected.shape)
    if chosen.kind in SLIDING:
        assert result.output_size == tuple(output_size(side, chosen) for side in result.input_size)
    windows = list(result.windows())
    assert len(windows) == expected.numel()
    for window in windows:
        cells = tuple(grid[i][j] for i in window.rows for j in window.columns)
        assert window.cells == cells
        assert math.isclose(window.value, explained(chosen, window), rel_tol=1e-6, abs_tol=1e-6)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(SLIDING),
    *(st.integers(lowest, 7) for lowest in (1, 1, -1, -1, -1, -1)),
    st.booleans(),
)
def test_refuses_just_what_torch_refuses(
    kind: str, height: int, width: int, kernel: int, stride: int, pad: int, spread: int, ceil: bool
) -> None:
    padding, dilation = (0 if kind == "lp" else pad), (spread if kind == "max" else 1)
    chosen = PoolSettings(kind, kernel, stride, padding, ceil, dilation)
    grid = ((1.0,) * width,) * height
    try:
        check_settings(grid, chosen)
    except UsageError:
        with pytest.raises((RuntimeError, AssertionError)):
            assert by_torch(grid, chosen).isfinite().all()
    else:
        assert pool(grid, chosen).output_size == tuple(by_torch(grid, chosen).shape)


def test_pools_the_chapters_map() -> None:
    assert pool(CHAPTER, PoolSettings("max")).output == ((6, 4), (7, 9))
    average = pool(CHAPTER, PoolSettings("avg"))
    assert average.output == ((3.75, 2.25), (3.5, 6.5))
    assert average.reduction_percent == 75
    assert pool(CHAPTER, PoolSettings("global-avg")).output == ((4.0,),)
    assert pool(CHAPTER, choose("adaptive-max", output_size=3)).output == (
        (6, 6, 4),
        (7, 8, 8),
        (7, 8, 9),
    )


def test_spreads_a_dilated_window() -> None:
    window = pool(CHAPTER, choose("max", kernel_size=2, stride=1, dilation=3)).window(0, 0)
    assert (window.rows, window.columns, window.cells) == ((0, 3), (0, 3), (1, 4, 1, 9))


def test_takes_the_stride_from_the_kernel_size() -> None:
    assert choose("avg", kernel_size=3) == PoolSettings("avg", 3, 3)
    assert choose("Global_AVG").kind == "global-avg"
    assert choose("adaptive-avg", output_size="2,3").output_size == (2, 3)


def test_keeps_what_the_next_kind_can_use() -> None:
    before = PoolSettings("max", 3, 1, padding=1, dilation=2)
    assert with_kind(before, "avg") == PoolSettings("avg", 3, 1, padding=1)
    assert with_kind(before, "lp") == PoolSettings("lp", 3, 1)


def test_tells_unused_options_from_used_ones() -> None:
    document = pool(CHAPTER, choose("global-max")).to_json()
    assert document["kind"] == "global-max"
    assert document["kernel_size"] is None
    assert pool(CHAPTER, PoolSettings("avg")).to_json()["count_include_pad"] is True


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (PoolSettings("median"), "no kind of pooling named 'median'"),
        (PoolSettings(kernel_size=0), "at least 1"),
        (PoolSettings(kernel_size=-2), "at least 1"),
        (PoolSettings(stride=0), "at least 1"),
        (PoolSettings(stride=-1), "at least 1"),
        (PoolSettings(stride=10**20), "at most 128"),
        (PoolSettings(kernel_size=3, padding=2), "half of kernel_size"),
        (PoolSettings(padding=-1), "half of kernel_size"),
        (PoolSettings(kernel_size=5), "does not fit"),
        (PoolSettings(dilation=0), "dilation must be at least 1"),
        (PoolSettings(dilation=4), "spread over 5 cells.*smaller dilation"),
        (PoolSettings("avg", dilation=2), "only max pooling spreads its window"),
        (PoolSettings("lp", padding=1), "torch's lp_pool2d has none"),
        (PoolSettings("lp", norm_type=0), "norm_type.*above 0"),
        (PoolSettings("lp", norm_type=math.nan), "norm_type.*above 0"),
        (PoolSettings("lp", norm_type=math.inf), "norm_type.*at most 100"),
        (PoolSettings("max", count_include_pad=False), "count_include_pad"),
        (PoolSettings("adaptive-avg", output_size=(0, 2)), "between 1×1 and the map's own 4×4"),
        (PoolSettings("adaptive-max", output_size=(2, 5)), "not 2×5"),
    ],
)
def test_refuses_what_cannot_be_pooled(chosen: PoolSettings, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        check_settings(CHAPTER, chosen)


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("global-avg", {"kernel_size": 2}, "its one window is the whole map.*max or avg or lp"),
        ("adaptive-max", {"stride": 1, "output_size": 2}, "follow from output_size"),
        ("adaptive-avg", {}, "needs an output size"),
        ("max", {"output_size": 2}, "belongs to adaptive pooling"),
        ("max", {"count_include_pad": True}, "the kind avg"),
        ("lp", {"padding": 0}, "takes no padding"),
        ("adaptive-avg", {"output_size": "2,3,4"}, "not '2,3,4'"),
        ("adaptive-avg", {"output_size": "9" * 5000}, "whole number"),
    ],
)
def test_refuses_options_that_contradict_the_kind(
    kind: str, options: dict[str, int], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        choose(kind, **options)


def test_refuses_windows_that_see_nothing_but_padding() -> None:
    with pytest.raises(UsageError, match="nothing but padding"):
        check_settings(((1.0,),), PoolSettings(kernel_size=2, stride=1, padding=1, dilation=2))


def test_refuses_powers_of_negative_numbers_that_have_no_root() -> None:
    with pytest.raises(UsageError, match="even norm_type"):
        pool(((-1.0, 2.0), (3.0, 4.0)), PoolSettings("lp", norm_type=3))
    assert pool(((-1.0, 2.0), (3.0, 4.0)), PoolSettings("lp", norm_type=1)).output == ((8.0,),)
    assert pool(((-3.0, 4.0), (0.0, 0.0)), PoolSettings("lp")).output == ((5.0,),)


def test_refuses_numbers_that_overflow() -> None:
    with pytest.raises(UsageError, match="too large"):
        pool(((1e300, 1e300), (1e300, 1e300)), PoolSettings("lp", norm_type=4))
