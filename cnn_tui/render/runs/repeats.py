"""Runs that differ in their seed only, as one curve: their mean, and the band they lie in."""

import math
from collections.abc import Sequence
from statistics import fmean

from cnn_tui.render.draw.curves import Band, height_at

MOST_POINTS = 300
"""More cannot be told apart, and every point is looked up in every run."""
Column = tuple[Sequence[float], Sequence[float]]


def mean_and_band(columns: Sequence[Column]) -> tuple[list[float], list[float], Band]:
    """Where and what the mean is, and the band from the lowest to the highest.

    Where one run has not come so far, the others tell the rest.
    """
    longest = max((xs for xs, _ in columns), key=lambda xs: (xs[-1], len(xs)) if xs else (0, 0))
    stride = max(1, math.ceil(len(longest) / MOST_POINTS))
    at, means, lows, highs = [], [], [], []
    for x in [*longest[:-1:stride], *longest[-1:]]:
        values = [height_at(xs, ys, x) for xs, ys in columns if xs and xs[0] <= x <= xs[-1]]
        sound = [value for value in values if math.isfinite(value)]
        if sound:
            at.append(x)
            means.append(fmean(sound))
            lows.append(min(sound))
            highs.append(max(sound))
    return at, means, Band(at, lows, highs)
