"""Known mistakes of exercise 3: how histories are compared, and what train reports."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from cnn_tui.grading.checks.images import noise
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.misconceptions.exercise3_figures import (
    ACCURACY,
    FIGURES,
    LOSSES,
    PAIRING,
)
from cnn_tui.grading.misconceptions.exercise3_nets import IMAGES, NORMED, PLAIN
from cnn_tui.grading.misconceptions.layers import LayersProbe
from cnn_tui.grading.misconceptions.modes import ModesProbe
from cnn_tui.grading.misconceptions.nets import filled
from cnn_tui.grading.misconceptions.probes import AskingProbe, FunctionProbe, Inputs, new_generator
from cnn_tui.grading.misconceptions.steps import StepsProbe
from cnn_tui.grading.misconceptions.training import TrainingProbe

_History = Sequence[tuple[float, float]]


def _histories(generator: Generator) -> Inputs:
    inputs: list[tuple[Any, ...]] = []
    for _ in range(40):
        lengths = torch.randint(1, 6, (2,), generator=generator).tolist()
        accuracies = [torch.randint(9, (one,), generator=generator) / 8 for one in lengths]
        losses = [torch.rand(one, generator=generator) for one in lengths]
        pairs = zip(losses, accuracies, strict=True)
        histories = [list(zip(*(each.tolist() for each in pair), strict=True)) for pair in pairs]
        limit = int(torch.randint(1, 9, (), generator=generator)) / 8
        inputs.append((*histories, limit))
    return inputs


def _epochs(history: _History, limit: float, never: float = float("inf"), figure: int = 1) -> float:
    return next((epoch for epoch, each in enumerate(history) if each[figure] >= limit), never)


def _named(one: float, other: float) -> str:
    return "neither" if one == other else "with" if one < other else "without"


FASTER = FunctionProbe(
    "faster",
    _histories,
    lambda one, other, limit: _named(_epochs(one, limit), _epochs(other, limit)),
    {
        'faster is turned around: it names the slower history, or mixes up "with" and '
        '"without".': lambda one, other, limit: _named(_epochs(other, limit), _epochs(one, limit)),
        "faster looks for an accuracy above the limit: reaching it is enough.": (
            lambda one, other, limit: _named(
                _epochs(one, limit + 1e-9), _epochs(other, limit + 1e-9)
            )
        ),
        "faster always looks for 0.9, whatever accuracy it is given.": (
            lambda one, other, limit: _named(_epochs(one, 0.9), _epochs(other, 0.9))
        ),
        "In faster, a history that never reaches the accuracy wins.": (
            lambda one, other, limit: _named(_epochs(one, limit, -1), _epochs(other, limit, -1))
        ),
        'faster answers "with" where both need the same number of epochs.': (
            lambda one, other, limit: (
                "with" if _epochs(one, limit) <= _epochs(other, limit) else "without"
            )
        ),
        'faster answers "without" where both need the same number of epochs.': (
            lambda one, other, limit: (
                "with" if _epochs(one, limit) < _epochs(other, limit) else "without"
            )
        ),
        "faster compares the last accuracies, not the epochs.": (
            lambda one, other, limit: _named(-one[-1][1], -other[-1][1])
        ),
        "faster compares the best accuracies, not the epochs.": (
            lambda one, other, limit: _named(
                *(-max(each for _, each in history) for history in (one, other))
            )
        ),
        "faster compares the last losses, not the epochs.": (
            lambda one, other, limit: _named(one[-1][0], other[-1][0])
        ),
        "faster compares how long the two histories are.": (
            lambda one, other, limit: _named(len(one), len(other))
        ),
        "faster looks at the losses: the accuracy is the second of each pair.": (
            lambda one, other, limit: _named(
                _epochs(one, limit, figure=0), _epochs(other, limit, figure=0)
            )
        ),
        "faster compares only as many epochs as the shorter history has.": (
            lambda one, other, limit: _named(
                *(_epochs(each[: min(len(one), len(other))], limit) for each in (one, other))
            )
        ),
    },
)

COUNT, BATCH_SIZE, EPOCHS = 21, 8, 3


def _ask_history(submission: LoadedSubmission) -> tuple[Sequence[object], Inputs]:
    """At a learning rate of 0: in each epoch, all is as it was before."""
    right = PLAIN.right()
    net = filled(submission, "make_net", (False,), IMAGES, right)
    images = noise(new_generator(), COUNT, IMAGES[-1])
    with torch.no_grad():
        logits = right(images)
    classes = logits.argsort(dim=1)
    labels = torch.where(torch.arange(COUNT) % 3 == 0, classes[:, -1], classes[:, 0])
    answer = submission.call("train", net, images, labels, EPOCHS, BATCH_SIZE, 0.0)
    return [answer], [(logits, labels)]


def _history(
    loss: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy,
    pair: Callable[[float, float], Any] = lambda loss, accuracy: (loss, accuracy),
    epochs: int = EPOCHS,
    goes_on: tuple[bool, bool] = (False, False),
) -> Callable[[Tensor, Tensor], Any]:
    """``goes_on`` says whether the sums of losses and accuracies go on from epoch to epoch."""

    def history(logits: Tensor, labels: Tensor) -> list[Any]:
        figures = float(loss(logits, labels)), float((logits.argmax(1) == labels).float().mean())
        return [
            pair(*(each * (epoch if on else 1) for each, on in zip(figures, goes_on, strict=True)))
            for epoch in range(1, epochs + 1)
        ]

    return history


HISTORY = AskingProbe(
    _ask_history,
    _history(),
    {
        "The loss of an epoch is the sum over all images: it should be their mean.": (
            _history(pair=lambda loss, accuracy: (loss * COUNT, accuracy))
        ),
        "Accuracies are percentages: they should be shares from 0 to 1.": (
            _history(pair=lambda loss, accuracy: (loss, 100 * accuracy))
        ),
        "Accuracies are numbers of right images: they should be shares from 0 to 1.": (
            _history(pair=lambda loss, accuracy: (loss, COUNT * accuracy))
        ),
        "Accuracies are the shares of wrong images.": (
            _history(pair=lambda loss, accuracy: (loss, 1 - accuracy))
        ),
        "Accuracies are rounded to two digits.": (
            _history(pair=lambda loss, accuracy: (loss, round(accuracy, 2)))
        ),
        "Sums of losses go on from epoch to epoch: begin each epoch at 0.": (
            _history(goes_on=(True, False))
        ),
        "Numbers of right images go on from epoch to epoch: begin each epoch at 0.": (
            _history(goes_on=(False, True))
        ),
        "All sums go on from epoch to epoch: begin each epoch at 0.": (
            _history(goes_on=(True, True))
        ),
        "Each pair is (accuracy, loss): the loss should come first.": (
            _history(pair=lambda loss, accuracy: (accuracy, loss))
        ),
        "train returns losses only: each epoch should have a pair (loss, accuracy).": (
            _history(pair=lambda loss, accuracy: loss)
        ),
        "train returns the last epoch only: it should return one pair for each epoch.": (
            _history(epochs=1)
        ),
        "train returns one pair too many: there should be one for each epoch.": _history(
            epochs=EPOCHS + 1
        ),
        "train returns one pair too few: there should be one for each epoch.": _history(
            epochs=EPOCHS - 1
        ),
        "The loss is taken of probabilities: cross_entropy has a softmax of its own.": (
            _history(lambda logits, labels: F.cross_entropy(logits.softmax(1), labels))
        ),
        "The loss has label smoothing of 0.1: the task has plain cross-entropy.": (
            _history(partial(F.cross_entropy, label_smoothing=0.1))
        ),
        "The loss is nll_loss of logits: it takes logarithms of probabilities.": (
            _history(F.nll_loss)
        ),
        "The loss is the mean squared error of logits: the task has cross-entropy.": (
            _history(
                lambda logits, labels: F.mse_loss(logits, F.one_hot(labels, 10).to(logits.dtype))
            )
        ),
    },
)

TRAINING = TrainingProbe("make_net", (False,), IMAGES[1:], PLAIN.right, count=500)
STEPS = StepsProbe("make_net", (False,), IMAGES[1:], PLAIN.right)
MODES = ModesProbe("make_net", (True,), IMAGES[1:], NORMED.right, zero=NORMED.zero)

PROBES = {
    "plain_net": (PLAIN, LayersProbe(PLAIN)),
    "norm_net_evaluates": (NORMED, LayersProbe(NORMED)),
    "norm_net_trains": (NORMED,),
    "running_statistics": (NORMED,),
    "faster": (FASTER,),
    "history": (HISTORY, FIGURES, PAIRING, ACCURACY, STEPS, TRAINING),
    "training_mode": (STEPS, MODES),
    "adam": (STEPS, LOSSES, TRAINING),
    "comparison": (TRAINING,),
}
