"""Whether the biases of a new network begin as PyTorch's defaults do."""

import math

import torch
from torch import Tensor

from cnn_tui.grading.checks.testing import expect
from cnn_tui.grading.checks.weights import LAYER, LEAST_SPREAD, StateDict, roles

EVEN = 3**-0.5
"""The root mean square of numbers that are drawn evenly from -1 to 1."""


def expect_default_biases(state: StateDict, what: str) -> None:
    """Fail unless the biases in ``state``, that of a new network, begin as PyTorch's defaults do.

    Those of layers are drawn evenly from within 1 / sqrt(fan-in) of 0, those of norms are 0.
    Layers have few biases, so those of all of them are looked at together.
    """
    drawn: list[Tensor] = []
    norms: list[Tensor] = []
    for key, (kind, name, _) in roles(state).items():
        if name == "bias":
            weight = state.get(f"{key.removesuffix('bias')}weight", state[key])
            fan_in = math.prod(weight.shape[1:])
            (drawn if kind == LAYER else norms).append(state[key].float() * fan_in**0.5)
    expect(
        not any(bool(each.any()) for each in norms),
        f"{what}: the biases of a new normalization do not begin at 0, as PyTorch's defaults do.",
    )
    if drawn:
        numbers = torch.cat(drawn)
        spread = numbers.square().mean().sqrt()
        expect(
            bool(numbers.abs().max() <= 1.001 and spread >= LEAST_SPREAD * EVEN),
            f"{what}: the biases of new layers do not begin as PyTorch's defaults do: leave the "
            "initialization to them.",
        )
