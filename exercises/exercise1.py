"""Exercise 1: what pooling keeps, and what it loses.

Pool the same feature map by maximum and by average, and measure the difference.

Write the functions below, then check your work:    cnn-lab check exercise1
Try things out at the end of this file, and run it: python exercises/exercise1.py

Feature maps are float32 or float64 tensors of shape (N, C, H, W), and a pooled
map has the dtype of its map. A window is kernel_size by kernel_size cells.
Windows begin every `stride` cells, and only windows that lie wholly inside the
map count, so a pooled map has

    (H - kernel_size) // stride + 1 rows and (W - kernel_size) // stride + 1 columns.

torch.nn, torch.nn.functional or loops of your own: each of them is fine. Compute
in the dtype of the map, and leave the maps that you are given as they are.
"""

import torch
from torch import Tensor

FEATURES = (
    "bright spot",  # one strong answer in an otherwise silent window
    "thin edge",  # a line, one cell wide, through the window
    "presence",  # does the pattern occur anywhere in the window?
    "noisy flat area",  # one level plus noise of mean zero
    "smooth shading",  # a level that changes slowly
    "coverage",  # how much of the window does the pattern fill?
)


def max_pool(x: Tensor, kernel_size: int, stride: int) -> Tensor:
    """The largest value of each window: (N, C, H, W) -> (N, C, H', W')."""
    raise NotImplementedError


def avg_pool(x: Tensor, kernel_size: int, stride: int) -> Tensor:
    """The mean of each window: (N, C, H, W) -> (N, C, H', W')."""
    raise NotImplementedError


def difference(x: Tensor, kernel_size: int, stride: int) -> Tensor:
    """The max-pooled map minus the average-pooled map: (N, C, H, W) -> (N, C, H', W')."""
    raise NotImplementedError


def peak_retention(x: Tensor, pooled: Tensor) -> float:
    """How much of the strongest answer is left after pooling.

    The largest value of `pooled` divided by the largest value of `x`, each over
    the whole tensor: 1.0 where the peak is kept, less where it is watered down.
    """
    raise NotImplementedError


def noise_gain(noise_in: Tensor, noise_out: Tensor) -> float:
    """How much pooling amplifies noise: above 1 it grows, below 1 it is damped.

    `noise_in` is what was added to a clean map, and `noise_out` is how far that
    moved the pooled map: pool(clean + noise) - pool(clean). The gain is

        rms(noise_out) / rms(noise_in),   where rms(t) = sqrt(mean of t squared).
    """
    raise NotImplementedError


def which_pooling(feature: str) -> str:
    """The pooling that serves a kind of feature better: "max" or "average".

    `feature` is one of FEATURES above. Do not guess: build small maps at the
    end of this file, pool them both ways and look at what is left.
    """
    raise NotImplementedError


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
