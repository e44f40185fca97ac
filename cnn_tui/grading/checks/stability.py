"""Comparing where rounding decides nothing, so that a right solution passes on every seed.

Right solutions round differently. Mostly that shows in the last digits alone,
but a ReLU on the verge of 0, two values of a pooling window that are nearly
equal, or a gradient near 0, which Adam divides by nearly nothing, make a jump
of it. So hidden tests draw numbers again until a reference that is shaken by
more than rounding comes to about the same.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeVar

import torch
from torch import Generator, Tensor, nn

from cnn_tui.grading.checks.testing import expect
from cnn_tui.grading.checks.weights import (
    expect_near,
    expect_same_by_role,
    gradients_by_name,
    grads_of,
)
from cnn_tui.grading.isolation.remote_objects import RemoteObject

SHAKE = 5e-6
"""How far the reference's parameters are shaken, as a share: ten times as far as rounding."""
STEADY = 3e-4
"""How little of the largest value may come of it; ``expect_near`` allows three times as much."""
PAIRS = 2
MAX_DRAWS = 50

NamedTensors = Mapping[str, Tensor]
Drawn = TypeVar("Drawn")


def steady(
    draw: Callable[[], Drawn],
    outcome: Callable[[nn.Module, Drawn], NamedTensors],
    net: nn.Module,
    generator: Generator,
) -> tuple[Drawn, NamedTensors]:
    """Something from ``draw`` that rounding makes no difference for, and its ``outcome``.

    ``outcome`` gets ``net``, which it may train, and what was drawn; what it
    returns is no part of ``net``, which is as before in the end. If nothing steady
    comes in MAX_DRAWS draws, the last one has to do.
    """
    kept = _Kept(net)
    try:
        for _ in range(MAX_DRAWS):
            kept.restore()
            drawn = draw()
            wanted = outcome(net, drawn)
            if all(_near(outcome(net, drawn), wanted) for _ in kept.shaken(generator)):
                break
    finally:
        kept.restore()
    return drawn, wanted


def expect_same_gradients(
    net: RemoteObject,
    reference: nn.Module,
    draw: Callable[[], tuple[Tensor, Tensor]],
    generator: Generator,
    what: str,
    names: tuple[str, ...] = ("weight", "bias"),
    most: int | None = None,
) -> None:
    """Fail unless ``net``, in training mode, computes what ``reference`` does, and its gradients.

    ``draw`` makes the inputs and the cotangent. Gradients at the parameters called
    one of ``names`` count, and at the ``inputs`` where that is among them. No more
    than ``most`` numbers get a gradient, where that is given. The reference stays as
    it is.
    """
    outcome = partial(_forward_and_back, names=names)
    (inputs, cotangent), wanted = steady(draw, outcome, reference, generator)
    net.train()
    told = grads_of(net, inputs, cotangent, what)
    expect_near(told.get("output"), wanted["output"], f"{what}, in training")
    if "inputs" in names:
        expect(
            told.get("inputs") is not None,
            f"{what}: no gradient reaches its input. Is x detached, or used under torch.no_grad()?",
        )
        expect_near(told.get("inputs"), wanted["inputs"], f"{what}: gradient at the input")
    gradients = gradients_by_name(told)
    expect_same_by_role(gradients, wanted, names, f"{what}: gradient of the ")
    count = sum(each.numel() for each in gradients.values())
    if most is not None:
        expect(
            count <= most,
            f"{what}: {count:,} parameters take part in training, {most:,} at most are asked for.",
        )


def _forward_and_back(
    net: nn.Module, drawn: tuple[Tensor, Tensor], names: tuple[str, ...]
) -> dict[str, Tensor]:
    """The ``output``, and by name the gradients of ``(output * cotangent).sum()``."""
    inputs, cotangent = drawn
    leaf = inputs.clone().requires_grad_()
    leaves = {"inputs": leaf, **dict(net.named_parameters())}
    counted = {key: each for key, each in leaves.items() if key.rpartition(".")[2] in names}
    output = net(leaf)
    gradients = torch.autograd.grad((output * cotangent).sum(), tuple(counted.values()))
    return {"output": output.detach(), **dict(zip(counted, gradients, strict=True))}


class _Kept:
    """A network's values and modes; to copy all of it would take longer than most outcomes."""

    def __init__(self, net: nn.Module) -> None:
        self._modes = [(each, each.training) for each in net.modules()]
        tensors = (*net.parameters(), *net.buffers())
        self._values = [(each, each.detach().clone()) for each in tensors]
        self._parameters = len(list(net.parameters()))

    def restore(self) -> None:
        """Take back what training has changed: values, gradients and modes."""
        for module, mode in self._modes:
            module.training = mode
        with torch.no_grad():
            for tensor, value in self._values:
                tensor.copy_(value)
                tensor.grad = None

    def shaken(self, generator: Generator) -> Iterator[None]:
        """Shake the network's parameters again and again: in pairs, to either side.

        Of such a pair one crosses whatever verge is near, unless the pair was
        shaken along it.
        """
        parameters = self._values[: self._parameters]
        for _ in range(PAIRS):
            shifts = [
                SHAKE * value * torch.randn(value.shape, generator=generator)
                for _, value in parameters
            ]
            for side in (1, -1):
                self.restore()
                with torch.no_grad():
                    for (tensor, _), shift in zip(parameters, shifts, strict=True):
                        tensor.add_(shift, alpha=side)
                yield


def _near(got: NamedTensors, wanted: NamedTensors) -> bool:
    return all(
        bool((got[name] - each).abs().max() <= STEADY * each.abs().max())
        for name, each in wanted.items()
    )
