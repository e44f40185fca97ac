"""What a network may take whose inputs nobody named, told from its first layer."""

import math

from torch import nn

from cnn_tui.analysis.networks.input_specs import InputSpec
from cnn_tui.analysis.records import Shape

SIDES = (32, 28, 16, 64, 224)
"""Image sides to try: CIFAR-10, MNIST, small, middling, ImageNet."""
LENGTHS = (1024, 128, 16_000)
"""Lengths of a signal to try; the last is a second of audio."""
VOLUMES = ((16, 32, 32), (16, 112, 112))
"""Depth, height and width of a volume or a clip to try."""
STEPS = 16
"""Tokens, or steps of a sequence."""


def likely_inputs(layer: nn.Module) -> list[InputSpec]:
    """What ``layer`` may be made for, the likeliest first; nothing where it does not tell."""
    match layer:
        case nn.Conv1d() if layer.in_channels:
            return [InputSpec((layer.in_channels, length)) for length in LENGTHS]
        case nn.Conv2d() if layer.in_channels:
            return [InputSpec((layer.in_channels, side, side)) for side in SIDES]
        case nn.Conv3d() if layer.in_channels:
            return [InputSpec((layer.in_channels, *sides)) for sides in VOLUMES]
        case nn.Embedding() | nn.EmbeddingBag():
            return [InputSpec((STEPS,), "int64")]
        case nn.RNNBase():
            return [InputSpec((STEPS, layer.input_size))]
        case nn.Linear() if layer.in_features:
            image = _square_image(layer.in_features)
            return [*([InputSpec(image)] if image else []), InputSpec((layer.in_features,))]
    return []


def _square_image(features: int) -> Shape | None:
    """The gray or RGB image of that many numbers, or None where there is none."""
    for channels in (1, 3):
        side = math.isqrt(features // channels)
        if channels * side * side == features and side > 1:
            return channels, side, side
    return None
