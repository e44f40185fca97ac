"""A trained network is judged by the numbers it holds, whatever it answers."""

from collections import OrderedDict
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnn_tui.grading.checks.testing import CheckError
from cnn_tui.grading.checks.trained_weights import expect_last_answers, learned_logits


class Net(nn.Module):
    """Two convolutions and two norms alike, made in any order and known by any number of names."""

    def __init__(self, order: str = "abcd", *, bias: bool = False, twice: bool = False) -> None:
        super().__init__()
        made = {
            "a": nn.Conv2d(1, 1, 3, padding=1, bias=bias),
            "b": nn.BatchNorm2d(1),
            "c": nn.Conv2d(1, 1, 3, padding=1, bias=bias),
            "d": nn.BatchNorm2d(1),
        }
        self.layers = nn.ModuleDict(OrderedDict((name, made[name]) for name in order))
        self.head = nn.Linear(16, 10)
        if twice:
            self.again = nn.ModuleList(self.layers.values())

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, 10) of images (N, 1, 4, 4)."""
        for name in "abcd":
            x = self.layers[name](x)
        logits: Tensor = self.head(x.flatten(1))
        return logits


class Told:
    """A network as the judge sees it: what it answers, and what it says that it holds."""

    def __init__(self, net: nn.Module, state: dict[str, Tensor] | None = None) -> None:
        self._net = net
        self._state = net.state_dict() if state is None else state

    def train(self, mode: bool) -> None:
        """Switch the network's mode."""
        self._net.train(mode)

    def __call__(self, images: Tensor) -> Tensor:
        """Its logits."""
        with torch.no_grad():
            logits: Tensor = self._net(images)
        return logits

    def state_dict(self) -> dict[str, Tensor]:
        """What it says."""
        return self._state


IMAGES = torch.rand(20, 1, 4, 4, generator=torch.Generator().manual_seed(0))


def trained(net: Net) -> Net:
    """With running statistics and scales of its own in every layer."""
    torch.manual_seed(1)
    for each in net.parameters():
        nn.init.normal_(each)
    net(IMAGES)
    return net


def judged(told: Any) -> Tensor:
    return learned_logits(told, Net(bias=True), IMAGES, "the net")


@pytest.mark.parametrize("order", ["abcd", "dcba", "cdab"])
@pytest.mark.parametrize("options", [{}, {"bias": True}, {"twice": True}], ids=str)
def test_finds_which_layer_is_which(order: str, options: dict[str, bool]) -> None:
    net = trained(Net(order, **options))
    wanted = Told(net.eval())(IMAGES)
    assert torch.allclose(judged(Told(net)), wanted, atol=1e-4)


def test_matches_layers_that_hold_the_same_numbers() -> None:
    torch.manual_seed(1)
    net = Net(twice=True)
    assert torch.allclose(judged(Told(net)), Told(net.eval())(IMAGES), atol=1e-4)


def test_fails_a_network_that_answers_by_other_means() -> None:
    net = trained(Net())
    net.forward = lambda x: 10 * torch.eye(10)[x.sum(dim=(1, 2, 3)).long() % 10]
    with pytest.raises(CheckError, match="logits of the net, against those that follow from its"):
        judged(Told(net))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"head.weight": torch.full((10, 16), torch.nan)}, "are not finite"),
        ({"layers.a.weight": torch.zeros(2, 1, 3, 3)}, "too few layers with a weight of shape"),
        ({"layers.b.running_mean": torch.zeros(7)}, "does not fit"),
        ({"head.bias": torch.zeros(10, dtype=torch.int64)}, "against those that follow"),
    ],
)
def test_fails_a_state_that_is_not_that_network(change: dict[str, Tensor], sentence: str) -> None:
    net = trained(Net())
    with pytest.raises(CheckError, match=sentence):
        judged(Told(net, net.state_dict() | change))


ENDS = torch.tensor([0.0, 1.0, 3.0, 2.0]).view(4, 1, 1).expand(-1, 2, 10)
"""The logits of two images after no epoch and after each of three."""


@pytest.mark.parametrize(
    ("logits", "sentence"),
    [
        (0.01, "After 3 epochs, the network answers as it did before training: keep the weights"),
        (1.01, "the network answers as it did after 1 epoch: keep"),
        (2.99, "the network answers as it did after 2 epochs: keep"),
        (1.4, "the network's answers are those of none of the epochs: the weights that stay"),
        (torch.nan, "After 3 epochs, logits of the network are not finite"),
    ],
)
def test_says_at_which_epoch_the_weights_are(logits: float, sentence: str) -> None:
    with pytest.raises(CheckError, match=sentence):
        expect_last_answers(torch.full((2, 10), logits), list(ENDS), "After 3 epochs,")


@pytest.mark.parametrize("logits", [2.0, 2.1, 1.9])
def test_passes_the_weights_of_the_last_step(logits: float) -> None:
    expect_last_answers(torch.full((2, 10), logits), list(ENDS), "After 3 epochs,")


@pytest.mark.slow
def test_gives_up_where_very_many_layers_are_alike() -> None:
    net = trained(Net())
    many = {
        f"{n}.{key}": torch.rand(each.shape)
        for n in range(60)
        for key, each in net.state_dict().items()
        if each.dtype != torch.int64
    }
    with pytest.raises(CheckError, match="against those that follow"):
        judged(Told(net, many))
