"""What a submission's own process does: answer the judge's requests, one by one.

Everything here runs beside the learner's code, which may change any of it. So
nothing here decides anything: it hands over plain data and the judge compares.
"""

import builtins
import dataclasses
import io
import json
import linecache
import random
import socket
import sys
import traceback
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy
import torch
from torch import Tensor, nn

from cnn_tui.errors import LabError
from cnn_tui.grading.isolation import wire
from cnn_tui.grading.isolation.helper_modules import file_name_of, serve_helpers
from cnn_tui.grading.isolation.untrusted_records import flat
from cnn_tui.grading.isolation.wire import Callback, Handle, Opaque, Record, WireError
from cnn_tui.grading.stand_ins.eager import run_eagerly
from cnn_tui.grading.stand_ins.modules import serve_modules
from cnn_tui.grading.stand_ins.remarks import noted
from cnn_tui.grading.stand_ins.showing import names_in_notebooks

MAX_OBJECTS = 1000
MAX_LAYERS = 100
"""Calls of layers that are recorded of one forward pass."""
MAX_MESSAGE = 2000
MAX_LINES = 20
MAX_PRINTED = 1 << 16
"""Characters of what a call prints that a hidden test can compare."""
BUILTINS: tuple[Any, ...] = (int, float, bytes, list, tuple, dict, set, frozenset)

Request = dict[str, Any]


class MissingError(Exception):
    """The learner's module has no function of that name."""


class PrintedText(io.TextIOWrapper):
    """A standard output that remembers what the last call has printed to it."""

    printed: list[str]
    room: int = 0

    def forget(self) -> None:
        """Remember what is printed from now on."""
        self.printed, self.room = [], MAX_PRINTED

    def write(self, text: str, /) -> int:
        """Write, and remember it as long as there is room."""
        if self.room > 0:
            self.printed.append(text[: self.room])
            self.room -= len(text)
        return super().write(text)


@dataclass
class HostedSubmission:
    """One submission: its module, and the objects that the judge holds handles of."""

    channel: socket.socket | None = None
    printed: PrintedText | None = None
    module: ModuleType = field(default_factory=lambda: ModuleType("submission"))
    objects: dict[int, object] = field(default_factory=dict)
    next_number: int = 1
    arguments: tuple[list[Any], dict[str, Any]] = field(default_factory=lambda: ([], {}))
    helper_files: tuple[str, ...] = ()

    def keep(self, value: object) -> Handle | Opaque:
        """A handle for an object that stays here, as long as there is room."""
        if len(self.objects) >= MAX_OBJECTS:
            return Opaque(f"an object of type {type(value).__name__}")
        number = self.next_number
        self.next_number += 1
        self.objects[number] = value
        return Handle(number, type(value).__name__, isinstance(value, nn.Module))

    def real(self, value: Any) -> Any:
        """``value`` with every handle replaced by its object."""
        match value:
            case Handle():
                return self.objects[value.number]
            case Callback():
                return self._calling_back(value.number)
            case list():
                return [self.real(each) for each in value]
            case tuple():
                return tuple(self.real(each) for each in value)
            case dict():
                return {key: self.real(each) for key, each in value.items()}
        return value

    def _calling_back(self, number: int) -> Callable[..., object]:
        """A function that has the judge call one of the hidden test's."""

        def function(*args: object, **kwargs: object) -> object:
            assert self.channel is not None
            asked = {"callback": number, "args": list(args), "kwargs": kwargs}
            wire.send(self.channel, wire.pack(asked, self.plain))
            answer = wire.receive(self.channel)
            if "raised" in answer:
                name, message = answer["raised"]
                kind = getattr(builtins, name, RuntimeError)
                raise kind(message)
            return self.real(answer["value"])

        return function

    def plain(self, value: object) -> object:
        """A plain stand-in for anything: builtins and tensors as such, else a handle."""
        if isinstance(value, Tensor):
            return value.detach().as_subclass(Tensor)
        if isinstance(value, str):
            return str.__str__(value)
        for builtin in BUILTINS:
            if isinstance(value, builtin):
                return builtin(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = ((each.name, getattr(value, each.name)) for each in dataclasses.fields(value))
            return Record(type(value).__name__, tuple(fields))
        if isinstance(value, numpy.generic):
            return value.item()
        if isinstance(value, numpy.ndarray) and value.dtype.name in wire.ARRAY_DTYPES:
            return value.item() if value.shape == () else numpy.array(value)
        return self.keep(value)


def serve(channel: socket.socket) -> None:
    """Answer requests until the judge hangs up."""
    serve_modules()
    run_eagerly()
    # What the learner's code puts in its place is not looked at.
    printed = sys.stdout if isinstance(sys.stdout, PrintedText) else None
    session = HostedSubmission(channel=channel, printed=printed)
    while True:
        try:
            request = wire.receive(channel)
            reply = _reply(session, request)
            wire.send(channel, reply)
        except EOFError:
            return


def _reply(session: HostedSubmission, request: Request) -> bytes:
    number = request["id"]
    try:
        value = OPERATIONS[request["op"]](session, request)
        return wire.pack({"id": number, "value": value, "remarks": noted()}, session.plain)
    except MissingError:
        return wire.pack({"id": number, "missing": True})
    except WireError as error:
        return wire.pack({"id": number, "refused": str(error)})
    except BaseException as error:
        raised = _described(error, session.module.__name__, session.helper_files)
        place = _place_in_helpers(error, session)
        described = {"id": number, "raised": raised, "remarks": noted(), "helper": place}
        return wire.pack(described)
    finally:
        _flush()


def _load(session: HostedSubmission, request: Request) -> None:
    name, source = request["name"], request["source"]
    file_name = f"{name}.py"
    session.module = ModuleType(name)
    session.module.__file__ = file_name
    session.module.__dict__.update(names_in_notebooks(source))
    # A file named like a module that Python knows must not take its place.
    sys.modules.setdefault(name, session.module)
    lines = source.decode("utf-8").splitlines(keepends=True)
    linecache.cache[file_name] = (len(source), None, lines, file_name)
    session.helper_files = tuple(map(file_name_of, request["helpers"]))
    serve_helpers(request["helpers"])
    exec(compile(source, file_name, "exec", dont_inherit=True), session.module.__dict__)


def _seed(session: HostedSubmission, request: Request) -> None:
    for seed in (random.seed, numpy.random.seed, torch.manual_seed):
        seed(request["seed"])


def _call(session: HostedSubmission, request: Request) -> object:
    session.arguments = session.real(list(request["args"])), session.real(request["kwargs"])
    return _call_again(session, request)


def _call_again(session: HostedSubmission, request: Request) -> object:
    """Call with the very objects that the last call was given."""
    function = getattr(session.module, request["function"], None)
    if not callable(function):
        raise MissingError
    args, kwargs = session.arguments
    if session.printed is not None:
        session.printed.forget()
    return function(*args, **kwargs)


def _output(session: HostedSubmission, request: Request) -> object:
    return "" if session.printed is None else "".join(session.printed.printed)


def _constant(session: HostedSubmission, request: Request) -> object:
    """A value of the learner's module."""
    if not hasattr(session.module, request["name"]):
        raise MissingError
    return getattr(session.module, request["name"])


def _attribute(session: HostedSubmission, request: Request) -> object:
    return getattr(_object(session, request), request["name"])


def _iterator(session: HostedSubmission, request: Request) -> object:
    return session.keep(iter(_object(session, request)))


def _next(session: HostedSubmission, request: Request) -> object:
    """The next item in a list; an empty one at the end."""
    return [each for _, each in zip(range(1), _object(session, request), strict=False)]


def _arguments(session: HostedSubmission, request: Request) -> object:
    args, kwargs = session.arguments
    return [each for each in (*args, *kwargs.values()) if isinstance(each, Tensor)]


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


def _summarize(session: HostedSubmission, request: Request) -> dict[str, object]:
    # Only here: no check needs it, and each waits for what this module imports.
    from cnn_tui.analysis.networks.modules import summarize_named
    from cnn_tui.nets.specs import NetSpec

    target = NetSpec(request["name"], place=request["place"])
    try:
        summary = summarize_named(session.module, target, request["input_shape"])
    except LabError as error:
        return {"sentence": str(error)}
    return {"summary": json.dumps(flat(summary)).encode()}


def _release(session: HostedSubmission, request: Request) -> None:
    session.objects.clear()
    session.arguments = [], {}


OPERATIONS: dict[str, Callable[[HostedSubmission, Request], object]] = {
    "load": _load,
    "seed": _seed,
    "call": _call,
    "call_again": _call_again,
    "arguments": _arguments,
    "forward": _forward,
    "method": _method,
    "state_dict": _state_dict,
    "load_state_dict": _load_state_dict,
    "train": _train,
    "grads": _grads,
    "layers": _layers,
    "summarize": _summarize,
    "release": _release,
    "output": _output,
    "constant": _constant,
    "attribute": _attribute,
    "iterator": _iterator,
    "next": _next,
}


def _object(session: HostedSubmission, request: Request) -> Any:
    return session.objects[request["object"].number]


def _described(error: BaseException, module: str, helper_files: Collection[str]) -> list[object]:
    """Its type, its message, the lines of the learner's file that led to it, and its bases."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [each.lineno for each in frames if each.filename == f"{module}.py"]
    message = _message(error)
    if isinstance(error, SyntaxError) and error.filename in helper_files:
        message = error.msg
    elif isinstance(error, SyntaxError):
        lines.append(error.lineno)
    bases = [each.__name__ for each in type(error).__mro__][:MAX_LINES]
    return [type(error).__name__, message, lines[-MAX_LINES:], bases]


def _place_in_helpers(error: BaseException, session: HostedSubmission) -> list[object]:
    """[file, line] of what was raised last in the learner's code, where that is a helper file."""
    if isinstance(error, SyntaxError) and error.filename in session.helper_files:
        return [error.filename, error.lineno]
    own = (f"{session.module.__name__}.py", *session.helper_files)
    frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename in own]
    if frames and frames[-1].filename in session.helper_files:
        return [frames[-1].filename, frames[-1].lineno]
    return []


def _message(error: BaseException) -> str:
    try:
        return str(error)[:MAX_MESSAGE]
    except BaseException:
        return "(its message cannot be shown)"


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            continue
