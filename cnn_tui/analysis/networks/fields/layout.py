"""Which dimensions of a tensor the positions of the input are laid along.

A map (1, C, H, W) has rows along dimension 2 and columns along 3; flattened to tokens,
(1, H·W, C), it has both along dimension 1; cut into windows, each side lies along two
dimensions. Without this, a layer that mixes positions looks like one that mixes channels.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cnn_tui.analysis.records import Shape

NOWHERE, COPIES = -1, -2
"""The axes of what is no position: channels, the batch, heads; and copies of one number."""
_mixtures = itertools.count(3)


class Factor(NamedTuple):
    """A part of a dimension: ``size`` indices that are ``step`` units of ``axis`` apart.

    Axes below COPIES stand for positions whose order is not followed.
    """

    size: int
    axis: int = NOWHERE
    step: int = 0

    @property
    def is_position(self) -> bool:
        """Whether units along it see different parts."""
        return self.axis >= 0 or self.axis < COPIES

    @property
    def is_ordered(self) -> bool:
        """Whether it is known which positions lie along it."""
        return self.axis >= 0


Dim = tuple[Factor, ...]
DimLayout = tuple[Dim, ...]


def plain(shape: Iterable[int]) -> DimLayout:
    """A tensor without positions."""
    return tuple(plain_dim(side) for side in shape)


def plain_dim(side: int) -> Dim:
    """A dimension without positions."""
    return () if side == 1 else (Factor(side),)


def copies(side: int) -> Dim:
    """A dimension along which all numbers are the same."""
    return () if side == 1 else (Factor(side, COPIES),)


def is_constant(dim: Dim) -> bool:
    """Whether all numbers along it are the same."""
    return all(factor.axis == COPIES for factor in dim)


def along(count: int, axis: int) -> Dim:
    """A dimension along which all of an axis is laid."""
    return () if count == 1 else (Factor(count, axis, 1),)


def mixture(count: int) -> Dim:
    """A dimension of positions whose order is not followed, different from any other."""
    return () if count == 1 else (Factor(count, -next(_mixtures)),)


def one_of_mixture() -> Dim:
    """A dimension of one position, of which it is not known where it is."""
    return (Factor(1, -next(_mixtures)),)


def count_of(dim: Dim) -> int:
    """The dimension's size."""
    return math.prod(factor.size for factor in dim)


def has_positions(dims: Iterable[Dim]) -> bool:
    """Whether units along these dimensions see different parts."""
    return any(factor.is_position for dim in dims for factor in dim)


def axes_of(dims: Iterable[Dim]) -> set[int]:
    """The axes of which positions lie along these dimensions."""
    return {factor.axis for dim in dims for factor in dim if factor.is_position}


def axis_along(layout: DimLayout, dim: int) -> int | None:
    """The axis of which all positions lie along ``dim``, in order; None if there is none."""
    if len(layout[dim]) != 1 or not layout[dim][0].is_ordered:
        return None
    _, axis, step = layout[dim][0]
    places = sum(factor.axis == axis for each in layout for factor in each)
    return axis if step == 1 and places == 1 else None


def regrouped(layout: DimLayout, shape: Sequence[int]) -> DimLayout | None:
    """After a view as ``shape``; None where positions would be cut through."""
    rest = list(_merged(factor for dim in layout for factor in dim if factor.size > 1))[::-1]
    dims: list[Dim] = []
    for side in shape:
        taken: list[Factor] = []
        missing = side
        while missing > 1:
            if not rest:
                return None
            count, axis, step = rest.pop()
            part = math.gcd(count, missing)
            if (part < count and part < missing) or part == 1:
                return None
            if part < count:
                rest.append(Factor(count // part, axis, step))
                if axis < COPIES:
                    return None
            taken.append(Factor(part, axis, step * (count // part)))
            missing //= part
        dims.append(tuple(_merged(taken)))
    return None if rest else tuple(dims)


def _merged(factors: Iterable[Factor]) -> Iterable[Factor]:
    """Neighbors that are one run of the same axis become one."""
    last: Factor | None = None
    for each in factors:
        if last is not None and last.axis == each.axis and last.step == each.size * each.step:
            last = Factor(last.size * each.size, last.axis, each.step)
            continue
        if last is not None:
            yield last
        last = each
    if last is not None:
        yield last


def fitted(layout: DimLayout, shape: Shape) -> DimLayout:
    """With the sides of ``shape``, where an operation kept positions but not sizes."""
    return tuple(
        dim if count_of(dim) == side else _sized(dim, side)
        for dim, side in zip(layout, shape, strict=True)
    )


def _sized(dim: Dim, side: int) -> Dim:
    if has_positions([dim]):
        return mixture(side)
    return copies(side) if is_constant(dim) else plain_dim(side)
