"""What one number of a tensor knows of the image, followed from operation to operation.

Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural
Networks": every sliding window turns (size r, jump j, start s) of a unit into
r + (k − 1)·j, j·stride and s + ((k − 1)/2 − padding)·j, where k counts the cells
from the window's first to its last. Where branches meet, the fields are united.
Global pooling, attention and fully connected layers that mix positions show a
unit the whole image; where they mix a part of the positions only, such as a
window's, this is more than the unit sees, and it is marked as ``partly``.

A squeeze-and-excitation branch (a channel's gate, computed from the whole image)
and a normalization by the image's own statistics do not: they only rescale. The
published calculators leave them out, and so does the size here; such a unit is
marked as ``gated``.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from cnn_tui.analysis.networks import shapes
from cnn_tui.analysis.networks.shapes import SlidingWindow
from cnn_tui.analysis.records import Shape

aten = torch.ops.aten


@dataclass(frozen=True, slots=True)
class Axis:
    """The field of a unit along one side of the image, in pixels.

    ``size`` is its length, ``jump`` the step from one unit to the next, and
    ``start`` the center of the first unit's field (0.5: the first pixel's).
    """

    size: float = 1
    jump: float = 1
    start: float = 0.5

    def through(self, window: SlidingWindow) -> "Axis":
        """After a window slid over it."""
        reach = (window.span - 1) * self.jump
        return Axis(
            self.size + reach,
            self.jump * window.stride,
            self.start + reach / 2 - window.padding * self.jump,
        )

    def united(self, other: "Axis") -> "Axis":
        """The smallest field that covers both."""
        low = min(self.start - self.size / 2, other.start - other.size / 2)
        high = max(self.start + self.size / 2, other.start + other.size / 2)
        return Axis(_whole(high - low), max(self.jump, other.jump), (low + high) / 2)


Axes = tuple[Axis, Axis]


@dataclass(frozen=True, slots=True)
class Reach:
    """What a tensor's numbers know of the image.

    ``axes`` are the field along rows and columns, None for the whole image.
    ``places`` says for each dimension how many positions of the map are laid out
    along it, so that a fully connected layer that mixes positions can be told
    from one that treats each alike. ``depth`` counts the layers with weights on
    the longest path so far. ``partly`` marks a field that is called the whole
    image, though a layer mixed only some of the positions on the way.
    """

    axes: Axes | None
    places: Shape
    depth: int = 0
    gated: bool = False
    partly: bool = False

    @property
    def is_local(self) -> bool:
        """Whether it differs from position to position, and sees only a part each."""
        return self.axes is not None and math.prod(self.places) > 1

    def deeper(self) -> "Reach":
        """After one more layer with weights."""
        return replace(self, depth=self.depth + 1)


Find = Callable[[Any], Reach | None]
"""The reach of an argument, None where it holds nothing of the image."""


def of_image(shape: Shape) -> Reach:
    """The reach of the image (1, C, H, W) itself: every pixel sees itself."""
    return Reach((Axis(), Axis()), _map_places(shape))


def after(func: Any, args: Sequence[Any], shape: Shape, find: Find) -> Reach | None:
    """The reach of what ``func`` returned, None where no input holds anything of the image."""
    inputs = [reach for reach in map(find, tensors(args)) if reach is not None]
    if not inputs:
        return None
    reach = _joined(inputs, shape)
    rule = RULES.get(func)
    return reach if rule is None else rule(func, args, shape, find, reach)


def tensors(args: Any) -> Iterator[Tensor]:
    """The tensors among the arguments of a call, also those in lists."""
    for each in args:
        if isinstance(each, Tensor):
            yield each
        elif isinstance(each, list | tuple):
            yield from tensors(each)


def _joined(inputs: Sequence[Reach], shape: Shape) -> Reach:
    """What an operation knows that works position by position."""
    first = inputs[0]
    if len(inputs) == 1 and len(first.places) == len(shape):
        places = _fitted(first.places, shape)
        return first if places == first.places else replace(first, places=places)
    axes = first.axes
    for each in inputs[1:]:
        axes = _united(axes, each.axes)
    return Reach(
        axes,
        _broadcast_places([each.places for each in inputs], shape),
        max(each.depth for each in inputs),
        any(each.gated for each in inputs),
        any(each.partly for each in inputs),
    )


def _united(one: Axes | None, other: Axes | None) -> Axes | None:
    if one is None or other is None:
        return None
    if one == other:
        return one
    return one[0].united(other[0]), one[1].united(other[1])


def _broadcast_places(inputs: Sequence[Shape], shape: Shape) -> Shape:
    padded = [((1,) * (len(shape) - len(each)) + each)[-len(shape) :] for each in inputs]
    return _fitted(tuple(map(max, zip(*padded, strict=True))), shape) if shape else ()


def _fitted(places: Shape, shape: Shape) -> Shape:
    return tuple(min(count, side) for count, side in zip(places, shape, strict=True))


def _map_places(shape: Shape) -> Shape:
    return (*([1] * min(2, len(shape))), *shape[2:])


def _slide(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    """A convolution or a pooling window."""
    x, places = args[0], _map_places(shape)
    slid = shapes.windows(func, args)
    if slid is None:  # no map: positions of a sequence or of a volume
        is_pointwise = func in shapes.CONVOLUTIONS and math.prod(args[1].shape[2:]) == 1
        return replace(reach, places=places, axes=reach.axes if is_pointwise else None)
    if reach.axes is None:
        return replace(reach, places=places)
    sides = tuple(x.shape[-2:])
    if func not in shapes.MAX_POOLS and _covers(slid, sides, shape):
        return replace(reach, places=places, axes=None)
    return replace(reach, places=places, axes=_through(reach.axes, slid))


def _covers(slid: tuple[SlidingWindow, SlidingWindow], sides: Shape, shape: Shape) -> bool:
    """Whether one window, without padding, is the whole map: global pooling, or a layer like it."""
    whole = all(w.span == side and not w.padding for w, side in zip(slid, sides, strict=True))
    return whole and math.prod(sides) > 1 and math.prod(shape[-2:]) == 1


def _through(axes: Axes, slid: tuple[SlidingWindow, SlidingWindow]) -> Axes:
    return axes[0].through(slid[0]), axes[1].through(slid[1])


def _adaptive(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    places, sides = _map_places(shape), tuple(args[0].shape[-2:])
    if reach.axes is None or sides == shape[-2:]:
        return replace(reach, places=places)
    if math.prod(shape[-2:]) == 1:
        return replace(reach, places=places, axes=None)
    rows, columns = map(_shrunk, reach.axes, sides, shape[-2:])
    return replace(reach, places=places, axes=(rows, columns))


def _shrunk(axis: Axis, size: int, cells: int) -> Axis:
    """After adaptive pooling from ``size`` to ``cells``: the largest of its windows."""
    spans = [-(-(i + 1) * size // cells) - i * size // cells for i in range(cells)]
    axis_after = axis.through(SlidingWindow(max(spans, default=1)))
    return replace(axis_after, jump=_whole(axis.jump * size / cells))


def _transposed(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    if reach.axes is None or args[1].dim() != 4:
        return replace(reach, places=_map_places(shape), axes=None)
    stride = _pair(args[3] if len(args) > 3 else 1)
    padding = _pair(args[4] if len(args) > 4 else 0)
    dilation = _pair(args[7] if len(args) > 7 else 1)
    axes = []
    for i, axis in enumerate(reach.axes):
        span = dilation[i] * (args[1].shape[2 + i] - 1) + 1
        jump = axis.jump / stride[i]
        size = axis.size + (-(-span // stride[i]) - 1) * axis.jump
        axes.append(Axis(size, _whole(jump), axis.start + (padding[i] - (span - 1) / 2) * jump))
    return replace(reach, places=_map_places(shape), axes=(axes[0], axes[1]))


def _upsampled(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    places = _map_places(shape)
    if reach.axes is None or len(shape) != 4:
        return replace(reach, places=places)
    extra = UPSAMPLING_TAPS[func] - 1
    axes = [
        Axis(axis.size + extra * axis.jump, _whole(axis.jump * before / now), axis.start)
        for axis, before, now in zip(reach.axes, args[0].shape[2:], shape[2:], strict=True)
    ]
    return replace(reach, places=places, axes=(axes[0], axes[1]))


def _unshuffled(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    """Every block of a map becomes one position with more channels."""
    block = SlidingWindow(args[1], args[1])
    axes = None if reach.axes is None else _through(reach.axes, (block, block))
    return replace(reach, places=_map_places(shape), axes=axes)


def _padded(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    if reach.axes is None or len(shape) != 4:
        return replace(reach, places=_joined([reach], shape).places)
    left, top = args[1][0], args[1][2] if len(args[1]) > 2 else 0
    rows, columns = reach.axes
    axes = (
        replace(rows, start=rows.start - top * rows.jump),
        replace(columns, start=columns.start - left * columns.jump),
    )
    return replace(reach, places=_map_places(shape), axes=axes)


def _sliced(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    x = args[0]
    dim = (args[1] if len(args) > 1 else 0) % x.dim()
    if reach.axes is None or x.dim() != 4 or dim < 2:
        return reach
    begin, step = (args[2] if len(args) > 2 else 0) or 0, args[4] if len(args) > 4 else 1
    axis = reach.axes[dim - 2]
    begin = max(0, begin + x.shape[dim]) if begin < 0 else begin
    moved = Axis(axis.size, axis.jump * step, axis.start + begin * axis.jump)
    axes = (moved, reach.axes[1]) if dim == 2 else (reach.axes[0], moved)
    return replace(reach, axes=axes)


def _unfolded(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    kernel, dilation, padding, stride = (_pair(each) for each in args[1:5])
    rows, columns = map(SlidingWindow, kernel, stride, padding, dilation)
    axes = None if reach.axes is None else _through(reach.axes, (rows, columns))
    return replace(reach, axes=axes, places=(*([1] * (len(shape) - 1)), shape[-1]))


def _linear(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    source = find(args[0])
    if source is None or not source.places:
        return reach
    if source.places[-1] > 1:
        reach = _mixed(reach, source.places[:-1])
    return replace(reach, places=(*source.places[:-1], 1))


def _product(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    """A matrix product, which mixes positions where those are what is summed over."""
    one, other = args[-2:] if func in BIASED_PRODUCTS else args[:2]
    left = _matrix_places(find(one), one)
    right = _matrix_places(find(other), other)
    mixes = left[-1] > 1 or (other.dim() > 1 and right[-2] > 1)
    rows = left[:-1]
    columns = (right[-1],) if other.dim() > 1 else ()
    places = _broadcast_places([(*rows, *columns), (*right[:-2], 1, *columns)], shape)
    if mixes:
        reach = _mixed(reach, (*left[:-2], *right[:-2]))
    return replace(reach, places=places)


def _mixed(reach: Reach, apart: Shape) -> Reach:
    """After positions were mixed; those laid out along ``apart`` were kept apart."""
    partly = reach.axes is not None and math.prod(apart) > 1
    return replace(reach, axes=None, partly=reach.partly or partly)


def _matrix_places(reach: Reach | None, tensor: Tensor) -> Shape:
    return (1,) * tensor.dim() if reach is None else reach.places


def _attention(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    query = find(args[0])
    places = reach.places if query is None else query.places
    return replace(_mixed(reach, places[:-2]), places=_fitted(places, shape))


def _reduced(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    """A mean, sum or maximum over dimensions; all of them where none is named."""
    x, source = args[0], find(args[0])
    if source is None:
        return reach
    named = args[1] if len(args) > 1 and args[1] not in (None, []) else range(x.dim())
    gone = {dim % x.dim() for dim in ([named] if isinstance(named, int) else named)}
    kept = [count for i, count in enumerate(source.places) if i not in gone]
    if any(source.places[dim] > 1 for dim in gone):
        reach = _mixed(reach, tuple(kept))
    if len(shape) == x.dim():
        places = tuple(1 if i in gone else count for i, count in enumerate(source.places))
    else:
        places = tuple(kept)
    return replace(reach, places=places)


def _softmax(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    # Along the dimensions before a matrix of scores lie windows, if there are any.
    return _mixed(reach, reach.places[:-2]) if reach.places[args[1]] > 1 else reach


def _multiplied(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    """A product, number by number: with a gate computed from the whole image, it stays local."""
    factors = [find(each) for each in args[:2]]
    local = next((each for each in factors if each is not None and each.is_local), None)
    gate = next((each for each in factors if each is not None and each.axes is None), None)
    if local is None or gate is None or math.prod(gate.places) > 1:
        return reach
    return replace(reach, axes=local.axes, gated=True)


def _normalized(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    """Normalization: over positions, the image's own statistics rescale each unit."""
    if func is aten.batch_norm.default:
        over_positions = bool(args[5])
    elif func is aten.layer_norm.default:
        over_positions = math.prod(reach.places[-len(args[1]) :]) > 1
    else:
        over_positions = True
    return replace(reach, gated=True) if over_positions and reach.is_local else reach


def _concatenated(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    dim = (args[1] if len(args) > 1 else 0) % len(shape)
    if reach.places[dim] == 1:
        return reach
    places = tuple(shape[dim] if i == dim else count for i, count in enumerate(reach.places))
    return replace(reach, places=places)


def _permuted(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    source = find(args[0])
    if source is None:
        return reach
    order = list(range(len(shape)))
    if func is aten.permute.default:
        order = list(args[1])
    elif len(args) == 3:
        order[args[1]], order[args[2]] = order[args[2]], order[args[1]]
    else:
        order.reverse()
    return replace(reach, places=tuple(source.places[dim] for dim in order))


def _selected(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    source = find(args[0])
    if source is None:
        return reach
    dim = (args[1] if len(args) > 1 else 0) % len(source.places)
    return replace(reach, places=source.places[:dim] + source.places[dim + 1 :])


def _regrouped(func: Any, args: Sequence[Any], shape: Shape, find: Find, reach: Reach) -> Reach:
    source = find(args[0])
    if source is None:
        return reach
    return replace(reach, places=regrouped(source.places, tuple(args[0].shape), shape))


def regrouped(places: Shape, old: Shape, new: Shape) -> Shape:
    """Where the positions go when a tensor of shape ``old`` is viewed as ``new``.

    Neighboring dimensions are merged and split in groups of equal size; a group
    that is split gives its positions to its last dimensions first.
    """
    if 0 in old or math.prod(old) != math.prod(new):
        return (1,) * len(new)
    result: list[int] = []
    i = j = 0
    while j < len(new) or i < len(old):
        first_old, first_new = i, j
        ours = theirs = 1
        while ours != theirs or i == first_old or j == first_new:
            if (ours <= theirs and i < len(old)) or j == len(new):
                if i == len(old):
                    break
                ours, i = ours * old[i], i + 1
            else:
                theirs, j = theirs * new[j], j + 1
        result += _split(math.prod(places[first_old:i]), new[first_new:j])
    return tuple(result)


def _split(count: int, sides: Shape) -> list[int]:
    shares = []
    for side in reversed(sides):
        shares.append(math.gcd(count, side))
        count //= shares[-1]
    return shares[::-1]


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    if isinstance(value, int):
        return value, value
    return value[0], value[-1]


def _whole(number: float) -> float:
    return int(number) if number == int(number) else number


UPSAMPLING_TAPS = {
    aten.upsample_nearest2d.vec: 1,
    aten.upsample_bilinear2d.vec: 2,
    aten.upsample_bicubic2d.vec: 4,
    aten.pixel_shuffle.default: 1,
}
"""How many neighbors along one side a number between them is made of."""
BIASED_PRODUCTS = frozenset({aten.addmm.default, aten.baddbmm.default})

RULES: dict[Any, Callable[[Any, Sequence[Any], Shape, Find, Reach], Reach]] = {
    **dict.fromkeys(shapes.CONVOLUTIONS | shapes.POOLS, _slide),
    **dict.fromkeys(shapes.TRANSPOSED, _transposed),
    aten.adaptive_avg_pool2d.default: _adaptive,
    aten.adaptive_max_pool2d.default: _adaptive,
    **dict.fromkeys(UPSAMPLING_TAPS, _upsampled),
    aten.pixel_unshuffle.default: _unshuffled,
    aten.pad.default: _padded,
    aten.slice.Tensor: _sliced,
    aten.im2col.default: _unfolded,
    aten.linear.default: _linear,
    aten.matmul.default: _product,
    aten.mm.default: _product,
    aten.bmm.default: _product,
    aten.mv.default: _product,
    aten.addmm.default: _product,
    aten.baddbmm.default: _product,
    aten.scaled_dot_product_attention.default: _attention,
    aten.mean.default: _reduced,
    aten.mean.dim: _reduced,
    aten.sum.default: _reduced,
    aten.sum.dim_IntList: _reduced,
    aten.amax.default: _reduced,
    aten.max.default: _reduced,
    aten.max.dim: _reduced,
    aten.softmax.int: _softmax,
    aten.log_softmax.int: _softmax,
    aten.mul.Tensor: _multiplied,
    aten.mul_.Tensor: _multiplied,
    aten.batch_norm.default: _normalized,
    aten.layer_norm.default: _normalized,
    aten.group_norm.default: _normalized,
    aten.cat.default: _concatenated,
    aten.permute.default: _permuted,
    aten.transpose.int: _permuted,
    aten.t.default: _permuted,
    aten.select.int: _selected,
    aten.unbind.int: _selected,
    aten.view.default: _regrouped,
    aten.reshape.default: _regrouped,
    aten._unsafe_view.default: _regrouped,
    aten.flatten.using_ints: _regrouped,
    aten.unflatten.int: _regrouped,
    aten.squeeze.default: _regrouped,
    aten.squeeze.dim: _regrouped,
    aten.squeeze.dims: _regrouped,
    aten.unsqueeze.default: _regrouped,
}
