"""Batches made on the device: where the set fits, the whole of it lives there as uint8.

A block of some hundred images at a time is cropped, flipped and normalized in a
few tensor operations, instead of one Python call per image; batches are slices
of it. Every draw comes from a counter, so that training can go on anywhere in an
epoch with the very same batches. Where several processes share every batch, all
draw for the whole of it and each makes its own part.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import islice, pairwise

import torch
from torch import Tensor
from torch.nn import functional as F

from cnn_tui.data.dataset import Split
from cnn_tui.data.loading.augment import Augmentation, Draws, crop, cut_out, draw
from cnn_tui.data.loading.placement import Rows, place
from cnn_tui.data.loading.prefetch import ahead

RESIZE_ONCE_BYTES = 256 * 2**20
"""A split that stays below this at the network's size is resized once, not per batch."""

BLOCK_BYTES = 2**20
"""Floats made at a time: enough that small batches cost no calls, little enough for a cache."""

RESIZE_CHUNK = 1024
"""Images resized at a time, so that their floats need little memory."""

CROP_FRACTION = 8
"""Crops move by up to an eighth of the image's side: 4 pixels of 32."""

Batch = tuple[Tensor, Tensor]
"""Normalized images (N, C, H, W) as float32, and labels (N,)."""


class Loader:
    """Batches of one split at the size that the network takes.

    ``placement`` is where the images lie: "device" or "host". Process ``rank`` of
    ``ranks`` gets its share of every batch: one of ``ranks`` runs of neighbors
    whose lengths differ by one image at most. With ``works_ahead`` the next block is
    made on a thread while the batches of this one are used.
    """

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
        placement: str = "device",
        rank: int = 0,
        ranks: int = 1,
        works_ahead: bool = False,
    ) -> None:
        self._images = place(_fit(split.images, image_size), device, placement)
        self._labels = split.labels.to(device)
        self._batch_size = batch_size
        self._image_size = image_size
        self._device = device
        self._memory_format = memory_format
        self._rank = rank
        self._ranks = ranks
        self._works_ahead = works_ahead
        padding = max(1, self._images.shape[-1] // CROP_FRACTION) if "crop" in augment else 0
        self._augmentation = Augmentation(padding, "flip" in augment, cutout)
        self._mean = torch.tensor(mean, device=device).view(-1, 1, 1)
        self._std = torch.tensor(std, device=device).view(-1, 1, 1)
        image_bytes = 4 * self._images.shape[1] * image_size**2
        self._block_steps = max(1, BLOCK_BYTES // (batch_size * image_bytes))

    def __len__(self) -> int:
        """Batches in one epoch.

        A last batch of one image is left out, as batch norm cannot train on a
        single value per channel; so is one with fewer images than processes.
        """
        return self._steps(max(2, self._ranks))

    @property
    def size(self) -> int:
        """Images of the split."""
        return len(self._labels)

    def epoch(self, seed: int, epoch: int, first: int = 0) -> Iterator[Batch]:
        """The augmented batches of one epoch, in its own order, from step ``first`` on."""
        blocks = self._blocks(seed, epoch, first)
        for batches in ahead(blocks) if self._works_ahead else blocks:
            yield from batches

    def in_order(self) -> Iterator[Batch]:
        """Every image once, in the order of the split, without augmentation.

        Several processes share the split, not each batch; one may get none of it.
        """
        parts = self.parts_in_order()
        for part, images in zip(parts, self._images.fetch(parts), strict=True):
            yield self._present(images), self._labels[part]

    def picked(self, indices: Tensor) -> Tensor:
        """The images of these numbers, in that order, without augmentation."""
        (images,) = self._images.fetch([indices.to(self._images.where)])
        return self._present(images)

    def parts_in_order(self) -> list[slice]:
        """Where in the split the batches of ``in_order`` lie."""
        first, end = (self.size * rank // self._ranks for rank in (self._rank, self._rank + 1))
        starts = range(first, end, self._batch_size)
        return [slice(start, min(start + self._batch_size, end)) for start in starts]

    def draws(self, seed: int, epoch: int, start: int) -> Draws:
        """What chance decides for the images of the block that begins with step ``start``.

        It is drawn for the whole block, as by a process alone; the part that is
        made here is returned.
        """
        steps_alone = self._steps(2)
        first = start * self._batch_size
        end = min(start + self._block_steps, steps_alone) * self._batch_size
        chance = torch.Generator(self._device)
        chance.manual_seed(seed_for(seed, "augment", epoch * steps_alone + start))
        n = min(end, self.size) - first
        draws = draw(self._augmentation, n, self._image_size, chance)
        return (
            draws
            if self._ranks == 1
            else draws.of(_places(self._shares(start), self._device, first))
        )

    def weight(self, step: int) -> float:
        """The part of ``step``'s batch that is made here, times the number of processes.

        The mean over processes of losses weighted so is the mean over the images.
        """
        if self._ranks == 1:
            return 1.0
        batch = self._batch(step % len(self))
        share = self._share(batch)
        return float(self._ranks * (share.stop - share.start) / (batch.stop - batch.start))

    def fewest(self, step: int) -> int:
        """Images of ``step``'s batch that the process with the fewest of them makes."""
        batch = self._batch(step % len(self))
        return int((batch.stop - batch.start) // self._ranks)

    def _blocks(self, seed: int, epoch: int, first: int) -> Iterator[list[Batch]]:
        """What ``epoch`` gives, by the block in which it is made."""
        chance = torch.Generator().manual_seed(seed_for(seed, "order", epoch))
        drawn = torch.randperm(self.size, generator=chance)
        order, order_there = drawn.to(self._images.where), drawn.to(self._device)
        starts = range(first - first % self._block_steps, len(self), self._block_steps)
        blocks = [self._shares(start) for start in starts]
        images = self._images.fetch(order[_places(shares, order.device)] for shares in blocks)
        for start, shares, block in zip(starts, blocks, images, strict=True):
            x = self._augmented(block, self.draws(seed, epoch, start))
            y = self._labels.index_select(0, order_there[_places(shares, self._device)])
            sizes = [share.stop - share.start for share in shares]
            batches = zip(torch.split(x, sizes), torch.split(y, sizes), strict=True)
            yield list(islice(batches, max(0, first - start), None))

    def _steps(self, fewest: int) -> int:
        """Batches of an epoch whose last batch must have ``fewest`` images, or be the only one."""
        full, rest = divmod(self.size, self._batch_size)
        return full + (rest >= fewest or full == 0)

    def _batch(self, step: int) -> slice:
        """Where the batch of one step lies in the order of the epoch."""
        start = step * self._batch_size
        return slice(start, min(start + self._batch_size, self.size))

    def _share(self, batch: slice) -> slice:
        """The part of a batch that is made here."""
        n = batch.stop - batch.start
        first, end = (n * rank // self._ranks for rank in (self._rank, self._rank + 1))
        return slice(batch.start + first, batch.start + end)

    def _shares(self, start: int) -> list[slice]:
        """The parts made here of the batches of the block that begins with step ``start``."""
        end = min(start + self._block_steps, len(self))
        return [self._share(self._batch(step)) for step in range(start, end)]

    def _augmented(self, images: Tensor, draws: Draws) -> Tensor:
        x = self._present(crop(images, self._augmentation.padding, draws))
        return cut_out(x, self._augmentation.cutout, draws)

    def _present(self, images: Tensor) -> Tensor:
        # torchvision's to_tensor and normalize divide so too: their bits, for two passes more.
        x = images.to(torch.float32, memory_format=self._memory_format)
        x = x.div_(255).sub_(self._mean).div_(self._std)
        return x if x.shape[-1] == self._image_size else resize(x, self._image_size)


def kept_bytes(images: Tensor, size: int) -> int:
    """Bytes of a split's images (N, C, H, W) as a loader for networks of ``size`` keeps them."""
    resized = images.shape[0] * images.shape[1] * size**2
    return resized if resized <= RESIZE_ONCE_BYTES else images.numel()


def resize(images: Tensor, size: int) -> Tensor:
    """Float images (N, C, H, W) brought to (N, C, size, size), smoothed where they shrink."""
    shrinks = size < images.shape[-1]
    return F.interpolate(images, size=(size, size), mode="bilinear", antialias=shrinks)


def _places(shares: Sequence[slice], device: torch.device, first: int = 0) -> Rows:
    """Where the shares of a block are, counted from ``first``: one range, if nothing is between.

    Indices are made on the ``device`` of what they pick from: it would wait for any others.
    """
    if all(one.stop == after.start for one, after in pairwise(shares)):
        return slice(shares[0].start - first, shares[-1].stop - first)
    ranges = [
        torch.arange(share.start - first, share.stop - first, device=device) for share in shares
    ]
    return torch.cat(ranges)


def _fit(images: Tensor, size: int) -> Tensor:
    """uint8 images at ``size`` already, where they are few enough to be kept so."""
    if images.shape[-2:] == (size, size) or kept_bytes(images, size) == images.numel():
        return images
    parts = [
        resize(part.to(torch.float32), size).round_().clamp_(0, 255).to(torch.uint8)
        for part in torch.split(images, RESIZE_CHUNK)
    ]
    return torch.cat(parts)


def seed_for(seed: int, purpose: str, count: int = 0) -> int:
    """A seed of 63 bits for the ``count``-th use of one purpose, such as "order".

    Every random draw of a run comes from a counter, not from what was drawn before:
    a run that goes on from step 1,200 draws what it would have drawn there had it
    never stopped.
    """
    digest = blake2b(f"{seed}/{purpose}/{count}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def seed_draws(device: torch.device, seed: int) -> None:
    """Seed the generator from which layers on ``device`` draw, such as dropout's masks.

    ``torch.manual_seed`` would reach every device, at a cost that a small
    network's step can feel.
    """
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)
    else:
        torch.default_generator.manual_seed(seed)
