"""What torchvision publishes of its trained weights, for the networks that are the very same.

Its AlexNet is missing: it has other channels than the lab's (see ``alexnet.py``). A test
holds all of it equal to what the installed torchvision says.
"""

from collections.abc import Iterable

from cnn_tui.nets.records import WEIGHTS, ImageNetAccuracy, NetInfo

REFERENCES = "https://github.com/pytorch/vision/tree/main/references/classification#"
SIMPLIFIED = ("simplified training recipe", f"{REFERENCES}alexnet-and-vgg")
SIMPLE = ("simple training recipe", f"{REFERENCES}resnet")
FROM_LUATORCH = ("ported from LuaTorch", "https://github.com/pytorch/vision/pull/116")
DEIT = ("modified DeiT recipe", f"{REFERENCES}vit_b_16")
PAPER = "ported from the original paper"

ACCURACY = {
    "vgg11": ImageNetAccuracy(69.02, 224, *SIMPLIFIED),
    "vgg13": ImageNetAccuracy(69.928, 224, *SIMPLIFIED),
    "vgg16": ImageNetAccuracy(71.592, 224, *SIMPLIFIED),
    "vgg19": ImageNetAccuracy(72.376, 224, *SIMPLIFIED),
    "googlenet": ImageNetAccuracy(69.778, 224, PAPER, f"{REFERENCES}googlenet"),
    "resnet18": ImageNetAccuracy(69.758, 224, *SIMPLE),
    "resnet34": ImageNetAccuracy(73.314, 224, *SIMPLE),
    "resnet50": ImageNetAccuracy(76.13, 224, *SIMPLE),
    "densenet121": ImageNetAccuracy(74.434, 224, *FROM_LUATORCH),
    **{
        f"efficientnet_b{scale}": ImageNetAccuracy(
            top1, crop, PAPER, f"{REFERENCES}efficientnet-v1"
        )
        for scale, (top1, crop) in enumerate(
            (
                (77.692, 224),
                (78.642, 240),
                (80.608, 288),
                (82.008, 300),
                (83.384, 380),
                (83.444, 456),
                (84.008, 528),
                (84.122, 600),
            )
        )
    },
    "vit_b_16": ImageNetAccuracy(81.072, 224, *DEIT),
}
"""Network → accuracy of the weights IMAGENET1K_V1."""


def about_accuracy(nets: Iterable[NetInfo]) -> str:
    """What the accuracies of these networks are, and by which recipe each family got them."""
    published = [(net, net.accuracy) for net in nets if net.accuracy is not None]
    recipes = dict.fromkeys(f"{net.family}: {accuracy.recipe}" for net, accuracy in published)
    crops = [
        f"{net.title} was measured on {accuracy.crop} pixels, not {net.image_size}."
        for net, accuracy in published
        if accuracy.crop != net.image_size
    ]
    told = (
        "Top-1: accuracy on ImageNet's validation images in percent, one crop each, as "
        f"torchvision publishes it for its weights {WEIGHTS}. They were trained by different "
        f"recipes, so it does not compare architectures alone. {'; '.join(recipes)}."
    )
    return " ".join((told, *crops)) if published else ""


def top1_text(net: NetInfo) -> str:
    """``76.1``; a dash where nothing is published of this very network."""
    return f"{net.accuracy.top1_percent:.1f}" if net.accuracy else "–"
