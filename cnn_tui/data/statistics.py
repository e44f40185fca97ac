"""Per-channel mean and standard deviation of a data set's own pixels."""

import torch
from torch import Tensor

CHUNK = 4096
"""Images counted at a time: the counts need 8 bytes for each pixel of a chunk."""


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
