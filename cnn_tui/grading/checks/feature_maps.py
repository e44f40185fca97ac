"""Maps of the kinds of features that one pooling serves better, and what each should still say.

``wanted`` has one number per window: what somebody who reads the pooled map wants to know of it.
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

SHAPE = (4, 2, 24, 24)
"""Of every map: enough windows that no agreement is a matter of chance."""

DrawnMap = tuple[Tensor, Tensor]
"""A map, and what is wanted of each of its windows."""


def bright_spots(generator: Generator, kernel_size: int, stride: int) -> DrawnMap:
    """Single strong cells, and little noise; wanted is how bright the brightest is."""
    is_bright = torch.rand(SHAPE, generator=generator) < 0.8 / kernel_size**2
    clean = is_bright * (0.5 + torch.rand(SHAPE, generator=generator))
    return _noisy(clean, 0.15, generator), F.max_pool2d(clean, kernel_size, stride)


def thin_edges(generator: Generator, kernel_size: int, stride: int) -> DrawnMap:
    """Lines one cell wide of differing strength; wanted is that of the strongest in the window."""
    clean = torch.zeros(SHAPE)
    size = SHAPE[-1]
    for drawn in clean.flatten(0, 1):
        for _ in range(3):
            start, slope, strength, is_upright = torch.rand(4, generator=generator).tolist()
            rows = (start * size + (2 * slope - 1) * torch.arange(size)).long() % size
            line = torch.zeros(size, size)
            line[rows, torch.arange(size)] = 0.5 + strength
            drawn.copy_(torch.maximum(drawn, line.T if is_upright < 0.5 else line))
    return _noisy(clean, 0.05, generator), F.max_pool2d(clean, kernel_size, stride)


def presence(generator: Generator, kernel_size: int, stride: int) -> DrawnMap:
    """Cells that answer to a pattern; wanted is whether it occurs in the window at all."""
    answers = _answers(generator, 0.5 / kernel_size)
    return _noisy(answers, 0.1, generator), F.max_pool2d(answers, kernel_size, stride)


def coverage(generator: Generator, kernel_size: int, stride: int) -> DrawnMap:
    """The same kind of map; wanted is how much of the window the pattern fills."""
    answers = _answers(generator, 0.5)
    return _noisy(answers, 0.1, generator), F.avg_pool2d(answers, kernel_size, stride)


def noisy_flat_areas(generator: Generator, kernel_size: int, stride: int) -> DrawnMap:
    """One level per map under strong noise; wanted is the level."""
    count = SHAPE[0] * SHAPE[1]
    levels = torch.linspace(0, 2, count)[torch.randperm(count, generator=generator)]
    clean = levels.view(*SHAPE[:2], 1, 1).expand(SHAPE)
    return _noisy(clean, 1.0, generator), F.avg_pool2d(clean, kernel_size, stride)


def smooth_shading(generator: Generator, kernel_size: int, stride: int) -> DrawnMap:
    """A level that changes slowly over the map, under noise; wanted is the level in the window."""
    angle = 2 * torch.pi * torch.rand(*SHAPE[:2], 1, 1, generator=generator)
    across = torch.linspace(-1, 1, SHAPE[-1])
    clean = angle.cos() * across + angle.sin() * across.unsqueeze(1)
    return _noisy(clean, 1.0, generator), F.avg_pool2d(clean, kernel_size, stride)


KINDS: Mapping[str, Callable[[Generator, int, int], DrawnMap]] = {
    "bright spots": bright_spots,
    "thin edges": thin_edges,
    "presence": presence,
    "noisy flat areas": noisy_flat_areas,
    "smooth shading": smooth_shading,
    "coverage": coverage,
}
"""Kind → maps of it. Each kind has the same better pooling for any random numbers."""


def correlation(one: Tensor, other: Tensor) -> float:
    """The correlation coefficient of all values of two tensors that are not constant."""
    a, b = one - one.mean(), other - other.mean()
    return float((a * b).sum() / (a.norm() * b.norm()))


def agreements(x: Tensor, wanted: Tensor, kernel_size: int, stride: int) -> tuple[float, float]:
    """How well the maps after max pooling and after average pooling correlate with ``wanted``."""
    pooled = (pool(x, kernel_size, stride) for pool in (F.max_pool2d, F.avg_pool2d))
    by_max, by_average = (correlation(each, wanted) for each in pooled)
    return by_max, by_average


def negated_max(generator: Generator, kernel_size: int, stride: int) -> DrawnMap:
    """Random numbers; wanted is what max pooling says the opposite of."""
    x = torch.randn(SHAPE, generator=generator)
    return x, -F.max_pool2d(x, kernel_size, stride)


def negated_mean(generator: Generator, kernel_size: int, stride: int) -> DrawnMap:
    """Random numbers; wanted is what average pooling says the opposite of."""
    x = torch.randn(SHAPE, generator=generator)
    return x, -F.avg_pool2d(x, kernel_size, stride)


NEGATED_KINDS: Mapping[str, Callable[[Generator, int, int], DrawnMap]] = {
    "the opposite of the largest value": negated_max,
    "the opposite of the mean": negated_mean,
}
"""Kind → maps after which both poolings agree by less than 0."""


def differing_images(generator: Generator, kernel_size: int, stride: int) -> DrawnMap:
    """Each image alone says its means; which image it is, only its largest values tell."""
    spread = torch.tensor([1.0, 1.0, 2.0, 3.0]).view(-1, 1, 1, 1)
    x = spread * torch.randn(SHAPE, generator=generator)
    return x, F.avg_pool2d(x, kernel_size, stride) + 2 * spread


def differing_channels(generator: Generator, kernel_size: int, stride: int) -> DrawnMap:
    """Each channel alone says its largest values; which channel it is, only its means tell."""
    spread = torch.tensor([1.0, 3.0]).view(1, -1, 1, 1)
    x = spread * (torch.randn(SHAPE, generator=generator) - 1.5)
    return x, F.max_pool2d(x, kernel_size, stride) - 4 * spread


def odd_first_image(generator: Generator, kernel_size: int, stride: int) -> DrawnMap:
    """Random numbers; wanted is the mean of a window, but the largest value in the first image."""
    x = torch.randn(SHAPE, generator=generator)
    wanted = F.avg_pool2d(x, kernel_size, stride)
    largest = F.max_pool2d(x[:1], kernel_size, stride)
    wanted[:1] = largest - largest.mean()
    return x, wanted


MIXED_KINDS: Mapping[str, Callable[[Generator, int, int], DrawnMap]] = {
    "images of differing scales": differing_images,
    "channels of differing scales": differing_channels,
    "images of two kinds": odd_first_image,
}
"""Kind → maps of which a part decides otherwise than the whole: an image, or a channel."""


def _answers(generator: Generator, share: float) -> Tensor:
    """Cells that are 1 or 0, more of them in some maps than in others."""
    shares = 2 * share * torch.rand(*SHAPE[:2], 1, 1, generator=generator)
    return (torch.rand(SHAPE, generator=generator) < shares).float()


def _noisy(clean: Tensor, sigma: float, generator: Generator) -> Tensor:
    return clean + sigma * torch.randn(SHAPE, generator=generator)
