"""Inputs of a network as Python code gives them: shapes, texts, lists and mappings of those."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import index
from typing import Any, TypeAlias

from cnn_tui.analysis.networks.input_specs import InputSpec, NetInputs
from cnn_tui.analysis.networks.input_texts import parse_input, parse_inputs, text_of
from cnn_tui.errors import UsageError

OneInput: TypeAlias = str | int | Sequence[int]
"""A shape without the batch, or a text such as ``16:int64``; a number is a shape of one side."""
GivenInputs: TypeAlias = OneInput | Sequence[OneInput] | Mapping[str, OneInput]
"""One input, several by position, or several by the names of parameters of forward."""


def as_inputs(
    given: GivenInputs | None,
    input_shape: Sequence[int] | None = None,
    batch: int | None = None,
    *,
    no_batch: bool = False,
) -> NetInputs | None:
    """The record of what is given; None for nothing. Raises UsageError."""
    if given is not None and input_shape is not None:
        raise UsageError("input_shape is an older name of input: give one of them.")
    if input_shape is not None:
        given = _sides(input_shape, "input_shape")
    if given is None and batch is None and not no_batch:
        return None
    texts = [] if given is None else list(map(text_of, _specs(given)))
    return parse_inputs(texts, batch=batch, has_batch=not no_batch)


def _specs(given: Any) -> list[InputSpec]:
    if isinstance(given, Mapping):
        return [replace(_spec(each), name=str(name)) for name, each in given.items()]
    if _is_one(given):
        return [_spec(given)]
    return list(map(_spec, given))


def _is_one(given: Any) -> bool:
    if isinstance(given, str) or not isinstance(given, Sequence):
        return True
    return all(not isinstance(each, str | Sequence) for each in given)


def _spec(given: Any) -> InputSpec:
    if isinstance(given, str):
        return parse_input(given)
    return InputSpec(_sides(given if isinstance(given, Sequence) else (given,), "An input"))


def _sides(given: Any, what: str) -> tuple[int, ...]:
    try:
        return tuple(map(index, given))
    except TypeError:
        raise UsageError(
            f"{what} is the shape of one example, (channels, height, width) of an image, "
            f"such as (3, 224, 224), not {given!r}."
        ) from None
