"""The lab tells float64 that was computed in float32 from float64."""

import pytest
import torch

from cnn_tui.grading.checks.precision import expect_float64
from cnn_tui.grading.checks.testing import CheckError

WANTED = torch.tensor([1 / 3, -2 / 3, 1e-12], dtype=torch.float64)


def test_takes_what_float64_rounds_for_right() -> None:
    expect_float64(WANTED * (1 + 1e-15), WANTED, "map")


def test_says_that_something_is_only_as_precise_as_float32() -> None:
    with pytest.raises(CheckError, match=r"^map: right to about 7 digits only"):
        expect_float64(WANTED.float().double(), WANTED, "map")


def test_shows_values_where_they_differ_by_more_than_that() -> None:
    with pytest.raises(CheckError, match=r"^map: 2 of 3 values differ"):
        expect_float64(2 * WANTED, WANTED, "map")
