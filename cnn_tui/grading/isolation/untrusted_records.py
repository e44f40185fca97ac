"""Records to plain lists and back, where the plain side may come from a hostile process.

A record becomes the list of its fields' values, in order; ``rebuilt`` believes
none of them: every value must be of the field's own type and within bounds.
"""

import math
import types
import typing
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar

from cnn_tui.grading.text import one_line

LARGEST_INT = 1 << 62
LARGEST_FLOAT = 1e18
MAX_ITEMS = 50_000
MAX_TEXT = 1000

T = TypeVar("T")


class ForgedError(ValueError):
    """A plain value that cannot have been made from a record."""


def flat(value: Any) -> Any:
    """A record, or a tuple of them, as lists of plain values."""
    if is_dataclass(value):
        return [flat(getattr(value, each.name)) for each in fields(value)]
    return [flat(each) for each in value] if isinstance(value, tuple) else value


def rebuilt(kind: type[T], value: Any) -> T:
    """The record of type ``kind`` that ``flat`` made ``value`` from.

    Texts come back on one line and without control characters. Raises
    ForgedError for whatever ``flat`` cannot have made.
    """
    record: T = _value(kind, value)
    return record


def _value(hint: Any, value: Any) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        return _record(hint, value)
    match typing.get_origin(hint):
        case typing.Union | types.UnionType:
            return _one_of(typing.get_args(hint), value)
        case origin if origin is tuple:
            return _tuple(typing.get_args(hint), value)
    if type(value) is int and hint is float and abs(value) <= LARGEST_FLOAT:
        value = float(value)
    if type(value) is not hint and not (hint is types.NoneType and value is None):
        raise ForgedError(f"no {hint}")
    return _within_bounds(value)


def _record(kind: type, value: Any) -> Any:
    hints = _field_types(kind)
    if type(value) is not list or len(value) != len(hints):
        raise ForgedError(f"not the fields of {kind.__name__}")
    return kind(*map(_value, hints, value))


@cache
def _field_types(kind: type) -> tuple[Any, ...]:
    hints = typing.get_type_hints(kind)
    return tuple(hints[each.name] for each in fields(kind))


def _one_of(hints: tuple[Any, ...], value: Any) -> Any:
    for hint in hints:
        try:
            return _value(hint, value)
        except ForgedError:
            continue
    raise ForgedError("of no type that the field may have")


def _tuple(hints: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if type(value) is not list or len(value) > MAX_ITEMS:
        raise ForgedError(f"no list of up to {MAX_ITEMS:,}")
    if hints[-1:] == (Ellipsis,):
        return tuple(_value(hints[0], each) for each in value)
    if len(value) != len(hints):
        raise ForgedError(f"not {len(hints)} values")
    return tuple(_value(hint, each) for hint, each in zip(hints, value, strict=True))


def _within_bounds(value: Any) -> Any:
    match value:
        case str():
            return one_line(value, MAX_TEXT)
        case bool():
            return value
        case int() if not 0 <= value <= LARGEST_INT:
            raise ForgedError("a number out of bounds")
        case float() if not math.isfinite(value) or abs(value) > LARGEST_FLOAT:
            raise ForgedError("a number out of bounds")
    return value
