"""The one way to make a network by name."""

from collections.abc import Callable
from functools import partial

from torch import nn

from cnn_tui.errors import UsageError
from cnn_tui.nets import torchvision_nets
from cnn_tui.nets.alexnet import AlexNet
from cnn_tui.nets.catalogue import OptionValue, checked_options, parse_net, refuse_image_size
from cnn_tui.nets.cifar10net import CIFAR10Net
from cnn_tui.nets.dropout_cnn import CNNWithDropout
from cnn_tui.nets.lenet5 import LeNet5
from cnn_tui.nets.resnet import resnet18, resnet34, resnet50
from cnn_tui.nets.simple_resnet import SimpleResNet
from cnn_tui.nets.vgg import vgg11, vgg13, vgg16, vgg19, vggcifar

FACTORIES: dict[str, Callable[..., nn.Module]] = {
    "lenet5": LeNet5,
    "alexnet": AlexNet,
    "vgg11": vgg11,
    "vgg13": vgg13,
    "vgg16": vgg16,
    "vgg19": vgg19,
    "vggcifar": vggcifar,
    "googlenet": torchvision_nets.googlenet,
    "dropoutcnn": CNNWithDropout,
    "resnet18": resnet18,
    "resnet34": resnet34,
    "resnet50": resnet50,
    "simpleresnet": SimpleResNet,
    "cifar10net": CIFAR10Net,
    "densenet121": torchvision_nets.densenet121,
    **{
        f"efficientnet_b{scale}": partial(torchvision_nets.efficientnet, scale)
        for scale in range(8)
    },
    "vit_b_16": torchvision_nets.vit_b_16,
}


def build(
    name: str,
    *,
    num_classes: int | None = None,
    in_channels: int | None = None,
    image_size: int | None = None,
    **options: OptionValue,
) -> nn.Module:
    """A freshly initialised network that maps (N, C, H, W) to logits (N, num_classes).

    ``name`` may be a specification, such as ``vgg16,batch_norm=true``; options
    given by keyword win. What is not given is the network's native value.
    ``image_size`` is the side of its square input, in pixels. Raises UsageError
    for an unknown name or option, for a value that it cannot take, and for a
    size that the network cannot take. On the meta device no numbers are drawn.
    """
    info, written = parse_net(name)
    settings = info.defaults | written | checked_options(info, options)
    num_classes = num_classes if num_classes is not None else info.num_classes
    in_channels = in_channels if in_channels is not None else info.in_channels
    image_size = image_size if image_size is not None else info.image_size
    if num_classes < 1 or in_channels < 1:
        raise UsageError(
            f"{info.title} needs at least 1 class and 1 input channel, "
            f"not {num_classes} and {in_channels}."
        )
    refuse_image_size(info, settings, image_size)
    return FACTORIES[info.name](
        num_classes=num_classes, in_channels=in_channels, image_size=image_size, **settings
    )
