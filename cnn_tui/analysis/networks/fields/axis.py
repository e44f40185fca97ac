"""The fields of all units along one side of the input, and what windows make of them.

Units repeat: a convolution's are all alike, and those of a map that was enlarged by 4
are alike in steps of 4. So the edges of one period say everything. Sizes ignore the
border of the input, as the published calculators do.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from cnn_tui.analysis.networks.shapes import SlidingWindow

Taps = Callable[[int], Iterable[int]]
"""Which units before an operation one unit after it is computed from."""
Edge = int | float | Fraction
"""A pixel's edge: whole but where units beyond the last one are spoken of, infinite for none."""
FINEST = 10_000
"""The largest denominator of a scale: beyond any size of a map."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The edges of what each unit sees, in pixels: ``lows`` and ``highs`` of one period.

    ``step`` is how far the fields of one period lie before those of the next.
    A unit between the taps of a transposed convolution sees nothing: (∞, −∞).
    """

    lows: tuple[Edge, ...] = (0,)
    highs: tuple[Edge, ...] = (1,)
    step: int | Fraction = 1

    @property
    def period(self) -> int:
        """After how many units the fields repeat."""
        return len(self.lows)

    @property
    def size(self) -> Edge:
        """The largest field, in pixels."""
        return max(0, *(high - low for low, high in zip(self.lows, self.highs, strict=True)))

    @property
    def jump(self) -> float:
        """How far neighboring units are apart, in pixels."""
        jump = Fraction(self.step, self.period)
        return int(jump) if jump.denominator == 1 else float(jump)

    @property
    def start(self) -> float:
        """The center of the first unit's field; the first pixel's center is 0.5."""
        return next(
            (
                float(low + high) / 2
                for low, high in zip(self.lows, self.highs, strict=True)
                if low < high
            ),
            0.5,
        )

    def at(self, index: int) -> tuple[Edge, Edge]:
        """The edges of one unit's field."""
        periods, phase = divmod(index, len(self.lows))
        return self.lows[phase] + periods * self.step, self.highs[phase] + periods * self.step

    def through(self, window: SlidingWindow, count: int) -> "Axis":
        """After a window slid over it, ``count`` times."""
        first, span, stride = -window.padding, window.span, window.stride
        if len(self.lows) == 1:
            return Axis(
                (self.lows[0] + first * self.step,),
                (self.highs[0] + (first + span - 1) * self.step,),
                self.step * stride,
            )

        def taps(unit: int) -> Iterable[int]:
            return range(first + unit * stride, first + unit * stride + span, window.dilation)

        return self._gathered(taps, Fraction(stride), count)

    def moved(self, begin: int, stride: int, count: int) -> "Axis":
        """Every ``stride``-th unit from ``begin`` on."""
        return self.through(SlidingWindow(1, stride, -begin), count)

    def transposed(self, window: SlidingWindow, count: int) -> "Axis":
        """After a transposed convolution: each unit is spread over a window."""

        def taps(unit: int) -> Iterable[int]:
            for tap in range(0, window.span, window.dilation):
                source, rest = divmod(unit + window.padding - tap, window.stride)
                if not rest:
                    yield source

        return self._gathered(taps, Fraction(1, window.stride), count)

    def resampled(self, taps: Taps, scale: float, count: int) -> "Axis":
        """After a resize to ``count`` units, ``scale`` units before it for each after it."""
        return self._gathered(taps, Fraction(scale).limit_denominator(FINEST), count)

    def united(self, other: "Axis", count: int) -> "Axis":
        """Unit by unit, the smallest fields that cover both; ``count`` units."""
        if self == other:
            return self
        ours, theirs = Fraction(self.step, self.period), Fraction(other.step, other.period)
        period, step = math.lcm(self.period, other.period), max(ours, theirs)
        if ours != theirs or period > count:
            period = count  # the two drift apart, or have all been seen before they repeat
        both = [self.at(i) + other.at(i) for i in range(period)]
        return Axis(
            tuple(min(low, low_too) for low, _, low_too, _ in both),
            tuple(max(high, high_too) for _, high, _, high_too in both),
            _whole(step * period),
        )

    def _gathered(self, taps: Taps, scale: Fraction, count: int) -> "Axis":
        """The units of which ``taps`` tells what they are computed from."""
        periods = self.period // math.gcd(self.period, scale.numerator)
        period = min(scale.denominator * periods, max(1, count))
        seen = [[self.at(tap) for tap in taps(unit)] for unit in range(period)]
        return Axis(
            tuple(min((low for low, _ in each), default=math.inf) for each in seen),
            tuple(max((high for _, high in each), default=-math.inf) for each in seen),
            _whole(self.step * period * scale / self.period),
        )


def nearest(scale: float) -> Taps:
    """Each unit is a copy of the one at its upper left."""
    ratio = Fraction(scale).limit_denominator(FINEST)
    return lambda unit: (math.floor(unit * ratio),)


def nearest_exact(scale: float) -> Taps:
    """Each unit is a copy of the one whose center is nearest."""
    ratio = Fraction(scale).limit_denominator(FINEST)
    return lambda unit: (math.floor((unit + Fraction(1, 2)) * ratio),)


def between(scale: float, neighbors: int, *, align_corners: bool) -> Taps:
    """Each unit is a mean of the ``neighbors`` (2 or 4) around its place, or that place itself."""
    ratio, half = Fraction(scale).limit_denominator(FINEST), Fraction(1, 2)

    def taps(unit: int) -> Iterable[int]:
        place = unit * ratio if align_corners else (unit + half) * ratio - half
        below = math.floor(place)
        if place == below:
            return (below,)
        return range(below + 1 - neighbors // 2, below + 1 + neighbors // 2)

    return taps


def antialiased(scale: float, neighbors: int, *, align_corners: bool) -> Taps:
    """Where a map shrinks, each unit is a mean over as much more."""
    ratio, half = Fraction(scale).limit_denominator(FINEST), Fraction(1, 2)
    support = Fraction(neighbors, 2) * max(ratio, Fraction(1))

    def taps(unit: int) -> Iterable[int]:
        center = (unit + half) * ratio
        return range(math.floor(center - support + half), math.floor(center + support + half))

    return taps


def shrunk(size: int, cells: int) -> Taps:
    """The windows of adaptive pooling from ``size`` units to ``cells``."""
    return lambda cell: range(cell * size // cells, -(-(cell + 1) * size // cells))


def _whole(number: int | Fraction) -> int | Fraction:
    """Whole numbers as such, which are faster."""
    return int(number) if number.denominator == 1 else number
