"""A channel's mean and spread before and after batch norm, and what ReLU leaves of them."""

import torch
from torch import Tensor
from torch.nn import functional as F

from cnn_tui.analysis.activations.maps import finite_range, histogram
from cnn_tui.chapter.records import DemoContent, Histograms, Say, Table
from cnn_tui.nets.blocks import ConvBNReLU

CHANNELS, CHANNELS_SHOWN = 16, 5
TENFOLD = 10
NOTICEABLE = 0.005
"""What two decimals show."""
WEIGHTY_EPSILON = ", less than 1, as the ε under the root weighs where a channel hardly varies"


@torch.no_grad()
def batchnorm_statistics(
    batch_size: int = 32, input_mean: float = 0.0, input_std: float = 1.0, seed: int = 0
) -> DemoContent:
    """Send random images (N, 3, 32, 32) through Conv → BN → ReLU and look at every step."""
    torch.manual_seed(seed)
    conv, bn, _ = ConvBNReLU(3, CHANNELS)
    noise = torch.randn(batch_size, 3, 32, 32)
    convolved = conv(input_mean + input_std * noise)
    normalized = bn(convolved)
    spread = normalized.std(dim=(0, 2, 3)).mean().item()
    with_bn, without_bn = F.relu(normalized), F.relu(convolved)
    wider = conv(input_mean + TENFOLD * input_std * noise)
    return DemoContent(
        blocks=(
            _channel_table(convolved, normalized, with_bn),
            Say(f"{_about_bn(normalized)} {_about_relu(normalized, with_bn)}"),
            _spread_of_one_channel(convolved, normalized, with_bn),
            Table(
                f"What the next layer sees: all {CHANNELS} channels after the ReLU",
                ("", "mean", "std", "smallest channel std", "largest channel std"),
                (_whole("without BN", without_bn), _whole("with BN", with_bn)),
            ),
            Say(
                f"With an input std of {TENFOLD * input_std:g}, {TENFOLD} times yours, the std of "
                f"what the next layer sees is {_times(F.relu(wider), without_bn)} as large without "
                f"BN, and {_times(F.relu(bn(wider)), with_bn)} as large with BN."
            ),
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


def _spread_of_one_channel(*steps: Tensor) -> Histograms:
    """The first channel of each step (N, C, H, W), all over one axis."""
    channels = [step[:, 0] for step in steps]
    low, high = finite_range(torch.cat([each.flatten() for each in channels]))
    names = ("After the convolution", "After BN", "After the ReLU")
    return Histograms(
        "How the values of channel 0 spread",
        tuple(histogram(name, each, low, high) for name, each in zip(names, channels, strict=True)),
    )


def _about_bn(normalized: Tensor) -> str:
    """Mean and standard deviation of the channels of (N, C, H, W)."""
    mean = normalized.mean(dim=(0, 2, 3)).abs().max().item()
    spreads = normalized.std(dim=(0, 2, 3))
    low, high = f"{spreads.min():.2f}", f"{spreads.max():.2f}"
    means = "mean 0" if mean < NOTICEABLE else f"means up to {mean:.1g} away from 0"
    is_less = spreads.min() < 1 - NOTICEABLE
    return (
        f"After BN the channels have {means} and standard deviation "
        f"{low if low == high else f'{low} to {high}'}{WEIGHTY_EPSILON if is_less else ''}."
    )


def _about_relu(normalized: Tensor, activated: Tensor) -> str:
    cut = 100 * (normalized < 0).float().mean().item()
    return (
        f"ReLU sets {cut:.0f} % of the values to 0, so that the next layer sees mean "
        f"{activated.mean():.2f} and standard deviation {activated.std():.2f}."
    )


def _times(spread: Tensor, than: Tensor) -> str:
    return f"{(spread.std() / than.std()).item():.3g} times"


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
