"""A data set in memory: uint8 images and labels, how they are split, and their statistics.

Every split is a slice of one order of the images, in which those of each class are
shuffled once and spread evenly, so that any tail of it is a stratified sample: the
test images are the tail of the set, the validation images the tail of what is left.
No index lists are kept, and no image is copied.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnn_tui.data.records import SkippedFile

SPLIT_SEED = 0
"""Fixed, so that two runs are always judged on the same images."""
CHUNK = 4096
"""Images counted at a time: the counts need 8 bytes for each pixel of a chunk."""


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


def stratified_order(labels: NDArray[np.int64], seed: int = SPLIT_SEED) -> NDArray[np.int64]:
    """A permutation of ``range(len(labels))`` whose every tail holds all classes alike."""
    # RandomState, not default_rng: numpy promises that its stream never changes.
    random = np.random.RandomState(seed)
    position = np.empty(len(labels))
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        position[members] = (np.arange(len(members)) + 0.5) / len(members)
    return np.lexsort((random.permutation(len(labels)), position)).astype(np.int64)


def held_out(total: int, fraction: float) -> int:
    """How many of ``total`` images a split of ``fraction`` takes: at least one."""
    return max(1, round(total * fraction))


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


def channel_statistics(images: Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and std per channel of uint8 images (N, C, H, W), of pixels scaled to 0…1.

    Over all pixels of all images, from exact counts of the 256 values. (The mean
    of per-image stds, often printed for CIFAR-10, is something else and smaller.)
    A channel that never varies gets a std of 1.
    """
    means, stds = [], []
    values = torch.arange(256, dtype=torch.float64) / 255
    for channel in range(images.shape[1]):
        counts = torch.zeros(256, dtype=torch.float64)
        for part in torch.split(images[:, channel], CHUNK):
            counts += torch.bincount(part.flatten(), minlength=256)
        share = counts / counts.sum()
        mean = (share * values).sum()
        variance = (share * (values - mean) ** 2).sum()
        means.append(float(mean))
        stds.append(float(variance.sqrt()) or 1.0)
    return tuple(means), tuple(stds)
