"""Global average pooling: any size in, one number a channel out."""

import torch
from torch import nn

from cnn_tui.analysis.records import shape_text
from cnn_tui.chapter.demos.shared import rows_of
from cnn_tui.chapter.records import DemoContent, Grid, Say, Table

SIZES = ((4, 4), (7, 7), (14, 14), (9, 5))


def global_average(channels: int = 512, classes: int = 10) -> DemoContent:
    """Pool maps of several sizes, and count what the classifier behind them costs."""
    gap = nn.AdaptiveAvgPool2d(1)
    rows = []
    for height, width in SIZES:
        features = torch.zeros(2, channels, height, width)
        flat = features.flatten(1)
        pooled = gap(features).flatten(1)
        with_flatten = _linear_parameters(flat.shape[1], classes)
        with_gap = _linear_parameters(pooled.shape[1], classes)
        rows.append((shape_text(features.shape), shape_text(pooled.shape), with_flatten, with_gap))

    one_channel = torch.tensor([[0.0, 1, 0], [2, 6, 2], [0, 1, 0]])
    mean = gap(one_channel[None, None]).item()
    return DemoContent(
        blocks=(
            Table(
                f"Parameters of the linear layer to {classes} classes",
                ("feature map", "after GAP", "with flatten", "with GAP"),
                tuple(rows),
            ),
            Grid("One channel", rows_of(one_channel)),
            Say(
                f"GAP makes one number of it, its mean: {mean:.4f}. Pooling itself has no "
                "parameters, and the layer behind it is the same for every input size."
            ),
        ),
        figures={
            "flatten_parameters_7x7": rows[1][2],
            "gap_parameters": rows[1][3],
            "mean": mean,
        },
    )


def _linear_parameters(inputs: int, classes: int) -> int:
    layer = nn.Linear(inputs, classes, device="meta")  # counted, never filled
    return sum(parameter.numel() for parameter in layer.parameters())
