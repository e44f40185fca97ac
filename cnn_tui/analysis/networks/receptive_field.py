"""What one number of a tensor knows of the input, followed from operation to operation.

Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural
Networks": every sliding window turns (size r, jump j, start s) of a unit into
r + (k − 1)·j, j·stride and s + ((k − 1)/2 − padding)·j, where k counts the cells
from the window's first to its last. Where a map is enlarged, units differ from
each other, and the largest field counts. Where branches meet, the fields are united.
Global pooling, attention and fully connected layers that mix positions show a
unit the whole input; where they mix a part of the positions only, such as a
window's, this is more than the unit sees, and it is marked as ``partly``.

A gate, computed from the whole input and the same at every position (squeeze and
excitation, ECA, CBAM's over channels), and a normalization by the input's own
statistics only rescale. The published calculators leave them out, and so does the
size here; such a unit is marked as ``gated``. A gate that differs from position to
position, such as CBAM's over the map, has a window of its own, which counts.

An operation without a rule here is followed only if torch marks it as working number
by number. After any other, such as ``roll``, the field is unknown.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import torch

from cnn_tui.analysis.networks import shape_rules
from cnn_tui.analysis.networks.fields import layout as layouts
from cnn_tui.analysis.networks.fields import mixing, views, windows
from cnn_tui.analysis.networks.fields.reach import (
    Axes,
    Find,
    Reach,
    deepest,
    joined,
    of_input,
    of_other,
    of_outside,
    tensors,
)
from cnn_tui.analysis.networks.shapes import CONVOLUTIONS, TRANSPOSED, SlidingWindow
from cnn_tui.analysis.records import Shape

__all__ = [
    "Axes",
    "Reach",
    "after",
    "has_rule",
    "is_pointwise",
    "of_input",
    "of_other",
    "of_outside",
    "slid",
    "tensors",
    "written_into",
]

aten = torch.ops.aten


def has_rule(func: Any) -> bool:
    """Whether ``func`` is known here, so that it need not be decomposed."""
    return func in ONE_SOURCE or func in MANY_SOURCES


def after(func: Any, args: Sequence[Any], shape: Shape, find: Find, place: int = 0) -> Reach | None:
    """The reach of the ``place``-th tensor that ``func`` returned, of this ``shape``.

    None where no argument holds anything of the input, and for what is filled with
    constants.
    """
    inputs = [reach for reach in map(find, tensors(args)) if reach is not None]
    if not inputs or func in CONSTANTS:
        return None
    maps = [reach for reach in inputs if reach.is_of_map]
    if not maps:
        return of_other(shape, deepest(inputs))

    def find_map(tensor: Any) -> Reach | None:
        reach = find(tensor)
        return reach if reach is not None and reach.is_of_map else None

    reach = _by_rule(func, args, shape, find_map, maps, place).measured()
    return replace(reach, depth=deepest([reach, *inputs]))


def _by_rule(
    func: Any,
    args: Sequence[Any],
    shape: Shape,
    find: Find,
    inputs: Sequence[Reach],
    place: int,
) -> Reach:
    if func in MANY_SOURCES:
        return MANY_SOURCES[func](func, args, shape, find)
    if func in ONE_SOURCE:
        return _of_source(func, args, shape, find, inputs, place)
    if is_pointwise(func):
        return joined(inputs, shape, scales=func in SCALES)
    return joined(inputs, shape).unknown(shape)


def written_into(inputs: Sequence[Reach], shape: Shape) -> Reach:
    """The reach of a tensor after something was written into a part of it."""
    lie = layouts.mixture if any(each.has_positions for each in inputs) else layouts.plain_dim
    alike = [replace(each, layout=()) for each in inputs]
    return replace(joined(alike, ()).unknown(()), layout=tuple(map(lie, shape)))


def slid(func: Any, args: Sequence[Any], find: Find) -> tuple[SlidingWindow, ...] | None:
    """What ``func`` slides over the sides of a map; None for what slides over channels."""
    over = windows.windows(func, args)
    source = find(args[0]) if over is not None else None
    if over is None or source is None:
        return over
    dims = source.layout[-len(over) :]
    if any(
        window.span > 1 and not layouts.has_positions([dim]) and dim
        for window, dim in zip(over, dims, strict=True)
    ):
        return None
    return over


def _of_source(
    func: Any,
    args: Sequence[Any],
    shape: Shape,
    find: Find,
    inputs: Sequence[Reach],
    place: int,
) -> Reach:
    """By the rule of an operation on one tensor; others, such as weights, may only gate it."""
    source = find(args[0])
    if source is None:
        return joined(inputs, shape).unknown(shape)
    rest = [each for each in map(find, tensors(args[1:])) if each is not None]
    options = {"place": place} if func in PIECES else {}
    reach = ONE_SOURCE[func](func, args, shape, source, **options)
    if not rest:
        return reach
    if any(any(each.axes) or each.has_positions for each in rest):
        return joined(inputs, shape).unknown(shape)
    met = joined([reach, *(replace(each, layout=()) for each in rest)], shape, scales=True)
    return replace(met, layout=reach.layout)


@cache
def is_pointwise(func: Any) -> bool:
    """Whether ``func`` computes each number from those at its place."""
    return (
        torch.Tag.pointwise in func.tags
        or func in shape_rules.SAME_SHAPE
        or func in NUMBER_BY_NUMBER
    )


SCALES = frozenset({aten.mul.Tensor, aten.mul_.Tensor, aten.div.Tensor, aten.div_.Tensor})
"""Operations through which a gate rescales."""

CONSTANTS = frozenset(
    getattr(packet, overload)
    for packet in (
        aten.zeros_like,
        aten.ones_like,
        aten.empty_like,
        aten.full_like,
        aten.rand_like,
        aten.randn_like,
        aten.new_zeros,
        aten.new_ones,
        aten.new_empty,
        aten.new_full,
        aten.new_empty_strided,
    )
    for overload in packet.overloads()  # type: ignore[no-untyped-call]
)
"""Operations of which the result has only the shape and type of their argument."""

NUMBER_BY_NUMBER = frozenset(
    {
        aten._to_copy.default,
        aten.lift_fresh.default,
        aten.alias.default,
        aten.detach.default,
        aten.copy_.default,
        aten.bernoulli.p,
        aten.native_dropout.default,
        aten.prelu.default,
        aten._prelu_kernel.default,
        aten.log_sigmoid_forward.default,
        aten.native_channel_shuffle.default,
        aten.channel_shuffle.default,
        aten.hardswish.default,
        aten.hardswish_.default,
        aten.hardsigmoid.default,
        aten.rrelu_with_noise.default,
        aten.bucketize.Tensor,
        aten.contiguous.default,
        aten.clone.default,
    }
)
"""Operations that compute each number from the one at its place, beside those that torch marks."""

PIECES = frozenset(
    {
        aten.split.Tensor,
        aten.split_with_sizes.default,
        aten.unbind.int,
    }
)
"""Operations that return the pieces of a tensor, each with a place of its own."""

ONE_SOURCE: dict[Any, Callable[..., Reach]] = {
    **dict.fromkeys(CONVOLUTIONS | windows.POOLS.keys(), windows.sliding),
    **dict.fromkeys(TRANSPOSED, windows.transposed),
    **dict.fromkeys(windows.ADAPTIVE_POOLS, windows.adaptive),
    **dict.fromkeys(windows.RESIZES, windows.interpolated),
    aten.pixel_shuffle.default: windows.shuffled,
    aten.pixel_unshuffle.default: windows.unshuffled,
    aten.pad.default: windows.padded,
    aten.constant_pad_nd.default: windows.padded,
    aten.im2col.default: windows.unfolded,
    aten.col2im.default: windows.folded,
    aten.linear.default: mixing.linear,
    **dict.fromkeys(mixing.DIMS_OF_REDUCTIONS, mixing.reduced),
    **dict.fromkeys(mixing.DIMS_OF_SCANS, mixing.along_dim),
    aten.batch_norm.default: mixing.normalized,
    aten.layer_norm.default: mixing.normalized,
    aten.native_layer_norm.default: mixing.normalized,
    aten.group_norm.default: mixing.normalized,
    aten.native_group_norm.default: mixing.normalized,
    aten.permute.default: views.permuted,
    aten.transpose.int: views.permuted,
    aten.t.default: views.permuted,
    aten.select.int: views.selected,
    aten.unbind.int: views.selected,
    aten.slice.Tensor: views.sliced,
    aten.split.Tensor: views.split,
    aten.split_with_sizes.default: views.split,
    aten.unfold.default: views.windowed,
    aten.roll.default: views.moved,
    aten.flip.default: views.moved,
    aten.index.Tensor: views.chosen,
    aten.index_select.default: views.chosen,
    aten.expand.default: views.expanded,
    aten.repeat.default: views.repeated,
    **dict.fromkeys(
        (
            aten.view.default,
            aten.reshape.default,
            aten._unsafe_view.default,
            aten._reshape_alias.default,
            aten.flatten.using_ints,
            aten.unflatten.int,
            aten.squeeze.default,
            aten.squeeze.dim,
            aten.squeeze.dims,
            aten.unsqueeze.default,
        ),
        views.regrouped,
    ),
}
"""Rules of what acts on its first argument."""

MANY_SOURCES: dict[Any, Callable[..., Reach]] = {
    **dict.fromkeys(
        (
            aten.matmul.default,
            aten.mm.default,
            aten.bmm.default,
            aten.mv.default,
            *mixing.BIASED_PRODUCTS,
        ),
        mixing.product,
    ),
    aten.scaled_dot_product_attention.default: mixing.attention,
    aten.cat.default: views.concatenated,
    aten.stack.default: views.stacked,
    aten.embedding.default: mixing.looked_up,
}
"""Rules of what joins several tensors."""
