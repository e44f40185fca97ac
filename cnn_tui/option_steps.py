"""The values that a key goes through: one step up or down from any value of an option.

They are the grid of a live parameter: what comes with the package is computed for them.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from math import floor, log10

from cnn_tui.options import Option, OptionValue

SIZE_FROM = 64
"""Whole numbers from 1 up to this or more are sizes, of which one more changes little."""
WIDE = 100
"""A positive number whose limits are so many times apart is a matter of powers of ten."""
LINEAR_STEPS = 20
"""From limit to limit, about so many: a probability goes by 0.05."""
MANTISSAS = (1, 2, 5)
POWERS = range(-9, 10)
DOUBLINGS = range(-20, 21)
DECIMALS = 9
ROUND = re.compile(r"[125]0+")


def stepped(option: Option, number: float, direction: int) -> float:
    """The next value above ``number`` where ``direction`` is 1, below it where that is -1.

    Beyond the last one it stays there.
    """
    values = _numbers(option)
    if direction > 0:
        return values[min(bisect_right(values, number), len(values) - 1)]
    return values[max(bisect_left(values, number) - 1, 0)]


def step_values(option: Option) -> Sequence[OptionValue]:
    """Every value that the keys lead to: choices and switches, or numbers from low to high."""
    if option.kind == "bool":
        return (False, True)
    return option.choices or _numbers(option)


@cache
def _numbers(option: Option) -> Sequence[float]:
    """From limit to limit, which a number must have; the default is among them."""
    assert option.low is not None and option.high is not None, f"{option.name} has no limits"
    low, high, default = option.low, option.high, option.default
    if option.kind == "int" and not (low >= 1 and high >= SIZE_FROM):
        return range(int(low), int(high) + 1)
    found = {low, high, *((default,) if isinstance(default, int | float) else ())}
    found.update(each for each in _candidates(option, low, high) if low <= each <= high)
    whole = option.kind == "int"
    return tuple(int(each) if whole else round(float(each), DECIMALS) for each in sorted(found))


def _candidates(option: Option, low: float, high: float) -> Iterator[float]:
    if option.kind == "int" and not _is_round(option.default):
        start = int(option.default or low)
        sizes = (start * 2.0**power for power in DOUBLINGS)
        yield from (each for each in sizes if each.is_integer())
    elif option.kind == "int" or (low > 0 and high / low >= WIDE):
        yield from (mantissa * 10.0**power for power in POWERS for mantissa in MANTISSAS)
    else:
        step = _round_from((high - low) / LINEAR_STEPS)
        first, last = floor(low / step), floor(high / step)
        yield from (round(step * count, DECIMALS) for count in range(first, last + 1))


def _is_round(default: OptionValue | None) -> bool:
    """Whether a size is written with zeros, such as 50 or 1000, and goes 10, 20, 50."""
    return isinstance(default, int | float) and bool(ROUND.fullmatch(str(int(default))))


def _round_from(size: float) -> float:
    """The smallest of 1, 2, 5, 10, 20 … and 0.5, 0.2, 0.1 … that is no less than ``size``."""
    power = 10.0 ** floor(log10(size) + 1e-9)
    steps = (mantissa * power for mantissa in (*MANTISSAS, 10))
    return next(each for each in steps if each >= size * (1 - 1e-9))
