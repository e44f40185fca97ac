"""Known mistakes of dropout by hand: what it drops, how it scales the rest, and when."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from cnn_tui.grading.checks.testing import CheckError
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.misconceptions.probes import (
    EvidenceProbe,
    FunctionProbe,
    Inputs,
    alike,
    new_generator,
)

LOW, HIGH = 0.3, 0.7
SHAPE = (40, 10, 10, 10)
FAR = 0.02
"""Of 40,000 values, a share is off by so much less than once in 10^15 times."""


@dataclass(frozen=True)
class Dropped:
    """A call of dropout in training: ``x`` is above 0, so a 0 in ``y`` was dropped.

    ``flipped`` is what became of x in the reverse order of images.
    """

    x: Tensor
    y: Tensor
    again: Tensor
    flipped: Tensor

    @property
    def share(self) -> float:
        """The share of values that were dropped."""
        return float((self.y == 0).float().mean())

    def is_scaled_by(self, factor: float) -> bool:
        """Whether what is left has been multiplied by ``factor``."""
        left = self.y != 0
        return bool(left.any()) and alike(self.y[left], factor * self.x[left])

    def falls_together(self, *dims: int) -> bool:
        """Whether values that differ in ``dims`` only are dropped together, and others not."""
        dropped = (self.y == 0).float()
        rest = [dim for dim in range(dropped.dim()) if dim not in dims]
        means = dropped.mean(dims, keepdim=True)
        apart = all(bool((means != means.mean(dim, keepdim=True)).any()) for dim in rest)
        return torch.equal(dropped, means.expand_as(dropped)) and apart


Trials = Mapping[float, Dropped]


def _trials(submission: LoadedSubmission) -> Trials:
    x = 0.5 + torch.rand(SHAPE, generator=new_generator())
    trials = {}
    for p in (LOW, HIGH):
        results = [submission.call("dropout", each, p, True) for each in (x, x, x.flip(0))]
        if not all(type(each) is Tensor and each.shape == x.shape for each in results):
            raise CheckError("dropout returns something else than a tensor like x.")
        trials[p] = Dropped(x, *(each.to(x.dtype) for each in results))
    return trials


def _drops(trials: Trials, low: float, high: float) -> bool:
    shares = (trials[LOW].share, low), (trials[HIGH].share, high)
    return all(abs(share - wanted) < FAR for share, wanted in shares)


def _drops_right(trials: Trials) -> bool:
    return _drops(trials, LOW, HIGH)


def _scaled(trials: Trials, low: float, high: float) -> bool:
    return trials[LOW].is_scaled_by(low) and trials[HIGH].is_scaled_by(high)


def _scaled_by_kept(trials: Trials) -> bool:
    kept = [1 - each.share for each in trials.values()]
    return 0 not in kept and _scaled(trials, *(1 / each for each in kept))


def _repeats(trials: Trials) -> bool:
    masks = [[each.y == 0, each.again == 0, each.flipped == 0] for each in trials.values()]
    return all(bool(one.any()) and one.equal(two) and one.equal(flip) for one, two, flip in masks)


def _follows_values(trials: Trials) -> bool:
    masks = [[each.y == 0, each.again == 0, each.flipped == 0] for each in trials.values()]
    same = all(one.equal(two) and one.flip(0).equal(flip) for one, two, flip in masks)
    return same and not _repeats(trials) and _drops_right(trials)


def _counts_exactly(trials: Trials) -> bool:
    counts = [{int((y == 0).sum()) for y in (each.y, each.again)} for each in trials.values()]
    varies = not any(torch.equal(each.y == 0, each.again == 0) for each in trials.values())
    return all(len(each) == 1 for each in counts) and varies and _drops_right(trials)


def _together(trials: Trials, *dims: int) -> bool:
    return all(each.falls_together(*dims) for each in trials.values())


MASK = EvidenceProbe(
    _trials,
    {
        "dropout returns x as it is in training.": (
            lambda trials: all(torch.equal(each.y, each.x) for each in trials.values())
        ),
        "The images of a batch share one mask: each value needs random numbers of its own, as in "
        "torch.rand_like(x).": lambda trials: _together(trials, 0),
        "Whole rows are dropped together: the mask has one value for all values along the last "
        "dimension.": lambda trials: _together(trials, 3),
        "Whole channels are dropped together, as by nn.Dropout2d: each value has a chance of its "
        "own.": lambda trials: _together(trials, 2, 3),
        "The mask is the same in each call: a seed is set in dropout.": _repeats,
        "Which values are dropped depends on x, not on chance: the same x always loses the same "
        "values.": _follows_values,
        "Each call drops exactly the same number of values: that is a permutation, not a chance "
        "for each value.": _counts_exactly,
        "No value becomes 0: values are multiplied by noise.": (
            lambda trials: all(
                not each.share and not torch.equal(each.y, each.again) for each in trials.values()
            )
        ),
    },
)

SCALE = EvidenceProbe(
    _trials,
    {
        "What is left is not scaled: at p = 0.3 the mean is 0.70 of the expected, that is 1 − p.": (
            lambda trials: _drops_right(trials) and _scaled(trials, 1, 1)
        ),
        "What is left is divided by p, not by 1 − p: at p = 0.3 it is 3.33 times x, expected "
        "1.43.": lambda trials: _drops_right(trials) and _scaled(trials, 1 / LOW, 1 / HIGH),
        "What is left is multiplied by 1 − p, not divided by it: at p = 0.3 it is 0.70 times "
        "x.": lambda trials: _drops_right(trials) and _scaled(trials, 1 - LOW, 1 - HIGH),
        "p is taken for the chance to be kept: at p = 0.3 some 70% of the values are dropped.": (
            lambda trials: _drops(trials, HIGH, LOW) and _scaled(trials, 1 / HIGH, 1 / LOW)
        ),
        "p is taken for the chance to be kept, and what is left is divided by it.": (
            lambda trials: _drops(trials, HIGH, LOW) and _scaled(trials, 1 / LOW, 1 / HIGH)
        ),
        "p is not used for the mask: half of the values are dropped, whatever p is.": (
            lambda trials: _drops(trials, 0.5, 0.5)
        ),
        "What is left is scaled by the share that was kept in this call, not by 1 − p.": (
            lambda trials: _drops_right(trials) and _scaled_by_kept(trials)
        ),
        "p is at most 0.5: at p = 0.7 half of the values are dropped.": (
            lambda trials: _drops(trials, LOW, 0.5)
        ),
    },
)


def _rest_inputs(generator: Generator) -> Inputs:
    x = 1 + torch.rand(50, 20, generator=generator)
    return [(x, p, False) for p in (0.3, 0.5, 0.7)]


REST = FunctionProbe(
    "dropout",
    _rest_inputs,
    lambda x, p, training: x,
    {
        "In evaluation, values are multiplied by 1 − p: inverted dropout scales in training "
        "only.": lambda x, p, training: x * (1 - p),
        "In evaluation, values are divided by 1 − p: that belongs to training only.": (
            lambda x, p, training: x / (1 - p)
        ),
        "In evaluation, everything is 0: training and p are confused.": (
            lambda x, p, training: torch.zeros_like(x)
        ),
    },
)


def _evaluated(submission: LoadedSubmission) -> tuple[bool, bool]:
    """Whether values are dropped in evaluation, and in training."""
    x = 1 + torch.rand(1000, generator=new_generator())
    results = [submission.call("dropout", x, 0.5, training) for training in (False, True)]
    zeros = [type(each) is Tensor and bool((each == 0).any()) for each in results]
    return zeros[0], zeros[1]


MODES = EvidenceProbe(
    _evaluated,
    {
        "Values are dropped in evaluation, too: training=False is not looked at.": (
            lambda drops: drops == (True, True)
        ),
        "training is turned around: values are dropped in evaluation, and not in training.": (
            lambda drops: drops == (True, False)
        ),
    },
)
