"""The lab's two grading processes exchange plain data, and nothing else gets through."""

import json
import math
import socket
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from cnn_tui.grading.isolation import wire, wire_values, wire_writer
from cnn_tui.grading.isolation.wire_values import Callback, Handle, Opaque, Record, WireError

FUZZ_SECONDS = 60

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-(1 << 4000), max_value=1 << 4000),
    st.floats(),
    st.text(),
    st.binary(max_size=50),
)


def until(moment: float) -> wire.Patience:
    """Patience that ends at a moment of ``time.monotonic``."""
    return lambda: moment - time.monotonic()


@st.composite
def tensors(draw: st.DrawFn) -> Tensor:
    dtype = wire_values.DTYPES[draw(st.sampled_from(sorted(wire_values.DTYPES)))]
    shape = draw(st.lists(st.integers(0, 4), max_size=4))
    size = math.prod(shape) * dtype.itemsize
    raw = bytearray(draw(st.binary(min_size=size, max_size=size)))
    if not raw:
        return torch.empty(shape, dtype=dtype)
    if dtype is torch.bool:
        return torch.frombuffer(raw, dtype=torch.uint8).ge(128).view(shape)
    return torch.frombuffer(raw, dtype=dtype).view(shape)


LEAVES = st.one_of(
    SCALARS,
    tensors(),
    st.builds(Handle, st.integers(0, 1 << 40), st.text(), st.booleans()),
    st.builds(Opaque, st.text()),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.one_of(st.text(), st.integers(), st.booleans()), inner, max_size=4),
        st.builds(Record, st.text(), st.lists(st.tuples(st.text(), inner), max_size=3).map(tuple)),
    ),
    max_leaves=12,
)


def same(left: Any, right: Any) -> bool:
    """Equal in type and in every bit, so that nan is nan and 1 is not True."""
    if type(left) is not type(right):
        return False
    match left:
        case Tensor():
            if left.dtype != right.dtype or left.shape != right.shape:
                return False
            return wire_writer._raw_bytes(left) == wire_writer._raw_bytes(right)
        case float():
            return struct.pack("d", left) == struct.pack("d", right) or left != left
        case list() | tuple():
            return len(left) == len(right) and all(map(same, left, right))
        case dict():
            return same(list(left.items()), list(right.items()))
        case numpy.ndarray():
            return left.dtype == right.dtype and numpy.array_equal(left, right)
        case Record():
            return same((left.type_name, left.fields), (right.type_name, right.fields))
    return bool(left == right)


@given(VALUES)
def test_gets_every_plain_value_across_unchanged(value: Any) -> None:
    assert same(wire.unpack(wire.pack(value)), value)


@pytest.mark.parametrize(
    "value",
    [
        {1, "a", (2.5, None)},
        frozenset({b"x", frozenset({1})}),
        numpy.arange(6.0).reshape(2, 3).T,
        numpy.array([[True, False]]),
        numpy.empty((0, 3), dtype="int8"),
        Callback(3),
    ],
)
def test_gets_sets_and_arrays_across_unchanged(value: Any) -> None:
    assert same(wire.unpack(wire.pack(value)), value)


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (b'["set", [["list", []]]]', b""),
        (b'["set", 3]', b""),
        (b'["frozenset", [["tensor", "bool", [0]]]]', b""),
        (b'["array", "bfloat16", [1]]', b"\x00\x00"),
        (b'["array", "object", [1]]', b"\x00" * 8),
        (b'["array", "float32", [2]]', b"\x00" * 4),
        (b'["callback", "eval"]', b""),
    ],
)
def test_refuses_sets_and_arrays_that_break_the_rules(header: bytes, body: bytes) -> None:
    with pytest.raises(WireError):
        wire.unpack(framed(header, body))


@given(st.binary(max_size=200))
def test_refuses_arbitrary_bytes(data: bytes) -> None:
    with pytest.raises(WireError):
        wire.unpack(data)


def framed(header: bytes, body: bytes = b"") -> bytes:
    return wire.PREFIX.pack(wire.MAGIC, len(header), len(body)) + header + body


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers().map(str).map(int),
        st.sampled_from(["tensor", "tuple", "dict", "list", "int", "bytes", "float32", "handle"]),
    ),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=20,
)


@given(JSON, st.binary(max_size=64))
def test_reads_or_refuses_any_header(tree: Any, body: bytes) -> None:
    with suppress(WireError):
        wire.unpack(framed(json.dumps(tree).encode(), body))


@settings(max_examples=200)
@given(VALUES, st.data())
def test_reads_or_refuses_a_damaged_frame(value: Any, data: st.DataObject) -> None:
    frame = bytearray(wire.pack(value))
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    with suppress(WireError):
        wire.unpack(bytes(frame))


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (b"[" * 100_000, b""),
        (b'["list", [' * 40 + b"1" + b"]]" * 40, b""),
        (b'["list", [' + b"1," * 30_000 + b"1]]", b""),
        (b"NaN", b""),
        (b"1e999", b""),
        (b"9" * 5000, b""),
        (b'["int", "' + b"f" * 5000 + b'"]', b""),
        (b'["int", "seven"]', b""),
        (b'["float", "1.5"]', b""),
        (b'{"a": 1}', b""),
        (b'["dict", [["a", 1], ["a", 2]]]', b""),
        (b'["dict", [[["list", []], 1]]]', b""),
        (b'["dict", [["a"]]]', b""),
        (b'["tensor", "float32", [2]]', b"1234"),
        (b'["tensor", "float32", [1]]', b"12345"),
        (b'["tensor", "float32", [-1]]', b""),
        (b'["tensor", "float32", [true]]', b"1234"),
        (b'["tensor", "float32", [1.0]]', b"1234"),
        (b'["tensor", "float32", [0, 4611686018427387904]]', b""),
        (b'["tensor", "float32", [' + b"1," * 16 + b"1]]", b"1234"),
        (b'["tensor", "qint8", [1]]', b"1"),
        (b'["tensor", "complex64", [1]]', b"12345678"),
        (b'["bytes", -1]', b""),
        (b'["bytes", 5]', b"1234"),
        (b'["handle", 1, "Net"]', b""),
        (b'["record", "R", [["a", 1, 2]]]', b""),
        (b"null", b"trailing"),
        ('"é"'.encode(), b""),
    ],
)
def test_refuses_a_frame_that_breaks_the_rules(header: bytes, body: bytes) -> None:
    with pytest.raises(WireError):
        wire.unpack(framed(header, body))


def test_reads_any_byte_of_a_bool_tensor_as_true_or_false() -> None:
    read = wire.unpack(framed(b'["tensor", "bool", [3]]', b"\x00\x01\xff"))
    assert read.tolist() == [False, True, True]


@pytest.mark.parametrize("value", [object(), {object()}, torch.zeros(2).to_sparse(), 1 << 5000, 1j])
def test_sends_nothing_but_plain_values(value: object) -> None:
    with pytest.raises(WireError):
        wire.pack(value)


def test_sends_no_value_that_is_too_deep_or_too_large() -> None:
    deep: list[Any] = []
    for _ in range(wire_values.MAX_DEPTH + 1):
        deep = [deep]
    for value in (
        deep,
        [0] * wire_values.MAX_NODES,
        "x" * wire.MAX_HEADER,
        bytes(wire_values.MAX_BODY + 1),
    ):
        with pytest.raises(WireError):
            wire.pack(value)


@pytest.mark.parametrize("lengths", [(1 << 31, 0), (10, 1 << 40)])
def test_refuses_an_announced_size_before_it_makes_room(lengths: tuple[int, int]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(wire.PREFIX.pack(wire.MAGIC, *lengths))
        tracemalloc.start()
        with pytest.raises(WireError):
            wire.receive(ours, until(time.monotonic() + 5))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
        tracemalloc.stop()


def test_makes_no_room_for_what_is_only_announced() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.send(wire.PREFIX.pack(wire.MAGIC, 10, wire_values.MAX_BODY) + bytes(10))
        theirs.close()
        tracemalloc.start()
        with pytest.raises(EOFError):
            wire.receive(ours, until(time.monotonic() + 5))
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
        tracemalloc.stop()


def test_keeps_its_deadline_while_bytes_trickle_in() -> None:
    ours, theirs = socket.socketpair()
    done = threading.Event()

    def trickle() -> None:
        for byte in wire.pack("x" * 1000):
            if done.wait(0.02):
                return
            theirs.send(bytes([byte]))

    with ours, theirs:
        thread = threading.Thread(target=trickle)
        thread.start()
        begun = time.monotonic()
        with pytest.raises(TimeoutError):
            wire.receive(ours, until(begun + 0.3))
        done.set()
        thread.join()
    assert time.monotonic() - begun < 2


def test_keeps_its_deadline_while_nobody_reads() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(TimeoutError):
        wire.send(ours, bytes(64 << 20), until(time.monotonic() + 0.2))


def test_carries_frames_over_a_socket_one_after_the_other() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for value in ("one", 2, [3.0]):
            wire.send(theirs, wire.pack(value))
        assert [wire.receive(ours) for _ in range(3)] == ["one", 2, [3.0]]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_survives_a_fuzzer_that_watches_its_branches(tmp_path: Path) -> None:
    pytest.importorskip("atheris")
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    values = [None, 1 << 70, -1.5, float("nan"), "é", b"x", (1, [2]), {(1,): {}}, torch.ones(2, 3)]
    for number, value in enumerate([*values, Handle(1, "A", True), Record("R", (("a", 1),))]):
        (seeds / str(number)).write_bytes(wire.pack(value))
    command = [sys.executable, "-m", "tests.grading.isolation.fuzz_wire", str(seeds)]
    done = subprocess.run(
        [*command, f"-max_total_time={FUZZ_SECONDS}", f"-artifact_prefix={tmp_path}/"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Done" in done.stderr
