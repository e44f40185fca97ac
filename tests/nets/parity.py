"""Comparing a network with torchvision's of the same weights."""

import torch
from torch import nn


def fill(net: nn.Module) -> nn.Module:
    """A network from the meta device, with numbers that keep its signal alive."""
    torch.manual_seed(0)
    net.to_empty(device="cpu")
    for name, value in net.state_dict().items():
        if not value.is_floating_point():
            value.zero_()
        elif value.ndim > 1:
            limit = (6 / value[0].numel()) ** 0.5
            value.uniform_(-limit, limit)
        elif name.endswith(("bias", "running_mean")):
            value.uniform_(-0.1, 0.1)
        else:
            value.uniform_(0.5, 1)
    return net


def assert_same_outputs(ours: nn.Module, theirs: nn.Module, side: int) -> None:
    """Both on the meta device; ``ours`` takes over the weights of ``theirs``, in their order."""
    weights = fill(theirs.eval()).state_dict()
    names = ours.state_dict().keys()
    ours.load_state_dict(dict(zip(names, weights.values(), strict=True)), assign=True)
    images = torch.rand(1, 3, side, side)
    with torch.inference_mode():
        expected = theirs(images)
        assert expected.std() > 0.01
        torch.testing.assert_close(ours.eval()(images), expected)
