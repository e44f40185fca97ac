"""Whether a new network begins as PyTorch's defaults do: weights, biases and norms."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from cnn_tui.grading.checks.testing import expect
from cnn_tui.grading.checks.weights import NAMES, NORM, StateDict, roles
from cnn_tui.grading.isolation.remote_objects import RemoteObject

EVEN = 3**-0.5
"""The root mean square of numbers that are drawn evenly from -1 to 1."""
LEAST_SPREAD = 0.6
"""Of ``EVEN``: of 54 even draws, the fewest that count, 7 deviations off."""
FEWEST = 54
SLACK = 1.001
UNLIKELY = 0.123
"""What no draw gives to all parameters of a network."""


def expect_new_start(make: Callable[[], RemoteObject], what: str) -> None:
    """Fail unless each call of ``make`` gives a network of its own that begins as defaults do."""
    first = make()
    state = first.state_dict()
    marked = {
        key: torch.full_like(each, UNLIKELY) if key.rpartition(".")[2] in NAMES else each
        for key, each in state.items()
    }
    first.load_state_dict(marked)
    second = make().state_dict()
    is_again = all(key in second and torch.equal(second[key], marked[key]) for key in marked)
    expect(
        not is_again,
        f"{what} returns the module of an earlier call again: each call makes a new one.",
    )
    expect_default_start(second, what)


def expect_default_start(state: StateDict, what: str) -> None:
    """Fail unless ``state``, that of a new network, begins as PyTorch's defaults do.

    Weights and biases of layers are drawn evenly from within 1 / sqrt(fan-in) of 0; norms
    begin as the identity. Layers have few biases, so those of all of them are looked at
    together.
    """
    biases: list[Tensor] = []
    for key, (kind, name, shape) in roles(state).items():
        if name not in ("weight", "bias"):
            continue
        numbers = state[key].float()
        if kind == NORM:
            right = 1.0 if name == "weight" else 0.0
            _expect_all(numbers, right, f"{what}: the {name} of a new {kind} of shape {shape}")
            continue
        weight = state.get(f"{key.removesuffix(name)}weight", state[key])
        shares = numbers * math.prod(weight.shape[1:]) ** 0.5
        if name == "weight":
            _expect_even(shares, f"{what}: the weights of a new layer, of shape {shape},")
        else:
            own = f"{what}: the biases of a new layer of {len(numbers)} outputs"
            _expect_even(shares, own, fewest=len(shares) + 1)
            biases.append(shares)
    if biases:
        _expect_even(torch.cat(biases), f"{what}: the biases of new layers", fewest=FEWEST)


def _expect_all(numbers: Tensor, right: float, what: str) -> None:
    expect(
        bool((numbers == right).all()),
        f"{what} does not begin at {right:g}, as PyTorch's defaults do.",
    )


def _expect_even(shares: Tensor, what: str, fewest: int = 0) -> None:
    """Fail unless ``shares`` of 1 / sqrt(fan-in) fill the range, which ``fewest`` of them show."""
    leave = "leave the initialization to PyTorch's defaults"
    expect(bool(shares.any()), f"{what} begin at 0: {leave}.")
    largest = float(shares.abs().max())
    expect(
        largest <= SLACK,
        f"{what} begin up to {largest:.3g} times as far from 0 as PyTorch's defaults go: {leave}.",
    )
    spread = float(shares.square().mean().sqrt()) / EVEN
    expect(
        len(shares.flatten()) < fewest or spread >= LEAST_SPREAD,
        f"{what} begin {spread:.2g} times as far from 0, on average, as PyTorch's defaults: "
        f"{leave}.",
    )
