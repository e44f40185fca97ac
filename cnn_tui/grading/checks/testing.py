"""What hidden tests are written with: marks for the plan, and comparisons.

A comparison looks at type, then shape, dtype, finiteness and values, and stops
at the first that differs, with a message for the learner. It raises
CheckError; a bare ``assert`` would tell the learner nothing.
"""

import math
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from typing import Any

import numpy
import pytest
import torch
from torch import Tensor

from cnn_tui.grading.checks.numbers import FEWEST_DIGITS, digits_apart, relation, written_apart
from cnn_tui.grading.isolation.remote_objects import RemoteObject
from cnn_tui.grading.isolation.submission_errors import RaisedError
from cnn_tui.grading.isolation.wire_values import Handle, Opaque, Record, as_tensor
from cnn_tui.grading.records import ArrayComparison
from cnn_tui.grading.text import one_line

points = pytest.mark.points
needs = pytest.mark.needs
topic = pytest.mark.topic
visibility = pytest.mark.visibility

LARGEST_INT = 1 << 1000
"""Whatever is larger is no float."""
MAX_SHOWN, MAX_TEXT = 60, 1000
SHOWN_ROWS, SHOWN_COLUMNS = 3, 3
"""How many values of a tensor stand beside each other where two are compared."""
MOST_COMPARED = 8
MOST_WRITTEN = 20
"""Items of a collection that a sentence may show."""
LEAD = 1
"""Rows and columns of a comparison, and how many of them come before the first that differs."""


class CheckError(AssertionError):
    """A check that the submission does not pass, as one sentence for the learner.

    ``expected`` and ``got`` show the two sides, where there was a comparison. All
    are cut where a submission has made them long. ``comparison`` has the numbers of
    two tensors.
    """

    def __init__(
        self,
        sentence: str,
        expected: str = "",
        got: str = "",
        comparison: ArrayComparison | None = None,
    ) -> None:
        super().__init__(_cut(sentence))
        self.expected, self.got = _cut(expected), _cut(got)
        self.comparison = comparison


def expect(condition: bool, sentence: str) -> None:
    """Fail with ``sentence`` unless ``condition`` holds."""
    if not condition:
        raise CheckError(sentence)


def expect_tensor(
    got: Any, wanted: Tensor, what: str, *, rtol: float = 1e-4, atol: float = 1e-5
) -> None:
    """Fail unless ``got`` is a tensor like ``wanted``, to rounding."""
    if type(got) is not Tensor:
        raise differs(what, "a tensor", described(got))
    if got.shape != wanted.shape:
        raise differs(what, f"shape {_shape(wanted)}", f"shape {_shape(got)}")
    if got.dtype != wanted.dtype:
        raise differs(what, f"dtype {wanted.dtype}", str(got.dtype))
    bad = ~torch.isfinite(got)
    if bad.any():
        count, where = int(bad.sum()), _first(bad)
        raise CheckError(
            f"{what}: {count} of {got.numel()} values are not finite; "
            f"first at {where}: got {_number(got[where])}.",
            _patch(wanted, where),
            _patch(got, where),
            _compared(got, wanted, bad),
        )
    _expect_values(got, wanted, what, rtol, atol)


def expect_number(got: Any, wanted: float, what: str, *, rtol: float = 1e-4) -> None:
    """Fail unless ``got`` is a number (or a tensor of one) near ``wanted``."""
    value = as_number(got, what)
    if not math.isfinite(value) or not math.isclose(value, wanted, rel_tol=rtol, abs_tol=rtol):
        raise differs(what, *written_apart(wanted, value))


def expect_array(
    got: Any, wanted: Any, what: str, *, rtol: float = 1e-4, atol: float = 1e-5
) -> None:
    """Fail unless ``got`` is a numpy array like ``wanted``, to rounding."""
    if type(got) is not numpy.ndarray:
        raise differs(what, "a numpy array", described(got))
    expect_tensor(as_tensor(got), as_tensor(numpy.asarray(wanted)), what, rtol=rtol, atol=atol)


def expect_equal(got: Any, wanted: Any, what: str) -> None:
    """Fail unless ``got`` is the very value ``wanted``, of the very type, and so are its items."""
    if not _same(got, wanted):
        raise differs(what, repr(wanted), _written(got) or described(got))


@contextmanager
def expect_raises(kind: type[Exception], what: str) -> Iterator[None]:
    """Fail unless the submission raises ``kind``, or what is derived from it, in this block."""
    try:
        yield
    except RaisedError as error:
        if kind.__name__ in error.kinds:
            return
        if error.kinds[:1] == (NotImplementedError.__name__,) or not error.kinds:
            raise
        name = one_line(error.kinds[0], MAX_SHOWN)
        raise differs(what, f"a {kind.__name__}", f"{name} ({error})") from None
    raise differs(what, f"a {kind.__name__}", "none")


def expect_items(got: Any, count: int, what: str, expected: str) -> list[Any]:
    """The items of ``got``, which must be a list or a tuple of so many; ``expected`` says it."""
    if not isinstance(got, list | tuple) or len(got) != count:
        raise differs(what, expected, described(got))
    return list(got)


def expect_module(got: Any, what: str) -> RemoteObject:
    """``got``, which must be a network; what it computes is for other checks to judge."""
    if not isinstance(got, RemoteObject) or not got.is_module:
        raise differs(what, "an nn.Module", described(got))
    return got


def as_number(got: Any, what: str) -> float:
    """A plain float of an int, a float, or a tensor of one value."""
    if type(got) is Tensor and got.numel() == 1:
        return float(got)
    if type(got) is float or (type(got) is int and abs(got) <= LARGEST_INT):
        return float(got)
    raise differs(what, "a number", described(got))


def differs(what: str, expected: str, got: str) -> CheckError:
    """The error that tells ``what`` was expected to be, and what came instead."""
    return CheckError(f"{what}: expected {expected}, got {got}.", expected, got)


def described(value: Any) -> str:
    """A value that came from a submission, in few words."""
    match value:
        case None:
            return "None (is a return missing?)"
        case Tensor():
            return f"a tensor of shape {_shape(value)}"
        case numpy.ndarray():
            return f"a numpy array of shape {value.shape}"
        case RemoteObject(handle=Handle(type_name=name)) | Record(type_name=name):
            return f"an object of type {one_line(name, MAX_SHOWN)}"
        case Opaque(description=description):
            return one_line(description, MAX_SHOWN)
        case bool() | int() | float() | str():
            shown = repr(value)
            return one_line(shown, MAX_SHOWN) + ("…" if len(shown) > MAX_SHOWN else "")
        case Sized():
            return f"a {type(value).__name__} of length {len(value)}"
    return f"an object of type {type(value).__name__}"


def _same(got: Any, wanted: Any) -> bool:
    """Whether two plain values are equal in type and value, all the way down."""
    if type(got) is not type(wanted):
        return False
    match wanted:
        case Tensor():
            return got.dtype == wanted.dtype and torch.equal(got, wanted)
        case numpy.ndarray():
            return got.dtype == wanted.dtype and numpy.array_equal(got, wanted)
        case list() | tuple():
            return len(got) == len(wanted) and all(map(_same, got, wanted))
        case dict():
            return got.keys() == wanted.keys() and all(
                _same(got[key], wanted[key]) for key in wanted
            )
    return bool(got == wanted)


def _written(value: Any) -> str:
    """A collection of plain values as Python, if it is short; else ""."""
    if not isinstance(value, list | tuple | set | frozenset | dict) or len(value) > MOST_WRITTEN:
        return ""
    items = [*value, *value.values()] if isinstance(value, dict) else list(value)
    if not all(each is None or type(each) in (bool, int, float, str) for each in items):
        return ""
    shown = one_line(repr(value), MAX_SHOWN + 1)
    return shown if len(shown) <= MAX_SHOWN else ""


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]} …"


def _expect_values(got: Tensor, wanted: Tensor, what: str, rtol: float, atol: float) -> None:
    difference = (got.double() - wanted.double()).abs()
    wrong = difference > atol + rtol * wanted.double().abs()
    if wrong.any():
        where = _first(wrong)
        digits = digits_apart(wanted[where].item(), got[where].item())
        sentence = (
            f"{what}: {int(wrong.sum())} of {got.numel()} values differ; "
            f"max |diff| {float(difference.max()):.3g}; first at {where}: "
            f"got {_number(got[where], digits)}, expected {_number(wanted[where], digits)}."
        )
        raise CheckError(
            f"{sentence} {relation(got, wanted, rtol, atol)}".rstrip(),
            _patch(wanted, where, digits),
            _patch(got, where, digits),
            _compared(got, wanted, wrong),
        )


def _compared(got: Tensor, wanted: Tensor, wrong: Tensor) -> ArrayComparison:
    """The rows and columns of both about the first value that is ``wrong``."""
    first, shape = _first(wrong), tuple(got.shape)
    place = [slice(at, at + 1) for at in first]
    for axis in range(max(0, len(shape) - 2), len(shape)):
        begin = max(0, min(first[axis] - LEAD, shape[axis] - MOST_COMPARED))
        place[axis] = slice(begin, begin + MOST_COMPARED)

    def rows(tensor: Tensor) -> Any:
        part = tensor[tuple(place)]
        return part.reshape(-1, part.shape[-1] if part.dim() else 1).tolist()

    return ArrayComparison(
        shape=shape,
        first=first,
        start=tuple(each.start for each in place),
        differing=int(wrong.sum()),
        expected=tuple(tuple(map(float, row)) for row in rows(wanted)),
        got=tuple(tuple(map(float, row)) for row in rows(got)),
        differs=tuple(map(tuple, rows(wrong))),
    )


def _patch(tensor: Tensor, where: tuple[int, ...], digits: int = FEWEST_DIGITS) -> str:
    """A few values about ``where``, in rows, under the slice that they are."""
    if not where:
        return _number(tensor, digits)
    shown = (SHOWN_ROWS, SHOWN_COLUMNS)[-tensor.dim() :]
    place: list[int | slice] = [*where[: -len(shown)]]
    for at, size, count in zip(where[-2:], tensor.shape[-2:], shown, strict=True):
        start = min(at, max(size - count, 0))
        place.append(slice(start, min(start + count, size)))
    patch = tensor[tuple(place)]
    rows = [[_number(value, digits) for value in row] for row in patch.reshape(-1, patch.shape[-1])]
    width = max(len(value) for row in rows for value in row)
    slices = (f"{at.start}:{at.stop}" if isinstance(at, slice) else str(at) for at in place)
    lines = ["  ".join(value.rjust(width) for value in row) for row in rows]
    return "\n".join([f"[{', '.join(slices)}]", *lines])


def _first(mask: Tensor) -> tuple[int, ...]:
    return tuple(int(index) for index in mask.nonzero()[0])


def _number(value: Tensor, digits: int = FEWEST_DIGITS) -> str:
    return f"{value.item():.{digits}g}"


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))
