"""What a summary says to do where a network cannot run, or returns nothing."""

from contextlib import suppress
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnn_tui.analysis.networks.summary import summarize_module
from cnn_tui.errors import UsageError
from tests.analysis.networks.mistakes.cases import Net


class Returns(nn.Module):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: Tensor) -> Any:
        return self.value


class BlockWithoutReturn(Net):
    def __init__(self) -> None:
        super().__init__()
        self.conv2 = Returns(None)  # type: ignore[assignment]


class View(Net):
    size: tuple[int, ...] = (-1, 100)

    def forward(self, x: Tensor) -> Any:
        return self.fc(self.features(x).view(*self.size))


class Reshape(View):
    def forward(self, x: Tensor) -> Any:
        return self.fc(self.features(x).reshape(self.size))


class FixedBatch(View):
    size = (64, 128)


class Map(View):
    size = (-1, 8, 5, 5)


class WrongFeatures(Net):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(100, 4)


class NotFlattened(WrongFeatures):
    def forward(self, x: Tensor) -> Any:
        return self.fc(self.features(x))


class Rows(WrongFeatures):
    def forward(self, x: Tensor) -> Any:
        return self.fc(self.features(x).view(-1, 32))


class OnlyNotFlattened(Net):
    def forward(self, x: Tensor) -> Any:
        return self.fc(self.features(x))


def refusal(net: nn.Module) -> str:
    with pytest.raises(UsageError) as refused:
        summarize_module(net.to("meta"), (3, 8, 8), net_name="own", title="Own")
    return str(refused.value)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, r"a forward that returns nothing (None): end it with return, as in return x."),
        (3, "a forward that returns an int without a tensor: return the result"),
        (0.5, "a forward that returns a float without a tensor"),
        ((), "a forward that returns an empty tuple without a tensor"),
        ((None, 1), "a forward that returns a tuple without a tensor"),
    ],
)
def test_says_what_a_forward_should_return(value: object, sentence: str) -> None:
    assert sentence in refusal(Returns(value))


@pytest.mark.parametrize(
    ("net", "sentence"),
    [
        (BlockWithoutReturn, "the forward of conv2 returns nothing (None): end it with return."),
        (View, "the map that comes in is 8×4×4, 128 numbers for each image, and the view wants"),
        (Reshape, "wants 100: write x.flatten(1), and 128 input features in the linear layer"),
        (FixedBatch, "64 fixes how many images there are: write x.flatten(1)"),
        (Map, "128 numbers for each image, and 8×5×5 takes 200."),
        (WrongFeatures, "it expects 100 features, but got 128: write nn.Linear(128, 4)."),
        (NotFlattened, "with x.flatten(1) and nn.Linear(128, 4)."),
        (Rows, "each example came in as 4 rows: write x.flatten(1), and nn.Linear(128, 4)."),
        (OnlyNotFlattened, "a map of 8×4×4 comes in: flatten it before, with x.flatten(1)."),
    ],
)
def test_says_what_to_write(net: type[nn.Module], sentence: str) -> None:
    assert sentence in refusal(net())


def test_says_nothing_where_a_forward_returns_tensors_in_containers() -> None:
    class Dict(nn.Module):
        def forward(self, x: Tensor) -> Any:
            return {"out": [x], "loss": None}

    summary = summarize_module(Dict(), (3, 8, 8), net_name="own", title="Own")
    assert summary.output_shape == (3, 8, 8)


def test_a_failure_that_the_forward_caught_explains_no_other() -> None:
    class Catches(nn.Module):
        def forward(self, x: Tensor) -> Any:
            with suppress(RuntimeError):
                x.view(-1, 7)
            return torch.cat([x, x.missing])  # type: ignore[attr-defined]

    assert "flatten" not in refusal(Catches())
