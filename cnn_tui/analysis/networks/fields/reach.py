"""What one number of a tensor knows of the input, and what it knows where tensors meet."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from cnn_tui.analysis.networks.fields import layout as layouts
from cnn_tui.analysis.networks.fields.axis import Axis
from cnn_tui.analysis.networks.fields.layout import Dim, DimLayout
from cnn_tui.analysis.networks.shapes import SlidingWindow
from cnn_tui.analysis.records import Shape

Axes = tuple[Axis | None, ...]
"""The field along each side of the input; None where it is the whole side."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a tensor's numbers know of the input.

    ``layout`` says which of its dimensions positions are laid along. ``depth`` counts
    the layers with weights on the longest path so far, None where that path is lost.
    ``gated`` marks what the whole input also rescales. ``partly`` marks a field that is
    called the whole input, though a layer mixed only some of the positions on the way.
    ``everywhere`` marks a path on which units at different positions saw the whole
    input already, ``largest`` is the largest field on the path. ``is_known`` is false
    after an operation that is not followed. ``is_of_map`` is false of what was made of
    other inputs alone, such as tokens or facts: of it, only the depth is followed.
    """

    axes: Axes
    layout: DimLayout
    depth: int | None = 0
    gated: bool = False
    partly: bool = False
    everywhere: bool = False
    largest: float = 1
    is_known: bool = True
    is_of_map: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether a unit sees the whole input along some side."""
        return None in self.axes

    @property
    def has_positions(self) -> bool:
        """Whether it differs from position to position."""
        return layouts.has_positions(self.layout)

    @property
    def is_local(self) -> bool:
        """Whether it differs from position to position, and sees only a part each."""
        return self.is_known and self.has_positions and any(self.axes)

    @property
    def sides(self) -> tuple[Axis, ...] | None:
        """The field along each side, None where it is unknown or the whole input."""
        sides = tuple(axis for axis in self.axes if axis is not None)
        return sides if self.is_known and sides and len(sides) == len(self.axes) else None

    def deeper(self) -> "Reach":
        """After one more layer with weights."""
        return self if self.depth is None else replace(self, depth=self.depth + 1)

    def unknown(self, shape: Shape) -> "Reach":
        """After an operation that is not followed; what saw the whole input still does."""
        seen = self.is_known and all(axis is None for axis in self.axes)
        has = self.has_positions
        layout = (
            self.layout
            if tuple(map(layouts.count_of, self.layout)) == shape
            else tuple(map(layouts.mixture if has else layouts.plain_dim, shape))
        )
        return replace(self, layout=layout, is_known=seen)

    def mixed(
        self, dims: Sequence[Dim], layout: DimLayout, *, is_step: bool = False, blocks: bool = True
    ) -> "Reach":
        """After the positions along ``dims`` were mixed, which leaves ``layout``.

        Where these are blocks of the map, such as patches, a unit sees its block. ``is_step``
        says that this may be half of a reduction, such as the mean over rows and then over
        columns.
        """
        gone, kept = layouts.axes_of(dims), layouts.axes_of(layout)
        if not gone:
            return replace(self, layout=layout)
        axes = list(self.axes)
        if blocks and gone <= kept and min(gone) >= 0:
            for axis in gone:
                axes[axis], layout = _blocks_mixed(axes[axis], axis, dims, layout)
            return replace(self, axes=tuple(axes), layout=layout)
        if any(axis < 0 for axis in gone):
            gone |= set(range(len(axes)))
        local = any(axes[i] is not None for i in gone if i >= 0)
        partly = local and bool(gone & kept if is_step else kept)
        whole = tuple(None if i in gone else axis for i, axis in enumerate(axes))
        return replace(self, axes=whole, layout=layout, partly=self.partly or partly)

    def measured(self) -> "Reach":
        """With its own field among the largest on the path."""
        size = max((side.size for side in self.sides or ()), default=1)
        return self if size <= self.largest else replace(self, largest=float(size))

    def spread(self) -> "Reach":
        """Marked where units at different positions see the whole input."""
        if self.is_known and self.is_whole and self.has_positions and not self.everywhere:
            return replace(self, everywhere=True)
        return self


Find = Callable[[Any], Reach | None]
"""The reach of an argument, None where it holds nothing of the input."""


def of_input(shape: Shape, has_batch: bool = True) -> Reach:
    """The reach of an input itself: its positions are what follows the batch and the channels.

    Of (batch, features) or (batch, tokens), these are the positions.
    """
    first = min(has_batch + 1, max(0, len(shape) - 1))
    sides = range(first, len(shape))
    laid = tuple(layouts.along(shape[dim], dim - first) for dim in sides)
    return Reach(tuple(Axis() for _ in sides), layouts.plain(shape[:first]) + laid)


def of_other(shape: Shape, depth: int | None = 0) -> Reach:
    """What is made of inputs that are no maps."""
    return Reach((), layouts.plain(shape), depth, is_of_map=False)


def of_outside(shape: Shape) -> Reach:
    """What came back from outside torch: nothing is known of it."""
    layout = tuple(map(layouts.mixture, shape))
    return Reach((), layout, depth=None, is_known=False)


def tensors(args: Any) -> Iterator[Tensor]:
    """The tensors among the arguments of a call, also those in lists."""
    for each in args:
        if isinstance(each, Tensor):
            yield each
        elif isinstance(each, list | tuple):
            yield from tensors(each)


def joined(inputs: Sequence[Reach], shape: Shape, *, scales: bool = False) -> Reach:
    """What an operation knows that works position by position, on tensors that broadcast.

    ``scales`` says that it multiplies or divides: a factor that is the same at every
    position, computed from the whole input, is then a gate and leaves the field alone.
    """
    first = inputs[0]
    if len(inputs) == 1:
        if len(first.layout) == len(shape):
            return _resized(first, shape)
        return replace(first, layout=_broadcast([first.layout], shape) or layouts.plain(shape))
    laid = [_aligned(each.layout, shape) for each in inputs]
    kept = _without_gates(inputs, laid) if scales else [list(inputs)] * len(first.axes)
    counted = [each for each in inputs if any(each in sides for sides in kept)] or list(inputs)
    layout = _broadcast(laid, shape)
    merged = Reach(
        first.axes,
        layout or tuple(map(layouts.mixture, shape)),
        deepest(inputs),
        len(counted) < len(inputs) or any(each.gated for each in inputs),
        any(each.partly for each in counted),
        any(each.everywhere for each in counted),
        max(each.largest for each in counted),
    )
    if not all(each.is_known for each in inputs) or len({len(each.axes) for each in inputs}) > 1:
        return replace(merged, is_known=False)
    axes: list[Axis | None] = []
    partly, gated = merged.partly, merged.gated
    for i, chosen in enumerate(kept):
        sides = [each.axes[i] for each in chosen]
        places = [
            _places(dims, i) for each, dims in zip(inputs, laid, strict=True) if each in chosen
        ]
        gated |= len(chosen) < len(inputs)
        if None in sides:
            axes.append(None)
        elif any(place != places[0] for place in places):
            dims_of = [{dim for dim, _ in each} for each in places]
            if all(dims == dims_of[0] for dims in dims_of):
                return replace(merged, is_known=False)  # other positions meet at each place
            axes.append(None)  # each position meets many
            partly |= any(one & other for one, other in itertools.pairwise(dims_of))
            partly |= not all(places)
        else:
            axes.append(_united([side for side in sides if side is not None], places[0]))
    if layout is None and any(axes):
        return replace(merged, is_known=False)
    partly |= None in axes and any(axes) and merged.has_positions
    return replace(merged, axes=tuple(axes), partly=partly, gated=gated).spread()


def _without_gates(inputs: Sequence[Reach], laid: Sequence[DimLayout]) -> list[list[Reach]]:
    """The factors of a product that count along each side.

    One that is the same all along a side rescales those that differ.
    """
    kept = []
    for i in range(len(inputs[0].axes)):
        places = [_places(dims, i) for dims in laid]
        across = {dim for each in places for dim, _ in each}
        is_local = any(
            each.axes[i : i + 1] != (None,)
            for each, lies in zip(inputs, places, strict=True)
            if lies
        )
        kept.append(
            [
                each
                for each, dims in zip(inputs, laid, strict=True)
                if not is_local or not all(layouts.is_constant(dims[dim]) for dim in across)
            ]
        )
    return kept


def _blocks_mixed(
    side: Axis | None, axis: int, dims: Sequence[Dim], layout: DimLayout
) -> tuple[Axis | None, DimLayout]:
    """After every block of units was mixed: ``dims`` say how they lie in a block."""
    if side is None:
        return None, layout
    for factor in (each for dim in dims for each in dim if each.axis == axis):
        side = side.through(SlidingWindow(factor.size, dilation=factor.step), side.period)
    places = [(i, dim) for i, dim in enumerate(layout) if axis in layouts.axes_of([dim])]
    place, dim = places[0]
    if len(places) > 1 or len(dim) > 1:
        return side, layout
    count, _, step = dim[0]
    laid = (*layout[:place], layouts.along(count, axis), *layout[place + 1 :])
    return side.moved(0, step, count), laid


def _resized(reach: Reach, shape: Shape) -> Reach:
    layout = layouts.fitted(reach.layout, shape)
    return reach if layout == reach.layout else replace(reach, layout=layout)


def deepest(inputs: Sequence[Reach]) -> int | None:
    """The longest path to any of them, None where one is lost."""
    depths = [each.depth for each in inputs]
    return None if None in depths else max(depth for depth in depths if depth is not None)


def _united(sides: Sequence[Axis], places: Sequence[tuple[int, layouts.Factor]]) -> Axis:
    count = math.prod(factor.size for _, factor in places)
    result = sides[0]
    for each in sides[1:]:
        result = result.united(each, count)
    return result


def _places(dims: DimLayout, axis: int) -> list[tuple[int, layouts.Factor]]:
    """Where an axis is laid along; positions whose order is not followed may be of any."""
    return [
        (i, factor)
        for i, dim in enumerate(dims)
        for factor in dim
        if factor.axis == axis or factor.axis < layouts.COPIES
    ]


def _aligned(layout: DimLayout, shape: Shape) -> DimLayout:
    return (((),) * (len(shape) - len(layout)) + layout)[-len(shape) :] if shape else ()


def _broadcast(inputs: Sequence[DimLayout], shape: Shape) -> DimLayout | None:
    """The layout of the result, None where two lay different positions along a dimension."""
    if not shape:
        return ()
    result = []
    for column, side in zip(
        zip(*(_aligned(each, shape) for each in inputs), strict=True), shape, strict=True
    ):
        positions = [dim for dim in column if layouts.has_positions([dim])]
        if any(dim != positions[0] for dim in positions):
            return None
        differing = [dim for dim in column if not layouts.is_constant(dim)]
        result.append((positions or differing or [layouts.copies(side)])[0])
    return layouts.fitted(tuple(result), shape)
