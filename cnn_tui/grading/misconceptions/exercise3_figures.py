"""Known mistakes of exercise 3 in the figures of an epoch: over what, and when they are taken."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from itertools import combinations_with_replacement, permutations
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tui.grading.checks.adam import train_by_adam
from cnn_tui.grading.checks.images import noise
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.misconceptions.exercise3_nets import IMAGES, PLAIN
from cnn_tui.grading.misconceptions.nets import filled
from cnn_tui.grading.misconceptions.probes import (
    AskingProbe,
    EvidenceProbe,
    Inputs,
    alike,
    new_generator,
)

COUNT, BATCH_SIZE, MANY_EPOCHS = 3, 2, 12
"""Of three images any one may be the last batch, in which it is alone."""

BatchMeans: TypeAlias = Sequence[tuple[float, int]]
"""The mean of each batch of an epoch, and its size."""


@dataclass(frozen=True)
class Figures:
    """What train reported at a learning rate of 0, and the losses and answers behind it.

    ``loss_of`` are the losses of the images (rows) with each label (columns), and
    ``is_right`` whether each image has its own label right.
    """

    losses: Sequence[Any]
    accuracies: Sequence[Any]
    loss_of: Tensor
    is_right: Sequence[float]

    @property
    def own_losses(self) -> list[float]:
        """The loss of each image with its own label."""
        return [float(each) for each in self.loss_of.diagonal()]


def _sum_of_means(batches: BatchMeans) -> float:
    return sum(mean for mean, _ in batches)


WAYS: Mapping[str, Callable[[BatchMeans], float]] = {
    "is the mean of the batches' means: weigh each batch by its number of images.": (
        lambda batches: _sum_of_means(batches) / len(batches)
    ),
    "is the sum of the batches' means: it should be the mean over all images.": _sum_of_means,
    "adds up means of batches and divides by images: multiply each by its batch's size.": (
        lambda batches: _sum_of_means(batches) / COUNT
    ),
    "weighs a smaller last batch like a whole one: multiply by how many images it has.": (
        lambda batches: _sum_of_means(batches) * BATCH_SIZE / COUNT
    ),
    "is that of its last batch: it should be the mean over all images.": (
        lambda batches: batches[-1][0]
    ),
}
"""How the figure of an epoch may be made of those of its batches."""


def _report(
    submission: LoadedSubmission, batch_size: int, label: Callable[[Tensor], Tensor]
) -> Figures:
    """What train reports of ``COUNT`` images with the labels that ``label`` finds by logits."""
    right = PLAIN.right()
    net = filled(submission, "make_net", (False,), IMAGES, right)
    images = noise(new_generator(), COUNT, IMAGES[-1])
    with torch.no_grad():
        logits = right(images)
    labels = label(logits)
    returned = submission.call("train", net, images, labels, MANY_EPOCHS, batch_size, 0.0)
    losses, accuracies = zip(*returned, strict=True)
    is_right = (logits.argmax(dim=1) == labels).float().tolist()
    return Figures(losses, accuracies, -F.log_softmax(logits, dim=1)[:, labels], is_right)


def _last_is_wrong(logits: Tensor) -> Tensor:
    return torch.cat([logits[:-1].argmax(dim=1), logits[-1:].argmin(dim=1)])


def figures_by(way: Callable[[BatchMeans], float], values: Sequence[float]) -> list[float]:
    """The figures of an epoch, by ``way``, for each image that may be in the last batch."""
    found = []
    for last, alone in enumerate(values):
        others = [each for place, each in enumerate(values) if place != last]
        found.append(way([(sum(others) / len(others), len(others)), (alone, 1)]))
    return found


def _are_among(told: Iterable[Any], values: Sequence[float]) -> bool:
    return all(any(alike(one, each) for each in values) for one in told)


def _are_right(told: Iterable[Any], values: Sequence[float]) -> bool:
    return _are_among(told, [sum(values) / len(values)])


def _shows(figures: Figures, way: Callable[[BatchMeans], float], of: tuple[bool, bool]) -> bool:
    """Whether loss and accuracy, where ``of`` has them, are made by ``way``, and else right."""
    pairs = ((figures.losses, figures.own_losses), (figures.accuracies, figures.is_right))
    return all(
        _are_among(told, figures_by(way, values)) and not _are_right(told, values)
        if is_wrong
        else _are_right(told, values)
        for (told, values), is_wrong in zip(pairs, of, strict=True)
    )


SUBJECTS = {
    "The loss of an epoch": (True, False),
    "The accuracy of an epoch": (False, True),
    "Each figure of an epoch": (True, True),
}
"""What is wrong → whether that has the loss, and the accuracy."""

FIGURES = EvidenceProbe(
    partial(_report, batch_size=BATCH_SIZE, label=_last_is_wrong),
    {
        f"{subject} {sentence}": partial(_shows, way=way, of=of)
        for subject, of in SUBJECTS.items()
        for sentence, way in WAYS.items()
    },
)


def mixed_up(loss_of: Tensor) -> list[float]:
    """The losses of an epoch in which images may have got each other's labels."""
    orders = permutations(range(COUNT))
    return [float(loss_of[range(COUNT), list(each)].mean()) for each in orders]


def drawn_again(loss_of: Tensor) -> list[float]:
    """The losses of an epoch in which an image may have come several times."""
    own = loss_of.diagonal()
    choices = combinations_with_replacement(range(COUNT), COUNT)
    return [float(own[list(each)].mean()) for each in choices]


def _is_mixed(figures: Figures, losses: Callable[[Tensor], list[float]]) -> bool:
    is_wrong = not _are_right(figures.losses, figures.own_losses)
    return is_wrong and _are_among(figures.losses, losses(figures.loss_of))


PAIRING = EvidenceProbe(
    # In one batch, the loss is that of the epoch, however batches are weighed.
    partial(_report, batch_size=COUNT, label=lambda logits: torch.arange(COUNT)),
    {
        "Images get each other's labels: shuffle images and labels alike.": (
            partial(_is_mixed, losses=mixed_up)
        ),
        "An epoch draws its images at random, some twice and some never: take each once.": (
            partial(_is_mixed, losses=drawn_again)
        ),
    },
)

COPIES, EPOCHS, RATE = 5, 4, 1e-3
SIZES = (2, 2, 1)


def _ask_losses(submission: LoadedSubmission) -> tuple[Sequence[Any], Inputs]:
    """The losses of epochs on copies of one image, and the loss before each step and at the end."""
    right = PLAIN.right().eval()
    net = filled(submission, "make_net", (False,), IMAGES, right)
    image = noise(new_generator(), 1, IMAGES[-1])
    with torch.no_grad():
        label = right(image).argmin(dim=1)
    copies = image.expand(COPIES, -1, -1, -1).clone()
    told = submission.call("train", net, copies, label.expand(COPIES).clone(), EPOCHS, 2, RATE)
    steps = train_by_adam(right, [(image, label)] * (EPOCHS * len(SIZES) + 1), RATE)
    return [[loss for loss, _ in told]], [(torch.tensor([loss for loss, _ in steps]),)]


def _by_epoch(steps: Tensor) -> list[float]:
    """The mean over the images of each epoch, of as many steps as there are batches."""
    weights = torch.tensor(SIZES) / COPIES
    means: list[float] = (steps.view(EPOCHS, len(SIZES)) @ weights).tolist()
    return means


def _so_far(steps: Tensor) -> list[float]:
    means = torch.tensor(_by_epoch(steps[:-1]))
    running: list[float] = (means.cumsum(0) / torch.arange(1, EPOCHS + 1)).tolist()
    return running


LOSSES = AskingProbe(
    _ask_losses,
    lambda steps: _by_epoch(steps[:-1]),
    {
        "The loss is that after each step: the task has it before.": (
            lambda steps: _by_epoch(steps[1:])
        ),
        "The loss of an epoch is computed after it: the task has the losses of its steps.": (
            lambda steps: steps[len(SIZES) :: len(SIZES)].tolist()
        ),
        "The loss of an epoch is the mean over all epochs so far: begin each with new sums.": (
            _so_far
        ),
    },
)


def _ask_accuracy(submission: LoadedSubmission) -> tuple[Sequence[Any], Inputs]:
    """The accuracy of one step without and with an effect, on an image that it makes right."""
    right = PLAIN.right().eval()
    image = noise(new_generator(), 1, IMAGES[-1])
    net = filled(submission, "make_net", (False,), IMAGES, right)
    with torch.no_grad():
        label = right(image).argmin(dim=1)
    told = []
    for rate in (0.0, _rate_that_tells(right, image, label)):
        net = filled(submission, "make_net", (False,), IMAGES, right)
        ((_, accuracy),) = submission.call("train", net, image, label, 1, 1, rate)
        told.append(accuracy)
    return told, [(0.0,), (1.0,)]


def _rate_that_tells(net: torch.nn.Module, image: Tensor, label: Tensor) -> float:
    """A learning rate at which one step makes the image right."""
    for rate in (1e-3, 3e-3, 1e-2, 3e-2):
        after = deepcopy(net)
        (_, _), (_, share) = train_by_adam(after, [(image, label)] * 2, rate)
        if share:
            return rate
    raise ValueError("one step makes nothing right")


ACCURACY = AskingProbe(
    _ask_accuracy,
    lambda after: 0.0,
    {
        "The accuracy is taken after the step: count what is right in the logits of the step.": (
            lambda after: after
        ),
    },
)
