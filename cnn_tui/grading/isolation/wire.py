"""How the judge and the host talk: frames of plain data, and nothing else.

A frame is a magic number, a u32 header length and a u64 body length, then a
JSON header with a tagged tree, then the raw bytes of its tensors and byte
strings in order. What arrives may come from a hostile process: every size is
capped, every tag is known, and the reader builds nothing but exact builtins,
``torch.Tensor``, arrays of numbers and the four records below. Never pickle.
"""

import json
import math
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import numpy
import torch
from torch import Tensor

MAGIC = b"CNL1"
PREFIX = struct.Struct("!4sIQ")
MAX_HEADER = 1 << 20
MAX_BODY = 256 << 20
MAX_NODES = 20_000
MAX_DEPTH = 32
MAX_DIMS = 16
MAX_INT_BITS = 4096
SAFE_INT = 1 << 63
CHUNK = 1 << 20

DTYPES: dict[str, torch.dtype] = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.bool,
        torch.uint8,
        torch.int8,
        torch.int16,
        torch.int32,
        torch.int64,
        torch.float16,
        torch.bfloat16,
        torch.float32,
        torch.float64,
    )
}
ARRAY_DTYPES = {name: dtype for name, dtype in DTYPES.items() if name != "bfloat16"}
"""Those that numpy has, too."""
NON_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


Done = TypeVar("Done")


class WireError(Exception):
    """A frame that breaks the rules, or a value that cannot be sent."""


@dataclass(frozen=True)
class Handle:
    """An object that stays in the host, and what the host says that it is."""

    number: int
    type_name: str
    is_module: bool


@dataclass(frozen=True)
class Callback:
    """A function of a hidden test: it stays in the judge, and a submission may call it."""

    number: int


@dataclass(frozen=True)
class Opaque:
    """Something that cannot cross, described by the host."""

    description: str


@dataclass(frozen=True)
class Record:
    """A dataclass instance of the learner's, as its fields."""

    type_name: str
    fields: tuple[tuple[str, Any], ...]


Patience = Callable[[], float]
"""Asked again and again for how many seconds to wait before it is asked next; 0 for no longer."""
Plain = Callable[[object], object]
"""Turns what is no plain value into one (a Handle, a Tensor, a builtin)."""


def pack(value: object, plain: Plain | None = None) -> bytes:
    """One frame that holds ``value``; raises WireError where it cannot be sent.

    ``plain`` is asked to replace whatever is not a plain value.
    """
    writer = _Writer(plain or _refuse)
    tree = writer.tree(value, 0)
    header = json.dumps(tree, separators=(",", ":"), allow_nan=False).encode("ascii")
    if len(header) > MAX_HEADER:
        raise WireError("the value is too large to be sent")
    return PREFIX.pack(MAGIC, len(header), len(writer.body)) + header + bytes(writer.body)


def unpack(frame: bytes) -> Any:
    """The value of one whole frame; raises WireError."""
    if len(frame) < PREFIX.size:
        raise WireError("the frame is cut short")
    header_length, body_length = _lengths(frame[: PREFIX.size])
    if len(frame) != PREFIX.size + header_length + body_length:
        raise WireError("the frame's length is not what it says")
    split = PREFIX.size + header_length
    return _Reader(memoryview(frame)[split:]).value(frame[PREFIX.size : split])


def send(channel: socket.socket, frame: bytes, patience: Patience | None = None) -> None:
    """Send a packed frame.

    Raises EOFError where the other side has gone, and TimeoutError where ``patience`` ends.
    """
    view = memoryview(frame)
    while view:
        view = view[_patiently(channel, partial(channel.send, view[:CHUNK]), patience) :]


def receive(channel: socket.socket, patience: Patience | None = None) -> Any:
    """The next value on ``channel``.

    Raises EOFError where the other side has gone, TimeoutError where ``patience`` ends,
    however slowly bytes trickle in, and WireError.
    """
    header_length, body_length = _lengths(_exactly(channel, PREFIX.size, patience))
    header = _exactly(channel, header_length, patience)
    body = _exactly(channel, body_length, patience)
    return _Reader(memoryview(body)).value(header)


def _lengths(prefix: bytes | bytearray) -> tuple[int, int]:
    magic, header_length, body_length = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise WireError("the frame does not begin as one")
    if header_length > MAX_HEADER or body_length > MAX_BODY:
        raise WireError("the frame is larger than allowed")
    return header_length, body_length


def _exactly(channel: socket.socket, length: int, patience: Patience | None) -> bytearray:
    # Grows with what has really come: a length that is only claimed costs nothing.
    data = bytearray()
    while len(data) < length:
        chunk = _patiently(channel, partial(channel.recv, min(CHUNK, length - len(data))), patience)
        if not chunk:
            raise EOFError
        data += chunk
    return data


def _patiently(
    channel: socket.socket, operation: Callable[[], Done], patience: Patience | None
) -> Done:
    """What an operation on ``channel`` returns, tried for as long as ``patience`` lasts."""
    while True:
        seconds = None if patience is None else patience()
        if seconds is not None and seconds <= 0:
            raise TimeoutError
        channel.settimeout(seconds)
        try:
            return operation()
        except TimeoutError:
            continue
        except ConnectionError as error:
            raise EOFError from error


def _refuse(value: object) -> object:
    raise WireError(f"a {type(value).__name__} cannot be sent")


@dataclass
class _Writer:
    """Turns a value into a tagged tree, and collects the raw bytes beside it."""

    plain: Plain
    body: bytearray = field(default_factory=bytearray)
    nodes: int = 0

    def tree(self, value: object, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise WireError("the value is nested too deeply or has too many parts")
        kind = type(value)
        if value is None or kind in (bool, str):
            return value
        if kind in WRITERS:
            return WRITERS[kind](self, value, depth)
        return self.tree(self.plain(value), depth + 1)

    def integer(self, value: int, _: int) -> Any:
        if -SAFE_INT < value < SAFE_INT:
            return value
        if value.bit_length() > MAX_INT_BITS:
            raise WireError("an integer is too large to be sent")
        return ["int", hex(value)]

    def number(self, value: float, _: int) -> Any:
        return value if math.isfinite(value) else ["float", str(value)]

    def raw(self, value: bytes, _: int) -> Any:
        self._append(value)
        return ["bytes", len(value)]

    def sequence(self, value: list[Any] | tuple[Any, ...], depth: int) -> Any:
        return [type(value).__name__, [self.tree(each, depth + 1) for each in value]]

    def members(self, value: set[Any] | frozenset[Any], depth: int) -> Any:
        return [type(value).__name__, [self.tree(each, depth + 1) for each in value]]

    def mapping(self, value: dict[Any, Any], depth: int) -> Any:
        pairs = [
            [self.tree(key, depth + 1), self.tree(each, depth + 1)] for key, each in value.items()
        ]
        return ["dict", pairs]

    def tensor(self, value: Tensor, _: int) -> Any:
        name = str(value.dtype).removeprefix("torch.")
        if name not in DTYPES or value.layout is not torch.strided or value.is_meta:
            kind = f"{value.dtype}, {value.layout}, on device {value.device}"
            raise WireError(f"a tensor of {kind} cannot be sent")
        if value.dim() > MAX_DIMS:
            raise WireError(f"a tensor of {value.dim()} dimensions cannot be sent")
        self._append(_raw_bytes(value))
        return ["tensor", name, list(value.shape)]

    def array(self, value: "numpy.ndarray[Any, Any]", depth: int) -> Any:
        return ["array", *self.tensor(as_tensor(value), depth)[1:]]

    def callback(self, value: Callback, _: int) -> Any:
        return ["callback", value.number]

    def handle(self, value: Handle, _: int) -> Any:
        return ["handle", value.number, value.type_name, value.is_module]

    def opaque(self, value: Opaque, _: int) -> Any:
        return ["opaque", value.description]

    def record(self, value: Record, depth: int) -> Any:
        fields = [[name, self.tree(each, depth + 1)] for name, each in value.fields]
        return ["record", value.type_name, fields]

    def _append(self, data: bytes | bytearray) -> None:
        if len(self.body) + len(data) > MAX_BODY:
            raise WireError("the value is larger than 256 MiB")
        self.body += data


WRITERS: dict[type, Callable[[_Writer, Any, int], Any]] = {
    int: _Writer.integer,
    float: _Writer.number,
    bytes: _Writer.raw,
    list: _Writer.sequence,
    tuple: _Writer.sequence,
    set: _Writer.members,
    frozenset: _Writer.members,
    dict: _Writer.mapping,
    numpy.ndarray: _Writer.array,
    Callback: _Writer.callback,
    Tensor: _Writer.tensor,
    Handle: _Writer.handle,
    Opaque: _Writer.opaque,
    Record: _Writer.record,
}


def as_tensor(value: "numpy.ndarray[Any, Any]") -> Tensor:
    """The numbers of an array as a tensor; raises WireError where they are none that cross."""
    try:
        return torch.from_numpy(numpy.array(value, order="C"))
    except TypeError as error:
        raise WireError(f"a numpy array of {value.dtype} cannot be sent") from error


def _raw_bytes(tensor: Tensor) -> bytearray:
    size = tensor.numel() * tensor.element_size()
    if size > MAX_BODY:
        raise WireError("a tensor is larger than 256 MiB")
    data = bytearray(size)
    if size:
        flat = torch.frombuffer(data, dtype=tensor.dtype)
        flat.view(tensor.shape).copy_(tensor.detach())
    return data


@dataclass
class _Reader:
    """Turns a header's tree and the body back into a value, believing nothing."""

    body: memoryview
    used: int = 0
    nodes: int = 0

    def value(self, header: bytes | bytearray) -> Any:
        try:
            tree = json.loads(header.decode("ascii"), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise WireError("the header is not JSON") from error
        value = self.node(tree, 0)
        if self.used != len(self.body):
            raise WireError("the frame has trailing bytes")
        return value

    def node(self, tree: Any, depth: int) -> Any:
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
                return [self.node(item, depth + 1) for item in items]
            case ["tuple", list(items)]:
                return tuple(self.node(item, depth + 1) for item in items)
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
        found = [self.node(item, depth + 1) for item in items]
        if not all(map(_is_key, found)):
            raise WireError("a set's member is not one")
        return set(found) if kind == "set" else frozenset(found)

    def _mapping(self, pairs: list[Any], depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for pair in pairs:
            if type(pair) is not list or len(pair) != 2:
                raise WireError("a dict's pair is no pair")
            key = self.node(pair[0], depth + 1)
            if not _is_key(key) or key in found:
                raise WireError("a dict's key is not one, or is there twice")
            found[key] = self.node(pair[1], depth + 1)
        return found

    def _record(self, type_name: str, fields: list[Any], depth: int) -> Record:
        found = []
        for each in fields:
            match each:
                case [str(name), tree]:
                    found.append((name, self.node(tree, depth + 1)))
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
