"""Learning rates that suit a network and an optimizer, and ``--recipe fast``; free of torch.

The fast recipe takes the fewest seconds to a good accuracy, on a GPU. Large steps of large
batches, as in the fastest runs on CIFAR-10 (DAWNBench 2018, Page's ResNet-9): Nesterov's
momentum, a rate that climbs for a quarter of the run and falls to zero, and pictures changed
enough that a hundred looks at each are not too many: with smaller squares cut out, CIFAR10Net
knew 95 % of its training images after 32 epochs, and 89 % of the validation images.

How far each image pulls the weights to zero, at the peak rate, is rate / (1 − momentum) · decay /
batch size: 3.9e-6 here. That of Page's ResNet-9 is the same (rate 0.4, decay 5e-4, batches of 512),
and that of airbench94 (Jordan 2024), which takes 9.9 epochs, is 3.3 times as much: 1.3e-5.
"""

from collections.abc import Mapping
from typing import Any

from cnn_tui.data.catalogue import data_info
from cnn_tui.data.records import DataSpec
from cnn_tui.errors import UsageError
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.nets.specs import NetSpec

ADAM_LR, ADAM_LR_DELICATE = 2e-3, 3e-4
"""Peak rates of Adam and AdamW, the smaller one for deep networks without batch norm."""
SGD_LR, SGD_LR_DELICATE = 0.1, 0.01
"""The same of SGD with momentum, for batches of 128: He et al. 2015 (section 4.2) on CIFAR-10,
and Krizhevsky et al. 2012 (section 5)."""
OWN_ADAM_LR, OWN_SGD_LR = 1e-3, 0.03
"""Between the two for networks of the user's own, of which nobody knows how delicate they are."""
SGD_BATCH_SIZE = 128
FEWEST_IMAGES = 20_000
"""With fewer, an epoch of large batches has too few steps to learn much in."""

BATCH_SIZE = 512
LR = 0.4
"""For batches of ``BATCH_SIZE``; it grows and shrinks with them (Goyal et al. 2017)."""

FAST: dict[str, Any] = {
    "epochs": 100,
    "batch_size": BATCH_SIZE,
    "optimizer": "sgd",
    "schedule": "onecycle",
    "warmup": 0.25,
    "weight_decay": 5e-4,
    "label_smoothing": 0.1,
    "cutout": 12,
    "cuda_graphs": True,
}


def default_lr(net: NetSpec, optimizer: str, batch_size: int) -> float:
    """A peak learning rate with which ``net`` learns.

    That of SGD grows and shrinks with the batch size (Goyal et al. 2017).
    """
    if net.is_own:
        adam, rate = OWN_ADAM_LR, OWN_SGD_LR
    elif net.info.needs_small_lr and not net.has_batch_norm:
        adam, rate = ADAM_LR_DELICATE, SGD_LR_DELICATE
    else:
        adam, rate = ADAM_LR, SGD_LR
    if optimizer != "sgd":
        return adam
    return float(f"{rate * batch_size / SGD_BATCH_SIZE:.3g}")


def fast_settings(net: NetSpec, data: DataSpec, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the fast recipe sets for this network and data set, where ``given`` does not.

    Raises UsageError for a network or a data set that it is not made for.
    """
    recipe = None if net.is_own else net.info.fast_recipe
    if recipe is None:
        made_for = " and ".join(info.name for info in all_nets() if info.fast_recipe is not None)
        raise UsageError(
            "The recipe fast is for networks with batch norm that are made for small pictures "
            f"({made_for}): train {net.short_name} without it.",
            fields=("recipe",),
        )
    images = data_info(data).train_size
    if images is not None:
        refuse_few_images(images, data.name)
    return FAST | {"lr": _lr(given)} | dict(recipe)


def refuse_few_images(images: int, name: str) -> None:
    """Raise UsageError where there are too few images to learn from in large batches."""
    if images < FEWEST_IMAGES:
        raise UsageError(
            f"The recipe fast is for data sets of {FEWEST_IMAGES:,} images or more, such as "
            f"cifar10, and {name} has {images:,} to learn from: train without it.",
            fields=("recipe",),
        )


def _lr(given: Mapping[str, Any]) -> float:
    """The peak rate for the batch size in use, or one that Adam stands."""
    if str(given.get("optimizer", "sgd")).casefold() != "sgd":
        return ADAM_LR
    size = given.get("batch_size", BATCH_SIZE)
    return LR * size / BATCH_SIZE if isinstance(size, int) else LR
