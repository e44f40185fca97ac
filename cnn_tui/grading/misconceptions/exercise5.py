"""Known mistakes of exercise 5: tables that count otherwise, and trainings that learn nothing."""

from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import Any

import torch
from torch import Generator, Tensor, nn

from cnn_tui.grading.checks.images import CLASSES, noise
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.misconceptions.exercise5_nets import IMAGES, LENET5, RESNET_STYLE, VGG_STYLE
from cnn_tui.grading.misconceptions.exercise5_reports import ACCURACIES, SWAPPED
from cnn_tui.grading.misconceptions.layers import LayersProbe
from cnn_tui.grading.misconceptions.modes import ModesProbe
from cnn_tui.grading.misconceptions.nets import filled, made
from cnn_tui.grading.misconceptions.probes import (
    AskingProbe,
    FunctionProbe,
    Inputs,
    new_generator,
)
from cnn_tui.grading.misconceptions.steps import StepsProbe
from cnn_tui.grading.misconceptions.training import TrainingProbe

SHARE = 0.95
_History = Sequence[tuple[float, float]]
_Result = tuple[str, float, int, _History]


def _ask_count(submission: LoadedSubmission) -> tuple[Sequence[object], Inputs]:
    """A network with batch norm, once as it is and once with its last layer frozen and added."""
    net = made(submission, "resnet_style", (), IMAGES)
    right = RESNET_STYLE.right()
    if {tuple(each.shape) for each in net.state_dict().values()} != {
        tuple(each.shape) for each in right.state_dict().values()
    }:
        return [], []
    answers = [submission.call("count_parameters", net)]
    last = right.get_submodule("8")
    keys = [key for key, each in net.state_dict().items() if each.shape == last.weight.shape]
    layer = net.method("get_submodule", keys[0].rpartition(".")[0])
    layer.method("requires_grad_", False)
    answers.append(submission.call("count_parameters", net))
    frozen = RESNET_STYLE.right()
    frozen.get_submodule("8").requires_grad_(False)
    return answers, [(right,), (frozen,)]


def _sizes(net: nn.Module, counts: Callable[[Tensor], int] = torch.numel) -> int:
    return sum(counts(each) for each in net.parameters() if each.requires_grad)


COUNT = AskingProbe(
    _ask_count,
    _sizes,
    {
        "count_parameters counts frozen parameters, too: training cannot change them.": (
            lambda net: sum(each.numel() for each in net.parameters())
        ),
        "count_parameters counts buffers, too: batch norm's statistics are no parameters.": (
            lambda net: _sizes(net) + sum(each.numel() for each in net.buffers())
        ),
        "count_parameters counts all of state_dict(): leave out buffers and frozen parameters.": (
            lambda net: sum(each.numel() for each in net.state_dict().values())
        ),
        "count_parameters counts tensors, not the numbers in them.": (
            lambda net: _sizes(net, lambda each: 1)
        ),
        "count_parameters counts weights of layers only: biases and batch norm count, too.": (
            lambda net: _sizes(net, lambda each: each.numel() if each.dim() > 1 else 0)
        ),
        "count_parameters leaves out what is 0: it changes in training like the rest.": (
            lambda net: _sizes(net, lambda each: int(each.count_nonzero()))
        ),
        "count_parameters leaves batch norm out: its weights and biases are trained, too.": (
            lambda net: sum(
                _sizes(each) for each in net.modules() if isinstance(each, nn.Conv2d | nn.Linear)
            )
        ),
    },
)


def _histories(generator: Generator) -> Inputs:
    inputs: list[tuple[Any, ...]] = []
    for share in (0.5, 0.75, 0.875):
        for count in torch.randint(1, 8, (15,), generator=generator).tolist():
            accuracies = (torch.randint(1, 65, (count,), generator=generator) / 64).tolist()
            seconds = torch.rand(count, generator=generator).tolist()
            inputs.append((list(zip(accuracies, seconds, strict=True)), share))
        inputs.append(([(share / 4, 0.2), (share / 2, 0.4), (0.5, 0.3)], share))
    return inputs


def _first(history: _History, reaches: Callable[[float], bool]) -> int:
    found = (epoch for epoch, (each, _) in enumerate(history, start=1) if reaches(each))
    return next(found, len(history))


def _best(history: _History) -> float:
    return max(each for each, _ in history)


def _converged(history: _History, share: float = SHARE) -> int:
    return _first(history, lambda each: each >= share * _best(history))


CONVERGED = FunctionProbe(
    "epochs_to_converge",
    _histories,
    _converged,
    {
        "epochs_to_converge counts epochs from 0: the first is 1.": (
            lambda history, share: _converged(history, share) - 1
        ),
        "epochs_to_converge takes a share of the last accuracy, not of the best.": (
            lambda history, share: _first(history, lambda each: each >= share * history[-1][0])
        ),
        "epochs_to_converge finds the best epoch itself, not the first that is near it.": (
            lambda history, share: _converged(history, 1.0)
        ),
        "epochs_to_converge ignores share: it always takes 0.95.": (
            lambda history, share: _converged(history)
        ),
        "epochs_to_converge looks for more than the share of the best: reaching it is enough.": (
            lambda history, share: _first(history, lambda each: each > share * _best(history))
        ),
        "epochs_to_converge subtracts 1 − share from the best accuracy: it should be multiplied.": (
            lambda history, share: _first(
                history, lambda each: each >= _best(history) - (1 - share)
            )
        ),
        "epochs_to_converge looks at the seconds: the accuracy is the first of each pair.": (
            lambda history, share: _converged([(one, other) for other, one in history], share)
        ),
    },
)


def _results(generator: Generator) -> Inputs:
    def draw_one(name: str) -> _Result:
        accuracy, size, count = torch.randint(1, 5, (3,), generator=generator).tolist()
        seconds = (torch.randint(1, 100, (2 * count + 2,), generator=generator) / 8).tolist()
        accuracies = (torch.randint(1, 17, (2 * count + 2,), generator=generator) / 16).tolist()
        return name, accuracy / 4, 1000 * size, list(zip(accuracies, seconds, strict=True))

    return [([draw_one(name) for name in "dahcgbfe"],) for _ in range(3)]


def _rows(
    results: Sequence[_Result],
    order: Callable[[_Result], Any] = lambda one: (-one[1], one[2]),
    seconds: Callable[[list[float]], float] = median,
) -> list[Any]:
    return [
        (name, share, size, seconds([each for _, each in history]), _converged(history))
        for name, share, size, history in sorted(results, key=order)
    ]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


COMPARE = FunctionProbe(
    "compare",
    _results,
    _rows,
    {
        "compare has the least accurate network first.": (
            partial(_rows, order=lambda one: (one[1], one[2]))
        ),
        "compare leaves the networks in the order in which they come.": (
            partial(_rows, order=lambda one: 0)
        ),
        "Of equally accurate networks, compare has the one with more parameters first.": (
            partial(_rows, order=lambda one: (-one[1], -one[2]))
        ),
        "Of equally accurate networks, compare leaves the order as it is: fewer parameters come "
        "first.": partial(_rows, order=lambda one: -one[1]),
        "compare sorts by parameters before accuracy.": (
            partial(_rows, order=lambda one: (one[2], -one[1]))
        ),
        "Where accuracy and parameters are equal, compare sorts by name: the order should stay.": (
            partial(_rows, order=lambda one: (-one[1], one[2], one[0]))
        ),
        "compare has the mean of the seconds, not the median.": partial(_rows, seconds=_mean),
        "compare has the sum of the seconds, not the median.": partial(_rows, seconds=sum),
        "compare has the last epoch's seconds, not the median of all.": (
            partial(_rows, seconds=lambda values: values[-1])
        ),
        "Of an even number of seconds, compare has the lower of the two in the middle, not their "
        "mean.": partial(_rows, seconds=lambda values: sorted(values)[(len(values) - 1) // 2]),
        "Of an even number of seconds, compare has the upper of the two in the middle, not their "
        "mean.": partial(_rows, seconds=lambda values: sorted(values)[len(values) // 2]),
    },
)

JUDGED = 171
"""Images whose shares have no short decimals."""


def chosen_right() -> Tensor:
    """Which images are right: a third, in no order that batches share."""
    return torch.randperm(JUDGED, generator=new_generator()) < JUDGED // 3


def _ask_accuracy(submission: LoadedSubmission) -> tuple[Sequence[object], Inputs]:
    """The accuracy of a network in training mode, by its logits in either mode."""
    right = RESNET_STYLE.right().eval()
    net = filled(submission, "resnet_style", (), IMAGES, right)
    images = noise(new_generator(), JUDGED, IMAGES[-1])
    with torch.no_grad():
        logits, in_training = right(images), right.train()(images)
    answers = logits.argmax(dim=1)
    labels = torch.where(chosen_right(), answers, (answers + 1) % CLASSES)
    net.train(True)
    got = submission.call("accuracy", net, images, labels)
    return [got], [(answers == labels, in_training.argmax(dim=1) == labels)]


def _share(right: Tensor) -> float:
    return float(right.float().mean())


ACCURACY = AskingProbe(
    _ask_accuracy,
    lambda right, in_training: _share(right),
    {
        "accuracy is 100 times too large: it is a share, not a percentage.": (
            lambda right, in_training: 100 * _share(right)
        ),
        "accuracy is the number of right images, not their share.": (
            lambda right, in_training: int(right.sum())
        ),
        "accuracy is the share of the wrong images.": (
            lambda right, in_training: 1 - _share(right)
        ),
        "accuracy is rounded to two digits.": (lambda right, in_training: round(_share(right), 2)),
        "accuracy is rounded to three digits.": (
            lambda right, in_training: round(_share(right), 3)
        ),
        "accuracy is taken in training mode: batch norm uses the statistics of the images.": (
            lambda right, in_training: _share(in_training)
        ),
        **{
            f"accuracy looks at the first {count} images only.": (
                lambda right, in_training, count=count: _share(right[:count])
            )
            for count in (32, 64, 100)
        },
        **{
            f"accuracy is the mean of those of batches of {size}: weigh each by its images.": (
                lambda right, in_training, size=size: _mean(
                    [_share(each) for each in right.split(size)]
                )
            )
            for size in (10, 16, 20, 32, 50, 64, 100, 128)
        },
    },
)

TRAINING = TrainingProbe("lenet5", (), IMAGES[1:], LENET5.right, count=400, extra=4)
MODES = ModesProbe("resnet_style", (), IMAGES[1:], RESNET_STYLE.right, extra=4)
STEPS = StepsProbe("lenet5", (), IMAGES[1:], LENET5.right, extra=9)

PROBES = {
    "lenet5": (LENET5, LayersProbe(LENET5)),
    "vgg_style": (VGG_STYLE, LayersProbe(VGG_STYLE)),
    "resnet_style": (RESNET_STYLE, LayersProbe(RESNET_STYLE)),
    "accuracy": (ACCURACY,),
    "history": (SWAPPED, ACCURACIES, STEPS, MODES, TRAINING),
    "steps": (STEPS, TRAINING),
    "comparison": (TRAINING,),
    "count_parameters": (COUNT,),
    "epochs_to_converge": (CONVERGED,),
    "compare": (COMPARE,),
}
