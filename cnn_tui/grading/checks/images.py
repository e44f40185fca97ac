"""The images that hidden tests show to networks, and what networks answer."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from cnn_tui.data.preparation import digits
from cnn_tui.grading.checks.testing import described, differs

CLASSES = 10


def noise(generator: Generator, count: int, size: int) -> Tensor:
    """So many images of noise, 0 to 1: (count, 1, size, size)."""
    return torch.rand(count, 1, size, size, generator=generator)


def random_digits(generator: Generator, count: int, size: int) -> tuple[Tensor, Tensor]:
    """So many digits, all different ones, 0 to 1: (count, 1, size, size), and their labels."""
    images, labels = digits.load()
    chosen = torch.randperm(len(labels), generator=generator)[:count]
    scaled = F.interpolate(images[chosen].float() / 255, (size, size), mode="bilinear")
    return scaled, labels[chosen]


def clearest(logits: Tensor, count: int) -> Tensor:
    """Which images have an answer that no rounding changes.

    Those where the largest of the (..., N, 10) ``logits`` leads by most: N
    indices, of which ``count`` are returned.
    """
    first, second = logits.topk(2, dim=-1).values.unbind(dim=-1)
    lead = (first - second).reshape(-1, logits.shape[-2]).amin(dim=0)
    return lead.argsort(descending=True)[:count]


def logits_of(reference: nn.Module, images: Tensor) -> Tensor:
    """What a network of the judge's own answers to ``images``, in the mode it is in."""
    with torch.no_grad():
        logits: Tensor = reference(images)
    return logits


def expect_logits(got: Any, count: int) -> Tensor:
    """``got``, which must be the logits of ``count`` images; their values are not looked at."""
    if type(got) is not Tensor or got.shape != (count, CLASSES):
        raise differs("logits", f"{count} rows of {CLASSES}", described(got))
    if got.dtype != torch.float32:
        raise differs("logits", "dtype torch.float32", str(got.dtype))
    return got


def share_right(logits: Tensor, labels: Tensor) -> float:
    """The share of ``labels`` that the (N, 10) ``logits`` have right."""
    return (logits.argmax(dim=1) == labels).float().mean().item()
