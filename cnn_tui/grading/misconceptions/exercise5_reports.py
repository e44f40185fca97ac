"""Known mistakes of exercise 5 in the accuracies that train reports.

On copies of one image, training ends in one place, and turns the answer from one class into
another after an epoch or more: so every epoch's accuracy on that image is known.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from cnn_tui.grading.checks.adam import train_by_adam
from cnn_tui.grading.checks.images import noise
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.misconceptions.exercise5_nets import IMAGES, LENET5
from cnn_tui.grading.misconceptions.nets import filled
from cnn_tui.grading.misconceptions.probes import AskingProbe, Inputs, new_generator

COPIES, BATCH_SIZE, EPOCHS = 5, 2, 6
STEPS = -(-COPIES // BATCH_SIZE)
BEFORE, AFTER, OTHER = 4, 2, 1
"""Validation images of the class answered before training, of that of training, and of another."""
RATES = (3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5)


def _ask(submission: LoadedSubmission) -> tuple[list[Any], list[Any], Inputs]:
    """The accuracies and the seconds of a training, and the right accuracies."""
    right = LENET5.right().eval()
    net = filled(submission, "lenet5", (), IMAGES, right)
    image = noise(new_generator(), 1, IMAGES[-1])
    with torch.no_grad():
        classes = right(image)[0].argsort()
    other, after, *_, before = classes.tolist()
    rate, answers = next(
        (rate, answers)
        for rate in RATES
        if _turns(answers := _answers(right, image, after, rate), before, after)
    )
    labels = torch.tensor([before] * BEFORE + [after] * AFTER + [other] * OTHER)
    shares = [float((labels == each).float().mean()) for each in answers]
    data = (
        *(image.expand(COPIES, -1, -1, -1).clone(), torch.full((COPIES,), after)),
        *(image.expand(len(labels), -1, -1, -1).clone(), labels),
    )
    told = submission.call("train", net, *data, EPOCHS, BATCH_SIZE, rate)
    accuracies, seconds = zip(*told, strict=True)
    on_training = [float(each == after) for each in answers]
    return list(accuracies), list(seconds), [(shares, on_training)]


def _answers(net: nn.Module, image: Tensor, label: int, rate: float) -> list[int]:
    """The class that is answered before training, and after each epoch."""
    trained = deepcopy(net)
    found = []
    for epoch in range(EPOCHS + 1):
        trained.load_state_dict(net.state_dict())
        train_by_adam(trained, [(image, torch.tensor([label]))] * (epoch * STEPS), rate)
        with torch.no_grad():
            found.append(int(trained(image).argmax()))
    return found


def _turns(answers: Sequence[int], before: int, after: int) -> bool:
    """Whether the answer is the first one after the first epoch, and the other one in the end."""
    return answers[1] == before and answers[-2] == after == answers[-1]


def _ask_accuracies(submission: LoadedSubmission) -> tuple[Sequence[Any], Inputs]:
    accuracies, _, inputs = _ask(submission)
    return [accuracies], inputs


def _ask_seconds(submission: LoadedSubmission) -> tuple[Sequence[Any], Inputs]:
    _, seconds, inputs = _ask(submission)
    return [seconds], inputs


Shares = list[float]


def _each(of: Callable[[float], float]) -> Callable[[Shares, Shares], Shares]:
    return lambda shares, on_training: [of(each) for each in shares[1:]]


IMAGES_JUDGED = BEFORE + AFTER + OTHER
ACCURACIES = AskingProbe(
    _ask_accuracies,
    _each(float),
    {
        "Accuracies are those of the training images: the task has the validation images.": (
            lambda shares, on_training: on_training[1:]
        ),
        "The accuracy of an epoch is that of the epoch before: measure it after the last step.": (
            lambda shares, on_training: shares[:-1]
        ),
        "The accuracy of an epoch is the best one so far: each epoch has its own.": (
            lambda shares, on_training: [max(shares[1 : end + 1]) for end in range(1, EPOCHS + 1)]
        ),
        "The accuracy of every epoch is that of the last: measure after each.": (
            lambda shares, on_training: [shares[-1]] * EPOCHS
        ),
        "Accuracies are percentages: they should be shares from 0 to 1.": (
            _each(lambda share: 100 * share)
        ),
        "Accuracies are numbers of right images: they should be shares from 0 to 1.": (
            _each(lambda share: share * IMAGES_JUDGED)
        ),
        "Accuracies are the shares of wrong images.": _each(lambda share: 1 - share),
        "Accuracies are rounded to two digits.": _each(lambda share: round(share, 2)),
    },
)
SWAPPED = AskingProbe(
    _ask_seconds,
    lambda shares, on_training: None,
    {"Each pair is (seconds, accuracy): the accuracy should come first.": _each(float)},
)
