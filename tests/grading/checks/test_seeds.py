"""The lab knows weights that PyTorch draws after a seed, in whichever order they are drawn."""

import pytest
import torch
from torch import nn

from cnn_tui.grading.checks.seeds import expect_drawn_after
from cnn_tui.grading.checks.testing import CheckError


def _two_layers() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 3, 3), nn.Conv2d(3, 3, 3))


def test_passes_layers_in_any_order_and_draws_between_them() -> None:
    torch.manual_seed(7)
    second = nn.Conv2d(3, 3, 3)
    torch.randn(100), torch.randperm(10)
    net = nn.Sequential(nn.Conv2d(3, 3, 3), second)
    expect_drawn_after(7, net.state_dict(), "net")


def test_fails_another_seed_weights_that_were_changed_and_a_seed_per_layer() -> None:
    torch.manual_seed(8)
    other = _two_layers().state_dict()
    torch.manual_seed(7)
    halved = {key: each / 2 for key, each in _two_layers().state_dict().items()}
    torch.manual_seed(7)
    seeded_again = _two_layers()
    torch.manual_seed(9)
    seeded_again[1].reset_parameters()
    for state in (other, halved, seeded_again.state_dict()):
        with pytest.raises(CheckError, match=r"^net: .* is not what PyTorch's default"):
            expect_drawn_after(7, state, "net")
