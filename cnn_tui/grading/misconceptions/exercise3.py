"""Known mistakes of exercise 3: where batch norm is, what it normalizes by, what train reports."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from cnn_tui.grading.checks.images import noise
from cnn_tui.grading.checks.weights import LAYER
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.misconceptions.layers import LayersProbe
from cnn_tui.grading.misconceptions.nets import NetProbe, filled
from cnn_tui.grading.misconceptions.probes import AskingProbe, FunctionProbe, Inputs, new_generator
from cnn_tui.grading.misconceptions.training import TrainingProbe

WIDTHS = ((1, 16), (16, 16), (16, 32), (32, 32), (32, 64), (64, 64))
IMAGES = (8, 1, 16, 16)
NO_BIASES = tuple((LAYER, "bias", (width,)) for _, width in WIDTHS[::2])
"""Batch norm subtracts the biases before it: at 0, a network with them is like one without."""

_History = Sequence[tuple[float, float]]
_Layers = Callable[[int, int], list[nn.Module]]
PAIRS = partial(nn.MaxPool2d, 2)


def _convolution(channels: int, width: int, **options: Any) -> nn.Module:
    return nn.Conv2d(channels, width, **{"kernel_size": 3, "padding": 1, **options})


def _plain(channels: int, width: int, relu: type[nn.Module] = nn.ReLU) -> list[nn.Module]:
    return [_convolution(channels, width), relu()]


def _normed(
    channels: int, width: int, norm: Callable[[int], nn.Module] = nn.BatchNorm2d
) -> list[nn.Module]:
    return [_convolution(channels, width), norm(width), nn.ReLU()]


def _norm_last(channels: int, width: int) -> list[nn.Module]:
    return [_convolution(channels, width), nn.ReLU(), nn.BatchNorm2d(width)]


def _norm_first(channels: int, width: int) -> list[nn.Module]:
    return [nn.BatchNorm2d(channels), _convolution(channels, width), nn.ReLU()]


def _norm_without_relu(channels: int, width: int) -> list[nn.Module]:
    return [_convolution(channels, width), nn.BatchNorm2d(width)]


def _net(
    block: _Layers,
    pool: Callable[[], nn.Module] = PAIRS,
    last: type[nn.Module] = nn.AdaptiveAvgPool2d,
    end: Callable[[], nn.Module] = nn.Identity,
) -> nn.Module:
    layers: list[nn.Module] = []
    for index, (channels, width) in enumerate(WIDTHS):
        layers += block(channels, width)
        layers += [pool()] if index in (1, 3) else []
    return nn.Sequential(*layers, last(1), nn.Flatten(), nn.Linear(64, 10), end())


class _OwnNorm(nn.BatchNorm2d):
    """Batch norm by hand: ``normalizing`` and ``running`` are the corrections of both variances."""

    def __init__(self, width: int, normalizing: int = 0, running: int = 1) -> None:
        super().__init__(width)
        self.normalizing, self.running_correction = normalizing, running

    def forward(self, x: Tensor) -> Tensor:
        mean, variance = self.running_mean, self.running_var
        assert mean is not None and variance is not None
        if self.training:
            now = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=self.normalizing)
            kept = x.var((0, 2, 3), correction=self.running_correction)
            with torch.no_grad():
                mean.lerp_(now[0], 0.1)
                variance.lerp_(kept, 0.1)
            mean, variance = now
        view = (1, -1, 1, 1)
        scaled = (x - mean.view(view)) / (variance.view(view) + self.eps).sqrt()
        return scaled * self.weight.view(view) + self.bias.view(view)


def _with(norm: Callable[[int], nn.Module]) -> Callable[[], nn.Module]:
    return partial(_net, partial(_normed, norm=norm))


PLAIN = NetProbe(
    "make_net",
    (False,),
    IMAGES,
    partial(_net, _plain),
    {
        "make_net(False) has batch norm: it should have it only if batch_norm is True.": (
            partial(_net, _normed)
        ),
        "make_net has average pooling where the task has max pooling.": (
            partial(_net, _plain, partial(nn.AvgPool2d, 2))
        ),
        "make_net has no ReLU after its convolutions.": (
            partial(_net, partial(_plain, relu=nn.Identity))
        ),
        "make_net has leaky ReLUs: values below 0 should become 0.": (
            partial(_net, partial(_plain, relu=nn.LeakyReLU))
        ),
        "make_net takes the maximum of each channel before the last layer, not the mean.": (
            partial(_net, _plain, last=nn.AdaptiveMaxPool2d)
        ),
        "make_net ends in a softmax: it returns probabilities, not logits.": (
            partial(_net, _plain, end=partial(nn.Softmax, 1))
        ),
        "make_net ends in a log-softmax: it returns logarithms of probabilities, not logits.": (
            partial(_net, _plain, end=partial(nn.LogSoftmax, 1))
        ),
        "make_net ends in a ReLU: logits may be below 0.": partial(_net, _plain, end=nn.ReLU),
        "The windows of make_net's pooling overlap: they are 3x3, the task has 2x2.": (
            partial(_net, _plain, partial(nn.MaxPool2d, 3, stride=2, padding=1))
        ),
    },
)

NORMED = NetProbe(
    "make_net",
    (True,),
    IMAGES,
    partial(_net, _normed),
    {
        "Batch norm comes after the ReLU: the task has it between convolution and ReLU.": (
            partial(_net, _norm_last)
        ),
        "Batch norm comes before the convolution: the task has it between convolution and "
        "ReLU.": partial(_net, _norm_first),
        "There is no ReLU after batch norm.": partial(_net, _norm_without_relu),
        "make_net(True) has no batch norm.": partial(_net, _plain),
        "The variance in training is the unbiased one: batch norm normalizes by the biased "
        "one.": _with(partial(_OwnNorm, normalizing=1)),
        "The running variance averages biased variances: PyTorch's batch norm keeps the unbiased "
        "ones.": _with(partial(_OwnNorm, running=0)),
        "The momentum of batch norm is 0.5: PyTorch's default is 0.1.": (
            _with(partial(nn.BatchNorm2d, momentum=0.5))
        ),
        "The momentum of batch norm is 0.01: PyTorch's default is 0.1.": (
            _with(partial(nn.BatchNorm2d, momentum=0.01))
        ),
        "The momentum of batch norm is 0.9, as if it weighed the old value: in PyTorch it weighs "
        "the new one, 0.1.": _with(partial(nn.BatchNorm2d, momentum=0.9)),
        "momentum=None averages all batches alike: PyTorch's default is 0.1.": (
            _with(partial(nn.BatchNorm2d, momentum=None))
        ),
        "The eps of batch norm is 1e-3: PyTorch's default is 1e-5.": (
            _with(partial(nn.BatchNorm2d, eps=1e-3))
        ),
        "Batch norm keeps no running statistics: evaluation uses those of the batch.": (
            _with(partial(nn.BatchNorm2d, track_running_stats=False))
        ),
        "make_net(True) normalizes each image by itself, as instance norm does: batch norm "
        "takes the statistics of the whole batch.": (
            _with(partial(nn.InstanceNorm2d, affine=True, track_running_stats=True))
        ),
        "make_net(True) normalizes groups of 4 channels, as group norm does.": (
            _with(partial(nn.GroupNorm, 4))
        ),
        "make_net has average pooling where the task has max pooling.": (
            partial(_net, _normed, partial(nn.AvgPool2d, 2))
        ),
    },
    zero=NO_BIASES,
)


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
    right = _net(_plain)
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
) -> Callable[[Tensor, Tensor], Any]:
    def history(logits: Tensor, labels: Tensor) -> list[Any]:
        accuracy = float((logits.argmax(dim=1) == labels).float().mean())
        return [pair(float(loss(logits, labels)), accuracy)] * epochs

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

PROBES = {
    "plain_net": (PLAIN, LayersProbe(PLAIN)),
    "norm_net_evaluates": (NORMED, LayersProbe(NORMED)),
    "norm_net_trains": (NORMED,),
    "running_statistics": (NORMED,),
    "faster": (FASTER,),
    "history": (HISTORY, TRAINING),
    "adam": (TRAINING,),
    "comparison": (TRAINING,),
}
