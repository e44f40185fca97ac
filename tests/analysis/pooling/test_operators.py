"""Pooling: the numbers are torch's, and every window explains its cell."""

import math
import random
from collections import Counter

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
    power = draw(st.sampled_from([1.0, 2.0, 3.0, 0.5, -2.0, math.inf, -math.inf]))
    lowest = 0 if kind == "lp" and power % 2 else -100
    numbers = random.Random(draw(st.integers(0, 999)))
    grid = tuple(tuple(numbers.uniform(lowest, 100) for _ in range(width)) for _ in range(height))
    if kind not in SLIDING:
        rows, columns = draw(st.integers(1, 12)), draw(st.integers(1, 12))
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


def by_torch(grid: NumberGrid | Tensor, chosen: PoolSettings) -> Tensor:
    maps = torch.as_tensor(grid, dtype=torch.float64)[None, None]
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
    if chosen.kind == "lp" and math.isinf(chosen.norm_type):
        return (max if chosen.norm_type > 0 else min)(map(abs, window.cells))
    if chosen.kind == "lp":
        total = sum(cell**chosen.norm_type for cell in window.cells)
        return float((window.size / len(window.cells) * total) ** (1 / chosen.norm_type))
    return sum(window.cells) / window.divisor


@pytest.mark.slow
@settings(max_examples=200, deadline=None, derandomize=True)
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


@st.composite
def arguments(draw: st.DrawFn, kind: str | None = None) -> tuple[NumberGrid, PoolSettings]:
    """A map and arguments, which torch may refuse or have no finite answer to."""
    kind = kind or draw(st.sampled_from(KINDS))
    height, width = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    values = random.Random(draw(st.integers(0, 99)))
    least = draw(st.sampled_from([-3, 0, 1]))
    grid = tuple(
        tuple(float(values.randint(least, 3)) for _ in range(width)) for _ in range(height)
    )
    some = st.sampled_from([1, 1, 2, 2, 3, 3, 4, 5, 7, 0, -1])
    return grid, PoolSettings(
        kind,
        kernel_size=draw(some),
        stride=draw(some),
        padding=0 if kind == "lp" else draw(st.sampled_from([0, 0, 0, 1, 1, 2, 3, -1])),
        ceil_mode=draw(st.booleans()),
        dilation=draw(some) if kind == "max" else 1,
        count_include_pad=draw(st.booleans()) if kind == "avg" else True,
        norm_type=draw(st.sampled_from(POWERS)) if kind == "lp" else 2.0,
        output_size=(draw(st.integers(-1, 9)), draw(st.integers(-1, 9))),
    )


POWERS = [-math.inf, -2.0, -1.0, -0.5, 0.0, 0.3, 0.5, 1.0, 2.0, 3.0, 4.0, 100.0, math.inf]


def agrees_with_torch(case: tuple[NumberGrid, PoolSettings]) -> bool:
    """Whether both answer with the same numbers, or neither has finite ones."""
    grid, chosen = case
    try:
        result = pool(grid, chosen)
    except UsageError:
        with pytest.raises((RuntimeError, AssertionError, ValueError)):
            expected = by_torch(grid, chosen)
            assert expected.numel()
            assert expected.isfinite().all()
        return False
    expected = by_torch(grid, chosen)
    torch.testing.assert_close(torch.tensor(result.output, dtype=torch.float64), expected)
    return True


@settings(max_examples=40, deadline=None, derandomize=True)
@given(arguments())
def test_accepts_just_what_torch_accepts(case: tuple[NumberGrid, PoolSettings]) -> None:
    agrees_with_torch(case)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_accepts_just_what_torch_accepts_of_each_kind(kind: str) -> None:
    verdicts = Counter[bool]()

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(arguments(kind))
    def compare(case: tuple[NumberGrid, PoolSettings]) -> None:
        verdicts[agrees_with_torch(case)] += 1

    compare()
    assert verdicts[True] >= 10
    assert verdicts[False] >= 10 or kind.startswith("global")


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
        (PoolSettings("lp", norm_type=0), "norm_type.*any number but 0, not 0"),
        (PoolSettings("lp", norm_type=math.nan), "norm_type.*any number but 0, not nan"),
        (PoolSettings("max", count_include_pad=False), "count_include_pad"),
        (PoolSettings("adaptive-avg", output_size=(0, 2)), "between 1×1 and 64×64, not 0×2"),
        (PoolSettings("adaptive-max", output_size=(2, 65)), "not 2×65"),
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
        pool(((-1.0, -2.0), (-3.0, 4.0)), PoolSettings("lp", norm_type=0.5))
    with pytest.raises(UsageError, match=r"behind output \(0, 1\)"):
        pool(((1.0, 2.0, -3.0, -4.0), (3.0, 4.0, 1.0, 1.0)), PoolSettings("lp", norm_type=3))
    assert pool(((-1.0, 0.0), (0.0, 2.0)), PoolSettings("lp", norm_type=3)).output == (
        (7 ** (1 / 3),),
    )
    assert pool(((-1.0, 2.0), (3.0, 4.0)), PoolSettings("lp", norm_type=1)).output == ((8.0,),)
    assert pool(((-3.0, 4.0), (0.0, 0.0)), PoolSettings("lp")).output == ((5.0,),)


def test_takes_an_infinite_power_for_the_largest_size() -> None:
    grid = ((-5.0, 2.0), (3.0, -0.5))
    assert pool(grid, PoolSettings("lp", norm_type=math.inf)).output == ((5.0,),)
    assert pool(grid, PoolSettings("lp", norm_type=-math.inf)).output == ((0.5,),)
    assert PoolSettings("lp", norm_type=math.inf).to_json()["norm_type"] == "inf"


def test_makes_a_small_map_larger_with_windows_that_overlap() -> None:
    result = pool(((1.0, 3.0),), choose("adaptive-avg", output_size="1,5"))
    assert result.output == ((1.0, 1.0, 2.0, 3.0, 3.0),)
    assert [each.cells for each in result.columns] == [(0,), (0,), (0, 1), (1,), (1,)]


def test_refuses_numbers_that_overflow() -> None:
    with pytest.raises(UsageError, match="too large"):
        pool(((1e300, 1e300), (1e300, 1e300)), PoolSettings("lp", norm_type=4))
