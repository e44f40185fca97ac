"""Known mistakes of exercise 1: windows that start, step or end elsewhere, and other measures."""

import math
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from cnn_tui.grading.misconceptions.exercise1_measures import (
    AGREEMENT,
    AGREEMENT_OF_CONSTANTS,
    BETTER_POOLING,
)
from cnn_tui.grading.misconceptions.probes import FunctionProbe, Inputs, Mistakes

Pool = Callable[..., Tensor]

WINDOWS = ((2, 2), (3, 2), (3, 1), (2, 3), (4, 4), (3, 3))
"""Kernel size and stride."""


def _pooling_inputs(generator: Generator) -> Inputs:
    maps = [torch.randn(2, 3, 7, 10, generator=generator) for _ in WINDOWS]
    below_zero = -1 - torch.rand(2, 3, 8, 8, generator=generator)
    return [
        *((x, *window) for x, window in zip(maps, WINDOWS, strict=True)),
        (below_zero, 2, 2),
        (-below_zero, 2, 2),
    ]


def _early_end(pool: Pool, x: Tensor, kernel_size: int, stride: int) -> Tensor:
    height, width = (math.ceil((size - kernel_size) / stride) for size in x.shape[2:])
    return pool(x, kernel_size, stride)[..., :height, :width]


def _square(pool: Pool, x: Tensor, kernel_size: int, stride: int) -> Tensor:
    return pool(x, kernel_size, stride)[..., : (x.shape[2] - kernel_size) // stride + 1]


def _dilated(x: Tensor, kernel_size: int, stride: int) -> Tensor:
    return F.max_pool2d(x, kernel_size, stride, dilation=2)


def _window_mistakes(pool: Pool, name: str) -> Mistakes:
    """Where windows lie is the same for both kinds of pooling."""
    return {
        f"The windows of {name} start at −1: the map was padded by 1, and the task has no "
        "padding.": partial(pool, padding=1),
        f"{name} ignores stride: its windows lie side by side, kernel_size apart.": (
            lambda x, k, s: pool(x, k, k)
        ),
        f"{name} ignores stride: its windows are always 1 apart.": lambda x, k, s: pool(x, k, 1),
        f"The windows of {name} are as large as the stride: kernel_size is not used.": (
            lambda x, k, s: pool(x, s, s)
        ),
        f"{name} swaps kernel_size and stride.": lambda x, k, s: pool(x, s, k),
        f"{name} uses the stride for rows only: over columns its windows are always 1 apart.": (
            lambda x, k, s: pool(x, k, (s, 1))
        ),
        f"{name} uses the stride for columns only: over rows its windows are always 1 apart.": (
            lambda x, k, s: pool(x, k, (1, s))
        ),
        f"The windows of {name} are one row high: kernel_size is used for columns only.": (
            lambda x, k, s: pool(x, (1, k), s)
        ),
        f"The last windows of {name} reach over the edge: the output size is rounded up, and "
        "the task rounds it down.": partial(pool, ceil_mode=True),
        f"{name} misses the last windows: a loop up to H − kernel_size must include "
        "that position.": partial(_early_end, pool),
        f"{name} has as many columns of windows as rows: the width is taken to be the height.": (
            partial(_square, pool)
        ),
        f"{name} returns maps whose height and width are swapped.": (
            lambda x, k, s: pool(x, k, s).transpose(2, 3)
        ),
        f"{name} pools the first image only, and drops its batch dimension.": (
            lambda x, k, s: pool(x, k, s)[0]
        ),
        f"{name} returns the first image's result for every image.": (
            lambda x, k, s: pool(x[:1], k, s).expand(len(x), -1, -1, -1)
        ),
    }


MAX_POOL = FunctionProbe(
    "max_pool",
    _pooling_inputs,
    F.max_pool2d,
    {
        **_window_mistakes(F.max_pool2d, "max_pool"),
        "max_pool takes the mean of each window, not the largest value.": F.avg_pool2d,
        "max_pool takes the smallest value of each window.": (
            lambda x, k, s: -F.max_pool2d(-x, k, s)
        ),
        "max_pool takes the largest absolute value: values below 0 lose their sign.": (
            lambda x, k, s: F.max_pool2d(x.abs(), k, s)
        ),
        "max_pool returns 0 where a window has only values below 0: a running maximum starts at "
        "−inf, not at 0.": lambda x, k, s: F.max_pool2d(x, k, s).clamp(min=0),
        "The values of a window of max_pool are 2 cells apart: the task has no dilation.": _dilated,
    },
)

AVG_POOL = FunctionProbe(
    "avg_pool",
    _pooling_inputs,
    F.avg_pool2d,
    {
        **_window_mistakes(F.avg_pool2d, "avg_pool"),
        "avg_pool takes the largest value of each window, not the mean.": F.max_pool2d,
        "avg_pool returns the sum of each window: it is kernel_size² times the mean.": (
            lambda x, k, s: F.avg_pool2d(x, k, s) * k**2
        ),
        "avg_pool divides the sum of a window by kernel_size: it has kernel_size² values.": (
            lambda x, k, s: F.avg_pool2d(x, k, s) * k
        ),
        "avg_pool divides the sum of a window by stride²: it has kernel_size² values.": (
            lambda x, k, s: F.avg_pool2d(x, k, s) * k**2 / s**2
        ),
        "avg_pool divides the sum of a window by kernel_size² − 1, one less than its "
        "values.": lambda x, k, s: F.avg_pool2d(x, k, s) * k**2 / (k**2 - 1),
        "avg_pool leaves out values below 0, as if a ReLU came first.": (
            lambda x, k, s: F.avg_pool2d(x.relu(), k, s)
        ),
        "avg_pool takes the root mean square of each window: signs are lost.": (
            lambda x, k, s: F.avg_pool2d(x.square(), k, s).sqrt()
        ),
        "avg_pool takes the middle between the largest and the smallest value of a window, not "
        "the mean of all.": lambda x, k, s: (F.max_pool2d(x, k, s) - F.max_pool2d(-x, k, s)) / 2,
        "The map of avg_pool was padded by (kernel_size − 1) / 2, and the task has no "
        "padding.": lambda x, k, s: F.avg_pool2d(x, k, s, padding=(k - 1) // 2),
    },
)


def _right_difference(x: Tensor, kernel_size: int, stride: int) -> Tensor:
    return F.max_pool2d(x, kernel_size, stride) - F.avg_pool2d(x, kernel_size, stride)


DIFFERENCE = FunctionProbe(
    "difference",
    _pooling_inputs,
    _right_difference,
    {
        "difference is turned around: it is the average minus the maximum.": (
            lambda x, k, s: -_right_difference(x, k, s)
        ),
        "difference pools with kernel_size=2 and stride=2, whatever it is given.": (
            lambda x, k, s: _right_difference(x, 2, 2)
        ),
        "difference ignores stride: its windows lie side by side, kernel_size apart.": (
            lambda x, k, s: _right_difference(x, k, k)
        ),
        "difference swaps kernel_size and stride.": lambda x, k, s: _right_difference(x, s, k),
        "difference adds the two pooled maps.": (
            lambda x, k, s: F.max_pool2d(x, k, s) + F.avg_pool2d(x, k, s)
        ),
        "difference is the maximum minus the minimum of each window, not minus its mean.": (
            lambda x, k, s: F.max_pool2d(x, k, s) + F.max_pool2d(-x, k, s)
        ),
        "difference subtracts the mean of the whole tensor, not that of each window.": (
            lambda x, k, s: F.max_pool2d(x, k, s) - x.mean()
        ),
        "difference returns the mean over all windows, not a map.": (
            lambda x, k, s: _right_difference(x, k, s).mean()
        ),
        "difference is divided by the maximum: it is a share, not a difference.": (
            lambda x, k, s: _right_difference(x, k, s) / F.max_pool2d(x, k, s)
        ),
        "difference sets averages below 0 to 0 before it subtracts them.": (
            lambda x, k, s: F.max_pool2d(x, k, s) - F.avg_pool2d(x, k, s).relu()
        ),
    },
)


def _peak_inputs(generator: Generator) -> Inputs:
    x = torch.randn(2, 3, 8, 8, generator=generator)
    x[1, 2, 4, 5], x[0, 1, 2, 3] = 7.0, -9.0
    below_zero = -1 - x.abs()
    return [
        (x, F.avg_pool2d(x, 2)),
        (x, F.avg_pool2d(x, 4)),
        (x, F.max_pool2d(x, 2)),
        (below_zero, F.avg_pool2d(below_zero, 2)),
    ]


def _retention(x: Tensor, pooled: Tensor) -> float:
    return float(pooled.max() / x.max())


PEAK_RETENTION = FunctionProbe(
    "peak_retention",
    _peak_inputs,
    _retention,
    {
        "peak_retention is turned around: it divides the peak of x by that of pooled.": (
            lambda x, pooled: float(x.max() / pooled.max())
        ),
        "peak_retention compares the largest absolute values: a value far below 0 counts as the "
        "peak.": lambda x, pooled: float(pooled.abs().max() / x.abs().max()),
        "peak_retention compares the means, not the largest values.": (
            lambda x, pooled: float(pooled.mean() / x.mean())
        ),
        "peak_retention is the mean of the retentions of all maps: the peak is the largest value "
        "of the whole tensor.": (
            lambda x, pooled: float((pooled.amax((2, 3)) / x.amax((2, 3))).mean())
        ),
        "peak_retention looks at the first image only.": (
            lambda x, pooled: _retention(x[0], pooled[0])
        ),
        "peak_retention subtracts the two peaks: it is a quotient.": (
            lambda x, pooled: float(x.max() - pooled.max())
        ),
        "peak_retention is 100 times too large: it is a share, not a percentage.": (
            lambda x, pooled: 100 * _retention(x, pooled)
        ),
        "peak_retention is what is lost, 1 minus what is left.": (
            lambda x, pooled: 1 - _retention(x, pooled)
        ),
        "peak_retention is never above 1: of values below 0 it may be.": (
            lambda x, pooled: min(1.0, _retention(x, pooled))
        ),
        "peak_retention is rounded to two digits.": (
            lambda x, pooled: round(_retention(x, pooled), 2)
        ),
    },
)


def _noise_inputs(generator: Generator) -> Inputs:
    noises = [0.1 + 0.3 * torch.randn(2, 2, 8, 8, generator=generator) for _ in range(2)]
    return [(each, pool(each, 2)) for each in noises for pool in (F.max_pool2d, F.avg_pool2d)]


def _gain(noise_in: Tensor, noise_out: Tensor) -> float:
    return float((noise_out.square().mean() / noise_in.square().mean()).sqrt())


NOISE_GAIN = FunctionProbe(
    "noise_gain",
    _noise_inputs,
    _gain,
    {
        "noise_gain lacks the square root: it compares mean squares.": (
            lambda noise_in, noise_out: _gain(noise_in, noise_out) ** 2
        ),
        "noise_gain compares standard deviations: the mean of the noise counts as noise, "
        "too.": lambda noise_in, noise_out: float(noise_out.std() / noise_in.std()),
        "noise_gain compares variances: it has no square root, and subtracts the mean.": (
            lambda noise_in, noise_out: float(noise_out.var() / noise_in.var())
        ),
        "noise_gain compares mean absolute values, not root mean squares.": (
            lambda noise_in, noise_out: float(noise_out.abs().mean() / noise_in.abs().mean())
        ),
        "noise_gain compares sums of squares, not their means: the pooled map has fewer "
        "values.": lambda noise_in, noise_out: float(noise_out.norm() / noise_in.norm()),
        "noise_gain is turned around: it divides the noise before by the noise after.": (
            lambda noise_in, noise_out: 1 / _gain(noise_in, noise_out)
        ),
        "noise_gain is in decibels: it is the plain quotient.": (
            lambda noise_in, noise_out: 20 * math.log10(_gain(noise_in, noise_out))
        ),
        "noise_gain compares the largest absolute values, not root mean squares.": (
            lambda noise_in, noise_out: float(noise_out.abs().max() / noise_in.abs().max())
        ),
        "noise_gain is the mean of the gains of all images, not that of the whole tensor.": (
            lambda noise_in, noise_out: (
                sum(map(_gain, noise_in.unbind(), noise_out.unbind())) / len(noise_in)
            )
        ),
        "noise_gain is what is removed, 1 minus what is left.": (
            lambda noise_in, noise_out: 1 - _gain(noise_in, noise_out)
        ),
    },
)

PROBES = {
    "max_pool": (MAX_POOL,),
    "max_pool_windows": (MAX_POOL,),
    "avg_pool": (AVG_POOL,),
    "avg_pool_windows": (AVG_POOL,),
    "difference": (DIFFERENCE,),
    "peak_retention": (PEAK_RETENTION,),
    "noise_gain": (NOISE_GAIN,),
    "agreement": (AGREEMENT, AGREEMENT_OF_CONSTANTS),
    "better_pooling": (BETTER_POOLING,),
}
