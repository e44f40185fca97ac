"""Losses and guesses that stay on the device until their sums are asked for."""

import math
import time
from dataclasses import dataclass
from itertools import takewhile

import torch
from torch import Tensor

from cnn_tui.training.loop.ranks import Ranks


@dataclass(frozen=True)
class MetricsWindow:
    """Sums over ``seen`` images, and the seconds they took.

    ``steps`` were read, of which ``sound`` came before the first whose loss is no
    number. ``right`` and ``images`` are counted by class, where that was asked for.
    """

    loss_sum: float
    correct: int
    seen: int
    seconds: float
    steps: int = 0
    sound: int = 0
    right: tuple[int, ...] = ()
    images: tuple[int, ...] = ()

    @property
    def loss(self) -> float:
        """Mean loss per image: each batch weighs what it holds."""
        return self.loss_sum / max(1, self.seen)

    @property
    def accuracy(self) -> float:
        """Part of the images that were classified right, 0 to 1."""
        return self.correct / max(1, self.seen)


@dataclass(frozen=True)
class Learned:
    """What the tested weights have made of the training images; as in ``Ended``."""

    right_label_loss: float | None
    wrong_labels_learned: float | None


class Meter:
    """Keeps what each batch gave, on the device; only ``read`` adds it up and waits for it.

    A tiny network's step is so short that adding up in every step can be felt.
    Several processes read together: all get the sums of all, and the same seconds.
    """

    def __init__(self, ranks: Ranks, classes: int = 0) -> None:
        """With ``classes``, how many there are, right answers are counted by class, too."""
        self._ranks = ranks
        self._classes = classes
        self._pace = 1
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

    def is_due(self, seconds: float) -> bool:
        """Whether the last reading was ``seconds`` ago.

        The clocks of several processes would disagree: they count the steps that
        the first of them takes in that time.
        """
        if self._ranks.size == 1:
            return self.seconds > seconds
        if len(self._losses) < self._pace:
            return False
        self._pace = max(1, int(self._ranks.first(self._pace * seconds / self.seconds)))
        return True

    def read(self) -> MetricsWindow:
        """What was added since the last reading; the next one begins at zero."""
        loss_sum, correct, seen, sound = 0.0, 0, 0, 0
        by_class = [0.0] * 2 * self._classes
        if self._losses:
            sizes = [len(labels) for labels in self._labels]
            losses = torch.stack(self._losses).tolist()
            loss_sum = sum(loss * size for loss, size in zip(losses, sizes, strict=True))
            labels = torch.cat(self._labels)
            hits = torch.cat(self._guesses) == labels
            correct, seen = int(hits.sum()), sum(sizes)
            if self._classes:
                parts = [
                    torch.bincount(each, minlength=self._classes) for each in (labels[hits], labels)
                ]
                by_class = torch.cat(parts).tolist()
            sound = len(list(takewhile(math.isfinite, losses)))
        loss_sum, right, images, *by_class = self._ranks.add(loss_sum, correct, seen, *by_class)
        counts = tuple(map(int, by_class))
        seconds = self._ranks.first(self.seconds)
        reading = MetricsWindow(
            loss_sum,
            int(right),
            int(images),
            seconds,
            len(self._losses),
            sound,
            counts[: self._classes],
            counts[self._classes :],
        )
        self._losses, self._guesses, self._labels = [], [], []
        self.restart_clock()
        return reading
