"""Augmentation of whole batches: what chance decides, and what is then done with it.

The two are apart, so that what is done can be held against torchvision's
transforms for the very same draws, and so that a process that takes only a part
of a batch does with it what one process alone would have done.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Augmentation:
    """Crops of images padded by ``padding`` pixels (0: none), flips, and hidden squares.

    ``flip`` mirrors half of the cropped images; ``cutout`` is the side of the
    square hidden in each image (0: none).
    """

    padding: int = 0
    flip: bool = False
    cutout: int = 0


@dataclass(frozen=True)
class Draws:
    """What chance decided for each of n images; None where it had nothing to decide.

    ``top`` and ``left`` (n,) are the corner of the window in the padded image,
    ``flipped`` (n,) tells which windows are mirrored, ``hole_top`` and
    ``hole_left`` (n,) are the corner of the hidden square, which may lie outside.
    """

    top: Tensor | None = None
    left: Tensor | None = None
    flipped: Tensor | None = None
    hole_top: Tensor | None = None
    hole_left: Tensor | None = None

    def of(self, images: Tensor | slice) -> "Draws":
        """The draws of some of the images: of a range, or by their indices (m,)."""
        return Draws(*(None if drawn is None else drawn[images] for drawn in vars(self).values()))


def draw(augmentation: Augmentation, n: int, side: int, chance: torch.Generator) -> Draws:
    """What is done to each of ``n`` images, shown to the network with ``side`` pixels.

    A hidden square's middle may lie on any pixel (DeVries and Taylor 2017).
    """
    device, cutout = chance.device, augmentation.cutout
    top = left = flipped = hole_top = hole_left = None
    if augmentation.padding:
        moves = 2 * augmentation.padding + 1
        top, left = torch.randint(0, moves, (2, n), generator=chance, device=device)
        if augmentation.flip:
            flipped = torch.rand(n, generator=chance, device=device) < 0.5
    if cutout:
        hole_top = torch.randint(0, side, (n,), generator=chance, device=device) - cutout // 2
        hole_left = torch.randint(0, side, (n,), generator=chance, device=device) - cutout // 2
    return Draws(top, left, flipped, hole_top, hole_left)


def crop(images: Tensor, padding: int, draws: Draws) -> Tensor:
    """The window of each image (N, C, H, W), padded with zeros on all sides, that was drawn.

    Every window becomes one row of indices into the image's padded pixels, a
    mirrored one with its columns backwards.
    """
    if draws.top is None or draws.left is None:
        return images
    n, channels, height, width = images.shape
    padded = F.pad(images, (padding, padding, padding, padding)).flatten(2)
    columns = torch.arange(width, device=images.device).expand(n, width)
    if draws.flipped is not None:
        columns = torch.where(draws.flipped[:, None], columns.flip(1), columns)
    rows = torch.arange(height, device=images.device) + draws.top[:, None]
    window = (rows * (width + 2 * padding))[:, :, None] + (columns + draws.left[:, None])[:, None]
    window = window.view(n, 1, -1).expand(n, channels, -1)
    return padded.gather(2, window).view(n, channels, height, width)


def cut_out(images: Tensor, side: int, draws: Draws) -> Tensor:
    """The square of ``side`` pixels that was drawn set to zero in each of ``images``, in place.

    Zero is the mean of normalized images (N, C, H, W).
    """
    if draws.hole_top is None or draws.hole_left is None:
        return images
    y = torch.arange(images.shape[2], device=images.device)
    x = torch.arange(images.shape[3], device=images.device)
    top, left = draws.hole_top[:, None], draws.hole_left[:, None]
    rows = (top <= y) & (y < top + side)
    columns = (left <= x) & (x < left + side)
    return images.masked_fill_(rows[:, None, :, None] & columns[:, None, None, :], 0.0)
