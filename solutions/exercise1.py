# cnn-lab exercise1, version 2
"""Exercise 1, solved: what pooling keeps, and what it loses."""

import torch
import torch.nn.functional as F
from torch import Tensor


def max_pool(x: Tensor, kernel_size: int, stride: int) -> Tensor:
    """The largest value of each window: (N, C, H, W) -> (N, C, H', W')."""
    return F.max_pool2d(x, kernel_size, stride)


def avg_pool(x: Tensor, kernel_size: int, stride: int) -> Tensor:
    """The mean of each window: (N, C, H, W) -> (N, C, H', W')."""
    return F.avg_pool2d(x, kernel_size, stride)


def difference(x: Tensor, kernel_size: int, stride: int) -> Tensor:
    """The max-pooled map minus the average-pooled map: (N, C, H, W) -> (N, C, H', W')."""
    return max_pool(x, kernel_size, stride) - avg_pool(x, kernel_size, stride)


def peak_retention(x: Tensor, pooled: Tensor) -> float:
    """The largest value of `pooled` divided by the largest value of `x`."""
    return (pooled.max() / x.max()).item()


def noise_gain(noise_in: Tensor, noise_out: Tensor) -> float:
    """The root mean square of `noise_out` divided by that of `noise_in`."""
    return (noise_out.square().mean() / noise_in.square().mean()).sqrt().item()


def agreement(pooled: Tensor, wanted: Tensor) -> float:
    """The correlation coefficient of `pooled` and `wanted`; 0.0 where one of them is constant."""
    p, w = pooled - pooled.mean(), wanted - wanted.mean()
    size = (p.square().sum() * w.square().sum()).sqrt()
    # The mean of equal float32 values can differ from them, so their spread may not be 0.
    is_constant = any(each.min() == each.max() for each in (pooled, wanted))
    return 0.0 if is_constant else ((p * w).sum() / size).item()


def better_pooling(x: Tensor, wanted: Tensor, kernel_size: int, stride: int) -> str:
    """The pooling after which `x` agrees better with `wanted`: "max" or "average"."""
    by_max = agreement(max_pool(x, kernel_size, stride), wanted)
    by_average = agreement(avg_pool(x, kernel_size, stride), wanted)
    return "max" if by_max > by_average else "average"


if __name__ == "__main__":
    generator = torch.Generator().manual_seed(1)
    edge = torch.zeros(1, 1, 6, 6)
    edge[..., 1, 1:5] = edge[..., 4, 1:5] = edge[..., 1:5, 1] = edge[..., 1:5, 4] = 1.0
    flat = torch.full((64, 1, 16, 16), 0.5)
    noise = 0.1 * torch.randn(flat.shape, generator=generator)
    print("a square, drawn with a line one cell wide:", edge[0, 0], sep="\n")
    for pool in (max_pool, avg_pool):
        pooled = pool(edge, kernel_size=2, stride=2)
        moved = pool(flat + noise, kernel_size=2, stride=2) - pool(flat, kernel_size=2, stride=2)
        print(pool.__name__, pooled[0, 0], sep="\n")
        print(f"peak retention {peak_retention(edge, pooled):.2f}")
        print(f"noise gain on a flat area {noise_gain(noise, moved):.2f}")

    print("\none map, two questions, windows of 4x4 cells:")
    pattern = (torch.rand(flat.shape, generator=generator) < 0.1).float()
    questions = {
        "presence": max_pool(pattern, 4, 4),  # 1 where the pattern occurs, else 0
        "coverage": avg_pool(pattern, 4, 4),  # the share of the window that it fills
    }
    x = pattern + noise
    for name, wanted in questions.items():
        by_max, by_average = (agreement(pool(x, 4, 4), wanted) for pool in (max_pool, avg_pool))
        print(f"{name}: agreement {by_max:.2f} after max pooling, {by_average:.2f} after average")
        print(f"better: {better_pooling(x, wanted, 4, 4)}")
