"""A submission within its own process: its module, and the objects that the judge asks for.

All of this lives beside the learner's code, which may change any of it.
"""

import builtins
import dataclasses
import io
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy
from torch import Tensor, nn

from cnn_tui.grading.isolation import wire
from cnn_tui.grading.isolation.wire_values import ARRAY_DTYPES, Callback, Handle, Opaque, Record

MAX_OBJECTS = 1000
MAX_PRINTED = 1 << 16
"""Characters of what a call prints that a hidden test can compare."""
BUILTINS: tuple[Any, ...] = (int, float, bytes, list, tuple, dict, set, frozenset)
ASKED_FOR = ("__call__", "__iter__", "__getitem__")
"""What a hidden test asks of an object beside its named methods."""

Request = dict[str, Any]


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
        is_fields_only = _has_fields_only(type(value))
        if dataclasses.is_dataclass(value) and not isinstance(value, type) and is_fields_only:
            fields = ((each.name, getattr(value, each.name)) for each in dataclasses.fields(value))
            return Record(type(value).__name__, tuple(fields))
        if isinstance(value, numpy.generic):
            return value.item()
        if isinstance(value, numpy.ndarray) and value.dtype.name in ARRAY_DTYPES:
            return value.item() if value.shape == () else numpy.array(value)
        return self.keep(value)


def _has_fields_only(kind: type) -> bool:
    """Whether this is a dataclass without methods and properties, for which it must stay here."""
    if not dataclasses.is_dataclass(kind):
        return False
    fields = {each.name for each in dataclasses.fields(kind)}
    others = {name for name in dir(kind) if not name.startswith("__") or name in ASKED_FOR}
    return others <= fields
