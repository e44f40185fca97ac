"""Sentences of numbers that differ show that they do, and what all of them have in common."""

import pytest
import torch
from torch import Tensor

from cnn_tui.grading.checks.numbers import percent_apart, relation, written_apart
from cnn_tui.grading.checks.testing import CheckError, expect_number, expect_tensor

WANTED = torch.tensor([[1.0, 2.0, 5.0], [-3.0, 0.0, 4.0]])


@pytest.mark.parametrize(
    ("wanted", "got", "written"),
    [
        (1.5, 2.0, ("1.5", "2")),
        (1.20412, 1.20438, ("1.2041", "1.2044")),
        (1.0, 1.0, ("1", "1")),
        (0.1 + 0.2, 0.3, ("0.30000000000000004", "0.29999999999999999")),
        (1.0, float("nan"), ("1", "nan")),
    ],
)
def test_writes_as_many_digits_as_it_takes(
    wanted: float, got: float, written: tuple[str, str]
) -> None:
    assert written_apart(wanted, got) == written


@pytest.mark.parametrize(
    ("wanted", "got", "digits", "written"),
    [
        (0.5, 0.25, 0, ("50%", "25%")),
        (0.978, 0.9776, 0, ("97.80%", "97.76%")),
        (0.978, 0.9776, 1, ("97.80%", "97.76%")),
        (0.3, 0.3, 1, ("30.0%", "30.0%")),
        (-0.1, float("nan"), 0, ("-10%", "nan%")),
        (0.1 + 0.2, 0.3, 0, ("30.000000000000004%", "30.000000000000000%")),
    ],
)
def test_writes_no_two_percentages_that_read_alike(
    wanted: float, got: float, digits: int, written: tuple[str, str]
) -> None:
    assert percent_apart(wanted, got, digits) == written


def test_expects_and_gets_no_two_numbers_that_read_alike() -> None:
    with pytest.raises(CheckError, match=r"^loss: expected 1\.2041, got 1\.2044\.$"):
        expect_number(1.20438, 1.20412, "loss")
    wanted = torch.tensor([0.5, 1.20412])
    with pytest.raises(CheckError) as failure:
        expect_tensor(torch.tensor([0.5, 1.20438]), wanted, "map")
    assert "first at (1,): got 1.2044, expected 1.2041." in str(failure.value)
    assert failure.value.expected.endswith("1.2041")
    assert failure.value.got.endswith("1.2044")


@pytest.mark.parametrize(
    ("got", "sentence"),
    [
        (torch.full_like(WANTED, 0.5), "Yours are all 0.5."),
        (WANTED * 0.7, "Yours are the expected ones times 0.7."),
        (WANTED - 2, "Yours are the expected ones plus -2."),
        (WANTED.flip(1), "Yours are the expected ones in another order."),
        (WANTED.relu(), ""),
        (WANTED + 0.004 * torch.arange(6).view(2, 3), ""),
        (WANTED.square(), ""),
    ],
)
def test_says_how_all_values_follow_from_the_expected_ones(got: Tensor, sentence: str) -> None:
    assert relation(got, WANTED, 1e-4, 1e-5) == sentence
    with pytest.raises(CheckError) as failure:
        expect_tensor(got, WANTED, "map")
    assert str(failure.value).endswith(sentence)


@pytest.mark.parametrize(
    ("decimals", "sentence"),
    [
        (0, "Yours are the expected ones rounded to whole numbers."),
        (1, "Yours are the expected ones rounded to 1 decimal."),
        (2, "Yours are the expected ones rounded to 2 decimals."),
    ],
)
def test_says_that_all_values_are_rounded(decimals: int, sentence: str) -> None:
    wanted = torch.tensor([1.23456, 2.34567, -0.45678])
    assert relation(wanted.round(decimals=decimals), wanted, 1e-5, 1e-6) == sentence


@pytest.mark.parametrize("wanted", [torch.tensor(2.0), torch.zeros(4), torch.tensor([1.0, 2.0])])
def test_sees_no_relation_where_too_few_numbers_speak_for_it(wanted: Tensor) -> None:
    assert (
        relation(
            wanted + torch.arange(1.0, 1 + wanted.numel()).view(wanted.shape), wanted, 1e-4, 1e-5
        )
        == ""
    )


def test_takes_values_that_were_moved_to_either_side_for_no_other_order() -> None:
    wanted = torch.linspace(-1, 1, 4001)
    moved = wanted + 0.002 * torch.tensor([1.0, -1.0]).repeat(2001)[:4001]
    assert relation(moved, wanted, 1e-3, 1e-3) == ""


def test_says_no_factor_that_reads_as_1() -> None:
    said = "Yours are the expected ones times 1.0003."
    assert relation(WANTED * 1.0003, WANTED, 1e-4, 1e-5) == said
