"""The same block with a bias in its convolution and without: batch norm takes it away."""

import torch
from torch import Tensor, nn

from cnn_tui.chapter.records import DemoContent, Say, Table
from cnn_tui.nets.blocks import ConvBNReLU

STEPS = ("convolution", "batch norm", "ReLU")
ROUNDING = 1e-6
"""Of float32, in units of the largest number that is subtracted on the way."""


def conv_bn_relu(bias: float = 5.0, channels: int = 64, seed: int = 0) -> DemoContent:
    """Follow one batch through both blocks, then send a gradient back through the biased one."""
    torch.manual_seed(seed)
    without = ConvBNReLU(3, channels)
    conv = nn.Conv2d(3, channels, kernel_size=3, padding=1)
    weight, shift = without[0].weight, torch.full((channels,), bias)
    conv.load_state_dict({"weight": weight, "bias": shift})
    biased = nn.Sequential(conv, nn.BatchNorm2d(channels), nn.ReLU())

    images = torch.randn(8, 3, 32, 32)
    means_without, out_without = _follow(without, images)
    means_biased, out_biased = _follow(biased, images)
    difference = (out_without - out_biased).abs().max().item()
    to_weight, to_bias = torch.autograd.grad(
        out_biased, tuple(conv.parameters()), torch.randn_like(out_biased)
    )
    return DemoContent(
        blocks=(
            Table(
                f"Mean of all values after each step; the bias is {bias:g}",
                ("after", "without bias", "with bias"),
                tuple(zip(STEPS, means_without, means_biased, strict=True)),
            ),
            Say(_about_difference(difference, bias)),
            Table(
                "Parameters, and the gradient that reaches them",
                ("parameter", "numbers", "gradient norm"),
                (
                    ("convolution weight", conv.weight.numel(), to_weight.norm().item()),
                    ("convolution bias", channels, to_bias.norm().item()),
                ),
            ),
            Say(
                "Batch norm subtracts the bias with the mean, so the bias learns nothing; "
                f"batch norm's own {channels} shifts β do its work."
            ),
        ),
        figures={
            "difference": difference,
            "bias_gradient": to_bias.norm().item(),
            "weight_gradient": to_weight.norm().item(),
            "mean_before_bn": means_biased[0],
            "mean_after_bn": means_biased[1],
            "relu_mean": means_biased[2],
        },
    )


def _about_difference(difference: float, bias: float) -> str:
    if not difference:
        return "The two outputs do not differ at all."
    is_rounding = difference < ROUNDING * (10 + abs(bias))
    return f"The two outputs differ by {difference:.1g} at most{': rounding' * is_rounding}."


def _follow(block: nn.Sequential, x: Tensor) -> tuple[list[float], Tensor]:
    """The mean after each step, and the output."""
    means = []
    for step in block:
        x = step(x)
        means.append(x.mean().item())
    return means, x
