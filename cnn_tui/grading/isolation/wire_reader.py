"""How a value is read back from a header's tree and the raw bytes beside it.

It may come from a hostile process: every size is capped, every tag is known, and nothing is
built but exact builtins, tensors, arrays of numbers and the records of ``wire_values``.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from cnn_tui.grading.isolation.wire_values import (
    ARRAY_DTYPES,
    DTYPES,
    MAX_BODY,
    MAX_DEPTH,
    MAX_DIMS,
    MAX_INT_BITS,
    MAX_NODES,
    NON_FINITE,
    SAFE_INT,
    Callback,
    Handle,
    Opaque,
    Record,
    WireError,
)


@dataclass
class TreeReader:
    """Turns a header's tree and the body back into a value, believing nothing."""

    body: memoryview
    used: int = 0
    nodes: int = 0

    def value(self, header: bytes | bytearray) -> Any:
        """What a header and the body stand for; raises WireError."""
        try:
            tree = json.loads(header.decode("ascii"), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise WireError("the header is not JSON") from error
        value = self._node(tree, 0)
        if self.used != len(self.body):
            raise WireError("the frame has trailing bytes")
        return value

    def _node(self, tree: Any, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise WireError("the value is nested too deeply or has too many parts")
        match tree:
            case None | bool() | str():
                return tree
            case int() if -SAFE_INT < tree < SAFE_INT:
                return tree
            case float() if math.isfinite(tree):
                return tree
            case ["int", str(digits)] if len(digits) <= MAX_INT_BITS // 4 + 3:
                return _integer(digits)
            case ["float", str(name)] if name in NON_FINITE:
                return NON_FINITE[name]
            case ["bytes", int(length)]:
                return bytes(self._take(length))
            case ["list", list(items)]:
                return [self._node(item, depth + 1) for item in items]
            case ["tuple", list(items)]:
                return tuple(self._node(item, depth + 1) for item in items)
            case ["set" | "frozenset" as kind, list(items)]:
                return self._members(kind, items, depth)
            case ["dict", list(pairs)]:
                return self._mapping(pairs, depth)
            case ["tensor", str(dtype), list(shape)] if dtype in DTYPES:
                return self._tensor(DTYPES[dtype], shape)
            case ["array", str(dtype), list(shape)] if dtype in ARRAY_DTYPES:
                return self._tensor(ARRAY_DTYPES[dtype], shape).numpy()
            case ["callback", int(number)]:
                return Callback(number)
            case ["handle", int(number), str(type_name), bool(is_module)]:
                return Handle(number, type_name, is_module)
            case ["opaque", str(description)]:
                return Opaque(description)
            case ["record", str(type_name), list(fields)]:
                return self._record(type_name, fields, depth)
        raise WireError("the header holds an unknown tag")

    def _members(self, kind: str, items: list[Any], depth: int) -> set[Any] | frozenset[Any]:
        found = [self._node(item, depth + 1) for item in items]
        if not all(map(_is_key, found)):
            raise WireError("a set's member is not one")
        return set(found) if kind == "set" else frozenset(found)

    def _mapping(self, pairs: list[Any], depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for pair in pairs:
            if type(pair) is not list or len(pair) != 2:
                raise WireError("a dict's pair is no pair")
            key = self._node(pair[0], depth + 1)
            if not _is_key(key) or key in found:
                raise WireError("a dict's key is not one, or is there twice")
            found[key] = self._node(pair[1], depth + 1)
        return found

    def _record(self, type_name: str, fields: list[Any], depth: int) -> Record:
        found = []
        for each in fields:
            match each:
                case [str(name), tree]:
                    found.append((name, self._node(tree, depth + 1)))
                case _:
                    raise WireError("a record's field is no pair")
        return Record(type_name, tuple(found))

    def _tensor(self, dtype: torch.dtype, shape: list[Any]) -> Tensor:
        if len(shape) > MAX_DIMS or any(type(size) is not int or size < 0 for size in shape):
            raise WireError("a tensor's shape is not one")
        # An empty tensor takes no bytes, but its strides must not overflow either.
        if math.prod(max(size, 1) for size in shape) > MAX_BODY:
            raise WireError("a tensor is larger than allowed")
        data = bytearray(self._take(math.prod(shape) * dtype.itemsize))
        if not data:
            return torch.empty(shape, dtype=dtype)
        if dtype is torch.bool:
            return torch.frombuffer(data, dtype=torch.uint8).ne(0).view(shape)
        return torch.frombuffer(data, dtype=dtype).view(shape)

    def _take(self, length: int) -> memoryview:
        if length < 0 or length > len(self.body) - self.used:
            raise WireError("the body is cut short")
        taken = self.body[self.used : self.used + length]
        self.used += length
        return taken


def _is_key(value: Any) -> bool:
    if type(value) in (tuple, frozenset):
        return all(_is_key(each) for each in value)
    return value is None or type(value) in (bool, int, float, str, bytes)


def _integer(digits: str) -> int:
    try:
        return int(digits, 16)
    except ValueError as error:
        raise WireError("an integer is not written as one") from error


def _no_constant(name: str) -> float:
    raise WireError(f"the header holds {name}")
