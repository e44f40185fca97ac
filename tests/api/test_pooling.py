"""Pooling in notebooks: maps by name, from files, and from what a program holds."""

from pathlib import Path

import numpy as np
import pytest
import torch

import cnn_tui as lab

ROWS = [[1, 3, 2, 4], [5, 6, 1, 2]]


@pytest.mark.parametrize(
    "numbers",
    [
        ROWS,
        tuple(map(tuple, ROWS)),
        np.array(ROWS, dtype=np.uint8),
        torch.tensor(ROWS, dtype=torch.bfloat16, requires_grad=True),
        torch.tensor([ROWS])[0],
        list(torch.tensor(ROWS)),
    ],
    ids=["lists", "tuples", "array", "bfloat16", "channel", "rows of tensors"],
)
def test_pools_numbers_whatever_holds_them(numbers: object) -> None:
    pooled = lab.pool(numbers)  # type: ignore[arg-type]
    assert pooled.input == ((1, 3, 2, 4), (5, 6, 1, 2))
    assert pooled.output == ((6, 4),)
    assert "map of 2×4 numbers" in str(pooled)


def test_takes_the_settings_of_the_command(tmp_path: Path) -> None:
    assert lab.pool("chapter", "adaptive-avg", output_size=(1, 2)).output == ((3.625, 4.375),)
    assert lab.pool("chapter", "avg", 3, stride=1, padding=1).output_size == (4, 4)
    assert lab.pool("chapter", "max", 3, 2, ceil_mode=True).output_size == (2, 2)
    assert lab.pool("digits#17", channel=0).input_size == (8, 8)
    file = tmp_path / "map.csv"
    file.write_text("1,2\n3,4\n")
    assert lab.pool(file, kind="lp", norm_type=1).to_json()["output"] == [[10.0]]


def test_a_pooled_map_can_be_shifted() -> None:
    shifted = lab.pool("shifted").shifted(0, 1)
    assert shifted.shift == (0, 1)
    assert shifted.to_json()["changed_cells"] == len(shifted.changed)
    assert "The input is shifted" in str(shifted)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ([[1, 2], [3]], "The map, row 2 has 1 numbers where row 1 has 2"),
        ([], "holds no numbers"),
        ([[]], "holds no numbers"),
        ([1, 2], "rows of numbers.*not list"),
        (["12", "34"], "rows of numbers"),
        ([[1, "x"]], "rows of numbers"),
        ([[1, float("nan")]], "NaN or infinity"),
        (torch.zeros(1, 4, 4), r"not an array of shape \(1, 4, 4\): take one channel"),
        (torch.zeros(2, 2, dtype=torch.complex64), "rows of numbers"),
        (np.float64(3), "rows of numbers"),
        ([[10**400]], "rows of numbers"),
        (torch.zeros(2, 2, device="meta"), r"not an array of shape \(2, 2\)"),
        (torch.eye(2).to_sparse(), "rows of numbers"),
        ((word for word in ("12", "34")), "rows of numbers"),
        (5, "rows of numbers.*not int"),
        (torch.zeros(65, 2), "65×2: a map may have 64 cells"),
        ("edgse", "did you mean edges"),
    ],
)
def test_one_sentence_says_what_is_wrong_with_a_map(numbers: object, sentence: str) -> None:
    with pytest.raises(lab.LabError, match=sentence):
        lab.pool(numbers)  # type: ignore[arg-type]


def test_one_sentence_says_what_is_wrong_with_the_settings() -> None:
    with pytest.raises(lab.LabError, match="There is no kind of pooling named 'mx'"):
        lab.pool("edges", "mx")
    with pytest.raises(lab.LabError, match=r"needs an output size, such as 2, or 2,3\.$") as caught:
        lab.pool("edges", "adaptive-avg")
    assert caught.value.fields == ("output_size",)
    with pytest.raises(lab.LabError, match="does not fit"):
        lab.pool("edges", kernel_size=9)


def test_goes_back_through_a_pooling() -> None:
    pooled = lab.pool(ROWS)
    assert pooled.backward().gradient == ((0, 0, 0, 1), (0, 1, 0, 0))
    assert pooled.backward(torch.tensor([[2.0, 3.0]])).gradient[1] == (0, 2, 0, 0)
    assert pooled.indices == ((5, 3),)
    assert pooled.unpool() == ((0, 0, 0, 4), (0, 6, 0, 0))
    assert "Gradient 2×4" in str(pooled.backward())
