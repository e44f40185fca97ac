"""How a value is written: a tagged tree for the JSON header, and the raw bytes beside it."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import numpy
import torch
from torch import Tensor

from cnn_tui.grading.isolation.wire_values import (
    DTYPES,
    MAX_BODY,
    MAX_DEPTH,
    MAX_DIMS,
    MAX_INT_BITS,
    MAX_NODES,
    SAFE_INT,
    Callback,
    Handle,
    Opaque,
    Record,
    WireError,
    as_tensor,
)

Plain = Callable[[object], object]
"""Turns what is no plain value into one (a Handle, a Tensor, a builtin)."""


def refuse(value: object) -> object:
    """Take nothing but plain values."""
    raise WireError(f"a {type(value).__name__} cannot be sent")


@dataclass
class TreeWriter:
    """Turns a value into a tagged tree, and collects the raw bytes beside it."""

    plain: Plain
    body: bytearray = field(default_factory=bytearray)
    nodes: int = 0

    def tree(self, value: object, depth: int = 0) -> Any:
        """The tree of a value; raises WireError where it cannot be sent."""
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise WireError("the value is nested too deeply or has too many parts")
        kind = type(value)
        if value is None or kind in (bool, str):
            return value
        if kind in WRITERS:
            return WRITERS[kind](self, value, depth)
        return self.tree(self.plain(value), depth + 1)

    def _integer(self, value: int, _: int) -> Any:
        if -SAFE_INT < value < SAFE_INT:
            return value
        if value.bit_length() > MAX_INT_BITS:
            raise WireError("an integer is too large to be sent")
        return ["int", hex(value)]

    def _number(self, value: float, _: int) -> Any:
        return value if math.isfinite(value) else ["float", str(value)]

    def _raw(self, value: bytes, _: int) -> Any:
        self._append(value)
        return ["bytes", len(value)]

    def _sequence(self, value: Collection[Any], depth: int) -> Any:
        return [type(value).__name__, [self.tree(each, depth + 1) for each in value]]

    def _mapping(self, value: dict[Any, Any], depth: int) -> Any:
        pairs = [
            [self.tree(key, depth + 1), self.tree(each, depth + 1)] for key, each in value.items()
        ]
        return ["dict", pairs]

    def _tensor(self, value: Tensor, _: int) -> Any:
        name = str(value.dtype).removeprefix("torch.")
        if name not in DTYPES or value.layout is not torch.strided or value.is_meta:
            kind = f"{value.dtype}, {value.layout}, on device {value.device}"
            raise WireError(f"a tensor of {kind} cannot be sent")
        if value.dim() > MAX_DIMS:
            raise WireError(f"a tensor of {value.dim()} dimensions cannot be sent")
        self._append(_raw_bytes(value))
        return ["tensor", name, list(value.shape)]

    def _array(self, value: "numpy.ndarray[Any, Any]", depth: int) -> Any:
        return ["array", *self._tensor(as_tensor(value), depth)[1:]]

    def _callback(self, value: Callback, _: int) -> Any:
        return ["callback", value.number]

    def _handle(self, value: Handle, _: int) -> Any:
        return ["handle", value.number, value.type_name, value.is_module]

    def _opaque(self, value: Opaque, _: int) -> Any:
        return ["opaque", value.description]

    def _record(self, value: Record, depth: int) -> Any:
        fields = [[name, self.tree(each, depth + 1)] for name, each in value.fields]
        return ["record", value.type_name, fields]

    def _append(self, data: bytes | bytearray) -> None:
        if len(self.body) + len(data) > MAX_BODY:
            raise WireError("the value is larger than 256 MiB")
        self.body += data


WRITERS: dict[type, Callable[[TreeWriter, Any, int], Any]] = {
    int: TreeWriter._integer,
    float: TreeWriter._number,
    bytes: TreeWriter._raw,
    list: TreeWriter._sequence,
    tuple: TreeWriter._sequence,
    set: TreeWriter._sequence,
    frozenset: TreeWriter._sequence,
    dict: TreeWriter._mapping,
    numpy.ndarray: TreeWriter._array,
    Callback: TreeWriter._callback,
    Tensor: TreeWriter._tensor,
    Handle: TreeWriter._handle,
    Opaque: TreeWriter._opaque,
    Record: TreeWriter._record,
}


def _raw_bytes(tensor: Tensor) -> bytearray:
    size = tensor.numel() * tensor.element_size()
    if size > MAX_BODY:
        raise WireError("a tensor is larger than 256 MiB")
    data = bytearray(size)
    if size:
        flat = torch.frombuffer(data, dtype=tensor.dtype)
        flat.view(tensor.shape).copy_(tensor.detach())
    return data
