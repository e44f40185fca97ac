"""What a submission's answers become in the judge, and what of them can be sent back.

Plain values stay what they are; ``RemoteObject`` stands for whatever is none.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy
from torch import Tensor

from cnn_tui.grading.isolation import wire
from cnn_tui.grading.isolation.submission_errors import MissingAttributeError, RaisedError
from cnn_tui.grading.isolation.wire_values import MAX_BODY, Callback, Handle, Record
from cnn_tui.grading.text import one_line

MAX_NUMBERS = 4_000_000
"""Of a network; the largest of the exercises has some 220,000."""
MAX_NAME = 60


class Operator(Protocol):
    """Whoever can have a submission do something with one of its objects."""

    def operate(self, doing: str, op: str, **fields: object) -> Any:
        """One operation on a remote object."""


@dataclass(frozen=True)
class RemoteObject:
    """An object that lives in the submission's process, such as a network."""

    submission: Operator
    handle: Handle

    @property
    def is_module(self) -> bool:
        """Whether the host says that it is an ``nn.Module``."""
        return self.handle.is_module

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Its forward pass, without gradients."""
        return self._operate("forward", "forward", args=args, kwargs=kwargs)

    def __iter__(self) -> Iterator[Any]:
        """Its items, such as those of a generator; each is asked for when it is needed."""
        items = self._operate("iteration", "iterator")
        if not isinstance(items, RemoteObject):
            raise RaisedError("More objects are in use than a check takes.")
        room = MAX_BODY
        while found := items._operate("iteration", "next"):
            if not isinstance(found, list):
                raise RaisedError("An iteration returned no items.")
            # Whoever collects the items must not run out of memory.
            room -= len(wire.pack(sendable(found)))
            if room < 0:
                raise RaisedError("An iteration returned more than 256 MiB.")
            yield found[0]

    def __getattr__(self, name: str) -> Any:
        """What it has as an attribute, where that has no name of this class."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self.attribute(name)

    def attribute(self, name: str) -> Any:
        """A value that it has as an attribute."""
        return self._operate(name, "attribute", name=name)

    def method(self, name: str, /, *args: object, **kwargs: object) -> Any:
        """Any method of it."""
        return self._operate(name, "method", name=name, args=args, kwargs=kwargs)

    def state_dict(self) -> dict[str, Tensor]:
        """Its parameters and buffers, as the host tells them: a hint, never proof."""
        state = self._fields("state_dict", "state_dict")
        tensors = {name: each for name, each in state.items() if isinstance(each, Tensor)}
        numbers = sum(tensor.numel() for tensor in tensors.values())
        if numbers > MAX_NUMBERS:
            raise RaisedError(
                f"{one_line(self.handle.type_name, MAX_NAME)} has {numbers:,} parameters and "
                f"buffers, more than the {MAX_NUMBERS:,} that a check takes."
            )
        return tensors

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Give it these parameters and buffers."""
        self._operate("load_state_dict", "load_state_dict", state=dict(state))

    def train(self, mode: bool = True) -> None:
        """Switch it to training or to evaluation."""
        self._operate("train", "train", mode=mode)

    def grads(self, inputs: Tensor, cotangent: Tensor) -> dict[str, Any]:
        """Gradients of ``(output * cotangent).sum()``: ``output``, ``inputs``, ``parameters``."""
        return self._fields("backward", "grads", inputs=inputs, cotangent=cotangent)

    def layers(self, inputs: Tensor) -> Any:
        """Of each call of a layer with a weight: its shape, the layer's input and its output."""
        return self._operate("forward", "layers", inputs=inputs)

    def _fields(self, doing: str, op: str, **fields: object) -> dict[str, Any]:
        value = self._operate(doing, op, **fields)
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
            raise RaisedError(f"{doing} returned no dict of names.")
        return value

    def _operate(self, doing: str, op: str, **fields: object) -> Any:
        name = one_line(self.handle.type_name, MAX_NAME)
        return self.submission.operate(f"{name}.{doing}", op, object=self, **fields)


@dataclass(frozen=True)
class ReturnedRecord(Record):
    """A dataclass instance of the learner's; its fields are attributes here, too."""

    def __getattr__(self, name: str) -> Any:
        """One of its fields."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self.attribute(name)

    def attribute(self, name: str) -> Any:
        """One of its fields, asked for as an attribute of any other object."""
        for field, value in self.fields:
            if field == name:
                return value
        kind = one_line(self.type_name, MAX_NAME)
        raise MissingAttributeError(f"An object of type {kind} has no attribute {name}.")


def sendable(value: Any, callbacks: list[Callable[..., object]] | None = None) -> Any:
    """``value`` as it can be sent; ``callbacks`` takes the functions in it, if they may be."""
    match value:
        case RemoteObject():
            return value.handle
        case ReturnedRecord():
            return Record(value.type_name, sendable(value.fields, callbacks))
        case numpy.generic():
            return value.item()
        case Tensor() if type(value) is not Tensor:
            return value.detach().as_subclass(Tensor)
        case list():
            return [sendable(each, callbacks) for each in value]
        case tuple():
            return tuple(sendable(each, callbacks) for each in value)
        case dict():
            return {key: sendable(each, callbacks) for key, each in value.items()}
    if callbacks is not None and callable(value):
        callbacks.append(value)
        return Callback(len(callbacks) - 1)
    return value


def received(value: Any, submission: Operator) -> Any:
    """What came from a submission, with a RemoteObject for each object that stays there."""
    match value:
        case Handle():
            return RemoteObject(submission, value)
        case Record(type_name=type_name, fields=fields):
            return ReturnedRecord(
                type_name, tuple((name, received(each, submission)) for name, each in fields)
            )
        case list():
            return [received(each, submission) for each in value]
        case tuple():
            return tuple(received(each, submission) for each in value)
        case dict():
            return {key: received(each, submission) for key, each in value.items()}
    return value
