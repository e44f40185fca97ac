"""Mixup: each image of a batch blended with another one of it, and their labels alike.

As in Zhang et al. 2018, the part of an image is drawn from Beta(alpha, alpha); each image has
its own. The larger part is always that of the image whose label is counted as right.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Mixing:
    """Which ``others`` (n,) are mixed into the images, and the ``parts`` (n,) that these keep."""

    others: Tensor
    parts: Tensor


def draw_mixing(n: int, alpha: float, seed: int) -> Mixing:
    """What ``seed`` decides for ``n`` images: parts from 0.5 to 1, and another image for each."""
    rng = np.random.default_rng(seed)
    parts = rng.beta(alpha, alpha, n)
    parts = np.maximum(parts, 1 - parts).astype(np.float32)
    return Mixing(torch.from_numpy(rng.permutation(n)), torch.from_numpy(parts))


def mixed(images: Tensor, labels: Tensor, classes: int, mixing: Mixing) -> tuple[Tensor, Tensor]:
    """The blends of ``images`` (N, C, H, W), and of their ``labels`` (N,) as (N, classes)."""
    others = mixing.others.to(images.device, non_blocking=True)
    parts = mixing.parts.to(images.device, non_blocking=True)
    blended = torch.lerp(images[others], images, parts.view(-1, 1, 1, 1))
    known = F.one_hot(labels, classes).to(parts.dtype)
    return blended, torch.lerp(known[others], known, parts.view(-1, 1))
