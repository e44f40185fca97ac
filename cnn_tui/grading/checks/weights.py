"""Filling a learner's network with known numbers, whatever its layers are called.

Tensors of a state dict are told apart by their *role*: the kind of layer they
belong to, their name there, and their shape. Tensors of one role all get the
same numbers, so it never matters in which order a learner made the layers, or
whether one is registered twice. What the state dict says is only a hint: what
counts is what the network computes once it is filled.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Generator, Tensor

from cnn_tui.grading.checks.testing import CheckError, described, differs, expect_tensor
from cnn_tui.grading.isolation.remote_objects import RemoteObject
from cnn_tui.grading.isolation.submission_errors import RaisedError

Role = tuple[str, str, tuple[int, ...]]
StateDict = Mapping[str, Tensor]

NORM = "normalization"
NO_GRADIENT = "does not require grad"
"""Part of what PyTorch says of an output that depends on no parameter and no input."""
LAYER = "layer"
NAMES = ("weight", "bias", "running_mean", "running_var")


def roles(state: StateDict) -> dict[str, Role]:
    """The role of each tensor of ``state`` that has one."""
    parts = [(key, *key.rpartition(".")[::2], tensor) for key, tensor in state.items()]
    norms = {
        layer
        for _, layer, name, tensor in parts
        if name == "running_mean" or (name == "weight" and tensor.dim() == 1)
    }
    return {
        key: (NORM if layer in norms else LAYER, name, _without_ones(tensor))
        for key, layer, name, tensor in parts
        if name in NAMES
    }


def draw(state: StateDict, generator: Generator) -> dict[Role, Tensor]:
    """Random numbers for each role of a reference's ``state``, of sizes that keep a net alive."""
    return {role: _random(role, generator) for role in dict.fromkeys(roles(state).values())}


def fill(
    state: StateDict, values: Mapping[Role, Tensor], generator: Generator
) -> dict[str, Tensor]:
    """``state`` with the numbers of ``values``; what has no role keeps its own.

    A role that ``values`` lacks gets random numbers: a layer that should not be
    there must not stay unnoticed because it begins as the identity.
    """
    known = roles(state)
    unknown = {role: _random(role, generator) for role in set(known.values()) - set(values)}
    numbers = {**values, **unknown}
    return {
        key: numbers[known[key]].view(tensor.shape) if key in known else tensor
        for key, tensor in state.items()
    }


def expect_roles(state: StateDict, wanted: Mapping[Role, Tensor], what: str) -> None:
    """Fail unless ``state`` has a tensor of every role in ``wanted``."""
    found = set(roles(state).values())
    for kind, name, shape in wanted:
        if (kind, name, shape) not in found:
            raise CheckError(f"{what}: no {kind} in it has a {name} of shape {shape}.")


def expect_same_by_role(
    got: Mapping[str, Any],
    wanted: StateDict,
    names: tuple[str, ...],
    prefix: str = "",
    rtol: float = 1e-3,
) -> None:
    """Fail unless ``got`` holds, under any key, what ``wanted`` holds of each role.

    Only tensors called one of ``names`` count. Where several share a role, each
    wanted one must be among them. ``prefix`` begins the message.
    """
    tensors = {name: value for name, value in got.items() if isinstance(value, Tensor)}
    found = roles(tensors)
    for key, role in roles(wanted).items():
        kind, name, shape = role
        if name not in names:
            continue
        like = [tensors[each].view(shape) for each in found if found[each] == role]
        what = f"{prefix}{name} of the {kind} of shape {shape}"
        if not like:
            raise CheckError(f"{what}: there is none.")
        target = wanted[key].view(shape)
        nearest = min(like, key=lambda each: _distance(each, target))
        expect_near(nearest, target, what, rtol)


def expect_near(got: Any, wanted: Tensor, what: str, rtol: float = 1e-3) -> None:
    """Like ``expect_tensor``, to the rounding of a whole network, forward and back.

    ``rtol`` is a share of each value and of the largest.
    """
    expect_tensor(got, wanted, what, rtol=rtol, atol=rtol * float(wanted.abs().max()) + 1e-6)


def grads_of(net: RemoteObject, inputs: Tensor, cotangent: Tensor, what: str) -> dict[str, Any]:
    """What ``net.grads`` tells; fails where no gradient passes from its output back."""
    try:
        return net.grads(inputs, cotangent)
    except RaisedError as error:
        if NO_GRADIENT not in str(error):
            raise
        raise CheckError(
            f"{what}: no gradient passes back from its output. Is a tensor detached in forward, "
            "turned into numbers, or computed under torch.no_grad()?"
        ) from None


def gradients_by_name(told: Mapping[str, Any]) -> dict[str, Tensor]:
    """The gradients of parameters in what ``RemoteObject.grads`` told."""
    gradients = told.get("parameters")
    if not isinstance(gradients, dict) or not all(isinstance(name, str) for name in gradients):
        raise differs("gradients", "a dict of names", described(gradients))
    return {name: each for name, each in gradients.items() if isinstance(each, Tensor)}


def _without_ones(tensor: Tensor) -> tuple[int, ...]:
    # A 1×1 convolution at the end of a network does what a linear layer does.
    shape = tuple(tensor.shape)
    while len(shape) > 2 and shape[-1] == 1:
        shape = shape[:-1]
    return shape


def _random(role: Role, generator: Generator) -> Tensor:
    kind, name, shape = role
    numbers = torch.randn(shape, generator=generator)
    if name == "running_var" or (kind == NORM and name == "weight"):
        return 0.5 + numbers.abs()
    if name == "weight":
        fan_in = math.prod(shape[1:])
        return numbers * math.sqrt(2 / max(fan_in, 1))
    return 0.2 * numbers


def _distance(got: Tensor, wanted: Tensor) -> float:
    return float((got.double() - wanted.double()).abs().max())
