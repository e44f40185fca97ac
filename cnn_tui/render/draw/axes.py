"""Axes of a chart: what is in view, and which round numbers are written beside it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from cnn_tui.render.draw.numbers import short_count

MOST_TICKS = 6
CELLS_PER_TICK, ROWS_PER_TICK = 9, 3
FEWEST_TICKS = 2
"""Above the axis line, of ticks that stand equally many rows apart."""
NICE_STEPS = (1, 2, 5, 10)
EVEN_STEPS = (1, 2, 2.5, 5)
NEAR = 0.2
"""An axis is made longer by up to this share of it at each end, to end on a round number."""
LEAST_TICKS = 2
CONSTANT, AROUND_CONSTANT = 1e-4, 0.02
"""Values whose range is this share of them are one value; what is shown on either side of it."""
FEWEST_POWERS = 1.5
"""From so many powers of ten on, a logarithmic axis shows those only."""
WRITTEN_OUT = (1e-4, 1e6)
"""Numbers between these are written out; larger ones get a unit, others a power of ten."""
LARGEST_UNIT = 1e15
ROUNDING = 1e-9
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

AxisEnd = Literal["low", "high"]


@dataclass(frozen=True)
class Scale:
    """How an axis is drawn: what is in view, the ticks of an x axis and what it counts.

    An x axis ends at ``low`` and ``high``; a y axis always shows them, and more
    where the curves do. Without ``ticks``, round numbers are labeled. ``most`` is the
    largest value that there can be. ``starts`` is the end of a y axis beyond which curves
    may begin, where they would squeeze the rest.
    """

    low: float | None = None
    high: float | None = None
    ticks: Sequence[float] = ()
    tick_text: Callable[[float], str] | None = None
    unit: str = ""
    most: float = math.inf
    starts: AxisEnd | None = None

    def text(self, value: float) -> str:
        """How a tick is labeled."""
        return axis_number(value) if self.tick_text is None else self.tick_text(value)


WHOLE = Scale()
"""All that there is, with round numbers."""


@dataclass(frozen=True)
class DrawnAxis:
    """One axis as drawn: both its ends, and its ticks with their labels."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    @property
    def widest(self) -> int:
        """The cells that its longest label takes."""
        return max((len(text) for _, text in self.ticks), default=0)

    def place(self, value: float, last: int) -> int:
        """Where a value lies among ``last`` + 1 places, the lowest of them 0."""
        if self.high <= self.low:
            return last // 2
        return round((value - self.low) / (self.high - self.low) * last)

    def cell(self, value: float, cells: int, dots: int) -> int:
        """In which of so many cells the dot of a value lies, where each has so many dots."""
        return self.place(value, cells * dots - 1) // dots


def x_axis(scale: Scale, ends: Sequence[float], width: int) -> DrawnAxis:
    """The x axis of curves that reach over ``ends``."""
    low = min(ends) if scale.low is None else scale.low
    high = max(ends) if scale.high is None else scale.high
    most = min(MOST_TICKS, max(2, width // CELLS_PER_TICK))
    ticks = scale.ticks or round_numbers(low, high, most) or [float(f"{low:.3g}")]
    inside = [tick for tick in ticks if low <= tick <= high or low == high]
    return DrawnAxis(low, high, tuple((tick, scale.text(tick)) for tick in inside))


def y_axis(scale: Scale, values: Sequence[float], rows: int) -> DrawnAxis:
    """A linear y axis in so many ``rows``: what the values reach over, to round numbers nearby."""
    low = min(values) if scale.low is None else min(scale.low, *values)
    high = max(values) if scale.high is None else max(scale.high, *values)
    size = max(abs(low), abs(high))
    if high - low <= CONSTANT * size:
        margin = AROUND_CONSTANT * size or 1.0
        low, high = low - margin * (low != 0), min(high + margin, scale.most)
    most = min(MOST_TICKS, max(1, (rows + 2) // ROWS_PER_TICK))
    step = _step(low, high, most)
    if not 0 < step < math.inf:
        return DrawnAxis(low, high, ())
    for each in _steps_from(step):
        even = _even_high(low, high, each, rows)
        if even is not None:
            return _with_ticks(_below(low, high, each), even, each)
    axes = (_to_round_numbers(low, high, ticks) for ticks in range(most, MOST_TICKS + 1))
    return next(axis for axis in axes if len(axis.ticks) >= LEAST_TICKS)


def _to_round_numbers(low: float, high: float, most: int) -> DrawnAxis:
    """An axis with about ``most`` ticks, that ends on one of them where that is near."""
    step = _step(low, high, most)
    low = _below(low, high, step)
    above = math.ceil(high / step - 1e-9) * step
    return _with_ticks(low, above if above - high <= NEAR * (above - low) else high, step)


def _below(low: float, high: float, step: float) -> float:
    """The multiple of ``step`` below, where that is near; else ``low``."""
    below = min(low, math.floor(low / step + 1e-9) * step)
    return below if low - below <= NEAR * (high - below) else low


def _with_ticks(low: float, high: float, step: float) -> DrawnAxis:
    ticks = _multiples(low, high, step)
    return DrawnAxis(low, high, tuple(zip(ticks, _numbers(ticks, step), strict=True)))


def _steps_from(step: float) -> list[float]:
    """The round steps that are not smaller, up to ten times as large, quarters among them."""
    power = 10.0 ** math.floor(math.log10(step) + 1e-9)
    steps = [nice * each for each in (power, 10 * power) for nice in EVEN_STEPS]
    return [each for each in steps if step * (1 - 1e-9) <= each < 10 * step]


def _even_high(low: float, high: float, step: float, rows: int) -> float | None:
    """Where an axis ends whose ticks stand equally many rows apart.

    None where that is far above ``high`` or begins far below ``low``, or where there are
    hardly any ticks.
    """
    low = _below(low, high, step)
    if abs(low / step - round(low / step)) > ROUNDING:
        return None
    apart = math.floor(rows * step / (high - low) + 1e-9)
    if not 1 < apart <= rows // FEWEST_TICKS:
        return None
    even = low + step * rows / apart
    is_near = even - high <= min(NEAR * (even - low), step * (1 - 1e-9))
    return even if is_near else None


def _numbers(ticks: Sequence[float], step: float) -> list[str]:
    """The labels of one axis, none a power of ten beside others that are written out."""
    texts = [axis_number(tick) for tick in ticks]
    if any(map(_is_written_out, ticks)):
        digits = max(0, -math.floor(math.log10(step)))
        return [
            text if tick == 0 or abs(tick) >= WRITTEN_OUT[0] else f"{tick:.{digits}f}"
            for tick, text in zip(ticks, texts, strict=True)
        ]
    return texts


def _is_written_out(value: float) -> bool:
    return WRITTEN_OUT[0] * (1 - 1e-9) <= abs(value) < WRITTEN_OUT[1]


def log_axis(exponents: Sequence[float], rows: int) -> DrawnAxis:
    """A logarithmic y axis, of the powers of ten that its values are."""
    low, high = min(exponents), max(exponents)
    most = min(MOST_TICKS, max(2, rows // ROWS_PER_TICK))
    if high - low >= FEWEST_POWERS:
        first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
        apart = min(most, last - first) or 1
        ticks = sorted({float(round(first + (last - first) * n / apart)) for n in range(apart + 1)})
    else:
        if high - low < 0.01:
            low, high = low - 0.1, high + 0.1
        numbers = round_numbers(10**low, 10**high, most)
        ticks = [math.log10(number) for number in numbers if number > 0]
    return DrawnAxis(low, high, tuple((tick, axis_number(10**tick)) for tick in ticks))


def axis_number(value: float) -> str:
    """A number beside an axis: ``0.001``, ``2,500``, ``100 M``, ``2·10⁻⁶``."""
    size = abs(value)
    if size == 0 or _is_written_out(value):
        return f"{value:,.6g}" if size < 1e3 or value == int(value) else f"{value:,.1f}"
    if WRITTEN_OUT[1] <= size < LARGEST_UNIT:
        return f"{'−' if value < 0 else ''}{short_count(float(f'{size:.3g}'))}"
    return power_of_ten(value)


def two_digits(value: float) -> str:
    """A number of which two digits say enough: ``0.0012``, ``2.1·10⁻⁷``."""
    return axis_number(float(f"{value:.2g}"))


def power_of_ten(value: float) -> str:
    """``10⁻⁶``, ``2.5·10⁹``."""
    digits, _, power = f"{value:.2e}".partition("e")
    digits = digits.rstrip("0").rstrip(".")
    ten = f"10{str(int(power)).translate(SUPERSCRIPTS)}"
    return ten if digits == "1" else f"{digits}·{ten}"


def round_numbers(low: float, high: float, most: int) -> list[float]:
    """At most ``most`` multiples of 1, 2 or 5 times a power of ten, from ``low`` to ``high``."""
    step = _step(low, high, most)
    return _multiples(low, high, step) if 0 < step < math.inf else []


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    # Multiplied, not added up, so that no rounding error shows in the labels.
    digits = max(0, 2 - math.floor(math.log10(step)))
    return [round(each * step, digits) for each in range(first, last + 1)]


def _step(low: float, high: float, most: int) -> float:
    """The smallest round step of which at most ``most`` multiples lie between both; else 0."""
    apart = (high - low) / most if most > 0 else 0.0
    if not 0 < apart < math.inf or apart < 1e-300:
        return 0.0
    power = 10.0 ** math.floor(math.log10(apart))
    for nice in NICE_STEPS:
        step = nice * power
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            break
    return step
