"""A data set in memory: uint8 images and labels, in parts."""

from dataclasses import dataclass

import torch
from torch import Tensor

from cnn_tui.data.records import SkippedFile
from cnn_tui.data.splits import held_out


@dataclass(frozen=True)
class Split:
    """Images (N, C, H, W) as uint8, and labels (N,) as int64, in stratified order."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Prepared:
    """A data set as it is kept: what may be learnt from, and what may only be judged on.

    ``mean`` and ``std`` are per channel, of the training pixels scaled to 0…1.
    """

    classes: tuple[str, ...]
    train: Split
    test: Split
    mean: tuple[float, ...]
    std: tuple[float, ...]
    skipped: tuple[SkippedFile, ...] = ()


@dataclass(frozen=True)
class DataSet:
    """A data set as a run uses it: ``val`` is held out of the training images."""

    name: str
    classes: tuple[str, ...]
    train: Split
    val: Split
    test: Split
    mean: tuple[float, ...]
    std: tuple[float, ...]
    skipped: tuple[SkippedFile, ...] = ()

    @property
    def in_channels(self) -> int:
        """1 for grey images, 3 for coloured ones."""
        return self.train.images.shape[1]

    @property
    def image_size(self) -> int:
        """The side of the stored images."""
        return self.train.images.shape[-1]


def split_tail(split: Split, fraction: float) -> tuple[Split, Split]:
    """The split without its last ``fraction``, and that tail: views, no copies."""
    cut = len(split) - held_out(len(split), fraction)
    return (
        Split(split.images[:cut], split.labels[:cut]),
        Split(split.images[cut:], split.labels[cut:]),
    )


def first_images(split: Split, most: int | None) -> Split:
    """The split's first ``most`` images, or all of them: a view, no copy.

    In the split's stratified order they hold all classes alike.
    """
    return Split(split.images[:most], split.labels[:most])


def with_wrong_labels(split: Split, fraction: float, classes: int, seed: int) -> Split:
    """The split with another label, any of ``classes`` alike, on ``fraction`` of its images."""
    chance = torch.Generator().manual_seed(seed)
    count = round(fraction * len(split))
    chosen = torch.randperm(len(split), generator=chance)[:count]
    shifts = torch.randint(1, classes, (count,), generator=chance)  # 0 would be the right label
    labels = split.labels.clone()
    labels[chosen] = (labels[chosen] + shifts) % classes
    return Split(split.images, labels)
