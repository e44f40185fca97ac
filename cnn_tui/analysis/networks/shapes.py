"""Shape and cost rules for the operations that networks are made of.

torch's own meta kernels and its FlopCounterMode are right for every operation,
but their first use imports ``torch._dynamo`` and sympy: a second of CPU time
and 150 MB. The rules here cover the operations of common networks in
microseconds; ``trace`` takes anything else apart or sends it to torch.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from cnn_tui.analysis.records import Shape, shape_text

aten = torch.ops.aten


class ShapeError(Exception):
    """An operation that cannot take the shapes it was given."""


@dataclass(frozen=True, slots=True)
class SlidingWindow:
    """What slides along one side of a map: kernel, stride, padding before it, dilation."""

    kernel_size: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def span(self) -> int:
        """Cells from the window's first to its last."""
        return self.dilation * (self.kernel_size - 1) + 1

    @property
    def settings(self) -> tuple[int, int, int, int]:
        """(kernel_size, stride, padding, dilation), as the records keep it."""
        return self.kernel_size, self.stride, self.padding, self.dilation


def has_rule(func: Any) -> bool:
    """Whether ``func`` is known here, so that it need not be taken apart."""
    return func in SAME_SHAPE or func in SHAPE_RULES


def output_shape(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Shape | None:
    """The shape that ``func`` returns, or None where no rule is known.

    Raises ShapeError where the inputs do not fit together.
    """
    if func in SAME_SHAPE:
        return tuple(args[0].shape)
    rule = SHAPE_RULES.get(func)
    return None if rule is None or kwargs.keys() - {"alpha"} else rule(*args)


def macs(func: Any, args: Sequence[Any], out_shape: Shape) -> int:
    """Multiply-accumulates of one call; 0 for operations that have none."""
    rule = MAC_RULES.get(func)
    return 0 if rule is None else rule(args, out_shape)


def windows(func: Any, args: Sequence[Any]) -> tuple[SlidingWindow, SlidingWindow] | None:
    """What ``func`` slides over rows and over columns, if it does that."""
    if func in POOLS:
        return _pool_windows(func, args)
    if func not in CONVOLUTIONS:
        return None
    settings = _conv_settings(func, args)
    if settings.transposed or settings.weight.dim() != 4:
        return None
    return settings.windows[0], settings.windows[1]


@dataclass(frozen=True, slots=True)
class _ConvSettings:
    weight: Tensor
    windows: tuple[SlidingWindow, ...]
    total_padding: tuple[int, ...]
    groups: int
    transposed: bool


def _conv_settings(func: Any, args: Sequence[Any]) -> _ConvSettings:
    """The settings of any kind of convolution call, with torch's defaults filled in."""
    weight: Tensor = args[1]
    sides = weight.dim() - 2
    stride = _sides(args[3] if len(args) > 3 else 1, sides)
    dilation = _sides(args[5] if len(args) > 5 else 1, sides)
    groups = args[6] if len(args) > 6 else 1
    transposed = False
    if func in (aten.convolution.default, aten._convolution.default):
        transposed, groups = args[6], args[8]
    padding = args[4] if len(args) > 4 else 0
    if padding == "same":
        total = tuple(d * (k - 1) for d, k in zip(dilation, weight.shape[2:], strict=True))
        before = tuple(each // 2 for each in total)
    else:
        before = (0,) * sides if padding == "valid" else _sides(padding, sides)
        total = tuple(2 * each for each in before)
    slid = zip(weight.shape[2:], stride, before, dilation, strict=True)
    return _ConvSettings(
        weight, tuple(SlidingWindow(*each) for each in slid), total, groups, transposed
    )


def _convolution_shape(func: Any) -> Callable[..., Shape | None]:
    def rule(*args: Any) -> Shape | None:
        x, settings = args[0], _conv_settings(func, args)
        weight = settings.weight
        if settings.transposed or x.dim() != weight.dim():
            return None
        expected = weight.shape[1] * settings.groups
        if x.shape[1] != expected:
            raise ShapeError(
                f"it expects {expected} input channels, but got {shape_text(x.shape[1:])}"
            )
        measured = zip(x.shape[2:], settings.windows, settings.total_padding, strict=True)
        sides = [(side + pad - window.span) // window.stride + 1 for side, window, pad in measured]
        if min(sides) < 1:
            raise ShapeError(
                f"its {shape_text(weight.shape[2:])} kernel does not fit "
                f"into {shape_text(x.shape[1:])}"
            )
        return x.shape[0], weight.shape[0], *sides

    return rule


def _pool_windows(func: Any, args: Sequence[Any]) -> tuple[SlidingWindow, SlidingWindow]:
    kernel, stride, padding = _pool_settings(args)
    dilation = (1, 1)
    if func in MAX_POOLS and len(args) > 4:
        dilation = _pair(args[4])
    rows, columns = zip(kernel, stride, padding, dilation, strict=True)
    return SlidingWindow(*rows), SlidingWindow(*columns)


def _pool_settings(args: Sequence[Any]) -> tuple[tuple[int, int], ...]:
    kernel = _pair(args[1])
    stride = _pair(args[2]) if len(args) > 2 and args[2] else kernel
    return kernel, stride, _pair(args[3]) if len(args) > 3 else (0, 0)


def _pool_shape(func: Any, ceil_place: int) -> Callable[..., Shape | None]:
    def rule(*args: Any) -> Shape | None:
        x = args[0]
        if x.dim() != 4:
            return None
        slid = _pool_windows(func, args)
        ceil = len(args) > ceil_place and args[ceil_place]
        sides = [_pooled_side(x.shape[2 + i], slid[i], ceil) for i in (0, 1)]
        if min(sides) < 1:
            kernel = shape_text([each.kernel_size for each in slid])
            raise ShapeError(f"its {kernel} window does not fit into {shape_text(x.shape[1:])}")
        return x.shape[0], x.shape[1], *sides

    return rule


def _avg_pool3d(
    x: Tensor, kernel: Any, stride: Any = (), padding: Any = 0, ceil: bool = False, *_: Any
) -> Shape:
    """Local response normalization averages over channels so."""
    kernels, pads = _sides(kernel, 3), _sides(padding, 3)
    strides = _sides(stride, 3) if stride else kernels
    slid = map(SlidingWindow, kernels, strides, pads)
    sides = map(_pooled_side, x.shape[-3:], slid, [ceil] * 3)
    return *x.shape[:-3], *sides


def _pad(x: Tensor, pads: Sequence[int], *_: Any) -> Shape:
    sides = list(x.shape)
    for dim, each in enumerate(zip(pads[::2], pads[1::2], strict=True), start=1):
        sides[-dim] += sum(each)
    return tuple(sides)


def _pooled_side(size: int, window: SlidingWindow, ceil: bool) -> int:
    room = size + 2 * window.padding - window.span
    if not ceil:
        return room // window.stride + 1
    cells = -(-room // window.stride) + 1
    # The last window has to start inside the map or the padding before it.
    return cells - ((cells - 1) * window.stride >= size + window.padding)


def _adaptive_pool(x: Tensor, size: Sequence[int]) -> Shape:
    return *x.shape[:-2], *_pair(size)


def _mean(x: Tensor, dims: Sequence[int] | None, keepdim: bool = False) -> Shape | None:
    if not dims:
        return None
    gone = {dim % x.dim() for dim in dims}
    kept = [1 if i in gone else side for i, side in enumerate(x.shape)]
    return tuple(side for i, side in enumerate(kept) if keepdim or i not in gone)


def _linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Shape:
    if x.shape[-1] != weight.shape[-1]:
        raise ShapeError(f"it expects {weight.shape[-1]} features, but got {x.shape[-1]}")
    return *x.shape[:-1], weight.shape[0]


def _addmm(bias: Tensor, x: Tensor, y: Tensor) -> Shape:
    return _matmul(x, y) or ()


def _matmul(x: Tensor, y: Tensor) -> Shape | None:
    if x.dim() < 2 or y.dim() < 2:
        return None
    if x.shape[-1] != y.shape[-2]:
        raise ShapeError(f"{shape_text(x.shape)} and {shape_text(y.shape)} cannot be multiplied")
    return *_common(x.shape[:-2], y.shape[:-2]), x.shape[-2], y.shape[-1]


def _attention(query: Tensor, key: Tensor, value: Tensor, *_: Any) -> Shape:
    return *query.shape[:-1], value.shape[-1]


def _batch_norm(x: Tensor, weight: Any, bias: Any, mean: Tensor | None, *_: Any) -> Shape:
    if mean is not None and mean.shape[0] != x.shape[1]:
        raise ShapeError(f"it expects {mean.shape[0]} channels, but got {shape_text(x.shape[1:])}")
    return tuple(x.shape)


def _layer_norm(x: Tensor, sides: Sequence[int], *_: Any) -> Shape:
    if tuple(x.shape[-len(sides) :]) != tuple(sides):
        raise ShapeError(
            f"it expects {shape_text(sides)} at the end, but got {shape_text(x.shape[1:])}"
        )
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
    if any(each.dim() != first.dim() for each in tensors):
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


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    rows, columns = _sides(value, 2)
    return rows, columns


def _sides(value: int | Sequence[int], count: int) -> tuple[int, ...]:
    if isinstance(value, int):
        return (value,) * count
    return tuple(value) * count if len(value) == 1 else tuple(value)


def _weight_macs(args: Sequence[Any], out_shape: Shape) -> int:
    weight: Tensor = args[1]
    return math.prod(out_shape) * math.prod(weight.shape[1:])


def _transposed_macs(args: Sequence[Any], out_shape: Shape) -> int:
    x, weight = args[:2]
    return int(math.prod(x.shape) * math.prod(weight.shape[1:]))


def _any_convolution_macs(args: Sequence[Any], out_shape: Shape) -> int:
    return (_transposed_macs if args[6] else _weight_macs)(args, out_shape)


def _product_macs(args: Sequence[Any], out_shape: Shape) -> int:
    return math.prod(out_shape) * int(args[0].shape[-1])


def _sum_of_products_macs(args: Sequence[Any], out_shape: Shape) -> int:
    return math.prod(out_shape) * int(args[1].shape[-1])


def _attention_macs(args: Sequence[Any], out_shape: Shape) -> int:
    query, key, value = args[:3]
    scores = math.prod(query.shape[:-1]) * key.shape[-2]
    return int(scores * (query.shape[-1] + value.shape[-1]))


CONVOLUTIONS = frozenset(
    {
        aten.conv1d.default,
        aten.conv1d.padding,
        aten.conv2d.default,
        aten.conv2d.padding,
        aten.conv3d.default,
        aten.conv3d.padding,
        aten.convolution.default,
        aten._convolution.default,
    }
)
TRANSPOSED = frozenset({aten.conv_transpose1d.default, aten.conv_transpose2d.input})
MAX_POOLS = frozenset({aten.max_pool2d.default, aten.max_pool2d_with_indices.default})
POOLS = MAX_POOLS | {aten.avg_pool2d.default}

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
        aten.prelu.default,
        aten.softmax.int,
        aten.log_softmax.int,
        aten.dropout.default,
        aten.dropout_.default,
        aten.feature_dropout.default,
        aten.group_norm.default,
        aten.pow.Tensor_Scalar,
        aten.abs.default,
        aten.exp.default,
        aten.sqrt.default,
        aten.rsqrt.default,
    }
)

SHAPE_RULES: dict[Any, Callable[..., Shape | None]] = {
    **{func: _convolution_shape(func) for func in CONVOLUTIONS},
    aten.max_pool2d.default: _pool_shape(aten.max_pool2d.default, 5),
    aten.avg_pool2d.default: _pool_shape(aten.avg_pool2d.default, 4),
    aten.avg_pool3d.default: _avg_pool3d,
    aten.adaptive_avg_pool2d.default: _adaptive_pool,
    aten.pad.default: _pad,
    aten.mean.dim: _mean,
    aten.linear.default: _linear,
    aten.addmm.default: _addmm,
    aten.matmul.default: _matmul,
    aten.mm.default: _matmul,
    aten.bmm.default: _matmul,
    aten.scaled_dot_product_attention.default: _attention,
    aten.batch_norm.default: _batch_norm,
    aten.layer_norm.default: _layer_norm,
    aten.add.Tensor: _broadcast,
    aten.sub.Tensor: _broadcast,
    aten.mul.Tensor: _broadcast,
    aten.div.Tensor: _broadcast,
    aten.add_.Tensor: _broadcast_in_place,
    aten.mul_.Tensor: _broadcast_in_place,
    aten.cat.default: _cat,
}

MAC_RULES: dict[Any, Callable[[Sequence[Any], Shape], int]] = {
    **dict.fromkeys(CONVOLUTIONS, _weight_macs),
    **dict.fromkeys(TRANSPOSED, _transposed_macs),
    aten.convolution.default: _any_convolution_macs,
    aten._convolution.default: _any_convolution_macs,
    aten.linear.default: _weight_macs,
    aten.matmul.default: _product_macs,
    aten.mm.default: _product_macs,
    aten.bmm.default: _product_macs,
    aten.mv.default: _product_macs,
    aten.addmm.default: _sum_of_products_macs,
    aten.baddbmm.default: _sum_of_products_macs,
    aten.scaled_dot_product_attention.default: _attention_macs,
}
