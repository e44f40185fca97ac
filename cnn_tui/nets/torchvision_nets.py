"""The networks that come from torchvision: GoogLeNet, DenseNet, EfficientNet, ViT.

All of them start from random weights. torchvision costs seconds to import, so
each factory imports it when it is called.
"""

import math
from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

Initialize = Callable[[Tensor], object]
"""Draws a weight's numbers in place."""


def googlenet(
    num_classes: int = 1000,
    in_channels: int = 3,
    image_size: int = 224,
    aux_logits: bool = False,
) -> nn.Module:
    """GoogLeNet (Szegedy et al. 2014, table 1), with batch norm, as torchvision has it.

    With ``aux_logits`` it carries the two auxiliary heads of section 5, and
    returns (logits, auxiliary logits, auxiliary logits) in training mode.
    """
    from torchvision.models import googlenet as make

    del image_size  # global average pooling takes any size
    net: nn.Module = make(
        weights=None, num_classes=num_classes, aux_logits=aux_logits, init_weights=True
    )
    return _taking(net, "conv1.conv", in_channels, partial(nn.init.trunc_normal_, std=0.01))


def densenet121(num_classes: int = 1000, in_channels: int = 3, image_size: int = 224) -> nn.Module:
    """DenseNet-121 (Huang et al. 2017, table 1)."""
    from torchvision.models import densenet121 as make

    del image_size  # global average pooling takes any size
    net: nn.Module = make(weights=None, num_classes=num_classes)
    return _taking(net, "features.conv0", in_channels, nn.init.kaiming_normal_)


def efficientnet(
    scale: int, *, num_classes: int = 1000, in_channels: int = 3, image_size: int = 224
) -> nn.Module:
    """EfficientNet-B0 to B7 (Tan and Le 2019), by ``scale`` 0 to 7."""
    from torchvision import models

    del image_size  # global average pooling takes any size
    make: Callable[..., nn.Module] = getattr(models, f"efficientnet_b{scale}")
    net = make(weights=None, num_classes=num_classes)
    draw = partial(nn.init.kaiming_normal_, mode="fan_out")
    return _taking(net, "features.0.0", in_channels, draw)


def vit_b_16(
    num_classes: int = 1000, in_channels: int = 3, image_size: int = 224, patch_size: int = 16
) -> nn.Module:
    """ViT-B (Dosovitskiy et al. 2020, table 1), whose patches are 16×16 unless told otherwise."""
    from torchvision.models import VisionTransformer

    net: nn.Module = VisionTransformer(
        image_size=image_size,
        patch_size=patch_size,
        num_layers=12,
        num_heads=12,
        hidden_dim=768,
        mlp_dim=3072,
        num_classes=num_classes,
    )
    std = math.sqrt(1 / (in_channels * patch_size**2))
    return _taking(net, "conv_proj", in_channels, partial(nn.init.trunc_normal_, std=std))


def _taking(net: nn.Module, first: str, in_channels: int, initialize: Initialize) -> nn.Module:
    """``net`` with a first convolution for ``in_channels``, its weights drawn as torchvision does.

    torchvision builds its networks for three channels only.
    """
    conv = net.get_submodule(first)
    assert isinstance(conv, nn.Conv2d)
    if conv.in_channels != in_channels:
        conv.in_channels = in_channels
        shape = conv.out_channels, in_channels, *conv.kernel_size
        conv.weight = nn.Parameter(conv.weight.new_empty(shape))
        initialize(conv.weight)
    return net
