"""AlexNet in numbers, without its 250 MB of weights: sizes, parameters, and its three versions.

On torch's meta device a layer has shapes and counts, but no numbers in memory.
"""

from itertools import count, pairwise

import torch
from torch import nn

from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.networks.summary import summarize_module
from cnn_tui.analysis.records import shape_text
from cnn_tui.chapter.demos.shared import percent
from cnn_tui.chapter.records import DemoContent, Say, Table, TableCell
from cnn_tui.errors import UsageError
from cnn_tui.nets.alexnet import AlexNet

FIRST_KERNEL, FIRST_STRIDE = 11, 4
KERNELS = (FIRST_KERNEL, 5, 3, 3, 3)
OWN_PADDING = 2
"""Of the first layer of the lab's AlexNet."""
TOLD_SIZES = ((224, 0), (224, OWN_PADDING), (227, 0))
"""Input side and padding, as they are told in papers, courses and code."""

VERSIONS = {
    "paper, cut in two": ((96, 256, 384, 384, 256), (1, 2, 1, 2, 2)),
    "one device, as here": ((96, 256, 384, 384, 256), (1, 1, 1, 1, 1)),
    "torchvision's alexnet": ((64, 192, 384, 256, 256), (1, 1, 1, 1, 1)),
}
"""Channels of the five convolutions, and into how many groups each is cut."""


def alexnet_tour(image_size: int = 224, padding: int = 2) -> DemoContent:
    """Every layer for an image of that side, with that padding in the first layer."""
    _refuse_too_small(image_size, padding)
    summary = _summary(image_size, padding)
    layers = {layer.name: layer for layer in summary.layers}
    decides = [layer for layer in summary.layers if layer.type == "Linear"]
    in_fc = sum(layer.parameters for layer in decides)
    fc_macs = sum(layer.macs for layer in decides)
    fc_percent = percent(in_fc, summary.total_parameters)
    conv_mac_percent = percent(summary.total_macs - fc_macs, summary.total_macs)
    megabytes = 4 * summary.total_parameters / 1e6
    versions = {name: _version_parameters(*version) for name, version in VERSIONS.items()}
    return DemoContent(
        blocks=(
            _sizes(image_size, padding),
            Say(
                "A division with a remainder leaves out the last rows and columns. The paper's "
                "224 without padding gives 54, not the paper's own 55; 227 fits exactly, and a "
                f"padding of {OWN_PADDING}, the lab's, makes 55 of 224 too."
            ),
            _layers(summary),
            Say(
                f"The convolutions do {conv_mac_percent:g} % of the multiplications; the three "
                f"fully connected layers hold {fc_percent:g} % of the parameters. As float32 all "
                f"parameters take {megabytes:.0f} MB, and training with Adam four times that: "
                "weights, gradients and two running means. Nothing of it was built to count it."
            ),
            _versions(versions),
            Say(
                "Mind the gap: all three are called AlexNet. Cut in two groups, a convolution "
                "sees half of the channels and has half the weights. Try image size = "
                f"{_another_size(image_size, padding)}: of all layers only the first fully "
                "connected one changes its count."
            ),
        ),
        figures={
            "parameters": summary.total_parameters,
            "grouped_parameters": versions["paper, cut in two"],
            "torchvision_parameters": versions["torchvision's alexnet"],
            "fc_million": in_fc / 1e6,
            "fc_percent": fc_percent,
            "first_fc_parameters": decides[0].parameters,
            "conv_mac_percent": conv_mac_percent,
            "first_side": layers["features.0"].output_shape[-1],
            "last_side": layers["features.12"].output_shape[-1],
            "megabytes": megabytes,
        },
    )


def _refuse_too_small(image_size: int, padding: int) -> None:
    if image_size >= _smallest(padding):
        return
    raise UsageError(
        f"Of {image_size}×{image_size} pixels with padding {padding} nothing is left after the "
        f"poolings: give an image_size of {_smallest(padding)} or more."
    )


def _another_size(image_size: int, padding: int) -> str:
    """A size whose last map has another side, so that the first fully connected layer changes."""
    smallest = _smallest(padding)
    is_as_small = _sides(image_size, padding)[-1] == _sides(smallest, padding)[-1]
    return "224" if is_as_small else f"{smallest}, the smallest"


def _smallest(padding: int) -> int:
    """The side of the smallest image of which the last pooling leaves something."""
    return next(side for side in count(1) if _sides(side, padding)[-1] >= 1)


def _sides(image_size: int, padding: int) -> tuple[int, int, int, int]:
    """The map's side after the first convolution and after each of the three poolings."""
    side = (image_size + 2 * padding - FIRST_KERNEL) // FIRST_STRIDE + 1
    first = (side - 3) // 2 + 1
    second = (first - 3) // 2 + 1
    return side, first, second, (second - 3) // 2 + 1


def _summary(image_size: int, padding: int) -> NetSummary:
    # The network sizes its first fully connected layer for its own padding.
    fits = image_size + 2 * (padding - OWN_PADDING)
    with torch.device("meta"):
        net = AlexNet(image_size=fits)
        net.features[0] = nn.Conv2d(3, 96, FIRST_KERNEL, FIRST_STRIDE, padding)
    shape = (3, image_size, image_size)
    return summarize_module(net, shape, net_name="alexnet", title="AlexNet")


def _sizes(image_size: int, padding: int) -> Table:
    return Table(
        "Side of the map: (image + 2·padding − 11) / 4 + 1, then pooled; yours is last",
        ("image", "padding", "formula", "conv 1", "pool 1", "pool 2", "pool 5"),
        tuple(_size_row(*each) for each in (*TOLD_SIZES, (image_size, padding))),
    )


def _size_row(image_size: int, padding: int) -> tuple[TableCell, ...]:
    exact = (image_size + 2 * padding - FIRST_KERNEL) / FIRST_STRIDE + 1
    return image_size, padding, f"{exact:g}", *_sides(image_size, padding)


def _layers(summary: NetSummary) -> Table:
    rows: list[tuple[TableCell, ...]] = []
    for layer in summary.layers:
        if layer.type in ("Conv2d", "MaxPool2d", "Linear"):
            share = percent(layer.parameters, summary.total_parameters)
            millions = round(layer.macs / 1e6)
            rows.append(
                (_kind(layer), shape_text(layer.output_shape), layer.parameters, share, millions)
            )
    together = ("together", "", summary.total_parameters, 100.0, round(summary.total_macs / 1e6))
    return Table(
        f"Layers for {shape_text(summary.input_shape)} pixels; MMACs are million "
        "multiply-accumulates",
        ("layer", "output", "parameters", "% of all", "MMACs"),
        (*rows, together),
    )


def _kind(layer: LayerSummary) -> str:
    if layer.window is None:
        return "fully connected"
    kernel, stride, *_ = layer.window
    name = "convolution" if layer.type == "Conv2d" else "max pooling"
    return f"{name} {kernel}×{kernel}" + (f", stride {stride}" if stride > 1 else "")


def _versions(versions: dict[str, int]) -> Table:
    return Table(
        "Three networks of that name, for 1,000 classes",
        ("version", "channels", "parameters"),
        tuple(
            (name, "-".join(map(str, VERSIONS[name][0])), parameters)
            for name, parameters in versions.items()
        ),
    )


def _version_parameters(channels: tuple[int, ...], groups: tuple[int, ...]) -> int:
    with torch.device("meta"):
        layers: list[nn.Module] = [
            nn.Conv2d(inputs, outputs, kernel, groups=group)
            for (inputs, outputs), kernel, group in zip(
                pairwise((3, *channels)), KERNELS, groups, strict=True
            )
        ]
        widths = (channels[-1] * 6 * 6, 4096, 4096, 1000)
        layers += [nn.Linear(*pair) for pair in pairwise(widths)]
    return sum(each.numel() for layer in layers for each in layer.parameters())
