"""Known mistakes of exercise 1 in the agreement, and in what is decided by it."""

import math
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from cnn_tui.grading.checks.feature_maps import (
    KINDS,
    MIXED_KINDS,
    NEGATED_KINDS,
    agreements,
    correlation,
)
from cnn_tui.grading.misconceptions.probes import FunctionProbe, Inputs

Measure = Callable[[Tensor, Tensor], float]


def _agreement_inputs(generator: Generator) -> Inputs:
    level = torch.tensor([0.5, 2.0]).view(2, 1, 1, 1)
    wanted = torch.randn(2, 3, 5, 6, generator=generator) + level
    noises = (torch.randn(wanted.shape, generator=generator) for _ in range(3))
    return [
        (1 + scale * (wanted + noise), wanted)
        for scale, noise in zip((4.0, 0.1, -2.0), noises, strict=True)
    ]


def _constant_inputs(generator: Generator) -> Inputs:
    pooled, wanted = _agreement_inputs(generator)[0]
    flat = torch.full_like(wanted, 0.5)
    return [(pooled, wanted), (flat, wanted), (wanted, flat), (flat, flat)]


def _agreement(pooled: Tensor, wanted: Tensor) -> float:
    is_constant = any(bool(each.min() == each.max()) for each in (pooled, wanted))
    return 0.0 if is_constant else correlation(pooled, wanted)


def _covariance(one: Tensor, other: Tensor) -> float:
    return float(((one - one.mean()) * (other - other.mean())).mean())


def _slope(of: Tensor, over: Tensor) -> float:
    variance = _covariance(over, over)
    return _covariance(of, over) / variance if variance else 0.0


def _of_each_image(pooled: Tensor, wanted: Tensor) -> float:
    return sum(map(_agreement, pooled.unbind(), wanted.unbind())) / len(wanted)


def _unbiased(pooled: Tensor, wanted: Tensor) -> float:
    return _agreement(pooled, wanted) * (1 - 1 / wanted.numel())


AGREEMENT = FunctionProbe(
    "agreement",
    _agreement_inputs,
    _agreement,
    {
        "agreement does not subtract the means: a constant added to a map changes it.": (
            lambda pooled, wanted: float((pooled * wanted).sum() / (pooled.norm() * wanted.norm()))
        ),
        "agreement is the covariance: it is not divided by how much both tensors vary.": (
            _covariance
        ),
        "agreement divides by the variance of wanted alone: it is a slope, and grows with "
        "pooled.": _slope,
        "agreement divides by the variance of pooled alone: it is a slope, and grows with "
        "wanted.": lambda pooled, wanted: _slope(wanted, pooled),
        "agreement is squared: whether it is below zero is lost.": (
            lambda pooled, wanted: _agreement(pooled, wanted) ** 2
        ),
        "agreement has lost its sign: below zero, the map says the opposite.": (
            lambda pooled, wanted: abs(_agreement(pooled, wanted))
        ),
        "agreement is never below zero, where the map says the opposite.": (
            lambda pooled, wanted: max(0.0, _agreement(pooled, wanted))
        ),
        "agreement is 1 minus the correlation coefficient: the better it is, the smaller.": (
            lambda pooled, wanted: 1 - _agreement(pooled, wanted)
        ),
        "agreement is 100 times too large: it is no percentage.": (
            lambda pooled, wanted: 100 * _agreement(pooled, wanted)
        ),
        "agreement is rounded to two digits.": (
            lambda pooled, wanted: round(_agreement(pooled, wanted), 2)
        ),
        "agreement is the mean of the agreements of all images, not that of the whole tensor.": (
            _of_each_image
        ),
        "agreement looks at the first image only.": (
            lambda pooled, wanted: _agreement(pooled[0], wanted[0])
        ),
        "agreement mixes a mean over n values with standard deviations over n − 1.": _unbiased,
        "agreement lacks the square root of what it divides by.": (
            lambda pooled, wanted: (
                _agreement(pooled, wanted)
                / math.sqrt(_covariance(pooled, pooled) * _covariance(wanted, wanted))
                / wanted.numel()
                if _agreement(pooled, wanted)
                else 0.0
            )
        ),
    },
)
AGREEMENT_OF_CONSTANTS = FunctionProbe(
    "agreement",
    _constant_inputs,
    _agreement,
    {
        "agreement is 1 where a tensor is constant: such a map says nothing, so it is 0.": (
            lambda pooled, wanted: _agreement(pooled, wanted) or 1.0
        ),
    },
)


def _drawn_inputs(generator: Generator) -> Inputs:
    kinds = (*KINDS.values(), *NEGATED_KINDS.values(), *MIXED_KINDS.values())
    windows = ((3, 2), (4, 4), (2, 3))
    drawn = [(*draw(generator, *window), window) for draw in kinds for window in windows]
    scaled = [(0.2 * (x - x.mean()), wanted, window) for x, wanted, window in drawn]
    return [(x, wanted, *window) for x, wanted, window in (*drawn, *scaled)]


def _named(is_max: bool) -> str:
    return "max" if is_max else "average"


def _better(x: Tensor, wanted: Tensor, kernel_size: int, stride: int) -> str:
    by_max, by_average = agreements(x, wanted, kernel_size, stride)
    return _named(by_max > by_average)


def _by(measure: Measure, x: Tensor, wanted: Tensor, kernel_size: int, stride: int) -> str:
    pooled = (pool(x, kernel_size, stride) for pool in (F.max_pool2d, F.avg_pool2d))
    by_max, by_average = (measure(each, wanted) for each in pooled)
    return _named(by_max > by_average)


BETTER_POOLING = FunctionProbe(
    "better_pooling",
    _drawn_inputs,
    _better,
    {
        'better_pooling always answers "max".': lambda x, wanted, k, s: "max",
        'better_pooling always answers "average".': lambda x, wanted, k, s: "average",
        "better_pooling is turned around: it names the smaller agreement.": (
            lambda x, wanted, k, s: _named(_better(x, wanted, k, s) == "average")
        ),
        "better_pooling leaves signs out: an agreement of −1 is smaller than one of −0.5.": (
            partial(_by, lambda pooled, wanted: abs(correlation(pooled, wanted)))
        ),
        'better_pooling answers "avg", and not "average".': (
            lambda x, wanted, k, s: (
                _better(x, wanted, k, s).removesuffix("erage").replace("av", "avg")
            )
        ),
        "better_pooling answers in capitals.": lambda x, wanted, k, s: _better(
            x, wanted, k, s
        ).upper(),
        "better_pooling returns the larger agreement, not the name of the pooling.": (
            lambda x, wanted, k, s: max(agreements(x, wanted, k, s))
        ),
        "better_pooling looks at the first image only.": (
            lambda x, wanted, k, s: _better(x[:1], wanted[:1], k, s)
        ),
        "better_pooling looks at the first channel only.": (
            lambda x, wanted, k, s: _better(x[:, :1], wanted[:, :1], k, s)
        ),
        "better_pooling compares the mean agreements of single images, not those of the whole "
        "tensors.": partial(_by, _of_each_image),
        "better_pooling compares the products of pooled and wanted, which grow with pooled.": (
            partial(_by, lambda pooled, wanted: float((pooled * wanted).mean()))
        ),
        "better_pooling does not subtract the means of pooled and wanted.": (
            partial(
                _by,
                lambda pooled, wanted: float(
                    F.cosine_similarity(pooled.ravel(), wanted.ravel(), dim=0)
                ),
            )
        ),
    },
)
