"""What the judge asks of an object that stays with a submission, such as a network."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from cnn_tui.grading.isolation.hosted_submission import HostedSubmission, Request

MAX_LAYERS = 100
"""Calls of layers that are recorded of one forward pass."""


def _attribute(session: HostedSubmission, request: Request) -> object:
    return getattr(_object(session, request), request["name"])


def _iterator(session: HostedSubmission, request: Request) -> object:
    return session.keep(iter(_object(session, request)))


def _next(session: HostedSubmission, request: Request) -> object:
    """The next item in a list; an empty one at the end."""
    return [each for _, each in zip(range(1), _object(session, request), strict=False)]


def _forward(session: HostedSubmission, request: Request) -> object:
    with torch.no_grad():
        return _object(session, request)(
            *session.real(request["args"]), **session.real(request["kwargs"])
        )


def _method(session: HostedSubmission, request: Request) -> object:
    method = getattr(_object(session, request), request["name"])
    return method(*session.real(request["args"]), **session.real(request["kwargs"]))


def _state_dict(session: HostedSubmission, request: Request) -> object:
    return dict(_object(session, request).state_dict())


def _load_state_dict(session: HostedSubmission, request: Request) -> None:
    _object(session, request).load_state_dict(request["state"])


def _train(session: HostedSubmission, request: Request) -> None:
    _object(session, request).train(request["mode"])


def _grads(session: HostedSubmission, request: Request) -> object:
    net: nn.Module = _object(session, request)
    inputs = request["inputs"].requires_grad_()
    net.zero_grad(set_to_none=True)
    output = net(inputs)
    # A scalar: backward from any other shape first imports sympy, which takes half a second.
    (output * request["cotangent"]).sum().backward()
    return {
        "output": output,
        "inputs": inputs.grad,
        "parameters": {name: each.grad for name, each in net.named_parameters()},
    }


def _layers(session: HostedSubmission, request: Request) -> object:
    """The weight's shape, the input and the output of each call of a layer with a weight."""
    net: nn.Module = _object(session, request)
    calls: list[list[object]] = []

    def note(layer: nn.Module, args: tuple[Tensor, ...], output: Tensor) -> None:
        if len(calls) < MAX_LAYERS:
            # Copies: what follows may change them in place.
            shape = list(layer.state_dict()["weight"].shape)
            calls.append([shape, args[0].clone(), output.clone()])

    hooks = [each.register_forward_hook(note) for each in net.modules() if _has_weight(each)]
    try:
        with torch.no_grad():
            net(request["inputs"])
    finally:
        for hook in hooks:
            hook.remove()
    return calls


def _has_weight(module: nn.Module) -> bool:
    return isinstance(getattr(module, "weight", None), Tensor)


def _object(session: HostedSubmission, request: Request) -> Any:
    return session.objects[request["object"].number]


OBJECT_OPERATIONS: dict[str, Callable[[HostedSubmission, Request], object]] = {
    "attribute": _attribute,
    "iterator": _iterator,
    "next": _next,
    "forward": _forward,
    "method": _method,
    "state_dict": _state_dict,
    "load_state_dict": _load_state_dict,
    "train": _train,
    "grads": _grads,
    "layers": _layers,
}
