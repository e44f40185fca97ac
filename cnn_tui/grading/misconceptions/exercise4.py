"""Known mistakes of exercise 4: dropout by hand, the network, accuracy, gaps and the best p."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from cnn_tui.grading.checks.images import noise
from cnn_tui.grading.checks.testing import CheckError, as_number
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.misconceptions.exercise4_dropout import MASK, MODES, REST, SCALE
from cnn_tui.grading.misconceptions.exercise4_nets import HIGH, IMAGES, NET, NET_MODES, PLACES
from cnn_tui.grading.misconceptions.layers import LayersProbe
from cnn_tui.grading.misconceptions.nets import made
from cnn_tui.grading.misconceptions.probes import (
    EvidenceProbe,
    FunctionProbe,
    Inputs,
    alike,
    new_generator,
)
from cnn_tui.grading.misconceptions.steps import StepsProbe
from cnn_tui.grading.misconceptions.training import TrainingProbe

COUNT = 171
"""Images whose shares have no short decimals."""
Results = Mapping[float, tuple[float, float]]


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
        "gaps are turned around: they are accuracy on validation images minus training accuracy.": (
            lambda results: {p: new - seen for p, (seen, new) in results.items()}
        ),
        "gaps have lost their sign: accuracy on validation images may be the higher one.": (
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
        "best_p looks at the training accuracy, not at that on validation images.": (
            lambda results: min(results, key=lambda p: (-results[p][0], p))
        ),
        "best_p takes the p with the lowest gap.": (
            lambda results: min(results, key=lambda p: (results[p][0] - results[p][1], p))
        ),
        "best_p takes the p with the lowest accuracy on validation images.": (
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


TRAINING = TrainingProbe("make_net", (0.0,), IMAGES[1:], NET.right, count=300)
STEPS = StepsProbe("make_net", (0.0,), IMAGES[1:], NET.right)

PROBES = {
    "dropout_rests": (REST, MODES),
    "dropout_chance": (MASK,),
    "dropout_drops": (SCALE,),
    "net_evaluates": (NET_MODES, NET, LayersProbe(NET)),
    "net_trains": (NET_MODES, PLACES),
    "steps": (STEPS, TRAINING),
    "comparison": (TRAINING,),
    "accuracy": (ACCURACY,),
    "best_p": (GAPS, BEST_P),
}
