"""What the operations of networks slide over their maps, and what they cost.

torch's FlopCounterMode is right for every operation, but its first use imports
``torch._dynamo`` and sympy: a second of CPU time and 150 MB.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from cnn_tui.analysis.records import Shape

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


def macs(func: Any, args: Sequence[Any], out_shape: Shape) -> int:
    """Multiply-accumulates of one call; 0 for operations that have none."""
    rule = MAC_RULES.get(func)
    return 0 if rule is None else rule(args, out_shape)


@dataclass(frozen=True, slots=True)
class ConvSettings:
    """A convolution: its weight, what slides along each side, and what is padded in all."""

    weight: Tensor
    windows: tuple[SlidingWindow, ...]
    total_padding: tuple[int, ...]
    groups: int
    transposed: bool


def conv_settings(func: Any, args: Sequence[Any]) -> ConvSettings:
    """The settings of any kind of convolution call, with torch's defaults filled in."""
    weight: Tensor = args[1]
    sides = weight.dim() - 2
    stride = each_side(args[3] if len(args) > 3 else 1, sides)
    dilation = each_side(args[5] if len(args) > 5 else 1, sides)
    groups = args[6] if len(args) > 6 else 1
    transposed = False
    if func in (aten.convolution.default, aten._convolution.default):
        transposed, groups = args[6], args[8]
    padding = args[4] if len(args) > 4 else 0
    if padding == "same":
        total = tuple(d * (k - 1) for d, k in zip(dilation, weight.shape[2:], strict=True))
        before = tuple(each // 2 for each in total)
    else:
        before = (0,) * sides if padding == "valid" else each_side(padding, sides)
        total = tuple(2 * each for each in before)
    slid = zip(weight.shape[2:], stride, before, dilation, strict=True)
    return ConvSettings(
        weight, tuple(SlidingWindow(*each) for each in slid), total, groups, transposed
    )


def pool_windows(func: Any, args: Sequence[Any]) -> tuple[SlidingWindow, SlidingWindow]:
    """What a pooling slides over rows and over columns."""
    kernel, stride, padding = _pool_settings(args)
    dilation = (1, 1)
    if func in MAX_POOLS and len(args) > 4:
        dilation = pair(args[4])
    rows, columns = zip(kernel, stride, padding, dilation, strict=True)
    return SlidingWindow(*rows), SlidingWindow(*columns)


def _pool_settings(args: Sequence[Any]) -> tuple[tuple[int, int], ...]:
    kernel = pair(args[1])
    stride = pair(args[2]) if len(args) > 2 and args[2] else kernel
    return kernel, stride, pair(args[3]) if len(args) > 3 else (0, 0)


def pair(value: int | Sequence[int]) -> tuple[int, int]:
    """A setting for rows and for columns, where one number stands for both."""
    rows, columns = each_side(value, 2)
    return rows, columns


def each_side(value: int | Sequence[int], count: int) -> tuple[int, ...]:
    """A setting for each of ``count`` sides, where one number stands for all."""
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
TRANSPOSED = frozenset(
    {aten.conv_transpose1d.default, aten.conv_transpose2d.input, aten.conv_transpose3d.input}
)
MAX_POOLS = frozenset({aten.max_pool2d.default, aten.max_pool2d_with_indices.default})

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
