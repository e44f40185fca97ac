"""Fields after operations that move numbers and compute none: views, slices, joins."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from cnn_tui.analysis.networks.fields import layout as layouts
from cnn_tui.analysis.networks.fields.layout import DimLayout, Factor
from cnn_tui.analysis.networks.fields.reach import Find, Reach, joined, tensors
from cnn_tui.analysis.records import Shape

aten = torch.ops.aten


def regrouped(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """A view with other sides."""
    if 0 in shape:
        return replace(reach, layout=layouts.plain(shape))
    layout = layouts.regrouped(reach.layout, shape)
    return _scattered(reach, shape) if layout is None else replace(reach, layout=layout)


def permuted(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """Dimensions in another order."""
    order = list(range(len(shape)))
    if func is aten.permute.default:
        order = [dim % len(shape) for dim in args[1]]
    elif len(args) == 3:
        order[args[1]], order[args[2]] = order[args[2]], order[args[1]]
    else:
        order.reverse()
    return replace(reach, layout=tuple(reach.layout[dim] for dim in order))


def expanded(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """Copies along dimensions of size 1."""
    return joined([reach], shape)


def repeated(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """Copies one after another."""
    layout = ((),) * (len(shape) - len(reach.layout)) + reach.layout
    return replace(reach, layout=layouts.fitted(layout, shape))


def selected(func: Any, args: Sequence[Any], shape: Shape, reach: Reach, place: int = 0) -> Reach:
    """One index of a dimension: ``select``, or the ``place``-th output of ``unbind``."""
    is_unbind = func is aten.unbind.int
    dim = (args[1] if len(args) > 1 else 0) % len(reach.layout)
    index = place if is_unbind else args[2]
    count = layouts.count_of(reach.layout[dim])
    kept = _narrowed(reach, dim, int(index) % max(1, count), 1, 1)
    is_lost = kept.is_local and layouts.has_positions(kept.layout[dim : dim + 1])
    layout = kept.layout[:dim] + kept.layout[dim + 1 :]
    return replace(kept, layout=layout, is_known=kept.is_known and not is_lost)


def sliced(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """A range of a dimension, such as every second row."""
    dim = (args[1] if len(args) > 1 else 0) % len(reach.layout)
    begin, end, step = (args[i] if len(args) > i else None for i in (2, 3, 4))
    chosen = range(layouts.count_of(reach.layout[dim]))[slice(begin, end, step)]
    return _narrowed(reach, dim, chosen.start, chosen.step, len(chosen))


def split(func: Any, args: Sequence[Any], shape: Shape, reach: Reach, place: int = 0) -> Reach:
    """The ``place``-th piece of a tensor that is cut along a dimension."""
    dim = (args[2] if len(args) > 2 else 0) % len(reach.layout)
    sizes = args[1]
    begin = sizes * place if isinstance(sizes, int) else sum(sizes[:place])
    return _narrowed(reach, dim, begin, 1, shape[dim])


def windowed(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """``Tensor.unfold``: windows along a dimension of their own, the last."""
    dim, size, step = args[1] % len(reach.layout), args[2], args[3]
    factors = reach.layout[dim]
    if len(factors) != 1 or not factors[0].is_ordered:
        along = layouts.mixture if layouts.has_positions([factors]) else layouts.plain_dim
        layout = (*reach.layout[:dim], along(shape[dim]), *reach.layout[dim + 1 :], along(size))
        return replace(reach, layout=layout)
    (_, axis, apart), count = factors[0], shape[dim]
    outer = () if count == 1 else (Factor(count, axis, apart * step),)
    inner = () if size == 1 else (Factor(size, axis, apart),)
    return replace(reach, layout=(*reach.layout[:dim], outer, *reach.layout[dim + 1 :], inner))


def moved(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """``roll`` and ``flip``: followed along channels, not along positions."""
    dims = args[2] if func is aten.roll.default and len(args) > 2 else args[-1]
    if func is aten.roll.default and len(args) < 3:
        dims = range(len(shape))
    return _rearranged(reach, shape, [dim % len(shape) for dim in dims])


def chosen(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """Indices of a dimension: ``index_select``, and ``x[..., indices]``."""
    if func is aten.index_select.default:
        return _rearranged(reach, shape, [args[1] % len(reach.layout)])
    dims = [dim for dim, each in enumerate(args[1]) if each is not None]
    if len(dims) == 1 and args[1][dims[0]].dim() == 1:
        return _rearranged(reach, shape, dims)
    return reach.unknown(shape)


def concatenated(func: Any, args: Sequence[Any], shape: Shape, find: Find) -> Reach:
    """Tensors one after another along a dimension."""
    dim = (args[1] if len(args) > 1 else 0) % len(shape)
    return _together(list(tensors(args[0])), dim, shape, find)


def stacked(func: Any, args: Sequence[Any], shape: Shape, find: Find) -> Reach:
    """Tensors one after another along a new dimension."""
    dim = (args[1] if len(args) > 1 else 0) % len(shape)
    return _together(list(tensors(args[0])), dim, shape, find, is_new=True)


def _together(
    parts: Sequence[Any], dim: int, shape: Shape, find: Find, *, is_new: bool = False
) -> Reach:
    """The parts side by side: apart from ``dim``, they have to lie alike."""
    reaches = [reach for reach in map(find, parts) if reach is not None]
    if is_new:
        reaches = [_widened(reach, dim) for reach in reaches]
    across = any(layouts.has_positions([reach.layout[dim]]) for reach in reaches)
    differ = len({reach.axes for reach in reaches}) > 1
    plain = [_replaced(reach, dim, layouts.plain_dim(shape[dim])) for reach in reaches]
    united = joined(plain, shape)
    if across:
        united = _replaced(united, dim, layouts.mixture(shape[dim]))
        if differ and united.is_local:  # each part has places of its own
            return replace(united, is_known=False)
    return united


def _widened(reach: Reach, dim: int) -> Reach:
    return replace(reach, layout=(*reach.layout[:dim], (), *reach.layout[dim:]))


def _replaced(reach: Reach, dim: int, by: layouts.Dim) -> Reach:
    return replace(reach, layout=(*reach.layout[:dim], by, *reach.layout[dim + 1 :]))


def _narrowed(reach: Reach, dim: int, begin: int, step: int, count: int) -> Reach:
    """``count`` indices of a dimension from ``begin`` on."""
    factors = reach.layout[dim]
    if layouts.count_of(factors) == count and not begin:
        return reach
    if not layouts.has_positions([factors]):
        return _replaced(reach, dim, layouts.plain_dim(count))
    if len(factors) != 1 or not factors[0].is_ordered:
        is_one = count == 1 and not all(factor.is_ordered for factor in factors)
        kept = _replaced(reach, dim, layouts.one_of_mixture() if is_one else layouts.mixture(count))
        if count > 1 or is_one or not reach.is_local:
            return kept
        return _one_of(kept, reach, factors, begin)
    (_, axis, apart) = factors[0]
    side = reach.axes[axis]
    alone = layouts.axis_along(reach.layout, dim) is not None
    dims: DimLayout
    if alone:
        after = side and side.moved(begin, step, count)
        dims = (layouts.along(count, axis),)
    else:
        after = side and side.moved(begin * apart, 1, side.period)
        dims = (() if count == 1 else (Factor(count, axis, apart * step),),)
    axes_after = tuple(after if i == axis else each for i, each in enumerate(reach.axes))
    return _replaced(replace(reach, axes=axes_after), dim, dims[0])


def _one_of(kept: Reach, reach: Reach, factors: layouts.Dim, index: int) -> Reach:
    """One of the positions that lie along a dimension together, such as one token."""
    sides = list(reach.axes)
    for factor in reversed(factors):
        index, place = divmod(index, factor.size)
        side = sides[factor.axis] if factor.is_position else None
        if side is not None:
            sides[factor.axis] = side.moved(place * factor.step, 1, side.period)
    return replace(kept, axes=tuple(sides))


def _rearranged(reach: Reach, shape: Shape, dims: Sequence[int]) -> Reach:
    if not layouts.has_positions(reach.layout[dim] for dim in dims):
        return replace(reach, layout=layouts.fitted(reach.layout, shape))
    return reach.unknown(shape)


def _scattered(reach: Reach, shape: Shape) -> Reach:
    """A view that cuts through positions: each number keeps its field, their order is lost."""
    return replace(reach, layout=tuple(map(layouts.mixture, shape)))
