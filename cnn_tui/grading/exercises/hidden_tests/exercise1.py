"""Hidden tests of exercise 1: pooling, its measures, and which kind of map favors which."""

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
from cnn_tui.grading.checks.inputs import call_unchanging
from cnn_tui.grading.checks.precision import expect_float64
from cnn_tui.grading.checks.testing import (
    described,
    expect,
    expect_number,
    expect_tensor,
    needs,
    points,
    topic,
)
from cnn_tui.grading.isolation.client import LoadedSubmission

WINDOWS = ((3, 2), (3, 1), (2, 3), (4, 4))
"""Kernel size and stride: overlapping, at every cell, with gaps, and with a rest."""

DRAWN_WINDOWS = {(3, 2): 0.0, (4, 4): 5.0}
"""Kernel size and stride → the mean of the maps of all kinds that are pooled so."""


def _map(generator: Generator, *shape: int) -> Tensor:
    return torch.randn(shape, generator=generator)


def _exact_map(generator: Generator, *shape: int) -> Tensor:
    """Values that float32 cannot hold."""
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def _at(kernel_size: int, stride: int) -> str:
    return f"with kernel_size={kernel_size}, stride={stride}"


@topic("pooling-max-and-average")
def test_max_pool(submission: LoadedSubmission, generator: Generator) -> None:
    """max_pool keeps the largest value of each window."""
    x = _map(generator, 2, 3, 8, 8)
    got = call_unchanging(submission, "max_pool", x, 2, 2)
    expect_tensor(got, F.max_pool2d(x, 2, 2), f"max_pool {_at(2, 2)}")
    below_zero = -1e4 * (1 + x.abs())
    got = call_unchanging(submission, "max_pool", below_zero, 2, 2)
    expect_tensor(got, F.max_pool2d(below_zero, 2, 2), "max_pool of values below zero")


@needs("max_pool")
@topic("pooling-parameters")
def test_max_pool_windows(submission: LoadedSubmission, generator: Generator) -> None:
    """max_pool takes any window, any stride and any shape."""
    for kernel_size, stride in WINDOWS:
        x = _exact_map(generator, 1, 2, 7, 10)
        wanted, what = (
            F.max_pool2d(x, kernel_size, stride),
            f"of 7x10 float64 values {_at(kernel_size, stride)}",
        )
        got = call_unchanging(submission, "max_pool", x, kernel_size, stride)
        expect_float64(got, wanted, f"max_pool {what}")
    got = call_unchanging(submission, "max_pool", x, kernel_size=kernel_size, stride=stride)
    expect_float64(got, wanted, f"max_pool {what}, which are named in the call")


@topic("pooling-max-and-average")
def test_avg_pool(submission: LoadedSubmission, generator: Generator) -> None:
    """avg_pool takes the mean of each window."""
    x = _map(generator, 2, 3, 8, 8)
    got = call_unchanging(submission, "avg_pool", x, 2, 2)
    expect_tensor(got, F.avg_pool2d(x, 2, 2), f"avg_pool {_at(2, 2)}")


@needs("avg_pool")
@topic("pooling-parameters")
def test_avg_pool_windows(submission: LoadedSubmission, generator: Generator) -> None:
    """avg_pool takes any window, any stride and any shape."""
    for kernel_size, stride in WINDOWS:
        x = _exact_map(generator, 1, 2, 7, 10)
        wanted, what = (
            F.avg_pool2d(x, kernel_size, stride),
            f"of 7x10 float64 values {_at(kernel_size, stride)}",
        )
        got = call_unchanging(submission, "avg_pool", x, kernel_size, stride)
        expect_float64(got, wanted, f"avg_pool {what}")
    got = call_unchanging(submission, "avg_pool", x, kernel_size=kernel_size, stride=stride)
    expect_float64(got, wanted, f"avg_pool {what}, which are named in the call")


@needs("max_pool_windows", "avg_pool_windows")
@topic("pooling-max-and-average")
def test_difference(submission: LoadedSubmission, generator: Generator) -> None:
    """The difference is the max-pooled map minus the averaged one."""
    for kernel_size, stride in ((2, 2), (3, 1)):
        x = _map(generator, 2, 2, 6, 6)
        got = call_unchanging(submission, "difference", x, kernel_size, stride)
        wanted = F.max_pool2d(x, kernel_size, stride) - F.avg_pool2d(x, kernel_size, stride)
        expect_tensor(got, wanted, f"difference {_at(kernel_size, stride)}")
    x = _exact_map(generator, 2, 2, 6, 6)
    got = call_unchanging(submission, "difference", x, 3, 2)
    wanted = F.max_pool2d(x, 3, 2) - F.avg_pool2d(x, 3, 2)
    expect_float64(got, wanted, f"difference of float64 values {_at(3, 2)}")


@topic("pooling-max-and-average")
def test_peak_retention(submission: LoadedSubmission, generator: Generator) -> None:
    """peak_retention says what is left of the strongest value."""
    x = _map(generator, 2, 3, 8, 8)
    x[1, 2, 4, 5], x[0, 1, 2, 3] = 7.0, -9.0
    for pooled in (F.max_pool2d(x, 2), F.avg_pool2d(x, 2), F.avg_pool2d(x, 4)):
        got = call_unchanging(submission, "peak_retention", x, pooled)
        expect_number(got, float(pooled.max() / x.max()), "peak_retention")
    below_zero = -1 - x.abs()
    pooled = F.avg_pool2d(below_zero, 2)
    got = call_unchanging(submission, "peak_retention", below_zero, pooled)
    wanted = float(pooled.max() / below_zero.max())
    expect_number(got, wanted, "peak_retention of values below zero")


@topic("pooling-max-and-average")
def test_noise_gain(submission: LoadedSubmission, generator: Generator) -> None:
    """noise_gain compares noise after pooling with noise before."""
    clean = _map(generator, 2, 2, 8, 8)
    noise = 0.3 * _map(generator, 2, 2, 8, 8) + 0.1
    for name, pool in (("max", F.max_pool2d), ("average", F.avg_pool2d)):
        moved = pool(clean + noise, 2) - pool(clean, 2)
        wanted = float((moved.square().mean() / noise.square().mean()).sqrt())
        got = call_unchanging(submission, "noise_gain", noise, moved)
        expect_number(got, wanted, f"noise_gain of {name} pooling")


@topic("pooling-max-and-average")
def test_agreement(submission: LoadedSubmission, generator: Generator) -> None:
    """The agreement is the correlation coefficient."""
    level = torch.tensor([0.5, 2.0]).view(2, 1, 1, 1)
    wanted = _map(generator, 2, 3, 5, 6) + level
    for noise, scale in ((0.3, 4.0), (3.0, 0.1), (1.0, -2.0)):
        pooled = 1 + scale * (wanted + noise * _map(generator, *wanted.shape))
        got = call_unchanging(submission, "agreement", pooled, wanted)
        expect_number(got, correlation(pooled, wanted), "agreement")
    flat = torch.full_like(wanted, 0.5)
    for pair in ((flat, wanted), (wanted, flat)):
        got = call_unchanging(submission, "agreement", *pair)
        expect_number(got, 0.0, "agreement where all values of one tensor are the same")
    # Sums and means of such numbers are exact in float32. Of 0.3 they are not: a right answer
    # that looks for a spread of exactly 0, as torch.corrcoef does, would be refused.
    got = call_unchanging(submission, "agreement", flat, 2 * flat)
    expect_number(got, 0.0, "agreement where all values of either tensor are the same")


@needs("max_pool_windows", "avg_pool_windows", "agreement")
@points(2)
@topic("pooling-max-and-average")
def test_better_pooling(submission: LoadedSubmission, generator: Generator) -> None:
    """better_pooling picks what agrees better on any map."""
    for window, level in DRAWN_WINDOWS.items():
        for kind, draw in KINDS.items():
            x, wanted = draw(generator, *window)
            scale = 0.5 + 4 * float(torch.rand((), generator=generator))
            x = scale * (x - x.mean()) + level  # no agreement depends on that
            _expect_better(submission, kind, x, wanted, window)
    for kind, draw in {**NEGATED_KINDS, **MIXED_KINDS}.items():
        _expect_better(submission, kind, *draw(generator, 2, 2), (2, 2))


def _expect_better(
    submission: LoadedSubmission, kind: str, x: Tensor, wanted: Tensor, window: tuple[int, int]
) -> None:
    by_max, by_average = agreements(x, wanted, *window)
    better = "max" if by_max > by_average else "average"
    got = call_unchanging(submission, "better_pooling", x, wanted, *window)
    expect(
        got == better,
        f"better_pooling for {kind}, {_at(*window)}: the agreement is {by_max:.2f} after max "
        f'pooling and {by_average:.2f} after average pooling: expected "{better}", '
        f"got {described(got)}.",
    )
