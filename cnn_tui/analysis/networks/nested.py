"""The tensors in whatever a module takes or returns, their shapes, and the weights of a module."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from cnn_tui.analysis.records import Shape

DEEPEST = 6
"""Levels of lists and dicts that are looked through."""


def all_tensors(value: Any, depth: int = DEEPEST) -> Iterator[Tensor]:
    """Every tensor in whatever a module takes or returns."""
    if isinstance(value, Tensor):
        yield value
    elif depth and (parts := _parts(value)) is not None:
        for part in parts:
            yield from all_tensors(part, depth - 1)


def first_tensor(value: Any) -> Tensor | None:
    """The first tensor in whatever a module takes or returns."""
    return next(all_tensors(value), None)


def is_plain(value: Any, depth: int = DEEPEST) -> bool:
    """Whether ``all_tensors`` sees all that there is in ``value``."""
    if value is None or isinstance(value, Tensor | str | int | float):
        return True
    parts = _parts(value) if depth else None
    return parts is not None and all(is_plain(part, depth - 1) for part in parts)


def _parts(value: Any) -> list[Any] | None:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list | tuple):
        return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, each.name) for each in fields(value)]
    return None


def shape_of(tensor: Tensor | None, *, has_batch: bool = True) -> Shape:
    """A tensor's shape without its batch."""
    return () if tensor is None else tuple(tensor.shape[has_batch:])


def count(parameters: Sequence[Tensor]) -> int:
    """How many numbers the parameters hold; none where a lazy module never ran."""
    return sum(0 if is_lazy(each) else each.numel() for each in parameters)


def unique_parameters(module: nn.Module) -> list[Tensor]:
    """The parameters of a module and all its children, each of them once."""
    return list(module.parameters())
