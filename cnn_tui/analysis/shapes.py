"""Shape and cost rules for the operations that networks are made of.

torch's own meta kernels and its FlopCounterMode are right for every operation,
but their first use imports ``torch._dynamo`` and sympy: a second of CPU time
and 150 MB. The rules here cover the operations of common CNNs in microseconds;
``summary`` sends anything else to torch.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

Shape = tuple[int, ...]
aten = torch.ops.aten


class ShapeError(Exception):
    """An operation that cannot take the shapes it was given."""


def conv_output_size(size: int, kernel_size: int, stride: int, padding: int, dilation: int) -> int:
    """Cells along one side: ⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1."""
    return (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1


def output_shape(func: Any, args: Sequence[Any]) -> Shape | None:
    """The shape that ``func`` returns, or None where no rule is known.

    Raises ShapeError where the inputs do not fit together.
    """
    if func in SAME_SHAPE:
        return tuple(args[0].shape)
    rule = SHAPE_RULES.get(func)
    return None if rule is None else rule(*args)


def macs(func: Any, args: Sequence[Any], out_shape: Shape) -> int:
    """Multiply-accumulates of one call; 0 for operations that have none."""
    rule = MAC_RULES.get(func)
    return 0 if rule is None else rule(args, out_shape)


def window(func: Any, args: Sequence[Any]) -> tuple[int, int] | None:
    """(effective kernel_size, stride) of a sliding operation, the larger of both sides."""
    if func is aten.convolution.default:
        weight, stride, dilation = args[1], args[3], args[5]
        sides = zip(weight.shape[2:], dilation, strict=True)
        return max(d * (k - 1) + 1 for k, d in sides), max(stride)
    if func in (aten.max_pool2d_with_indices.default, aten.avg_pool2d.default):
        kernel = _pair(args[1])
        stride = _pair(args[2]) if len(args) > 2 and args[2] else kernel
        return max(kernel), max(stride)
    return None


def _convolution(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    output_padding: Sequence[int],
    groups: int,
) -> Shape | None:
    if transposed or x.dim() != 4:
        return None
    if x.shape[1] != weight.shape[1] * groups:
        raise ShapeError(
            f"it expects {weight.shape[1] * groups} input channels, but got {_show(x.shape[1:])}"
        )
    sides = [
        conv_output_size(x.shape[2 + i], weight.shape[2 + i], stride[i], padding[i], dilation[i])
        for i in (0, 1)
    ]
    if min(sides) < 1:
        raise ShapeError(
            f"its {_show(weight.shape[2:])} kernel does not fit into {_show(x.shape[1:])}"
        )
    return x.shape[0], weight.shape[0], *sides


def _pool(
    x: Tensor,
    kernel_size: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] = (0,),
    *rest: Any,
) -> Shape | None:
    if any(option is True for option in rest[:2]) or x.dim() != 4:
        return None
    kernel, steps, pads = _pair(kernel_size), _pair(stride or kernel_size), _pair(padding)
    sides = [conv_output_size(x.shape[2 + i], kernel[i], steps[i], pads[i], 1) for i in (0, 1)]
    if min(sides) < 1:
        raise ShapeError(f"its {_show(kernel)} window does not fit into {_show(x.shape[1:])}")
    return x.shape[0], x.shape[1], *sides


def _max_pool(x: Tensor, *args: Any) -> Shape | None:
    dilation_is_plain = len(args) < 4 or set(_pair(args[3])) == {1}
    ceil_mode = len(args) > 4 and args[4]
    return _pool(x, *args[:3]) if dilation_is_plain and not ceil_mode else None


def _adaptive_pool(x: Tensor, size: Sequence[int]) -> Shape:
    return *x.shape[:-2], *size


def _mean(x: Tensor, dims: Sequence[int] | None, keepdim: bool = False) -> Shape | None:
    if not dims:
        return None
    gone = {dim % x.dim() for dim in dims}
    kept = [1 if i in gone else side for i, side in enumerate(x.shape)]
    return tuple(side for i, side in enumerate(kept) if keepdim or i not in gone)


def _linear(bias: Tensor, x: Tensor, weight: Tensor) -> Shape:
    return _matmul(x, weight)


def _matmul(x: Tensor, weight: Tensor) -> Shape:
    if x.shape[-1] != weight.shape[-2]:
        raise ShapeError(f"it expects {weight.shape[-2]} features, but got {x.shape[-1]}")
    return *x.shape[:-1], weight.shape[-1]


def _broadcast(x: Tensor, y: Any, *_: Any) -> Shape | None:
    if not isinstance(y, Tensor) or x.shape == y.shape:
        return tuple(x.shape)
    if x.dim() != y.dim():
        return None
    # torch.broadcast_shapes would import sympy.
    for ours, theirs in zip(x.shape, y.shape, strict=True):
        if ours != theirs and 1 not in (ours, theirs):
            raise ShapeError(f"{_show(x.shape[1:])} and {_show(y.shape[1:])} do not combine")
    return tuple(max(sides) for sides in zip(x.shape, y.shape, strict=True))


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    if isinstance(value, int):
        return value, value
    return (value[0], value[0]) if len(value) == 1 else (value[0], value[1])


def _show(shape: Sequence[int]) -> str:
    return "×".join(str(side) for side in shape)


def _convolution_macs(args: Sequence[Any], out_shape: Shape) -> int:
    weight: Tensor = args[1]
    return math.prod(out_shape) * math.prod(weight.shape[1:])


SAME_SHAPE = frozenset(
    {
        aten.relu.default,
        aten.relu_.default,
        aten.tanh.default,
        aten.sigmoid.default,
        aten.silu.default,
        aten.silu_.default,
        aten.hardtanh.default,
        aten.hardtanh_.default,
        aten.native_batch_norm.default,
        aten._native_batch_norm_legit_no_training.default,
        aten.add_.Tensor,
    }
)

SHAPE_RULES: dict[Any, Callable[..., Shape | None]] = {
    aten.convolution.default: _convolution,
    aten.max_pool2d_with_indices.default: _max_pool,
    aten.avg_pool2d.default: _pool,
    aten._adaptive_avg_pool2d.default: _adaptive_pool,
    aten.mean.dim: _mean,
    aten.addmm.default: _linear,
    aten.mm.default: _matmul,
    aten.add.Tensor: _broadcast,
    aten.mul.Tensor: _broadcast,
}

MAC_RULES: dict[Any, Callable[[Sequence[Any], Shape], int]] = {
    aten.convolution.default: _convolution_macs,
    aten.addmm.default: lambda args, out: math.prod(out) * args[1].shape[-1],
    aten.mm.default: lambda args, out: math.prod(out) * args[0].shape[-1],
}

EXTRA_OUTPUTS = {
    aten.max_pool2d_with_indices.default: 1,
    aten.native_batch_norm.default: 2,
    aten._native_batch_norm_legit_no_training.default: 2,
}
"""Operations that return more tensors than the one whose shape matters."""
