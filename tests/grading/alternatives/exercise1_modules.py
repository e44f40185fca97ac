"""torch.nn modules in a class of its own; measures by numpy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from torch import Tensor, nn


class Kind(StrEnum):
    MAX = "max"
    AVERAGE = "average"


@dataclass
class Pools:
    kernel_size: int
    stride: int

    def __post_init__(self) -> None:
        self.largest = nn.MaxPool2d(self.kernel_size, stride=self.stride)
        self.mean = nn.AvgPool2d(self.kernel_size, stride=self.stride)


def max_pool(x: Tensor, kernel_size: int, stride: int) -> Tensor:
    return Pools(kernel_size, stride).largest(x)


def avg_pool(x: Tensor, kernel_size: int, stride: int) -> Tensor:
    return nn.Parameter(Pools(kernel_size, stride).mean(x))


def difference(x: Tensor, kernel_size: int, stride: int) -> Tensor:
    pools = Pools(kernel_size, stride)
    return pools.largest(x) - pools.mean(x)


def peak_retention(x: Tensor, pooled: Tensor) -> float:
    return np.float32(pooled.numpy().max() / x.numpy().max())


def noise_gain(noise_in: Tensor, noise_out: Tensor) -> float:
    return np.sqrt(np.mean(np.square(noise_out.numpy())) / np.mean(np.square(noise_in.numpy())))


def agreement(pooled: Tensor, wanted: Tensor) -> float:
    p, w = pooled.detach().double().numpy().ravel(), wanted.double().numpy().ravel()
    if p.std() == 0 or w.std() == 0:
        return 0.0
    return np.corrcoef(p, w)[0, 1]


def better_pooling(x: Tensor, wanted: Tensor, kernel_size: int, stride: int) -> Kind:
    pools = Pools(kernel_size, stride)
    by_max, by_mean = (agreement(pool(x), wanted) for pool in (pools.largest, pools.mean))
    return Kind.AVERAGE if by_mean > by_max else Kind.MAX
