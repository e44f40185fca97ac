"""Known mistakes of exercise 4: what is dropped, how the rest is scaled, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor, nn

from cnn_tui.grading.checks.images import noise
from cnn_tui.grading.checks.testing import CheckError, as_number
from cnn_tui.grading.checks.weights import gradients_by_name
from cnn_tui.grading.isolation.client import LoadedSubmission, RemoteObject
from cnn_tui.grading.misconceptions.nets import NetProbe, made
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
FAR_UNITS = 0.07
"""The same of the units of some passes through a network."""
PASSES = 12
COUNT = 171
IMAGES = (4, 1, 16, 16)
Results = Mapping[float, tuple[float, float]]


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


def _results(generator: Generator) -> Inputs:
    tables: list[Results] = [
        {0.0: (0.81, 0.8), 0.3: (0.77, 0.86), 0.5: (0.75, 0.91), 0.7: (0.73, 0.95)},
        {0.7: (0.6, 0.62), 0.5: (0.9, 0.88), 0.3: (1.0, 0.9), 0.0: (1.0, 0.85)},
        {0.0: (1.0, 0.97), 0.4: (0.95, 0.96)},
        {0.5: (0.9, 0.8), 0.2: (0.95, 0.8), 0.9: (0.3, 0.4)},
        {0.1: (0.98765, 0.91232), 0.6: (0.93467, 0.91243), 0.8: (0.9, 0.91234)},
        {0.5: (0.9, 0.75), 0.25: (0.8, 0.75), 0.75: (0.7, 0.75)},
        {0.3: (0.8, 0.75), 0.6: (0.7, 0.75), 0.9: (0.75, 0.75)},
        {0.1: (0.9, 0.911), 0.6: (0.9, 0.913)},
    ]
    return [(each,) for each in tables]


GAPS = FunctionProbe(
    "gaps",
    _results,
    lambda results: {p: seen - new for p, (seen, new) in results.items()},
    {
        "gaps are turned around: they are accuracy on new images minus training accuracy.": (
            lambda results: {p: new - seen for p, (seen, new) in results.items()}
        ),
        "gaps have lost their sign: accuracy on new images may be the higher one.": (
            lambda results: {p: abs(seen - new) for p, (seen, new) in results.items()}
        ),
        "gaps below 0 have become 0.": (
            lambda results: {p: max(0.0, seen - new) for p, (seen, new) in results.items()}
        ),
        "gaps are rounded to two digits.": (
            lambda results: {p: round(seen - new, 2) for p, (seen, new) in results.items()}
        ),
        "gaps are divided by the training accuracy: they are plain differences.": (
            lambda results: {p: (seen - new) / seen for p, (seen, new) in results.items()}
        ),
        "gaps are 100 times too large: they are differences of shares, not of percentages.": (
            lambda results: {p: 100 * (seen - new) for p, (seen, new) in results.items()}
        ),
    },
)

BEST_P = FunctionProbe(
    "best_p",
    _results,
    lambda results: min(results, key=lambda p: (-results[p][1], p)),
    {
        "best_p looks at the training accuracy, not at that on new images.": (
            lambda results: min(results, key=lambda p: (-results[p][0], p))
        ),
        "best_p takes the p with the lowest gap.": (
            lambda results: min(results, key=lambda p: (results[p][0] - results[p][1], p))
        ),
        "best_p takes the p with the lowest accuracy on new images.": (
            lambda results: min(results, key=lambda p: (results[p][1], p))
        ),
        "Of equally good p, best_p takes the largest, not the smallest.": (
            lambda results: max(results, key=lambda p: (results[p][1], p))
        ),
        "Of equally good p, best_p takes the one that comes first, not the smallest.": (
            lambda results: max(results, key=lambda p: results[p][1])
        ),
        "Of equally good p, best_p takes the one with the smaller gap, not the smallest p.": (
            lambda results: min(results, key=lambda p: (-results[p][1], results[p][0], p))
        ),
        "best_p returns the best accuracy, not its p.": (
            lambda results: max(new for _, new in results.values())
        ),
        "best_p rounds accuracies to two digits before it compares them.": (
            lambda results: min(results, key=lambda p: (-round(results[p][1], 2), p))
        ),
    },
)


@dataclass(frozen=True)
class Measured:
    """What accuracy answered where ``share`` of the images is right."""

    share: float
    got: float
    again: float
    is_training: bool

    def is_by(self, number: float) -> bool:
        """Whether it answered that number, both times."""
        return alike(self.got, number) and alike(self.again, number)


def _measured(submission: LoadedSubmission) -> Measured:
    net = made(submission, "make_net", (HIGH,), IMAGES)
    images = noise(new_generator(), COUNT, IMAGES[-1])
    logits = net(images)
    if type(logits) is not Tensor or logits.dim() != 2:
        raise CheckError("The network returns no logits.")
    answers = logits.argmax(dim=1)
    right = torch.arange(COUNT) % 3 == 0
    labels = torch.where(right, answers, (answers + 1) % logits.shape[1])
    net.train(True)
    got, again = (
        as_number(submission.call("accuracy", net, images, labels), "accuracy") for _ in range(2)
    )
    net.train(True)
    submission.call("accuracy", net, images, labels)
    is_training = net.method("__getattribute__", "training") is True
    return Measured(float(right.float().mean()), got, again, is_training)


ACCURACY = EvidenceProbe(
    _measured,
    {
        "accuracy is 100 times too large: it is a share, not a percentage.": (
            lambda one: one.is_by(100 * one.share)
        ),
        "accuracy is the number of right images, not their share.": (
            lambda one: one.is_by(COUNT * one.share)
        ),
        "accuracy is the share of the wrong images.": lambda one: one.is_by(1 - one.share),
        "accuracy is rounded to two digits.": lambda one: one.is_by(round(one.share, 2)),
        "accuracy is rounded to three digits.": lambda one: one.is_by(round(one.share, 3)),
        "accuracy leaves a network in evaluation mode that came in training mode.": (
            lambda one: one.is_by(one.share) and not one.is_training
        ),
        "accuracy is measured with dropout at work: two calls give different values.": (
            lambda one: one.got != one.again and one.is_training
        ),
    },
)


def _net(
    pools: tuple[type[nn.Module], type[nn.Module]] = (nn.MaxPool2d, nn.MaxPool2d),
    first: nn.Module | None = None,
    second: nn.Module | None = None,
    end: nn.Module | None = None,
    maps: nn.Module | None = None,
) -> nn.Module:
    relu = nn.ReLU()
    return nn.Sequential(
        *(nn.Conv2d(1, 16, kernel_size=3, padding=1), maps or relu, pools[0](2)),
        *(nn.Conv2d(16, 32, kernel_size=3, padding=1), maps or relu, pools[1](2), nn.Flatten()),
        *(nn.Linear(512, 512), first or relu, nn.Linear(512, 256), second or relu),
        *(nn.Linear(256, 10), end or nn.Identity()),
    )


NET = NetProbe(
    "make_net",
    (0.0,),
    IMAGES,
    _net,
    {
        "Both poolings of make_net take averages: the task has max pooling.": (
            partial(_net, pools=(nn.AvgPool2d, nn.AvgPool2d))
        ),
        "The second pooling of make_net takes averages: the task has max pooling.": (
            partial(_net, pools=(nn.MaxPool2d, nn.AvgPool2d))
        ),
        "The first hidden layer of make_net has no ReLU.": partial(_net, first=nn.Identity()),
        "The second hidden layer of make_net has no ReLU.": partial(_net, second=nn.Identity()),
        "Both hidden layers of make_net have no ReLU.": (
            partial(_net, first=nn.Identity(), second=nn.Identity())
        ),
        "The convolutions of make_net have no ReLU.": partial(_net, maps=nn.Identity()),
        "make_net ends in a softmax: it returns probabilities, not logits.": (
            partial(_net, end=nn.Softmax(1))
        ),
        "make_net ends in a log-softmax: it returns logarithms of probabilities, not logits.": (
            partial(_net, end=nn.LogSoftmax(1))
        ),
        "make_net ends in a ReLU: logits may be below 0.": partial(_net, end=nn.ReLU()),
    },
)


def _passes(submission: LoadedSubmission) -> tuple[bool, bool, bool]:
    """Whether two passes differ in evaluation mode, in training mode, and between the two modes."""
    net = made(submission, "make_net", (0.5,), IMAGES)
    images = noise(new_generator(), *IMAGES[::3])
    evaluation = [net(images) for _ in range(2)]
    net.train(True)
    training = [net(images) for _ in range(2)]
    if not all(type(each) is Tensor for each in (*evaluation, *training)):
        raise CheckError("The network returns no logits.")
    return not alike(*evaluation), not alike(*training), not alike(evaluation[0], training[0])


NET_MODES = EvidenceProbe(
    _passes,
    {
        "make_net(0.5) drops units in evaluation mode, too: two passes of the same images "
        "differ.": lambda differ: differ[0],
        "make_net(0.5) drops nothing in training mode: it answers as in evaluation mode.": (
            lambda differ: not any(differ)
        ),
        "make_net(0.5) drops the same units in every pass in training mode.": (
            lambda differ: differ == (False, False, True)
        ),
    },
)

LINEAR = ((512, 512), (256, 512), (10, 256))
"""Weight shapes of the linear layers."""


def _dropped_shares(submission: LoadedSubmission) -> Mapping[float, tuple[float, ...]]:
    """For two p, the shares of values that are 0 where they enter each linear layer.

    All units are active: weights and biases are above 0.
    """
    return {p: _shares(made(submission, "make_net", (p,), IMAGES)) for p in (LOW, HIGH)}


def _shares(net: RemoteObject) -> tuple[float, ...]:
    generator = new_generator()
    net.load_state_dict(
        {
            key: 0.01 + 0.01 * torch.rand(each.shape, generator=generator)
            for key, each in net.state_dict().items()
            if each.is_floating_point()
        }
    )
    net.train()
    counts = []
    for _ in range(PASSES):
        cotangent = torch.ones(1, LINEAR[-1][0])
        gradients = gradients_by_name(net.grads(noise(generator, 1, IMAGES[-1]), cotangent))
        counts.append([_zeros(gradients, shape) for shape in LINEAR])
    return tuple(torch.tensor(counts).mean(dim=0).tolist())


def _zeros(gradients: Mapping[str, Any], shape: tuple[int, int]) -> float:
    """The share of 0 in what a layer was fed: its weight's gradient has a column of 0 for each."""
    found = [each for each in gradients.values() if tuple(each.shape) == shape]
    if len(found) != 1:
        raise CheckError(f"No layer has a weight of shape {shape}.")
    return float((found[0] == 0).all(dim=0).float().mean())


def _like(shares: Mapping[float, tuple[float, ...]], low: tuple[float, ...], high: Any) -> bool:
    pairs = zip((*shares[LOW], *shares[HIGH]), (*low, *high), strict=True)
    return all(abs(share - wanted) < FAR_UNITS for share, wanted in pairs)


PLACES = EvidenceProbe(
    _dropped_shares,
    {
        "There is no dropout after the second hidden layer: all of its units reach the last "
        "layer.": lambda one: _like(one, (0, LOW, 0), (0, HIGH, 0)),
        "There is no dropout after the first hidden layer: all of its units reach the second.": (
            lambda one: _like(one, (0, 0, LOW), (0, 0, HIGH))
        ),
        "There is dropout before the first linear layer, too: a share p of what enters it is "
        "0.": lambda one: _like(one, (LOW, LOW, LOW), (HIGH, HIGH, HIGH)),
        "make_net drops half of the units, whatever p is.": (
            lambda one: _like(one, (0, 0.5, 0.5), (0, 0.5, 0.5))
        ),
        "make_net drops half as many units as p says.": (
            lambda one: _like(one, (0, LOW / 2, LOW / 2), (0, HIGH / 2, HIGH / 2))
        ),
        "make_net takes p for the chance to be kept: at p = 0.3 some 70% of the units are "
        "dropped.": lambda one: _like(one, (0, HIGH, HIGH), (0, LOW, LOW)),
    },
)

PROBES = {
    "dropout_rests": (REST, MODES),
    "dropout_chance": (MASK,),
    "dropout_drops": (SCALE,),
    "net_evaluates": (NET_MODES, NET),
    "net_trains": (NET_MODES, PLACES),
    "accuracy": (ACCURACY,),
    "best_p": (GAPS, BEST_P),
}
