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


def about_hidden_layers(net: nn.Module) -> str:
    """Why the first layer may not be the one that was looked at; nothing where it must be."""
    registered = set(net.modules())
    for path, module in net.named_modules():
        for name, value in vars(module).items():
            kind = next((each for each in (list, tuple, dict) if isinstance(value, each)), None)
            if kind is None or name.startswith("_"):
                continue
            inside = value.values() if isinstance(value, dict) else value
            if any(isinstance(each, nn.Module) and each not in registered for each in inside):
                place = f"{path}.{name}".lstrip(".")
                remedy = "nn.ModuleDict" if kind is dict else "nn.ModuleList"
                return (
                    f"{place} is a Python {kind.__name__}, which registers none of its layers, so "
                    f"the first layer may be one of them: use {remedy}, or give the input shape."
                )
    return ""


def _square_image(features: int) -> Shape | None:
    """The gray or RGB image of that many numbers, or None where there is none."""
    for channels in (1, 3):
        side = math.isqrt(features // channels)
        if channels * side * side == features and side > 1:
            return channels, side, side
    return None
