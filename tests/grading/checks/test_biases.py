"""Biases of a new network begin as PyTorch's defaults do, whatever the seed."""

import pytest
import torch
from torch import nn

from cnn_tui.grading.checks.biases import expect_default_biases
from cnn_tui.grading.checks.testing import CheckError


def net() -> nn.Sequential:
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.Conv2d(6, 8, 3, bias=False)),
        *(nn.Flatten(), nn.Linear(128, 40), nn.Linear(40, 10)),
    )


def test_passes_the_defaults() -> None:
    for seed in range(40):
        torch.manual_seed(seed)
        expect_default_biases(net().state_dict(), "net()")


def test_passes_a_network_without_biases() -> None:
    expect_default_biases(nn.Linear(4, 4, bias=False).state_dict(), "net()")


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.Linear, nn.BatchNorm2d])
def test_fails_biases_that_begin_elsewhere(kind: type[nn.Module]) -> None:
    changed = net()
    for each in changed.modules():
        if isinstance(each, kind) and getattr(each, "bias", None) is not None:
            nn.init.constant_(each.get_parameter("bias"), 0.5)
    with pytest.raises(CheckError, match="do not begin"):
        expect_default_biases(changed.state_dict(), "net()")


def test_fails_biases_of_zero() -> None:
    changed = net()
    for each in changed.modules():
        if isinstance(each, nn.Conv2d | nn.Linear) and each.bias is not None:
            nn.init.zeros_(each.bias)
    with pytest.raises(CheckError, match="biases of new layers do not begin"):
        expect_default_biases(changed.state_dict(), "net()")
