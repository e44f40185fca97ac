"""What hidden tests are written with: marks for the plan, and comparisons.

A comparison looks at type, then shape, dtype, finiteness and values, and stops
at the first that differs, with a message for the learner. It raises
CheckError; a bare ``assert`` would tell the learner nothing.
"""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from cnn_tui.grading.client import RemoteObject
from cnn_tui.grading.text import one_line
from cnn_tui.grading.wire import Handle, Opaque, Record

points = pytest.mark.points
needs = pytest.mark.needs
topic = pytest.mark.topic

MAX_SHOWN = 60


class CheckError(AssertionError):
    """A check that the submission does not pass, as one sentence for the learner."""


def expect(condition: bool, sentence: str) -> None:
    """Fail with ``sentence`` unless ``condition`` holds."""
    if not condition:
        raise CheckError(sentence)


def expect_tensor(
    got: Any, wanted: Tensor, what: str, *, rtol: float = 1e-4, atol: float = 1e-5
) -> None:
    """Fail unless ``got`` is a tensor like ``wanted``, to rounding."""
    if type(got) is not Tensor:
        raise CheckError(f"{what}: expected a tensor, got {described(got)}.")
    if got.shape != wanted.shape:
        raise CheckError(f"{what}: expected shape {_shape(wanted)}, got shape {_shape(got)}.")
    if got.dtype != wanted.dtype:
        raise CheckError(f"{what}: expected dtype {wanted.dtype}, got {got.dtype}.")
    bad = ~torch.isfinite(got)
    if bad.any():
        count, where = int(bad.sum()), _first(bad)
        raise CheckError(
            f"{what}: {count} of {got.numel()} values are not finite; "
            f"first at {where}: got {_number(got[where])}."
        )
    _expect_values(got, wanted, what, rtol, atol)


def expect_number(got: Any, wanted: float, what: str, *, rtol: float = 1e-4) -> None:
    """Fail unless ``got`` is a number (or a tensor of one) near ``wanted``."""
    value = as_number(got, what)
    if not math.isfinite(value) or not math.isclose(value, wanted, rel_tol=rtol, abs_tol=rtol):
        raise CheckError(f"{what}: expected {wanted:.4g}, got {value:.4g}.")


def expect_equal(got: Any, wanted: str | int | None, what: str) -> None:
    """Fail unless ``got`` is the very value ``wanted``, of the very type."""
    if type(got) is not type(wanted) or got != wanted:
        raise CheckError(f"{what}: expected {wanted!r}, got {described(got)}.")


def expect_module(got: Any, what: str) -> RemoteObject:
    """``got``, which must be a network; what it computes is for other checks to judge."""
    if not isinstance(got, RemoteObject) or not got.is_module:
        raise CheckError(f"{what}: expected an nn.Module, got {described(got)}.")
    return got


def as_number(got: Any, what: str) -> float:
    """A plain float of an int, a float, or a tensor of one value."""
    if type(got) is Tensor and got.numel() == 1:
        return float(got)
    if type(got) in (int, float):
        return float(got)
    raise CheckError(f"{what}: expected a number, got {described(got)}.")


def described(value: Any) -> str:
    """A value that came from a submission, in few words."""
    match value:
        case None:
            return "None (is a return missing?)"
        case Tensor():
            return f"a tensor of shape {_shape(value)}"
        case RemoteObject(handle=Handle(type_name=name)) | Record(type_name=name):
            return f"an object of type {one_line(name, MAX_SHOWN)}"
        case Opaque(description=description):
            return one_line(description, MAX_SHOWN)
        case bool() | int() | float() | str():
            return one_line(repr(value), MAX_SHOWN)
    return f"a {type(value).__name__} of length {len(value)}"


def _expect_values(got: Tensor, wanted: Tensor, what: str, rtol: float, atol: float) -> None:
    difference = (got.double() - wanted.double()).abs()
    wrong = difference > atol + rtol * wanted.double().abs()
    if wrong.any():
        where = _first(wrong)
        raise CheckError(
            f"{what}: {int(wrong.sum())} of {got.numel()} values differ; "
            f"max |diff| {float(difference.max()):.3g}; first at {where}: "
            f"got {_number(got[where])}, expected {_number(wanted[where])}."
        )


def _first(mask: Tensor) -> tuple[int, ...]:
    return tuple(int(index) for index in mask.nonzero()[0])


def _number(value: Tensor) -> str:
    return f"{value.item():.4g}"


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))
