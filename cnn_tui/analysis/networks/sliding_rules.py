"""The shape that convolution, pooling and padding return, and what of it torch refuses.

A rule answers None where the arguments are unusual: then torch has to say it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from cnn_tui.analysis.networks.shapes import (
    ShapeError,
    SlidingWindow,
    conv_settings,
    each_side,
    pair,
    pool_windows,
)
from cnn_tui.analysis.records import Shape, shape_text


def convolution(func: Any) -> Callable[..., Shape | None]:
    """The rule of one kind of convolution call."""

    def rule(*args: Any) -> Shape | None:
        x, settings = args[0], conv_settings(func, args)
        if settings.transposed:
            _, weight, bias, stride, padding, dilation, _, output_padding, groups, *_ = args
            return transposed(x, weight, bias, stride, padding, output_padding, groups, dilation)
        weight = settings.weight
        if not _fits_rank(x, weight) or settings.groups < 1:
            return None
        _refuse_channels(x, weight, weight.shape[1] * settings.groups)
        _refuse_groups(weight, settings.groups)
        _refuse_bias(args[2] if len(args) > 2 else None, weight.shape[0])
        strides = [each.stride for each in settings.windows]
        if x.dim() != weight.dim() or (max(strides) > 1 and "same" in args):
            return None
        measured = zip(x.shape[2:], settings.windows, settings.total_padding, strict=True)
        sides = [(side + pad - window.span) // window.stride + 1 for side, window, pad in measured]
        if min(sides) < 1:
            raise ShapeError(
                f"its {shape_text(weight.shape[2:])} kernel does not fit "
                f"into {shape_text(x.shape[1:])}"
            )
        return x.shape[0], weight.shape[0], *sides

    return rule


def transposed(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Shape | None:
    """Of a transposed convolution."""
    if not _fits_rank(x, weight) or groups < 1:
        return None
    _refuse_channels(x, weight, weight.shape[0])
    _refuse_groups(weight, groups)
    _refuse_bias(bias, weight.shape[1] * groups)
    if x.dim() != weight.dim():
        return None
    settings = [
        each_side(each, x.dim() - 2) for each in (stride, padding, output_padding, dilation)
    ]
    sides = []
    for side, kernel, *(step, pad, extra, apart) in zip(
        x.shape[2:], weight.shape[2:], *settings, strict=True
    ):
        if extra >= max(step, apart):
            raise ShapeError(
                f"its output padding of {extra} is not smaller than its stride or its dilation"
            )
        sides.append((side - 1) * step - 2 * pad + apart * (kernel - 1) + extra + 1)
    if min(sides) < 1:
        raise ShapeError(f"its padding leaves nothing of {shape_text(x.shape[1:])}")
    return x.shape[0], weight.shape[1] * groups, *sides


def _fits_rank(x: Tensor, weight: Tensor) -> bool:
    return weight.dim() > 2 and x.dim() in (weight.dim(), weight.dim() - 1)


def _refuse_channels(x: Tensor, weight: Tensor, expected: int) -> None:
    if x.shape[1 - weight.dim()] != expected:
        given = x.shape[1:] if x.dim() == weight.dim() else x.shape
        raise ShapeError(f"it expects {expected} input channels, but got {shape_text(given)}")


def _refuse_groups(weight: Tensor, groups: int) -> None:
    if weight.shape[0] % groups:
        raise ShapeError(f"its {weight.shape[0]} kernels do not divide into {groups} groups")


def _refuse_bias(bias: Tensor | None, expected: int) -> None:
    if bias is not None and tuple(bias.shape) != (expected,):
        raise ShapeError(
            f"its bias holds {shape_text(bias.shape)} numbers, and not one "
            f"for each of its {expected} output channels"
        )


def pooling(func: Any, ceil_place: int) -> Callable[..., Shape | None]:
    """The rule of a pooling whose ``ceil_mode`` is the argument at ``ceil_place``."""

    def rule(*args: Any) -> Shape | None:
        x = args[0]
        if x.dim() != 4:
            return None
        slid = pool_windows(func, args)
        kernel = shape_text([each.kernel_size for each in slid])
        _refuse_wide_padding(slid)
        ceil = len(args) > ceil_place and args[ceil_place]
        sides = [_pooled_side(x.shape[2 + i], slid[i], ceil) for i in (0, 1)]
        if min(sides) < 1:
            raise ShapeError(f"its {kernel} window does not fit into {shape_text(x.shape[1:])}")
        return x.shape[0], x.shape[1], *sides

    return rule


def avg_pool3d(
    x: Tensor, kernel: Any, stride: Any = (), padding: Any = 0, ceil: bool = False, *_: Any
) -> Shape | None:
    """Local response normalization averages over channels so."""
    if x.dim() not in (4, 5):
        return None
    kernels = each_side(kernel, 3)
    strides = each_side(stride, 3) if stride else kernels
    slid = [*map(SlidingWindow, kernels, strides, each_side(padding, 3))]
    _refuse_wide_padding(slid)
    if any(side < size for side, size in zip(x.shape[-3:], kernels, strict=True)):
        window = shape_text(kernels)
        raise ShapeError(f"its {window} window does not fit into {shape_text(x.shape[1:])}")
    return *x.shape[:-3], *map(_pooled_side, x.shape[-3:], slid, [ceil] * 3)


def _refuse_wide_padding(slid: Sequence[SlidingWindow]) -> None:
    for each in slid:
        if 2 * each.padding > each.kernel_size:
            window = shape_text([each.kernel_size for each in slid])
            raise ShapeError(
                f"its padding of {each.padding} is more than half of its {window} window"
            )


def _pooled_side(size: int, window: SlidingWindow, ceil: bool) -> int:
    room = size + 2 * window.padding - window.span
    if not ceil:
        return room // window.stride + 1
    cells = -(-room // window.stride) + 1
    # The last window has to start inside the map or the padding before it.
    return cells - ((cells - 1) * window.stride >= size + window.padding)


def padded(x: Tensor, pads: Sequence[int], mode: str = "constant", *_: Any) -> Shape | None:
    """Of padding with one number; torch itself knows the other modes."""
    if mode != "constant" or len(pads) % 2 or len(pads) > 2 * x.dim():
        return None
    sides = list(x.shape)
    for dim, (before, after) in enumerate(zip(pads[::2], pads[1::2], strict=True), start=1):
        if sides[-dim] + min(before, 0) + min(after, 0) < 0:
            raise ShapeError(f"its padding takes more away than {shape_text(x.shape[1:])} holds")
        sides[-dim] += before + after
    return tuple(sides)


def adaptive_pooling(x: Tensor, size: Sequence[int]) -> Shape | None:
    """Of adaptive pooling over rows and columns."""
    return (*x.shape[:-2], *pair(size)) if x.dim() in (3, 4) and min(pair(size)) > 0 else None
