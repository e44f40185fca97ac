"""A call of a learner's function in a few words, so that it can be tried again by hand."""

from collections.abc import Mapping, Sequence
from itertools import islice

import torch
from torch import Tensor

from cnn_tui.grading.isolation.wire import Handle
from cnn_tui.grading.text import shortened

MAX_CALL = 120
MAX_VALUE = 40
MAX_ITEMS = 3
MAX_DEPTH = 2


def shown_call(function: str, args: Sequence[object], kwargs: Mapping[str, object]) -> str:
    """``max_pool(tensor (2, 3, 8, 8), 2, stride=2)``: one line that is safe to show."""
    words = [*map(_shown, args), *(f"{name}={_shown(value)}" for name, value in kwargs.items())]
    call = f"{function}({', '.join(words)})"
    whole = shortened(call, MAX_CALL)
    return whole if not whole.endswith("…") else f"{whole[: MAX_CALL - 2]}…)"


def _shown(value: object, depth: int = 0) -> str:
    match value:
        case Tensor():
            kind = "" if value.dtype == torch.float32 else f" {value.dtype}".replace("torch.", "")
            return f"tensor {tuple(value.shape)}{kind}"
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
