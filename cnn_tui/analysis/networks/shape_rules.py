"""The shape that an operation returns, for the operations that networks are made of.

torch's own meta kernels know it for every operation, but the first use of one imports sympy
and mostly ``torch._dynamo`` too: 0.4 to 1.5 s of CPU time and 150 MB, for each of the
operations below but dropout, ``relu_`` and constant padding. A rule takes microseconds. It
answers only where the arguments are as they usually are, and leaves the rest to torch; it
refuses what torch refuses on the CPU, as its meta kernels do not always do. A test holds both
to torch's verdict, over thousands of random calls.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from cnn_tui.analysis.networks.number_types import number_types
from cnn_tui.analysis.networks.shapes import CONVOLUTIONS, TRANSPOSED, ShapeError
from cnn_tui.analysis.networks.sliding_rules import (
    adaptive_pooling,
    avg_pool3d,
    convolution,
    padded,
    pooling,
    transposed,
)
from cnn_tui.analysis.records import Shape, shape_text

aten = torch.ops.aten


def has_rule(func: Any) -> bool:
    """Whether ``func`` is known here, so that it need not be decomposed."""
    return func in SAME_SHAPE or func in SHAPE_RULES


def output_shape(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Shape | None:
    """The shape that ``func`` returns, or None where no rule is sure.

    Raises ShapeError where the inputs do not fit together.
    """
    if func in SAME_SHAPE:
        return tuple(args[0].shape)
    rule = SHAPE_RULES.get(func)
    if rule is None or kwargs.keys() - {"alpha"} or len(number_types(args)) > 1:
        return None
    return rule(*args)


def _mean(x: Tensor, dims: Sequence[int] | None, keepdim: bool = False) -> Shape | None:
    if not dims or not all(map(x.dim().__gt__, map(_from_start, dims))):
        return None
    gone = {dim % x.dim() for dim in dims}
    if len(gone) < len(dims):
        return None
    kept = [1 if i in gone else side for i, side in enumerate(x.shape)]
    return tuple(side for i, side in enumerate(kept) if keepdim or i not in gone)


def _from_start(dim: int) -> int:
    """How many dimensions there have to be more than, for there to be this one."""
    return dim if dim >= 0 else -1 - dim


def _along(x: Tensor, dim: int, *_: Any) -> Shape | None:
    if x.dim() == 0:
        return None
    if _from_start(dim) >= x.dim():
        raise ShapeError(
            f"it works along dimension {dim}, but {shape_text(x.shape[1:])} "
            f"has {x.dim()} dimensions with its batch"
        )
    return tuple(x.shape)


def _linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Shape | None:
    if x.dim() < 1 or weight.dim() != 2:
        return None
    if x.shape[-1] != weight.shape[-1]:
        raise ShapeError(f"it expects {weight.shape[-1]} features, but got {x.shape[-1]}")
    if bias is not None and tuple(bias.shape) != tuple(weight.shape[:1]):
        return None
    return *x.shape[:-1], weight.shape[0]


def _addmm(bias: Tensor, x: Tensor, y: Tensor, *_: Any) -> Shape | None:
    shape = _product_of(2)(x, y)
    fits = shape is not None and _common(bias.shape, shape) == shape
    return shape if fits else None


def _matmul(x: Tensor, y: Tensor) -> Shape | None:
    if x.dim() < 2 or y.dim() < 2:
        return None
    if x.shape[-1] != y.shape[-2]:
        raise ShapeError(f"{shape_text(x.shape)} and {shape_text(y.shape)} cannot be multiplied")
    return *_common(x.shape[:-2], y.shape[:-2]), x.shape[-2], y.shape[-1]


def _product_of(rank: int) -> Callable[[Tensor, Tensor], Shape | None]:
    """For products that take just that many dimensions, and no broadcasting."""

    def rule(x: Tensor, y: Tensor) -> Shape | None:
        if (x.dim(), y.dim()) != (rank, rank) or x.shape[:-2] != y.shape[:-2]:
            return None
        return _matmul(x, y)

    return rule


def _attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Any = None, *_: Any
) -> Shape | None:
    if min(query.dim(), key.dim(), value.dim()) < 2:
        return None
    first = query.shape[:-2]
    if mask is not None:
        scores = *_common(first, key.shape[:-2]), query.shape[-2], key.shape[-2]
        if _common(mask.shape, scores) != scores:
            raise ShapeError(
                f"its mask of {shape_text(mask.shape)} does not fit the "
                f"{shape_text(scores[-2:])} pairs of a query and a key"
            )
    if query.dim() < 3 or not first == key.shape[:-2] == value.shape[:-2]:
        return None
    if query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise ShapeError(
            f"a query of {shape_text(query.shape[-2:])}, a key of {shape_text(key.shape[-2:])} "
            f"and a value of {shape_text(value.shape[-2:])} do not fit together"
        )
    return *query.shape[:-1], value.shape[-1]


def _batch_norm(x: Tensor, *weights: Any) -> Shape | None:
    """``weights`` are its weight, bias, mean and variance, and what else it takes."""
    if x.dim() < 2:
        return None
    for each in weights[:4]:
        if each is not None and tuple(each.shape) != (x.shape[1],):
            raise ShapeError(
                f"it expects {each.shape[0]} channels, but got {shape_text(x.shape[1:])}"
            )
    return tuple(x.shape)


def _group_norm(
    x: Tensor, groups: int, weight: Tensor | None = None, bias: Tensor | None = None, *_: Any
) -> Shape | None:
    if x.dim() < 2 or groups < 1:
        return None
    for each in (weight, bias):
        if each is not None and tuple(each.shape) != (x.shape[1],):
            raise ShapeError(
                f"it expects {each.shape[0]} channels, but got {shape_text(x.shape[1:])}"
            )
    if x.shape[1] % groups:
        raise ShapeError(
            f"the {x.shape[1]} channels of {shape_text(x.shape[1:])} "
            f"do not divide into its {groups} groups"
        )
    return tuple(x.shape)


def _layer_norm(x: Tensor, sides: Sequence[int], *weights: Any) -> Shape | None:
    if tuple(x.shape[-len(sides) :]) != tuple(sides):
        raise ShapeError(
            f"it expects {shape_text(sides)} at the end, but got {shape_text(x.shape[1:])}"
        )
    for each in weights[:2]:
        if each is not None and tuple(each.shape) != tuple(sides):
            raise ShapeError(
                f"its weights hold {shape_text(each.shape)} numbers, "
                f"and not one for each of {shape_text(sides)}"
            )
    return tuple(x.shape)


def _prelu(x: Tensor, weight: Tensor) -> Shape:
    channels = x.shape[1] if x.dim() > 1 else 1
    if weight.numel() not in (1, channels):
        raise ShapeError(f"it expects {weight.numel()} channels, but got {shape_text(x.shape[1:])}")
    return tuple(x.shape)


def _broadcast(x: Tensor, y: Any, *_: Any) -> Shape:
    return _common(x.shape, y.shape) if isinstance(y, Tensor) else tuple(x.shape)


def _broadcast_in_place(x: Tensor, y: Any, *_: Any) -> Shape:
    shape = _broadcast(x, y)
    if shape != tuple(x.shape):
        raise ShapeError(
            f"{shape_text(shape[1:])} cannot be written into {shape_text(x.shape[1:])}"
        )
    return shape


def _cat(tensors: Sequence[Tensor], dim: int = 0) -> Shape | None:
    first = tensors[0]
    if any(each.dim() != first.dim() or each.dtype != first.dtype for each in tensors):
        return None
    if _from_start(dim) >= first.dim():
        return None
    dim %= first.dim()
    for each in tensors:
        if any(
            a != b for i, (a, b) in enumerate(zip(first.shape, each.shape, strict=True)) if i != dim
        ):
            raise ShapeError(
                f"{shape_text(first.shape[1:])} and {shape_text(each.shape[1:])} "
                "cannot be concatenated"
            )
    return tuple(
        sum(each.shape[dim] for each in tensors) if i == dim else side
        for i, side in enumerate(first.shape)
    )


def _common(ours: Sequence[int], theirs: Sequence[int]) -> Shape:
    """The broadcast shape; torch.broadcast_shapes would import sympy."""
    rank = max(len(ours), len(theirs))
    padded = [(1,) * (rank - len(sides)) + tuple(sides) for sides in (ours, theirs)]
    for a, b in zip(*padded, strict=True):
        if a != b and 1 not in (a, b):
            raise ShapeError(
                f"{shape_text(padded[0][1:])} and {shape_text(padded[1][1:])} do not combine"
            )
    return tuple(b if a == 1 else a for a, b in zip(*padded, strict=True))


SAME_SHAPE = frozenset(
    {
        aten.relu.default,
        aten.relu_.default,
        aten.relu6.default,
        aten.relu6_.default,
        aten.leaky_relu.default,
        aten.leaky_relu_.default,
        aten.elu.default,
        aten.elu_.default,
        aten.gelu.default,
        aten.tanh.default,
        aten.tanh_.default,
        aten.sigmoid.default,
        aten.sigmoid_.default,
        aten.silu.default,
        aten.silu_.default,
        aten.mish.default,
        aten.mish_.default,
        aten.hardtanh.default,
        aten.hardtanh_.default,
        aten.hardswish.default,
        aten.hardswish_.default,
        aten.hardsigmoid.default,
        aten.softplus.default,
        aten.dropout.default,
        aten.dropout_.default,
        aten.feature_dropout.default,
        aten.pow.Tensor_Scalar,
        aten.abs.default,
        aten.exp.default,
        aten.sqrt.default,
        aten.rsqrt.default,
    }
)

SHAPE_RULES: dict[Any, Callable[..., Shape | None]] = {
    **{func: convolution(func) for func in CONVOLUTIONS},
    **dict.fromkeys(TRANSPOSED, transposed),
    aten.max_pool2d.default: pooling(aten.max_pool2d.default, 5),
    aten.avg_pool2d.default: pooling(aten.avg_pool2d.default, 4),
    aten.avg_pool3d.default: avg_pool3d,
    aten.adaptive_avg_pool2d.default: adaptive_pooling,
    aten.pad.default: padded,
    aten.mean.dim: _mean,
    aten.softmax.int: _along,
    aten.log_softmax.int: _along,
    aten.linear.default: _linear,
    aten.addmm.default: _addmm,
    aten.matmul.default: _matmul,
    aten.mm.default: _product_of(2),
    aten.bmm.default: _product_of(3),
    aten.scaled_dot_product_attention.default: _attention,
    aten.batch_norm.default: _batch_norm,
    aten.group_norm.default: _group_norm,
    aten.layer_norm.default: _layer_norm,
    aten.prelu.default: _prelu,
    aten.add.Tensor: _broadcast,
    aten.sub.Tensor: _broadcast,
    aten.mul.Tensor: _broadcast,
    aten.div.Tensor: _broadcast,
    aten.add_.Tensor: _broadcast_in_place,
    aten.mul_.Tensor: _broadcast_in_place,
    aten.cat.default: _cat,
}
