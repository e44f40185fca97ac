"""A new network begins as PyTorch's defaults do, whatever the seed, or it is said how not."""

import pytest
import torch
from torch import nn

from cnn_tui.grading.checks.starts import expect_default_start, expect_new_start
from cnn_tui.grading.checks.testing import CheckError


def net() -> nn.Sequential:
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.Conv2d(6, 8, 3, bias=False)),
        *(nn.Flatten(), nn.Linear(128, 40), nn.Linear(40, 10)),
    )


def test_passes_the_defaults() -> None:
    for seed in range(40):
        torch.manual_seed(seed)
        expect_default_start(net().state_dict(), "net()")


def test_passes_a_network_without_biases() -> None:
    expect_default_start(nn.Linear(4, 4, bias=False).state_dict(), "net()")


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (nn.Conv2d, "the biases of a new layer of 6 outputs begin up to 1.5 times as far from 0"),
        (nn.Linear, "the biases of a new layer of 40 outputs begin up to"),
        (nn.BatchNorm2d, r"the bias of a new normalization of shape \(6,\) does not begin at 0,"),
    ],
)
def test_fails_biases_that_begin_elsewhere(kind: type[nn.Module], sentence: str) -> None:
    changed = net()
    for each in changed.modules():
        if isinstance(each, kind) and getattr(each, "bias", None) is not None:
            nn.init.constant_(each.get_parameter("bias"), 0.5)
    with pytest.raises(CheckError, match=sentence):
        expect_default_start(changed.state_dict(), "net()")


def test_fails_biases_of_zero() -> None:
    changed = net()
    for each in changed.modules():
        if isinstance(each, nn.Conv2d | nn.Linear) and each.bias is not None:
            nn.init.zeros_(each.bias)
    with pytest.raises(CheckError, match=r"the biases of a new layer of 6 outputs begin at 0:"):
        expect_default_start(changed.state_dict(), "net()")


@pytest.mark.parametrize(
    ("factor", "sentence"),
    [
        (0.0, "begin at 0: leave"),
        (3.0, r"begin up to (2\.9\d?|3) times as far from 0 as PyTorch's defaults go: leave"),
        (0.5, r"begin 0\.\d+ times as far from 0, on average, as PyTorch's defaults: leave"),
    ],
)
def test_says_how_weights_begin_elsewhere(factor: float, sentence: str) -> None:
    torch.manual_seed(0)
    changed = net()
    with torch.no_grad():
        changed.get_submodule("2").get_parameter("weight").mul_(factor)
    what = r"net\(\): the weights of a new layer, of shape \(8, 6, 3, 3\), "
    with pytest.raises(CheckError, match=what + sentence):
        expect_default_start(changed.state_dict(), "net()")


def test_says_where_a_norm_begins() -> None:
    changed = net()
    nn.init.constant_(changed.get_submodule("1").get_parameter("weight"), 0.5)
    said = r"the weight of a new normalization of shape \(6,\) does not begin at 1, as"
    with pytest.raises(CheckError, match=said):
        expect_default_start(changed.state_dict(), "net()")


def test_tells_a_network_that_is_returned_again_from_one_that_begins_elsewhere() -> None:
    again = net()
    with pytest.raises(CheckError, match=r"^net\(\) returns the module of an earlier call again"):
        expect_new_start(lambda: again, "net()")  # type: ignore[arg-type, return-value]
    expect_new_start(net, "net()")  # type: ignore[arg-type]
