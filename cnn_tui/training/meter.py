"""Losses and guesses that stay on the device until their sums are asked for."""

import time
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Reading:
    """Sums over ``seen`` images, and the seconds they took."""

    loss_sum: float
    correct: int
    seen: int
    seconds: float

    @property
    def loss(self) -> float:
        """Mean loss per image: each batch weighs what it holds."""
        return self.loss_sum / max(1, self.seen)

    @property
    def accuracy(self) -> float:
        """Part of the images that were classified right, 0 to 1."""
        return self.correct / max(1, self.seen)


class Meter:
    """Keeps what each batch gave, on the device; only ``read`` adds it up and waits for it.

    A tiny network's step is so short that adding up in every step can be felt.
    """

    def __init__(self) -> None:
        self._losses: list[Tensor] = []
        self._guesses: list[Tensor] = []
        self._labels: list[Tensor] = []
        self._since = time.monotonic()

    def restart_clock(self) -> None:
        """Count seconds from now on."""
        self._since = time.monotonic()

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Add one batch: its mean loss, its logits (N, classes) and labels (N,)."""
        self._losses.append(loss.detach())
        self._guesses.append(logits.argmax(1))
        self._labels.append(labels)

    @property
    def seconds(self) -> float:
        """Seconds since the last reading."""
        return time.monotonic() - self._since

    def read(self) -> Reading:
        """What was added since the last reading; the next one begins at zero."""
        loss_sum, correct, seen = 0.0, 0, 0
        if self._losses:
            sizes = [len(labels) for labels in self._labels]
            losses = torch.stack(self._losses).tolist()
            loss_sum = sum(loss * size for loss, size in zip(losses, sizes, strict=True))
            correct = int((torch.cat(self._guesses) == torch.cat(self._labels)).sum())
            seen = sum(sizes)
        reading = Reading(loss_sum, correct, seen, self.seconds)
        self._losses, self._guesses, self._labels = [], [], []
        self.restart_clock()
        return reading
