"""Batches made on the device: the whole data set lives there as uint8.

A block of some hundred images at a time is cropped, flipped and normalised in a
few tensor operations, instead of one Python call per image; batches are slices
of it. Every draw comes from a counter, so that training can go on anywhere in an
epoch with the very same batches.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import torch
from torch import Tensor
from torch.nn import functional as F

from cnn_tui.data.dataset import Split
from cnn_tui.data.seeds import seed_for

RESIZE_ONCE_BYTES = 256 * 2**20
"""A split that stays below this at the network's size is resized once, not per batch."""

BLOCK_BYTES = 2**20
"""Floats made at a time: enough that small batches cost no calls, little enough for a cache."""

RESIZE_CHUNK = 1024
"""Images resized at a time, so that their floats need little memory."""

CROP_FRACTION = 8
"""Crops move by up to an eighth of the image's side: 4 pixels of 32."""

Batch = tuple[Tensor, Tensor]
"""Normalised images (N, C, H, W) as float32, and labels (N,)."""


class Loader:
    """Batches of one split at the size that the network takes."""

    def __init__(
        self,
        split: Split,
        *,
        mean: Sequence[float],
        std: Sequence[float],
        batch_size: int,
        image_size: int,
        device: torch.device,
        augment: str = "none",
        cutout: int = 0,
        memory_format: torch.memory_format = torch.contiguous_format,
    ) -> None:
        self._images = _fit(split.images, image_size).to(device)
        self._labels = split.labels.to(device)
        self._batch_size = batch_size
        self._image_size = image_size
        self._device = device
        self._crop = "crop" in augment
        self._flip = "flip" in augment
        self._cutout = cutout
        self._memory_format = memory_format
        deviation = torch.tensor(std, device=device).view(-1, 1, 1)
        self._scale = 1 / (255 * deviation)
        self._shift = torch.tensor(mean, device=device).view(-1, 1, 1) / deviation
        image_bytes = 4 * self._images.shape[1] * image_size**2
        self._block_steps = max(1, BLOCK_BYTES // (batch_size * image_bytes))

    def __len__(self) -> int:
        """Batches in one epoch; a last batch of one image is left out.

        Batch norm cannot train on a single value per channel.
        """
        full, rest = divmod(self.size, self._batch_size)
        return full + (rest > 1 or full == 0)

    @property
    def size(self) -> int:
        """Images of the split."""
        return len(self._labels)

    def epoch(self, seed: int, epoch: int, first: int = 0) -> Iterator[Batch]:
        """The augmented batches of one epoch, in its own order, from step ``first`` on."""
        draws = torch.Generator().manual_seed(seed_for(seed, "order", epoch))
        order = torch.randperm(self.size, generator=draws).to(self._device)
        for start in range(first - first % self._block_steps, len(self), self._block_steps):
            images, labels = self._block(order, start, seed, epoch)
            batches = zip(
                torch.split(images, self._batch_size),
                torch.split(labels, self._batch_size),
                strict=True,
            )
            yield from islice(batches, max(0, first - start), None)

    def in_order(self) -> Iterator[Batch]:
        """Every image once, in the order of the split, without augmentation."""
        for start in range(0, self.size, self._batch_size):
            part = slice(start, start + self._batch_size)
            yield self._present(self._images[part]), self._labels[part]

    def _block(self, order: Tensor, start: int, seed: int, epoch: int) -> Batch:
        """The images of several steps, from step ``start`` of the epoch on."""
        end = min(start + self._block_steps, len(self))
        rows = order[start * self._batch_size : end * self._batch_size]
        draws = torch.Generator(self._device)
        draws.manual_seed(seed_for(seed, "augment", epoch * len(self) + start))
        return self._augmented(rows, draws), self._labels.index_select(0, rows)

    def _augmented(self, rows: Tensor, draws: torch.Generator) -> Tensor:
        images = self._images.index_select(0, rows)
        if self._crop:
            padding = max(1, images.shape[-1] // CROP_FRACTION)
            images = random_crop(images, padding, draws, flip=self._flip)
        x = self._present(images)
        return cut_out(x, self._cutout, draws) if self._cutout else x

    def _present(self, images: Tensor) -> Tensor:
        x = images.to(torch.float32, memory_format=self._memory_format)
        x = x.mul_(self._scale).sub_(self._shift)
        return x if x.shape[-1] == self._image_size else resize(x, self._image_size)


def random_crop(images: Tensor, padding: int, draws: torch.Generator, *, flip: bool) -> Tensor:
    """Each image moved by up to ``padding`` pixels, zeros moving in, and half of them mirrored.

    The same as padding all sides and cropping at random, for (N, C, H, W) at once:
    every image's window becomes one row of indices into its padded pixels.
    """
    n, channels, height, width = images.shape
    padded = F.pad(images, (padding, padding, padding, padding)).flatten(2)
    device = images.device
    moves = torch.randint(0, 2 * padding + 1, (2, n, 1), generator=draws, device=device)
    columns = torch.arange(width, device=device).expand(n, width)
    if flip:
        mirrored = torch.rand(n, 1, generator=draws, device=device) < 0.5
        columns = torch.where(mirrored, columns.flip(1), columns)
    rows = (torch.arange(height, device=device) + moves[0]) * (width + 2 * padding)
    window = rows[:, :, None] + (columns + moves[1])[:, None, :]
    window = window.view(n, 1, -1).expand(n, channels, -1)
    return padded.gather(2, window).view(n, channels, height, width)


def cut_out(images: Tensor, side: int, draws: torch.Generator) -> Tensor:
    """One square of ``side`` pixels set to zero in each of ``images`` (N, C, H, W), in place.

    Zero is the mean of normalised images. The square's middle may lie on any pixel,
    so that a part of it may fall outside (DeVries and Taylor 2017).
    """
    n, _, height, width = images.shape
    device = images.device
    top = torch.randint(0, height, (n, 1), generator=draws, device=device) - side // 2
    left = torch.randint(0, width, (n, 1), generator=draws, device=device) - side // 2
    y = torch.arange(height, device=device)
    x = torch.arange(width, device=device)
    rows = (top <= y) & (y < top + side)
    columns = (left <= x) & (x < left + side)
    return images.masked_fill_(rows[:, None, :, None] & columns[:, None, None, :], 0.0)


def resize(images: Tensor, size: int) -> Tensor:
    """Float images (N, C, H, W) brought to (N, C, size, size), smoothed where they shrink."""
    shrinks = size < images.shape[-1]
    return F.interpolate(images, size=(size, size), mode="bilinear", antialias=shrinks)


def _fit(images: Tensor, size: int) -> Tensor:
    """uint8 images at ``size`` already, where they are few enough to be kept so."""
    n, channels, height, width = images.shape
    if (height, width) == (size, size) or n * channels * size * size > RESIZE_ONCE_BYTES:
        return images
    parts = [
        resize(part.to(torch.float32), size).round_().clamp_(0, 255).to(torch.uint8)
        for part in torch.split(images, RESIZE_CHUNK)
    ]
    return torch.cat(parts)
