"""Recognizing mistakes in networks: one that makes the mistake computes what the submission's does.

Both are filled with the same numbers, as in ``cnn_tui.grading.checks.weights``.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from cnn_tui.grading.checks.testing import expect_module
from cnn_tui.grading.checks.weights import Role, draw, fill, roles
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.isolation.remote_objects import RemoteObject
from cnn_tui.grading.misconceptions.probes import new_generator, only_match

Make = Callable[[], nn.Module]


@dataclass(frozen=True)
class NetProbe:
    """Compares a network of the submission, ``function(*args)``, with networks of the judge's own.

    ``inputs`` has the shape of what they get. Tensors of the roles ``zero`` get zeros.
    """

    function: str
    args: tuple[object, ...]
    inputs: tuple[int, ...]
    right: Make
    mistakes: Mapping[str, Make]
    zero: tuple[Role, ...] = ()

    def mistake(self, submission: LoadedSubmission) -> str:
        """The sentence on the mistake that the network's answers show, or ""."""
        net = made(submission, self.function, self.args, self.inputs)
        values = _fill(net, self.right(), self.zero)
        outcomes = {name: self._answers(make, values) for name, make in self.mistakes.items()}
        answers = list(_answers(net, net.train, self._gradient(net.grads), self.inputs))
        return only_match(answers, self._answers(self.right, values), outcomes)

    def _answers(self, make: Make, values: Mapping[Role, Tensor]) -> Iterator[Any]:
        """What a network of the judge's own answers; nothing that fits where it has other roles."""
        net = make()
        state = net.state_dict()
        if not set(roles(state).values()) <= set(values):
            return iter([None] * 4)
        net.load_state_dict(fill(state, values, new_generator()))
        forward = torch.no_grad()(net.forward)
        return _answers(forward, net.train, self._gradient(partial(_grads, net)), self.inputs)

    def _gradient(self, grads: Callable[[Tensor, Tensor], Mapping[str, Any]]) -> Callable[..., Any]:
        return lambda x, cotangent: grads(x, cotangent).get("inputs")


def made(
    submission: LoadedSubmission, function: str, args: tuple[object, ...], inputs: tuple[int, ...]
) -> RemoteObject:
    """A new network of the submission, in evaluation mode."""
    net = expect_module(submission.call(function, *args), function)
    net.train(False)
    net(torch.zeros(inputs))  # Lazy layers have no shapes before it.
    return net


def filled(
    submission: LoadedSubmission,
    function: str,
    args: tuple[object, ...],
    inputs: tuple[int, ...],
    right: nn.Module,
    zero: tuple[Role, ...] = (),
) -> RemoteObject:
    """A new network of the submission, in evaluation mode, and ``right``, with the same numbers.

    Tensors of the roles ``zero``, which the submission may leave out, get zeros.
    """
    net = made(submission, function, args, inputs)
    values = _fill(net, right, zero)
    right.load_state_dict(fill(right.state_dict(), values, new_generator()))
    return net


def _fill(
    net: RemoteObject, right: nn.Module, zero: tuple[Role, ...] = ()
) -> Mapping[Role, Tensor]:
    """Give a network numbers; returns them, with those that the right one needs besides."""
    state = net.state_dict()
    known = draw(state, new_generator()) | draw(right.state_dict(), new_generator())
    values = known | {role: torch.zeros_like(known[role]) for role in zero}
    net.load_state_dict(fill(state, values, new_generator()))
    return values


def _answers(
    forward: Callable[[Tensor], Any],
    train: Callable[[bool], object],
    gradient: Callable[[Tensor, Tensor], Any],
    shape: tuple[int, ...],
) -> Iterator[Any]:
    """In evaluation, in training, in evaluation after it, and the gradient at the input."""
    generator = new_generator()
    x, more = (torch.randn(shape, generator=generator) for _ in range(2))
    train(False)
    answer = forward(x)
    yield answer
    train(True)
    yield forward(more)
    train(False)
    yield forward(x)
    if type(answer) is Tensor:
        yield gradient(x, torch.randn(answer.shape, generator=generator))
    else:
        yield None


def _grads(net: nn.Module, inputs: Tensor, cotangent: Tensor) -> dict[str, Tensor]:
    leaf = inputs.clone().requires_grad_()
    (gradient,) = torch.autograd.grad((net(leaf) * cotangent).sum(), leaf)
    return {"inputs": gradient}
