"""A call of a learner's function in a few words, so that it can be tried again by hand."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy
import torch
from torch import Tensor

from cnn_tui.grading.isolation.wire_values import Callback, Handle
from cnn_tui.grading.text import shortened

MAX_CALL = 120
MAX_VALUE = 40
MAX_ITEMS = 3
MAX_DEPTH = 2
MAX_NUMBERS = 512
"""Of an input that can be replayed: a few small maps."""


@dataclass(frozen=True, eq=False)
class CheckedCall:
    """A call of what the learner wrote: what it is called there, and what it was given."""

    function: str
    args: Sequence[object]
    kwargs: Mapping[str, object]

    def shown(self) -> str:
        """``max_pool(tensor (2, 3, 8, 8), 2, stride=2)``: one line that is safe to show."""
        named = (f"{name}={_shown(value)}" for name, value in self.kwargs.items())
        call = f"{self.function}({', '.join((*map(_shown, self.args), *named))})"
        whole = shortened(call, MAX_CALL)
        return whole if not whole.endswith("…") else f"{whole[: MAX_CALL - 2]}…)"

    def replay(self) -> str:
        """Python that makes the same call by hand; "" where its input is large or no plain values.

        The input is the check's own, so nothing of the learner's is in it but the name.
        """
        values = (*self.args, *self.kwargs.values())
        tensors = [value for value in values if isinstance(value, Tensor)]
        numbers = sum(tensor.numel() for tensor in tensors)
        if (
            not self.function.isidentifier()
            or numbers > MAX_NUMBERS
            or not all(map(_plain, values))
        ):
            return ""
        names = {id(tensor): f"x{index or ''}" for index, tensor in enumerate(tensors)}
        written = [names.get(id(value)) or repr(value) for value in values]
        keywords = (*[""] * len(self.args), *(f"{name}=" for name in self.kwargs))
        given = ", ".join(map("".join, zip(keywords, written, strict=True)))
        lines = [f"{names[id(tensor)]} = {_written(tensor)}" for tensor in tensors]
        return "\n".join(["import torch", "", *lines, f"print({self.function}({given}))", ""])


def _plain(value: object) -> bool:
    """Whether a value can be written as Python that means the same."""
    match value:
        case Tensor():
            return bool(value.isfinite().all())
        case str():
            return len(value) <= MAX_VALUE
        case int():
            return value.bit_length() <= MAX_VALUE
        case float():
            return math.isfinite(value)
    return value is None


def _written(tensor: Tensor) -> str:
    """A tensor as Python, its numbers in six digits."""
    values = tensor.flatten().tolist()
    numbers = (f"{value:.6g}" if isinstance(value, float) else repr(value) for value in values)
    return f"torch.tensor([{', '.join(numbers)}], dtype={tensor.dtype}).view({tuple(tensor.shape)})"


def _shown(value: object, depth: int = 0) -> str:
    match value:
        case Tensor():
            kind = "" if value.dtype == torch.float32 else f" {value.dtype}".replace("torch.", "")
            return f"tensor {tuple(value.shape)}{kind}"
        case numpy.ndarray():
            return f"array {value.shape} {value.dtype}"
        case set() | frozenset():
            return f"a set of {len(value)}"
        case Callback():
            return "a function"
        case Handle():
            return f"a {shortened(value.type_name, MAX_VALUE)}"
        case list():
            return f"[{_items(value, depth)}]"
        case tuple():
            comma = "," if len(value) == 1 else ""
            return f"({_items(value, depth)}{comma})"
        case dict():
            return f"{{{_pairs(value, depth)}}}"
        case str() | bytes():
            return shortened(repr(value[:MAX_VALUE]), MAX_VALUE)
        case int() if value.bit_length() > MAX_VALUE * 3:
            return "an int"  # Python refuses to write one of thousands of digits
        case None | int() | float():
            return repr(value)
    return f"a {type(value).__name__}"


def _items(values: Sequence[object], depth: int) -> str:
    first = values[: _most(depth)]
    return _listed([_shown(each, depth + 1) for each in first], len(values))


def _pairs(values: Mapping[object, object], depth: int) -> str:
    first = islice(values.items(), _most(depth))
    words = [f"{_shown(key, depth + 1)}: {_shown(each, depth + 1)}" for key, each in first]
    return _listed(words, len(values))


def _most(depth: int) -> int:
    return MAX_ITEMS if depth < MAX_DEPTH else 0


def _listed(words: list[str], number: int) -> str:
    return ", ".join([*words, "…"] if number > len(words) else words)
