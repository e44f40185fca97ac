"""The lab tells a learner what was expected, what came instead, and where."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from cnn_tui.grading.checks.testing import CheckError, expect_equal, expect_number, expect_tensor
from cnn_tui.grading.isolation.wire_values import Opaque, Record
from cnn_tui.grading.records import ArrayComparison

WANTED = torch.arange(6.0).view(2, 3)


@pytest.mark.parametrize(
    ("got", "message"),
    [
        (None, "map: expected a tensor, got None (is a return missing?)."),
        ([1, 2], "map: expected a tensor, got a list of length 2."),
        (3.5, "map: expected a tensor, got 3.5."),
        (Opaque("a thing"), "map: expected a tensor, got a thing."),
        (Record("Map", ()), "map: expected a tensor, got an object of type Map."),
        (WANTED[0].double(), "map: expected shape (2, 3), got shape (3,)."),
        (WANTED.double() * torch.nan, "map: expected dtype torch.float32, got torch.float64."),
        (
            torch.where(WANTED == 4, torch.inf, WANTED + 1),
            "map: 1 of 6 values are not finite; first at (1, 1): got inf.",
        ),
        (
            WANTED + 1.954,
            "map: 6 of 6 values differ; max |diff| 1.95; first at (0, 0): got 1.954, expected 0. "
            "Yours are the expected ones plus 1.954.",
        ),
        (
            torch.where(WANTED == 5, 5.1, WANTED),
            "map: 1 of 6 values differ; max |diff| 0.1; first at (1, 2): got 5.1, expected 5.",
        ),
    ],
)
def test_compares_type_shape_dtype_finiteness_and_values_in_this_order(
    got: Any, message: str
) -> None:
    with pytest.raises(CheckError) as failure:
        expect_tensor(got, WANTED, "map")
    assert str(failure.value) == message


@pytest.mark.parametrize(
    ("got", "expected_side", "got_side"),
    [
        (None, "a tensor", "None (is a return missing?)"),
        (WANTED[0], "shape (2, 3)", "shape (3,)"),
        (WANTED.double(), "dtype torch.float32", "torch.float64"),
        (WANTED + 0.5, "[0:2, 0:3]\n0  1  2\n3  4  5", "[0:2, 0:3]\n0.5  1.5  2.5\n3.5  4.5  5.5"),
    ],
)
def test_shows_both_sides(got: Any, expected_side: str, got_side: str) -> None:
    with pytest.raises(CheckError) as failure:
        expect_tensor(got, WANTED, "map")
    assert (failure.value.expected, failure.value.got) == (expected_side, got_side)


@pytest.mark.parametrize(
    ("shape", "side"),
    [
        ((), "0"),
        ((1,), "[0:1]\n0"),
        ((5,), "[2:5]\n2  3  4"),
        ((1, 6), "[0:1, 3:6]\n3  4  5"),
        ((2, 3, 1, 2), "[1, 2, 0:1, 0:2]\n10  11"),
        ((5, 5), "[2:5, 2:5]\n12  13  14\n17  18  19\n22  23  24"),
    ],
)
def test_shows_a_few_values_about_the_first_that_differs(shape: tuple[int, ...], side: str) -> None:
    wanted = torch.arange(math.prod(shape)).view(shape)
    got = wanted.clone()
    got.view(-1)[-1] += 1
    with pytest.raises(CheckError) as failure:
        expect_tensor(got, wanted, "map")
    assert failure.value.expected == side


def test_keeps_the_numbers_of_both_sides_and_which_of_them_differ() -> None:
    got = WANTED.clone()
    got[1, 1] = 9.5
    assert compared(got, WANTED) == ArrayComparison(
        shape=(2, 3),
        first=(1, 1),
        start=(0, 0),
        differing=1,
        expected=((0, 1, 2), (3, 4, 5)),
        got=((0, 1, 2), (3, 9.5, 5)),
        differs=((False, False, False), (False, True, False)),
    )


@pytest.mark.parametrize(
    ("shape", "start", "size"),
    [
        ((), (), (1, 1)),
        ((3,), (0,), (1, 3)),
        ((2, 3, 40, 30), (1, 2, 32, 22), (8, 8)),
        ((1,) * 16, (0,) * 16, (1, 1)),
    ],
)
def test_keeps_a_small_part_of_large_arrays(
    shape: tuple[int, ...], start: tuple[int, ...], size: tuple[int, int]
) -> None:
    wanted = torch.zeros(shape)
    got = wanted.clone()
    got.view(-1)[-1] = torch.nan
    kept = compared(got, wanted)
    assert (kept.shape, kept.start, kept.differing) == (shape, start, 1)
    assert kept.first == tuple(each - 1 for each in shape)
    for rows in (kept.expected, kept.got, kept.differs):
        assert (len(rows), len(rows[0])) == size
    assert math.isnan(kept.got[-1][-1]) and kept.differs[-1][-1]


def compared(got: Tensor, wanted: Tensor) -> ArrayComparison:
    with pytest.raises(CheckError) as failure:
        expect_tensor(got, wanted, "map")
    assert failure.value.comparison is not None
    return failure.value.comparison


def test_takes_tensors_that_differ_by_rounding() -> None:
    expect_tensor(WANTED * (1 + 1e-6), WANTED, "map")
    expect_tensor(torch.empty(0, 3), torch.empty(0, 3), "map")
    expect_tensor(torch.tensor(1.0), torch.tensor(1.0), "map")


def test_compares_whole_numbers_and_truth_values_too() -> None:
    for dtype in (torch.int64, torch.uint8, torch.bool):
        wanted = torch.tensor([1, 0]).to(dtype)
        expect_tensor(wanted.clone(), wanted, "map")
        with pytest.raises(CheckError, match="1 of 2 values differ"):
            expect_tensor(torch.tensor([1, 1]).to(dtype), wanted, "map")


@pytest.mark.parametrize("got", [2, 2.0, torch.tensor(2.0), torch.tensor([2])])
def test_takes_a_number_in_any_form(got: int | float | Tensor) -> None:
    expect_number(got, 2, "gain")


@pytest.mark.parametrize("got", [2.1, float("nan"), float("inf"), True, "2", None, torch.ones(2)])
def test_takes_nothing_else_for_a_number(got: Any) -> None:
    with pytest.raises(CheckError, match=r"gain: expected"):
        expect_number(got, 2, "gain")


@pytest.mark.parametrize(("got", "wanted"), [("Max", "max"), (None, "max"), (True, 1), (1.0, 1)])
def test_takes_only_the_very_value(got: Any, wanted: Any) -> None:
    expect_equal(wanted, wanted, "answer")
    with pytest.raises(CheckError, match="answer: expected"):
        expect_equal(got, wanted, "answer")
