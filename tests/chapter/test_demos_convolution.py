"""The kernel's walk: the same numbers as PyTorch's layer, and one of them by hand."""

import pytest
import torch
from torch import nn

from cnn_tui.analysis.pooling.named_inputs import named_input
from cnn_tui.chapter.records import Grid, Table
from cnn_tui.chapter.run import run_demo
from cnn_tui.errors import UsageError


def grids(**parameters: int | str) -> list[Grid]:
    return [each for each in run_demo("convolution", **parameters).blocks if isinstance(each, Grid)]


@pytest.mark.parametrize(("stride", "padding", "dilation"), [(1, 0, 1), (2, 1, 1), (3, 2, 2)])
def test_gives_what_pytorchs_layer_gives(stride: int, padding: int, dilation: int) -> None:
    layer = nn.Conv2d(1, 1, 3, stride, padding, dilation, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0, 1, 2, -1, 0.5, 0, 1 / 3, 0, 4]).view(3, 3))
        expected = layer(torch.tensor(named_input("gradient").grid)[None, None])[0, 0]
    *_, output = grids(
        input="gradient",
        kernel="0 1 2, -1 0.5 0, 1/3 0 4",
        stride=stride,
        padding=padding,
        dilation=dilation,
    )
    assert torch.allclose(torch.tensor(output.rows), expected)


def test_finds_an_edge_with_its_sign_and_marks_the_nine_cells() -> None:
    padded, _, output = grids(padding=1, dilation=2, row=1, column=0)
    assert padded.marks == ((1, 0), (1, 2), (1, 4), (3, 0), (3, 2), (3, 4), (5, 0), (5, 2), (5, 4))
    assert output.marks == ((1, 0),)


def test_writes_the_weights_as_they_were_typed() -> None:
    blocks = run_demo("convolution", input="chapter", kernel="blur").blocks
    (table,) = (each for each in blocks if isinstance(each, Table))
    assert table.rows[0][1] == "1/9·1 + 1/9·3 + 1/9·2"
    assert [row[2] for row in table.rows] == pytest.approx([6 / 9, 12 / 9, 17 / 9])


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"row": 4}, "The output has 4 rows and columns, counted from 0"),
        ({"input": "chapter", "dilation": 2}, "covers 5×5 cells, and the map with its padding"),
        ({"kernel": "1 2 3"}, "nine numbers"),
        ({"kernel": "1 2 3 4 5 6 7 8 1/0"}, "nine numbers"),
    ],
)
def test_refuses_what_does_not_fit(parameters: dict[str, int | str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        run_demo("convolution", **parameters)
