"""Running sums of loss and right answers that stay on the device until they are asked for."""

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
    """Adds without waiting for the device; only ``read`` waits."""

    def __init__(self, device: torch.device) -> None:
        self._loss_sum = torch.zeros((), device=device)
        self._correct = torch.zeros((), dtype=torch.int64, device=device)
        self._seen = 0
        self._since = time.monotonic()

    def restart_clock(self) -> None:
        """Count seconds from now on."""
        self._since = time.monotonic()

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Add one batch: its mean loss, its logits (N, classes) and labels (N,)."""
        with torch.no_grad():
            self._loss_sum.add_(loss, alpha=len(labels))
            self._correct += (logits.argmax(1) == labels).sum()
        self._seen += len(labels)

    @property
    def seconds(self) -> float:
        """Seconds since the last reading."""
        return time.monotonic() - self._since

    def read(self) -> Reading:
        """What was added since the last reading; the sums begin again at zero."""
        loss_sum, correct = self._loss_sum.item(), int(self._correct.item())
        reading = Reading(loss_sum, correct, self._seen, self.seconds)
        self._loss_sum.zero_()
        self._correct.zero_()
        self._seen = 0
        self.restart_clock()
        return reading
