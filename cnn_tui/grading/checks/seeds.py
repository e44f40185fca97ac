"""Whether a new network's numbers are those that PyTorch draws after a seed.

PyTorch's default initialization draws a layer's numbers one after the other, so
each tensor is a stretch of what one generator draws, in whichever order the layers
are made, and whatever else is drawn between them.
"""

import math

import torch
from torch import Tensor

from cnn_tui.grading.checks.testing import expect
from cnn_tui.grading.checks.weights import StateDict

LENGTH = 1 << 17
"""How many numbers of the generator are looked through: far more than any exercise draws."""
NEAR = 1e-5


def expect_drawn_after(seed: int, state: StateDict, what: str) -> None:
    """Fail unless weights and biases of ``state`` are PyTorch's defaults, drawn after ``seed``."""
    drawn = 2 * torch.rand(LENGTH, generator=torch.Generator().manual_seed(seed)) - 1
    for key, tensor in state.items():
        layer = key.rpartition(".")[0]
        weight = state.get(f"{layer}.weight" if layer else "weight")
        is_known = weight is not None and weight.dim() > 1 and tensor.numel() < LENGTH
        fan_in = math.prod(weight.shape[1:]) if weight is not None else 1
        expect(
            is_known and _is_stretch(tensor * math.sqrt(fan_in), drawn),
            f"{what}: {key} is not what PyTorch's default initialization draws after "
            f"torch.manual_seed({seed}). Seed once, before the first block, with this seed, and "
            "leave the numbers as they are drawn.",
        )


def _is_stretch(values: Tensor, drawn: Tensor) -> bool:
    sought = values.flatten()
    begins = ((drawn[: len(drawn) - len(sought) + 1] - sought[0]).abs() < NEAR).nonzero().flatten()
    stretches = (drawn[begin : begin + len(sought)] for begin in begins.tolist())
    return any(bool(((each - sought).abs() < NEAR).all()) for each in stretches)
