"""What the lab knows about each network without importing torch.

Names follow torchvision's spelling where it has one. Sizes are those of the
paper or, for nets of the chapter, those the chapter uses.
"""

from dataclasses import dataclass

from cnn_tui.names import match


@dataclass(frozen=True)
class NetInfo:
    """One network: where it comes from, what it eats, what it costs.

    ``parameters`` counts the net at its native input with ``num_classes``
    outputs; ``macs`` are multiply-accumulates of one image at that size.
    """

    name: str
    title: str
    year: int
    authors: str
    paper: str
    idea: str
    in_channels: int
    image_size: int
    min_image_size: int
    num_classes: int
    parameters: int
    macs: int


NETS: tuple[NetInfo, ...] = (
    NetInfo(
        name="lenet5",
        title="LeNet-5",
        year=1998,
        authors="LeCun, Bottou, Bengio, Haffner",
        paper="Gradient-Based Learning Applied to Document Recognition",
        idea="Learn the filters: convolution, pooling, then fully connected layers.",
        in_channels=1,
        image_size=28,
        min_image_size=16,
        num_classes=10,
        parameters=44_426,
        macs=281_640,
    ),
    NetInfo(
        name="alexnet",
        title="AlexNet",
        year=2012,
        authors="Krizhevsky, Sutskever, Hinton",
        paper="ImageNet Classification with Deep Convolutional Neural Networks",
        idea="Go big on GPUs: ReLU, dropout, augmentation, 62 million parameters.",
        in_channels=3,
        image_size=224,
        min_image_size=63,
        num_classes=1000,
        parameters=62_378_344,
        macs=1_135_256_096,
    ),
    NetInfo(
        name="vgg16",
        title="VGG-16",
        year=2014,
        authors="Simonyan, Zisserman",
        paper="Very Deep Convolutional Networks for Large-Scale Image Recognition",
        idea="Only 3×3 filters, stacked: a large view from small, cheap steps.",
        in_channels=3,
        image_size=224,
        min_image_size=32,
        num_classes=1000,
        parameters=138_357_544,
        macs=15_470_264_320,
    ),
    NetInfo(
        name="simpleresnet",
        title="SimpleResNet",
        year=2015,
        authors="after He, Zhang, Ren, Sun",
        paper="Deep Residual Learning for Image Recognition",
        idea="Add the input back: a block learns only what to change.",
        in_channels=3,
        image_size=32,
        min_image_size=1,
        num_classes=10,
        parameters=2_777_674,
        macs=421_202_432,
    ),
    NetInfo(
        name="cifar10net",
        title="CIFAR10Net",
        year=2015,
        authors="the chapter's own",
        paper="after VGG (2014), batch norm (2015) and global average pooling (2013)",
        idea="The modern recipe in six convolutions: Conv → BN → ReLU, then GAP.",
        in_channels=3,
        image_size=32,
        min_image_size=8,
        num_classes=10,
        parameters=4_507_722,
        macs=133_895_168,
    ),
)


def names() -> tuple[str, ...]:
    """Every network's name, oldest first."""
    return tuple(net.name for net in NETS)


def net_info(name: str) -> NetInfo:
    """The network that ``name`` means; raises UsageError with the nearest name."""
    found = match(name, names(), "network", "cnn-lab nets")
    return next(net for net in NETS if net.name == found)
