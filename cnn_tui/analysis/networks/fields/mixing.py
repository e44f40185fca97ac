"""Fields after operations that compute along dimensions: products, reductions, statistics."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from cnn_tui.analysis.networks.fields import layout as layouts
from cnn_tui.analysis.networks.fields.layout import DimLayout
from cnn_tui.analysis.networks.fields.reach import Find, Reach, joined
from cnn_tui.analysis.records import Shape

aten = torch.ops.aten


def linear(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """A fully connected layer over the last dimension."""
    kept = (*reach.layout[:-1], layouts.plain_dim(shape[-1]) if shape else ())
    return reach.mixed(reach.layout[-1:], kept[: len(shape)]).spread()


def product(func: Any, args: Sequence[Any], shape: Shape, find: Find) -> Reach:
    """A matrix product, which mixes positions where those are what is summed over."""
    one, other = args[-2:] if func in BIASED_PRODUCTS else args[:2]
    left, right = find(one), find(other)
    parts = []
    columns = 1 if other.dim() > 1 else 0
    if left is not None:
        kept = left.layout[:-1] + ((),) * columns
        parts.append(left.mixed(left.layout[-1:], kept))
    if right is not None and columns:
        rows = ((),) if one.dim() > 1 else ()
        kept = (*right.layout[:-2], *rows, right.layout[-1])
        parts.append(right.mixed(right.layout[-2:-1], kept))
    elif right is not None:
        parts.append(right.mixed(right.layout, ()))
    if func in BIASED_PRODUCTS and (bias := find(args[0])) is not None:
        parts.append(bias)
    return joined([_in_rank(each, shape) for each in parts], shape).spread()


def attention(func: Any, args: Sequence[Any], shape: Shape, find: Find) -> Reach:
    """Scaled dot product attention: every query sees all keys and values."""
    query = find(args[0])
    parts = [] if query is None else [replace(query, layout=(*query.layout[:-1], ()))]
    for each in filter(None, map(find, args[1:3])):
        parts.append(each.mixed(each.layout[-2:-1], (*each.layout[:-2], (), ())))
    return joined([_in_rank(each, shape) for each in parts], shape).spread()


def reduced(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """A mean, sum or maximum over dimensions; all of them where none is named."""
    rank, place = len(reach.layout), DIMS_OF_REDUCTIONS[func]
    named = args[place] if len(args) > place and args[place] not in (None, []) else range(rank)
    gone = {dim % max(1, rank) for dim in ([named] if isinstance(named, int) else named)}
    dims = [dim for i, dim in enumerate(reach.layout) if i in gone]
    if len(shape) == rank:
        kept = tuple(() if i in gone else dim for i, dim in enumerate(reach.layout))
    else:
        kept = tuple(dim for i, dim in enumerate(reach.layout) if i not in gone)
    return reach.mixed(dims, kept, is_step=True)


def along_dim(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """What is computed along one dimension and keeps it, such as softmax, a sum so far, a sort."""
    place = DIMS_OF_SCANS[func]
    dim = (args[place] if len(args) > place else -1) % max(1, len(shape))
    layout = reach.layout
    rest = layout[:dim] + layout[dim + 1 :]
    after = reach.mixed(layout[dim : dim + 1], rest, blocks=False)
    after = replace(after, layout=layouts.fitted(layout, shape))
    return after if func in SOFTMAXES else after.spread()


def normalized(func: Any, args: Sequence[Any], shape: Shape, reach: Reach) -> Reach:
    """Normalization: over positions, the input's own statistics rescale each unit."""
    if func is aten.batch_norm.default:
        over_positions = bool(args[5])
    elif func in (aten.layer_norm.default, aten.native_layer_norm.default):
        over_positions = layouts.has_positions(reach.layout[-len(args[1]) :])
    else:
        over_positions = True
    return replace(reach, gated=True) if over_positions and reach.is_local else reach


def looked_up(func: Any, args: Sequence[Any], shape: Shape, find: Find) -> Reach:
    """An embedding: each token becomes a row of numbers."""
    reach = find(args[1])
    if reach is None or find(args[0]) is not None:
        return joined([each for each in map(find, args[:2]) if each], shape).unknown(shape)
    return replace(reach, layout=(*reach.layout, layouts.plain_dim(shape[-1])))


def _in_rank(reach: Reach, shape: Shape) -> Reach:
    """Without the sides that a product sums over, in as many dimensions as its result."""
    layout: DimLayout = ((),) * (len(shape) - len(reach.layout)) + reach.layout
    return replace(reach, layout=layout[len(layout) - len(shape) :])


BIASED_PRODUCTS = frozenset({aten.addmm.default, aten.baddbmm.default, aten.addmv.default})

DIMS_OF_REDUCTIONS = {
    **dict.fromkeys(
        (
            aten.mean.default,
            aten.mean.dim,
            aten.sum.default,
            aten.sum.dim_IntList,
            aten.amax.default,
            aten.amin.default,
            aten.max.default,
            aten.max.dim,
            aten.min.default,
            aten.min.dim,
            aten.prod.default,
            aten.prod.dim_int,
            aten.argmax.default,
            aten.argmin.default,
            aten.median.default,
            aten.median.dim,
            aten.logsumexp.default,
            aten.var.correction,
            aten.std.correction,
            aten.var_mean.correction,
            aten.std_mean.correction,
            aten.any.dim,
            aten.all.dim,
        ),
        1,
    ),
    aten.linalg_vector_norm.default: 2,
    aten.norm.ScalarOpt_dim: 2,
    aten.norm.Scalar: 9,
}
"""Where each of them names its dimensions among its arguments."""

SOFTMAXES = frozenset(
    {
        aten.softmax.int,
        aten._softmax.default,
        aten.log_softmax.int,
        aten._log_softmax.default,
    }
)
"""They make weights of a sum over positions, such as global pooling with attention."""

DIMS_OF_SCANS = {
    **dict.fromkeys(SOFTMAXES, 1),
    aten.cumsum.default: 1,
    aten.cumprod.default: 1,
    aten.logcumsumexp.default: 1,
    aten.cummax.default: 1,
    aten.sort.default: 1,
    aten.sort.stable: 2,
    aten.argsort.default: 1,
    aten.topk.default: 2,
    aten.glu.default: 1,
}
