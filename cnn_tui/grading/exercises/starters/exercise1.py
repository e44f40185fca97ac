# cnn-lab exercise1, version 2
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


def agreement(pooled: Tensor, wanted: Tensor) -> float:
    """How well a pooled map says what you want to know: 1.0 perfectly, 0.0 not at all.

    `wanted` has the shape of `pooled` and holds, for each window, the number that
    you would like to read there. The layers that follow can multiply a map by a
    positive number and add any other one, so neither may count, but the sign does:
    the agreement is the correlation coefficient of all values of the two tensors,

        sum(p * w) / sqrt(sum(p * p) * sum(w * w)),

    where p is `pooled` minus its mean and w is `wanted` minus its mean. It is
    0.0 where all values of a tensor are the same. Below zero, it says the opposite.
    """
    raise NotImplementedError


def better_pooling(x: Tensor, wanted: Tensor, kernel_size: int, stride: int) -> str:
    """The pooling after which `x` agrees better with `wanted`: "max" or "average".

    Better is the larger agreement of the two. The checker draws these kinds of maps,
    among others, and judges a whole tensor of them at once:

        bright spots      single strong cells: how bright is the brightest?
        thin edges        lines one cell wide: how strong is the strongest?
        presence          cells that answer to a pattern: does it occur in the window?
        coverage          such cells, too: how much of the window does it fill?
        noisy flat areas  one level under noise: which level?
        smooth shading    a level that changes slowly, under noise: which level?

    Which pooling do you expect for each of them? Draw some below, and look.
    """
    raise NotImplementedError


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
