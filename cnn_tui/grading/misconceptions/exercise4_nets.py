"""Known mistakes of the network of exercise 4: its layers, and where and when it has dropout."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from cnn_tui.grading.checks.images import noise
from cnn_tui.grading.checks.testing import CheckError
from cnn_tui.grading.checks.weights import gradients_by_name
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.isolation.remote_objects import RemoteObject
from cnn_tui.grading.misconceptions.layers import is_constant
from cnn_tui.grading.misconceptions.nets import NetProbe, made
from cnn_tui.grading.misconceptions.probes import EvidenceProbe, alike, new_generator

LOW, HIGH = 0.3, 0.7
FAR = 0.07
"""Of the units of PASSES passes, a share is off by so much less than once in 10^9 times."""
PASSES = 12
IMAGES = (4, 1, 16, 16)


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
    if is_constant(evaluation[0]):
        raise CheckError("The network answers the same to all images.")
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
    return all(abs(share - wanted) < FAR for share, wanted in pairs)


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
