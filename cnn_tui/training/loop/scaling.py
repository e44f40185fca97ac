"""Loss scaling for runs in fp16, whose numbers are too coarse for most gradients.

The loss is multiplied by a scale, and the gradients divided by it before they are clipped
and used. Where some overflow, the step is skipped and the scale halved; after 2,000 steps
without it is doubled. The optimizers are fused, so that whether to skip is decided on the
device, and no step waits for it. For runs in other precisions all of it does nothing.
"""

from typing import Any

import torch
from torch import Tensor

from cnn_tui.training.config import TrainConfig


def make_scaler(config: TrainConfig) -> torch.amp.GradScaler:
    """A scaler that is at work in fp16 only."""
    return torch.amp.GradScaler(config.device_kind, enabled=config.precision == "fp16")


def fill_momentum(optimizer: torch.optim.Optimizer) -> None:
    """Begin SGD's momentum at zero, to the same bits as if the first gradient began it.

    torch takes it from memory that nothing was written to, and leaves it so if the first
    step is skipped.
    """
    if isinstance(optimizer, torch.optim.SGD):
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)


class SkippedSteps:
    """Counts on the device, in each step of an optimizer, whether a scaler lets it skip."""

    def __init__(self, optimizer: torch.optim.Optimizer, scaler: torch.amp.GradScaler) -> None:
        self._count: Tensor | None = None
        if scaler.is_enabled():
            optimizer.register_step_post_hook(self._see)

    def read(self) -> int:
        """How many were skipped since the last reading, which waits for the device."""
        count, self._count = self._count, None
        return 0 if count is None else int(count)

    def _see(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        overflowed = getattr(optimizer, "found_inf", None)
        if overflowed is not None:
            self._count = overflowed if self._count is None else self._count + overflowed
