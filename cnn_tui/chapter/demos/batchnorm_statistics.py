"""A channel's mean and spread before and after batch norm, and what ReLU leaves of them."""

import torch
from torch import Tensor
from torch.nn import functional as F

from cnn_tui.chapter.records import DemoContent, Say, Table
from cnn_tui.nets.blocks import ConvBNReLU

CHANNELS, CHANNELS_SHOWN = 16, 5
WEIGHTY_EPSILON = ", less than 1, as the ε under the root weighs where a channel hardly varies"


@torch.no_grad()
def batchnorm_statistics(
    batch_size: int = 32, input_mean: float = 0.0, input_std: float = 1.0, seed: int = 0
) -> DemoContent:
    """Send random images (N, 3, 32, 32) through Conv → BN → ReLU and look at every step."""
    torch.manual_seed(seed)
    conv, bn, _ = ConvBNReLU(3, CHANNELS)
    convolved = conv(input_mean + input_std * torch.randn(batch_size, 3, 32, 32))
    normalized = bn(convolved)
    spread = normalized.std(dim=(0, 2, 3)).mean().item()
    with_bn, without_bn = F.relu(normalized), F.relu(convolved)
    return DemoContent(
        blocks=(
            _channel_table(convolved, normalized, with_bn),
            Say(
                f"After BN every channel has mean 0 and standard deviation {spread:.2f}"
                f"{'' if spread > 0.99 else WEIGHTY_EPSILON}. ReLU cuts the lower half off, so "
                "what the next layer sees has neither."
            ),
            Table(
                f"What the next layer sees: all {CHANNELS} channels after the ReLU",
                ("", "mean", "std", "smallest channel std", "largest channel std"),
                (_whole("without BN", without_bn), _whole("with BN", with_bn)),
            ),
            Say("Try input std = 10: without BN all of it grows tenfold, with BN nothing changes."),
        ),
        figures={
            "bn_mean": normalized.mean(dim=(0, 2, 3)).abs().max().item(),
            "bn_std": spread,
            "relu_mean": with_bn.mean().item(),
            "relu_std": with_bn.std().item(),
            "without_bn_mean": without_bn.mean().item(),
            "without_bn_std": without_bn.std().item(),
        },
    )


def _channel_table(*steps: Tensor) -> Table:
    rows = []
    for index in range(CHANNELS_SHOWN):
        channels = [step[:, index] for step in steps]
        statistics = [(each.mean().item(), each.std().item()) for each in channels]
        rows.append((index, *(number for pair in statistics for number in pair)))
    return Table(
        "Mean and standard deviation in training mode, by channel",
        ("channel", "conv mean", "std", "BN mean", "std", "ReLU mean", "std"),
        tuple(rows),
    )


def _whole(name: str, activated: Tensor) -> tuple[str, float, float, float, float]:
    """Mean and spread of all values, and the channels' least and greatest spread."""
    by_channel = activated.std(dim=(0, 2, 3))
    return (
        name,
        activated.mean().item(),
        activated.std().item(),
        by_channel.min().item(),
        by_channel.max().item(),
    )
