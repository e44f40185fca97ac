"""One image through LeNet-5, stage by stage, and the network of 1998 beside today's."""

import torch
from torch import Tensor
from torch.nn import functional as F

from cnn_tui.analysis.images import load_image
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.summary import summarize
from cnn_tui.analysis.records import shape_text
from cnn_tui.analysis.trained import Preparation
from cnn_tui.chapter.demos.shared import channel_labels, mosaic, percent, sees, stretched
from cnn_tui.chapter.records import DemoContent, Say, Table, TableCell, Tiles
from cnn_tui.nets.lenet5 import LeNet5

STAGES = {
    "conv1": "convolution 5×5",
    "pool1": "average pooling 2×2",
    "conv2": "convolution 5×5",
    "pool2": "average pooling 2×2",
    "fc1": "fully connected",
    "fc2": "fully connected",
    "fc3": "fully connected",
}

CONNECTED_MAPS = 6 * [3] + 9 * [4] + [6]
"""How many of the six maps each map of C3 saw in 1998 (LeCun et al. 1998, table I)."""
LAYERS_OF_1998 = {
    "C1, convolution": (5 * 5 + 1) * 6,
    "S2, subsampling": 2 * 6,
    "C3, convolution": sum(5 * 5 * maps + 1 for maps in CONNECTED_MAPS),
    "S4, subsampling": 2 * 16,
    "C5, 120 units": (16 * 5 * 5 + 1) * 120,
    "F6, 84 units": (120 + 1) * 84,
    "output, 10 units": 0,
}
"""Trainable parameters: a subsampling had a scale and a shift per map, the output had none."""


@torch.no_grad()
def lenet5_tour(
    image: str = "digit", image_size: int = 28, activation: str = "relu", seed: int = 0
) -> DemoContent:
    """Follow ``image``, brought to ``image_size`` pixels a side, through fresh weights."""
    torch.manual_seed(seed)
    net = LeNet5(image_size=image_size, activation=activation)
    title, pixels = load_image(image)
    x = Preparation(in_channels=1, image_size=image_size, mean=(0.0,), std=(1.0,))(pixels[None])
    first = net.pool1(net.activation(net.conv1(x)))
    second = net.pool2(net.activation(net.conv2(first)))
    chances = net(x).softmax(1)[0]

    net_summary = summarize("lenet5", (1, image_size, image_size))
    parameters = {layer.name: layer.parameters for layer in net_summary.layers}
    total = net_summary.total_parameters
    decides = percent(sum(parameters[name] for name in ("fc1", "fc2", "fc3")), total)
    return DemoContent(
        blocks=(
            _stages(net_summary),
            Say(
                f"The fully connected layers hold {decides:g} % of the parameters, the first of "
                f"them alone {percent(parameters['fc1'], total):g} %; the convolutions, which do "
                f"the seeing, {percent(parameters['conv1'] + parameters['conv2'], total):g} %."
            ),
            _seen(title, x, first),
            mosaic(
                "The 16 maps after the second pooling",
                stretched(second[0]),
                8,
                channel_labels(len(second[0])),
            ),
            Say(
                f"{_about_maps(first[0], second[0])} The weights are fresh: they answer with "
                f"probabilities from {100 * chances.min().item():.1f} to "
                f"{100 * chances.max().item():.1f} %, where guessing gives "
                f"{100 / len(chances):.0f} % to each."
            ),
            _beside_1998(parameters),
            Say(
                "Mind the gap: the network of 1998 took 32×32 images and squashed with a scaled "
                "tanh; its subsampling was trained, and C3 saw only some of the maps of S2. Try "
                f"image size = {28 if image_size == 32 else 32}: of the layers' counts here, "
                "only that in the row of C5 changes."
            ),
        ),
        figures={
            **parameters,
            "parameters": total,
            "fully_connected_percent": decides,
            "parameters_1998": sum(LAYERS_OF_1998.values()),
            "highest_percent": 100 * chances.max().item(),
        },
    )


def _about_maps(*stages: Tensor) -> str:
    """How the maps (C, H, W) are drawn, and how many of them have nothing to stretch."""
    flat = sum(int((each.amax((1, 2)) == each.amin((1, 2))).sum()) for each in stages)
    told = "Every map is stretched from its darkest to its brightest value."
    if not flat:
        return told
    return f"{told} {flat} of {sum(map(len, stages))} hold one value throughout: they are black."


def _stages(summary: NetSummary) -> Table:
    rows: list[tuple[TableCell, ...]] = [
        (STAGES[layer.name], shape_text(layer.output_shape), sees(layer), layer.parameters)
        for layer in summary.layers
    ]
    return Table(
        f"LeNet-5 on {shape_text(summary.input_shape)} pixels",
        ("layer", "output", "one output number sees", "parameters"),
        (*rows, ("together", "", "", summary.total_parameters)),
    )


def _seen(title: str, x: Tensor, maps: Tensor) -> Tiles:
    """The image, made as small as its maps, and the maps."""
    side = maps.shape[-1]
    small = (255 * F.adaptive_avg_pool2d(x, side)).round().byte()
    return mosaic(
        f"{title}, then its six maps after the first pooling",
        torch.cat([small, stretched(maps[0])]),
        per_row=4,
        labels=("image", *channel_labels(len(maps[0]))),
    )


def _beside_1998(parameters: dict[str, int]) -> Table:
    rows = [
        (name, then, now)
        for (name, then), now in zip(LAYERS_OF_1998.items(), parameters.values(), strict=True)
    ]
    together = ("together", sum(LAYERS_OF_1998.values()), sum(parameters.values()))
    return Table("Trainable parameters", ("layer of 1998", "1998", "here"), (*rows, together))
