"""How the judge and the host talk: frames of plain data, and nothing else.

A frame is a magic number, a u32 header length and a u64 body length, then a
JSON header with a tagged tree, then the raw bytes of its tensors and byte
strings in order: see ``wire_writer`` and ``wire_reader``. Never pickle.
"""

import json
import socket
import struct
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from cnn_tui.grading.isolation.wire_reader import TreeReader
from cnn_tui.grading.isolation.wire_values import MAX_BODY, WireError
from cnn_tui.grading.isolation.wire_writer import Plain, TreeWriter, refuse

MAGIC = b"CNL1"
PREFIX = struct.Struct("!4sIQ")
MAX_HEADER = 1 << 20
CHUNK = 1 << 20

Done = TypeVar("Done")
Patience = Callable[[], float]
"""Asked again and again for how many seconds to wait before it is asked next; 0 for no longer."""


def pack(value: object, plain: Plain = refuse) -> bytes:
    """One frame that holds ``value``; raises WireError where it cannot be sent.

    ``plain`` is asked to replace whatever is not a plain value.
    """
    writer = TreeWriter(plain)
    tree = writer.tree(value)
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
    return TreeReader(memoryview(frame)[split:]).value(frame[PREFIX.size : split])


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
    return TreeReader(memoryview(body)).value(header)


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
