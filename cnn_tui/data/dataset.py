"""A data set in memory: uint8 images and labels, how they are split, and their statistics.

Every split is a slice of one order of the images, in which those of each class are
shuffled once and spread evenly, so that any tail of it is a stratified sample: the
test images are the tail of the set, the validation images the tail of what is left.
No index lists are kept, and no image is copied.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnn_tui.data.records import BYTE_SCALE, ClassCount, DataFacts, SkippedFile

SPLIT_SEED = 0
"""Fixed, so that two runs are always judged on the same images."""
CHUNK = 2**22
"""Pixels counted at a time: the counts need 8 bytes for each of them."""


@dataclass(frozen=True)
class Split:
    """Images (N, C, H, W) as uint8, and labels (N,) as int64, in stratified order.

    ``files`` are the images' names in the data set's folder and ``digests`` tell what is in
    them; both are empty where the images are no files. ``right_labels`` are the labels before
    some were made wrong, None where none were.
    """

    images: Tensor
    labels: Tensor
    files: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    right_labels: Tensor | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def between(self, start: int | None, end: int | None) -> "Split":
        """The images from ``start`` to before ``end``: a view, no copy."""
        rows = slice(start, end)
        right = None if self.right_labels is None else self.right_labels[rows]
        files, digests = self.files[rows], self.digests[rows]
        return Split(self.images[rows], self.labels[rows], files, digests, right)

    def at(self, rows: Sequence[int]) -> "Split":
        """The images of these ``rows``, copied."""
        index = torch.as_tensor(rows, dtype=torch.int64)
        return Split(
            self.images[index],
            self.labels[index],
            tuple(self.files[row] for row in rows) if self.files else (),
            tuple(self.digests[row] for row in rows) if self.digests else (),
            None if self.right_labels is None else self.right_labels[index],
        )

    def emptied(self) -> "Split":
        """No image of the same format."""
        return self.between(0, 0)


@dataclass(frozen=True)
class Prepared:
    """A data set as it is kept: what may be learned from, and what may only be judged on.

    ``mean`` and ``std`` are per channel, of the training pixels scaled to 0…1. ``scale`` is
    the value of a file's pixels that stands for white. ``val`` are validation images of the
    data set's own (None: they are held out of ``train``); ``test`` may be empty where they are.
    ``remarks`` are sentences about the images that are worth reading.
    """

    classes: tuple[str, ...]
    train: Split
    test: Split
    mean: tuple[float, ...]
    std: tuple[float, ...]
    skipped: tuple[SkippedFile, ...] = ()
    scale: float = BYTE_SCALE
    val: Split | None = None
    remarks: tuple[str, ...] = ()

    @property
    def per_class(self) -> tuple[ClassCount, ...]:
        """How many images of each class there are, in the order of the classes."""
        train, test = (self._counts(split) for split in (self.train, self.test))
        val = [None] * len(self.classes) if self.val is None else self._counts(self.val)
        return tuple(map(ClassCount, self.classes, train, val, test))

    def _counts(self, split: Split) -> list[int]:
        counts: list[int] = torch.bincount(split.labels, minlength=len(self.classes)).tolist()
        return counts


@dataclass(frozen=True)
class DataSet:
    """A data set as a run uses it; ``test`` may be empty.

    ``fingerprint`` tells it from every other one, and from itself split in another way.
    """

    name: str
    classes: tuple[str, ...]
    train: Split
    val: Split
    test: Split
    mean: tuple[float, ...]
    std: tuple[float, ...]
    skipped: tuple[SkippedFile, ...] = ()
    scale: float = BYTE_SCALE
    fingerprint: str = ""

    @property
    def in_channels(self) -> int:
        """1 for gray images, 3 for colored ones."""
        return self.train.images.shape[1]

    @property
    def image_size(self) -> int:
        """The side of the stored images."""
        return self.train.images.shape[-1]

    @property
    def facts(self) -> DataFacts:
        """What a network must know of it."""
        return DataFacts(
            name=self.name,
            classes=self.classes,
            in_channels=self.in_channels,
            image_size=self.image_size,
            mean=self.mean,
            std=self.std,
            scale=self.scale,
        )


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
    return split.between(None, cut), split.between(cut, None)


def joined(splits: Sequence[Split]) -> Split:
    """One split of the images of all ``splits``, copied."""
    return Split(
        torch.cat([each.images for each in splits]),
        torch.cat([each.labels for each in splits]),
        tuple(name for each in splits for name in each.files),
        tuple(digest for each in splits for digest in each.digests),
    )


def first_images(split: Split, most: int | None) -> Split:
    """The split's first ``most`` images, or all of them: a view, no copy.

    In the split's stratified order they hold all classes alike.
    """
    return split.between(None, most)


def with_wrong_labels(split: Split, fraction: float, classes: int, seed: int) -> Split:
    """The split with another label, any of ``classes`` alike, on ``fraction`` of its images."""
    chance = torch.Generator().manual_seed(seed)
    count = round(fraction * len(split))
    chosen = torch.randperm(len(split), generator=chance)[:count]
    shifts = torch.randint(1, classes, (count,), generator=chance)  # 0 would be the right label
    labels = split.labels.clone()
    labels[chosen] = (labels[chosen] + shifts) % classes
    return replace(split, labels=labels, right_labels=split.labels)


def channel_statistics(images: Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and std per channel of uint8 images (N, C, H, W), of pixels scaled to 0…1.

    Over all pixels of all images, from exact counts of the 256 values. (The mean
    of per-image stds, often printed for CIFAR-10, is something else and smaller.)
    A channel that never varies gets a std of 1.
    """
    means, stds = [], []
    length = max(1, CHUNK // max(1, images[0, 0].numel()) if len(images) else 1)
    values = torch.arange(256, dtype=torch.float64) / 255
    for channel in range(images.shape[1]):
        counts = torch.zeros(256, dtype=torch.float64)
        for part in torch.split(images[:, channel], length):
            counts += torch.bincount(part.flatten(), minlength=256)
        share = counts / counts.sum()
        mean = (share * values).sum()
        variance = (share * (values - mean) ** 2).sum()
        means.append(float(mean))
        stds.append(float(variance.sqrt()) or 1.0)
    return tuple(means), tuple(stds)
