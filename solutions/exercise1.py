"""Exercise 1, solved: what pooling keeps, and what it loses."""

import torch
import torch.nn.functional as F
from torch import Tensor

FEATURES = (
    "bright spot",
    "thin edge",
    "presence",
    "noisy flat area",
    "smooth shading",
    "coverage",
)

KEPT_BY_MAX = {"bright spot", "thin edge", "presence"}
"""Few strong values that the silence around them must not water down.

What the others carry is spread over the whole window, so its mean says more
than any one cell, and noise cancels out.
"""


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


def which_pooling(feature: str) -> str:
    """The pooling that serves a kind of feature better: "max" or "average"."""
    return "max" if feature in KEPT_BY_MAX else "average"


if __name__ == "__main__":
    edge = torch.zeros(1, 1, 6, 6)
    edge[..., 1, 1:5] = edge[..., 4, 1:5] = edge[..., 1:5, 1] = edge[..., 1:5, 4] = 1.0
    print("a square, drawn with a line one cell wide:", edge[0, 0], sep="\n")
    for pool in (max_pool, avg_pool):
        pooled = pool(edge, kernel_size=2, stride=2)
        noise = 0.1 * torch.randn_like(edge)
        moved = pool(edge + noise, kernel_size=2, stride=2) - pooled
        print(pool.__name__, pooled[0, 0], sep="\n")
        print(f"peak retention {peak_retention(edge, pooled):.2f}")
        print(f"noise gain {noise_gain(noise, moved):.2f}")
