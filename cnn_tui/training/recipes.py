"""``--recipe fast``: the fewest seconds to a good accuracy, on a GPU; free of torch.

Large steps of large batches, as in the fastest runs on CIFAR-10 (DAWNBench 2018,
Page's ResNet-9): Nesterov's momentum, a rate that climbs for a quarter of the run
and falls to zero, and pictures changed enough that a hundred looks at each are
not too many: with smaller squares cut out, CIFAR10Net knew 95 % of its training
images by heart after 32 epochs, and 89 % of the validation images.
"""

from collections.abc import Mapping
from typing import Any

from cnn_tui.data.catalogue import data_info
from cnn_tui.data.records import DataSpec
from cnn_tui.errors import UsageError
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.nets.records import NetInfo

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


def fast_settings(net: NetInfo, data: DataSpec, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the fast recipe sets for this network and data set, where ``given`` does not.

    Raises UsageError for a network or a data set that it is not made for.
    """
    if net.fast_recipe is None:
        made_for = " and ".join(info.name for info in all_nets() if info.fast_recipe is not None)
        raise UsageError(
            "The recipe fast is for networks with batch norm that are made for small pictures "
            f"({made_for}): train {net.name} without it.",
            fields=("recipe",),
        )
    images = data_info(data).train_size
    if images is not None:
        refuse_few_images(images, data.name)
    return FAST | {"lr": _lr(given)} | dict(net.fast_recipe)


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
        return 2e-3
    size = given.get("batch_size", BATCH_SIZE)
    return LR * size / BATCH_SIZE if isinstance(size, int) else LR
