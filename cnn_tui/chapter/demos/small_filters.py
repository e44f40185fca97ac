"""VGG's argument: two 3×3 convolutions see as much as one 5×5, and cost less."""

import torch
from torch import nn

from cnn_tui.chapter.records import DemoContent, Say, Table

TWO_SMALL, ONE_LARGE = (3, 3), (5,)
"""Kernel sizes, one after the other."""


def small_filters(channels: int = 64) -> DemoContent:
    """Count parameters, and measure what one output pixel sees."""
    small, large = _parameters(TWO_SMALL, channels), _parameters(ONE_LARGE, channels)
    small_side, large_side = _receptive_side(TWO_SMALL), _receptive_side(ONE_LARGE)
    saved = 100 * (1 - small / large)
    return DemoContent(
        blocks=(
            Table(
                f"{channels} channels in, {channels} channels out, no bias",
                ("", "parameters", "receptive field", "ReLUs"),
                (
                    ("3×3 twice", small, f"{small_side}×{small_side}", 2),
                    ("5×5 once", large, f"{large_side}×{large_side}", 1),
                ),
            ),
            Say(
                f"The same view with {saved:.0f} % fewer parameters: 9 + 9 = 18 weights against 25 "
                "for each pair of an input and an output channel, and one more ReLU between."
            ),
        ),
        figures={
            "two_small": small,
            "one_large": large,
            "saved_percent": saved,
            "small_side": small_side,
            "large_side": large_side,
        },
    )


def _convolutions(kernel_sizes: tuple[int, ...], channels: int) -> nn.Sequential:
    return nn.Sequential(
        *(nn.Conv2d(channels, channels, size, padding="same", bias=False) for size in kernel_sizes)
    )


def _parameters(kernel_sizes: tuple[int, ...], channels: int) -> int:
    net = _convolutions(kernel_sizes, channels)
    return sum(parameter.numel() for parameter in net.parameters())


def _receptive_side(kernel_sizes: tuple[int, ...]) -> int:
    """How many pixels of a row reach the center of the output: its non-zero gradients."""
    net = _convolutions(kernel_sizes, channels=1)
    for parameter in net.parameters():
        nn.init.ones_(parameter)  # so that no two paths cancel
    x = torch.ones(1, 1, 15, 15, requires_grad=True)
    (gradient,) = torch.autograd.grad(net(x)[0, 0, 7, 7], x)
    return int((gradient[0, 0, 7] != 0).sum())
