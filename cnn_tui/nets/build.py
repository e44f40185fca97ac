"""The one way to make a network by name."""

from collections.abc import Callable

from torch import nn

from cnn_tui.errors import UsageError
from cnn_tui.nets.alexnet import AlexNet
from cnn_tui.nets.catalogue import NetInfo, net_info
from cnn_tui.nets.cifar10net import CIFAR10Net
from cnn_tui.nets.lenet5 import LeNet5
from cnn_tui.nets.simple_resnet import SimpleResNet
from cnn_tui.nets.vgg import vgg16

FACTORIES: dict[str, Callable[..., nn.Module]] = {
    "lenet5": LeNet5,
    "alexnet": AlexNet,
    "vgg16": vgg16,
    "simpleresnet": SimpleResNet,
    "cifar10net": CIFAR10Net,
}


def build(
    name: str,
    *,
    num_classes: int | None = None,
    in_channels: int | None = None,
    image_size: int | None = None,
) -> nn.Module:
    """A freshly initialised network that maps (N, C, H, W) to logits (N, num_classes).

    What is not given is the network's native value. ``image_size`` is the side
    of its square input, in pixels. Raises UsageError for an unknown name and for
    a size that the network cannot take.
    """
    info = net_info(name)
    num_classes = num_classes if num_classes is not None else info.num_classes
    in_channels = in_channels if in_channels is not None else info.in_channels
    image_size = image_size if image_size is not None else info.image_size
    _refuse_impossible(info, num_classes, in_channels, image_size)
    return FACTORIES[info.name](
        num_classes=num_classes, in_channels=in_channels, image_size=image_size
    )


def _refuse_impossible(info: NetInfo, num_classes: int, in_channels: int, image_size: int) -> None:
    if num_classes < 1 or in_channels < 1:
        raise UsageError(
            f"{info.title} needs at least 1 class and 1 input channel, "
            f"not {num_classes} and {in_channels}."
        )
    if image_size < info.min_image_size:
        raise UsageError(
            f"{info.title} cannot take {image_size}×{image_size} images: nothing would be left "
            f"of the feature map. The smallest size that works is {info.min_image_size}."
        )
