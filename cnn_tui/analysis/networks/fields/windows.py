"""Fields after what slides over a map, resizes it or pads it, in one to three dimensions."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import torch

from cnn_tui.analysis.networks.fields import axis as axes
from cnn_tui.analysis.networks.fields import layout as layouts
from cnn_tui.analysis.networks.fields.axis import Axis, Taps
from cnn_tui.analysis.networks.fields.reach import Reach
from cnn_tui.analysis.networks.shapes import CONVOLUTIONS, SlidingWindow, each_side
from cnn_tui.analysis.records import Shape

aten = torch.ops.aten

Resize = Callable[[int, int, int], Axis | None]
"""(side, number of units before, number after) → the field along that side after it."""


def windows(func: Any, args: Sequence[Any]) -> tuple[SlidingWindow, ...] | None:
    """What ``func`` slides over each side of a map, if it does that."""
    if func in POOLS:
        return _pool_windows(func, args)
    if func in CONVOLUTIONS:
        is_transposed = func in ANY_CONVOLUTIONS and args[6]
        return None if is_transposed else _conv_windows(args, *args[3:6])
    return None


def sliding(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """A convolution or a pooling window."""
    slid = windows(func, args)
    if slid is None:
        return transposed(func, args, shape, reach)
    reach = _channels_mixed(reach, len(slid)) if func in CONVOLUTIONS else reach
    sides = tuple(args[0].shape[-len(slid) :])
    if func not in MAX_POOLS and _covers(slid, sides, shape):
        gone = reach.layout[-len(slid) :]
        return reach.mixed(gone, reach.layout[: -len(slid)] + ((),) * len(slid))
    moves = {
        dim: window
        for dim, window in zip(range(-len(slid), 0), slid, strict=True)
        if window.span > 1 or window.stride > 1 or window.padding
    }
    return _each_side(reach, shape, moves, lambda axis, dim: axis.through(moves[dim], shape[dim]))


def transposed(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """A transposed convolution."""
    stride, padding = args[3] if len(args) > 3 else 1, args[4] if len(args) > 4 else 0
    place = 5 if func in ANY_CONVOLUTIONS else 7
    slid = _conv_windows(args, stride, padding, args[place] if len(args) > place else 1)
    moves = dict(zip(range(-len(slid), 0), slid, strict=True))
    return _each_side(
        _channels_mixed(reach, len(slid)),
        shape,
        moves,
        lambda axis, dim: axis.transposed(moves[dim], shape[dim]),
    )


def adaptive(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """Adaptive pooling: windows that are not all of one size."""
    sides = args[0].shape
    moved = [d for d in range(-ADAPTIVE_POOLS[func], 0) if sides[d] != shape[d]]
    gone = [dim for dim in moved if shape[dim] == 1]
    if gone:
        dims = [reach.layout[dim] for dim in gone]
        kept = [() if i - len(shape) in gone else dim for i, dim in enumerate(reach.layout)]
        reach = reach.mixed(dims, tuple(kept), is_step=True)

    def resized(axis: Axis, dim: int) -> Axis:
        taps = axes.shrunk(sides[dim], shape[dim])
        return axis.resampled(taps, sides[dim] / shape[dim], shape[dim])

    return _each_side(reach, shape, [dim for dim in moved if dim not in gone], resized)


def interpolated(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """Upsampling, or any other resize that takes values at places between units."""
    taps_of, count = RESIZES[func]
    is_smooth = taps_of not in (axes.nearest, axes.nearest_exact)
    align_corners = bool(is_smooth and args[2])
    factors = list(args[3 if is_smooth else 2 :])
    if len(factors) == 1 and isinstance(factors[0], list | tuple):
        factors = list(factors[0])
    sides = args[0].shape

    def resized(axis: Axis, dim: int) -> Axis:
        factor = factors[dim] if len(factors) == count else None
        scale = 1 / factor if factor else sides[dim] / shape[dim]
        if align_corners:
            scale = (sides[dim] - 1) / max(1, shape[dim] - 1)
        options = {"align_corners": align_corners} if is_smooth else {}
        return axis.resampled(taps_of(scale, **options), scale, shape[dim])

    return _each_side(reach, shape, range(-count, 0), resized, copies=True)


def shuffled(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """Pixel shuffle: channels become the positions of a finer map."""
    scale = 1 / args[1]
    return _each_side(
        _channels_mixed(reach, 2),
        shape,
        (-2, -1),
        lambda axis, dim: axis.resampled(axes.nearest(scale), scale, shape[dim]),
    )


def unshuffled(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """Every block of a map becomes one position with more channels."""
    block = SlidingWindow(args[1], args[1])
    return _each_side(
        _channels_mixed(reach, 2),
        shape,
        (-2, -1),
        lambda axis, dim: axis.through(block, shape[dim]),
    )


def padded(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """Padding, which moves the first unit; circular padding brings the other end beside it."""
    before = {-1 - i: pad for i, pad in enumerate(args[1][::2])}
    moved = [dim for dim in before if args[0].shape[dim] != shape[dim] or before[dim]]
    if len(args) > 2 and args[2] == "circular":
        dims = [reach.layout[dim] for dim in moved]
        return reach.mixed(dims, layouts.fitted(reach.layout, shape))
    return _each_side(
        reach, shape, moved, lambda axis, dim: axis.moved(-before[dim], 1, shape[dim])
    )


def unfolded(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """``F.unfold``: the window of each position, as channels."""
    settings = (each_side(each, 2) for each in args[1:5])
    slid = [
        SlidingWindow(kernel, stride, padding, dilation)
        for kernel, dilation, padding, stride in zip(*settings, strict=True)
    ]
    counts = [
        (side + 2 * window.padding - window.span) // window.stride + 1
        for side, window in zip(args[0].shape[-2:], slid, strict=True)
    ]
    map_shape = (*shape[:-1], *counts)
    reach = _each_side(
        _channels_mixed(reach, 2),
        map_shape,
        (-2, -1),
        lambda axis, dim: axis.through(slid[dim], counts[dim]),
    )
    return replace(reach, layout=(*reach.layout[:-2], reach.layout[-2] + reach.layout[-1]))


def folded(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """``F.fold``: windows are added up where they lie over each other."""
    settings = (each_side(each, 2) for each in args[2:6])
    slid = [
        SlidingWindow(kernel, stride, padding, dilation)
        for kernel, dilation, padding, stride in zip(*settings, strict=True)
    ]
    counts = [
        (side + 2 * window.padding - window.span) // window.stride + 1
        for side, window in zip(shape[-2:], slid, strict=True)
    ]
    laid = layouts.regrouped(reach.layout, (*args[0].shape[:-1], *counts))
    if laid is None:
        return reach.unknown(shape)
    return _each_side(
        _channels_mixed(replace(reach, layout=laid), 2),
        shape,
        (-2, -1),
        lambda axis, dim: axis.transposed(slid[dim], shape[dim]),
    )


def _each_side(
    reach: Reach,
    shape: Shape,
    moved: Any,
    change: Callable[[Axis, int], Axis],
    *,
    copies: bool = False,
) -> Reach:
    """``change`` the field along each of the dimensions ``moved`` that is a side of the map.

    ``copies`` says that one unit becomes copies of it, where there is only one.
    """
    if len(reach.layout) != len(shape):
        return reach.unknown(shape)
    sides, layout = list(reach.axes), list(reach.layout)
    cut = []
    for dim in moved:
        along = layouts.axis_along(reach.layout, dim)
        if not layouts.has_positions([reach.layout[dim]]):
            is_copied = copies and layouts.is_constant(reach.layout[dim])
            layout[dim] = (layouts.copies if is_copied else layouts.plain_dim)(shape[dim])
        elif along is None:
            cut.append(dim)
        else:
            side = sides[along]
            sides[along] = None if side is None else change(side, dim)
            layout[dim] = layouts.along(shape[dim], along)
    reach = replace(reach, axes=tuple(sides))
    if not cut:
        return replace(reach, layout=layouts.fitted(tuple(layout), shape))
    gone = [reach.layout[dim] for dim in cut]
    for dim in cut:
        layout[dim] = layouts.mixture(shape[dim])
    return reach.mixed(gone, layouts.fitted(tuple(layout), shape))


def _channels_mixed(reach: Reach, sides: int) -> Reach:
    """After the channels were mixed, along which positions may lie: tokens, say."""
    place = len(reach.layout) - sides - 1
    if place < 0 or not layouts.has_positions([reach.layout[place]]):
        return reach
    count = layouts.count_of(reach.layout[place])
    layout = list(reach.layout)
    layout[place] = layouts.plain_dim(count)
    return reach.mixed([reach.layout[place]], tuple(layout))


def _covers(slid: Sequence[SlidingWindow], sides: Shape, shape: Shape) -> bool:
    """Whether one window, without padding, is the whole map: global pooling, or a layer like it."""
    whole = all(w.span == side and not w.padding for w, side in zip(slid, sides, strict=True))
    return whole and math.prod(sides) > 1 and math.prod(shape[-len(slid) :]) == 1


def _conv_windows(
    args: Sequence[Any], stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> tuple[SlidingWindow, ...]:
    kernel = tuple(args[1].shape[2:])
    count = len(kernel)
    dilations = each_side(dilation, count)
    if padding == "same":
        padding = [d * (k - 1) // 2 for d, k in zip(dilations, kernel, strict=True)]
    pads = each_side(0 if padding == "valid" else padding, count)
    slid = zip(kernel, each_side(stride, count), pads, dilations, strict=True)
    return tuple(SlidingWindow(*each) for each in slid)


def _pool_windows(func: Any, args: Sequence[Any]) -> tuple[SlidingWindow, ...]:
    count = POOLS[func]
    kernel = each_side(args[1], count)
    stride = each_side(args[2], count) if len(args) > 2 and args[2] else kernel
    padding = each_side(args[3] if len(args) > 3 else 0, count)
    is_dilated = func in MAX_POOLS and len(args) > 4
    dilation = each_side(args[4] if is_dilated else 1, count)
    return tuple(map(SlidingWindow, kernel, stride, padding, dilation))


ANY_CONVOLUTIONS = frozenset({aten.convolution.default, aten._convolution.default})
MAX_POOLS = {
    aten.max_pool2d.default: 2,
    aten.max_pool2d_with_indices.default: 2,
    aten.max_pool3d.default: 3,
    aten.max_pool3d_with_indices.default: 3,
    aten.max_pool1d.default: 1,
    aten.max_pool1d_with_indices.default: 1,
}
POOLS = {
    **MAX_POOLS,
    aten.avg_pool1d.default: 1,
    aten.avg_pool2d.default: 2,
    aten.avg_pool3d.default: 3,
}
"""Pooling operations, and over how many sides their windows slide."""
ADAPTIVE_POOLS = {
    aten.adaptive_avg_pool1d.default: 1,
    aten.adaptive_max_pool1d.default: 1,
    aten.adaptive_avg_pool2d.default: 2,
    aten._adaptive_avg_pool2d.default: 2,
    aten.adaptive_max_pool2d.default: 2,
    aten.adaptive_avg_pool3d.default: 3,
    aten._adaptive_avg_pool3d.default: 3,
    aten.adaptive_max_pool3d.default: 3,
}
_LINEAR = partial(axes.between, neighbors=2)
_CUBIC = partial(axes.between, neighbors=4)
RESIZES: dict[Any, tuple[Callable[..., Taps], int]] = {
    getattr(getattr(aten, name), overload): (taps, sides)
    for name, taps, sides in (
        ("upsample_nearest1d", axes.nearest, 1),
        ("upsample_nearest2d", axes.nearest, 2),
        ("upsample_nearest3d", axes.nearest, 3),
        ("_upsample_nearest_exact1d", axes.nearest_exact, 1),
        ("_upsample_nearest_exact2d", axes.nearest_exact, 2),
        ("_upsample_nearest_exact3d", axes.nearest_exact, 3),
        ("upsample_linear1d", _LINEAR, 1),
        ("upsample_bilinear2d", _LINEAR, 2),
        ("upsample_trilinear3d", _LINEAR, 3),
        ("upsample_bicubic2d", _CUBIC, 2),
        ("_upsample_bilinear2d_aa", partial(axes.antialiased, neighbors=2), 2),
        ("_upsample_bicubic2d_aa", partial(axes.antialiased, neighbors=4), 2),
    )
    for overload in ("vec", "default")
}
