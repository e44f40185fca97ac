"""Known mistakes of the networks of exercise 3: where batch norm is, what it normalizes by."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from cnn_tui.grading.checks.weights import LAYER
from cnn_tui.grading.misconceptions.nets import NetProbe

WIDTHS = ((1, 16), (16, 16), (16, 32), (32, 32), (32, 64), (64, 64))
IMAGES = (8, 1, 16, 16)
NO_BIASES = tuple((LAYER, "bias", (width,)) for _, width in WIDTHS[::2])
"""Batch norm subtracts the biases before it: at 0, a network with them is like one without."""

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
