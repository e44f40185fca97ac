"""The moving average of a network's weights: it is what validates, and what is kept as best.

Its batch norms use averages of their averages: what the weights have normalized lately.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from cnn_tui.training.loop.session import TrainingSession

EARLY = 10
"""The first steps average over fewer: the decay is at most (1 + step) / (10 + step)."""


class WeightAverage:
    """The average of all that ``net`` has learned, buffers included; it begins with a copy."""

    def __init__(self, net: nn.Module, decay: float) -> None:
        self._decay = decay
        named = [*net.named_parameters(), *net.named_buffers()]  # shared ones once
        floats = {name: value for name, value in named if value.is_floating_point()}
        self._names = list(floats)
        self._tensors = [each.detach() for each in floats.values()]
        self._values = [each.clone() for each in self._tensors]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move toward the weights that ``step`` (from 1) has left."""
        decay = min(self._decay, (1 + step) / (EARLY + step))
        torch._foreach_lerp_(self._values, self._tensors, 1 - decay)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange the values of the network and of the average; twice changes nothing."""
        for value, tensor in zip(self._values, self._tensors, strict=True):
            kept = tensor.clone()
            tensor.copy_(value)
            value.copy_(kept)

    def state_dict(self) -> dict[str, Tensor]:
        """The averages by the names of the weights, for a checkpoint."""
        return dict(zip(self._names, self._values, strict=True))

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from the averages of a checkpoint; KeyError where one is missing."""
        for name, value in zip(self._names, self._values, strict=True):
            value.copy_(state[name])


@contextmanager
def averaged(session: "TrainingSession") -> Iterator[None]:
    """Give the network the averages of its weights in here, where the run has them."""
    if session.average is None:
        yield
        return
    session.average.swap()
    try:
        yield
    finally:
        session.average.swap()
