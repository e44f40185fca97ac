"""A residual block's shapes and costs: what the skip needs, and what zero weights leave."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.networks.summary import summarize_module
from cnn_tui.analysis.records import shape_text
from cnn_tui.chapter.demos.shared import percent
from cnn_tui.chapter.records import DemoContent, Say, Table, TableCell
from cnn_tui.nets.blocks import ResidualBlock

STEPS = {
    "conv1": "F: conv 3×3",
    "bn1": "F: BN, then ReLU",
    "conv2": "F: conv 3×3",
    "bn2": "F: BN",
    "downsample.0": "skip: conv 1×1",
    "downsample.1": "skip: BN",
}
IMAGES, SIDE = 2, 8
"""What is sent through the blocks whose output is measured; any size would show the same."""


def residual_block(
    in_channels: int = 64, out_channels: int = 128, stride: int = 2, size: int = 32, seed: int = 0
) -> DemoContent:
    """The block that is asked for, step by step; then every kind of skip; then zero weights."""
    torch.manual_seed(seed)
    yours = _summary(in_channels, out_channels, stride, size)
    in_skip = _skip_parameters(yours)
    changes = (in_channels, 1) != (out_channels, stride)
    zeroed = _zeroed(in_channels, *((out_channels, stride) if changes else (2 * in_channels, 2)))
    return DemoContent(
        blocks=(
            _steps(yours),
            Say(_about_skip(yours)),
            _kinds(in_channels, size),
            Table(
                "Every weight of F(x) set to zero, and random images sent through: measured",
                ("block", "gives", "largest difference"),
                tuple((block, gives, gap) for block, gives, gap in zeroed),
            ),
            Say(
                "With zero weights a block with a free skip does nothing to an input that came "
                "out of a ReLU, so a deeper network can begin as a shallower one; a plain block "
                f"wipes the signal out. {_try(in_channels, changes)}"
            ),
        ),
        figures={
            "parameters": yours.total_parameters,
            "skip_parameters": in_skip,
            "skip_percent": percent(in_skip, yours.total_parameters),
            "identity_difference": zeroed[0][-1],
            "projection_difference": zeroed[1][-1],
            "plain_difference": zeroed[2][-1],
        },
    )


def _try(in_channels: int, changes: bool) -> str:
    if changes:
        return f"Try stride = 1 and out channels = {in_channels}: then the skip costs nothing."
    return "Try stride = 2: then x no longer fits F(x)."


def _summary(in_channels: int, out_channels: int, stride: int, size: int) -> NetSummary:
    with torch.device("meta"):
        block = ResidualBlock(in_channels, out_channels, stride)
    shape = (in_channels, size, size)
    return summarize_module(block, shape, net_name="block", title="The block")


def _steps(block: NetSummary) -> Table:
    rows: list[tuple[TableCell, ...]] = [("x", shape_text(block.input_shape), 0)]
    rows += [
        (_step(layer), shape_text(layer.output_shape), layer.parameters) for layer in block.layers
    ]
    if not _skip_parameters(block):
        rows.append(("skip: x as it is", shape_text(block.input_shape), 0))
    rows.append(("ReLU(F(x) + skip)", shape_text(block.output_shape), block.total_parameters))
    return Table(
        "Your block; its last row has all parameters", ("step", "output", "parameters"), tuple(rows)
    )


def _step(layer: LayerSummary) -> str:
    stride = layer.window[1] if layer.window else 1
    return STEPS[layer.name] + (f", stride {stride}" if stride > 1 else "")


def _about_skip(block: NetSummary) -> str:
    before, after = shape_text(block.input_shape), shape_text(block.output_shape)
    in_skip = _skip_parameters(block)
    if not in_skip:
        return f"x and F(x) are both {after}: they can be added as they are, and the skip is free."
    return (
        f"x is {before} and F(x) {after}: their shapes differ. A 1×1 convolution, the "
        f"projection, brings x to that of F(x), for {in_skip:,} parameters, "
        f"{percent(in_skip, block.total_parameters):g} % of the block."
    )


def _kinds(channels: int, size: int) -> Table:
    settings = [(out, stride) for out in (channels, 2 * channels) for stride in (1, 2)]
    return Table(
        f"When the skip needs a projection, for x of {channels}×{size}×{size}",
        ("channels", "stride", "F(x)", "skip", "parameters", "in the skip"),
        tuple(_kind(channels, *each, size) for each in settings),
    )


def _kind(channels: int, out_channels: int, stride: int, size: int) -> tuple[TableCell, ...]:
    block = _summary(channels, out_channels, stride, size)
    in_skip = _skip_parameters(block)
    return (
        f"{channels} → {out_channels}",
        stride,
        shape_text(block.output_shape),
        "conv 1×1, BN" if in_skip else "free",
        block.total_parameters,
        in_skip,
    )


def _skip_parameters(block: NetSummary) -> int:
    return sum(each.parameters for each in block.layers if each.name.startswith("downsample"))


@torch.no_grad()
def _zeroed(
    channels: int, out_channels: int, stride: int
) -> tuple[tuple[str, str, float], tuple[str, str, float], tuple[str, str, float]]:
    """Blocks with zero weights in F, what each should give, and the largest difference to that."""
    x = torch.randn(IMAGES, channels, SIDE, SIDE)
    free = _without_weights(ResidualBlock(channels, channels))
    projecting = _without_weights(ResidualBlock(channels, out_channels, stride))
    plain = _without_weights(ResidualBlock(channels, channels, skip=False))
    assert projecting.downsample is not None
    return (
        ("free skip", "ReLU(x)", _difference(free(x), F.relu(x))),
        (
            "projection",
            "ReLU(projection of x)",
            _difference(projecting(x), F.relu(projecting.downsample(x))),
        ),
        ("no skip", "0", _difference(plain(x), torch.zeros_like(x))),
    )


def _without_weights(block: ResidualBlock) -> ResidualBlock:
    for conv in (block.conv1, block.conv2):
        nn.init.zeros_(conv.weight)
    return block


def _difference(a: Tensor, b: Tensor) -> float:
    return (a - b).abs().max().item()
