"""Which types of numbers an operation takes together, as torch takes them on the CPU."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from cnn_tui.analysis.networks.calls import aten
from cnn_tui.analysis.networks.shapes import CONVOLUTIONS, TRANSPOSED, ShapeError

PRODUCTS = frozenset(
    {
        aten.linear.default,
        aten.matmul.default,
        aten.mm.default,
        aten.bmm.default,
        aten.mv.default,
        aten.dot.default,
        aten.addmm.default,
    }
)
ONE_TYPE = CONVOLUTIONS | TRANSPOSED | PRODUCTS
"""Operations whose weights and maps hold numbers of one type."""
NORMS = frozenset({aten.layer_norm.default, aten.batch_norm.default, aten.group_norm.default})
HALVES = (torch.float16, torch.bfloat16)
"""What norms with float32 weights take beside float32."""
FLOATS = frozenset({aten.softmax.int, aten.log_softmax.int})
NO_TRUTH_VALUES = PRODUCTS | {
    aten.relu.default,
    aten.relu_.default,
    aten.max_pool2d.default,
    aten.sub.Tensor,
}
"""Operations that take integers, but no truth values."""


def refuse_number_types(func: Any, args: Sequence[Any]) -> None:
    """Raise ShapeError where ``func`` takes no numbers of these types."""
    types = number_types(args)
    if not types:
        return
    named = [str(each).removeprefix("torch.") for each in types]
    if len(types) > 1 and (func in ONE_TYPE or (func in NORMS and types[0] not in HALVES)):
        raise ShapeError(f"it takes numbers of one type, but got {named[0]} and {named[1]}")
    if func in FLOATS and not types[0].is_floating_point:
        raise ShapeError(f"it takes floating-point numbers, but got {named[0]}")
    if func in NO_TRUTH_VALUES and torch.bool in types:
        raise ShapeError("it takes numbers, but got truth values (bool)")


def number_types(args: Sequence[Any]) -> list[torch.dtype]:
    """The types of the tensors among the arguments, each of them once."""
    return list(dict.fromkeys(each.dtype for each in args if isinstance(each, Tensor)))
