"""Which images came in which batch, read from the marks that Adam leaves.

The network gets numbers with which each image makes one unit of the first linear
layer fire, and no other image does. So the bias of that unit has a gradient in the
batches with this image alone. It begins at 0, and the rate is so small that only
what is 0 can move at all: the gradient is the same in every epoch, and how far
Adam has moved the bias tells in which two batches the image was.

One call shows the batches of both its epochs, so nothing depends on whether random
numbers differ from call to call: a training that seeds itself is read like any other.
"""

from collections.abc import Callable
from copy import deepcopy
from itertools import product
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from cnn_tui.grading.checks.adam import EPSILON, FIRST_DECAY, SECOND_DECAY
from cnn_tui.grading.checks.images import noise
from cnn_tui.grading.checks.testing import expect
from cnn_tui.grading.checks.weights import LAYER, Role, fill, roles
from cnn_tui.grading.isolation.remote_objects import RemoteObject

COUNT, BATCH_SIZE, EPOCHS = 25, 3, 2
"""There are 2e14 ways to split that many images: by chance, two epochs never share one."""
RATE = 1e-9
SIZES = tuple(min(BATCH_SIZE, COUNT - start) for start in range(0, COUNT, BATCH_SIZE))
NEAR = 5e-5
"""How exactly the movement of a bias is known, as a share; no two ways are within twice that."""
SETTING = f"{EPOCHS} epochs on {COUNT} images in batches of {BATCH_SIZE}"

EpochBatches: TypeAlias = list[tuple[int, ...]]
"""For each image the numbers of its batches, counted from 0 in each epoch."""


def expect_shuffled(
    train: Callable[..., object],
    net: RemoteObject,
    reference: nn.Module,
    size: int,
    generator: Generator,
) -> None:
    """Fail unless ``train`` splits the images into batches in a new way in each epoch.

    ``train(images, labels, epochs, batch_size, learning_rate)`` trains ``net``, which
    is like ``reference``: it ends in three linear layers of different shapes, with ReLU
    after the first two, and its mode changes nothing. ``net`` is left with other numbers,
    the reference as it was.
    """
    images = noise(generator, COUNT, size)
    marked = deepcopy(reference)
    labels, gradients = _mark(marked, images, generator)
    state = marked.state_dict()
    values = {role: state[key] for key, role in roles(state).items()}
    net.load_state_dict(fill(net.state_dict(), values, generator))
    train(images, labels, EPOCHS, BATCH_SIZE, RATE)
    bias: Role = (LAYER, "bias", tuple(_linear_layers(marked)[0].bias.shape))
    after = net.state_dict()
    moved = next(after[key] for key, role in roles(after).items() if role == bias)
    _judge(_batches(moved.double()[:COUNT] / RATE, gradients))


def _mark(net: nn.Module, images: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Give each image its unit; returns labels, and the gradients of the units' biases.

    The units of the second layer are all active, and the logits small and different.
    """
    first, second, last = _linear_layers(net)
    features: list[Tensor] = []
    hook = first.register_forward_pre_hook(lambda _, inputs: features.append(inputs[0]))
    with torch.no_grad():
        net(images)
        hook.remove()
        # Each image's own unit is at 1, that of any other image at -1, and so are all the rest.
        wanted = torch.full((COUNT, first.out_features), -1.0, dtype=torch.float64)
        wanted[:, :COUNT].fill_diagonal_(1.0)
        first.weight.copy_(torch.linalg.lstsq(features[0].double(), wanted).solution.T)
        first.bias.zero_()
        second.weight.copy_(0.5 + torch.rand(second.weight.shape, generator=generator))
        second.bias.zero_()
        last.weight.copy_(torch.randn(last.weight.shape, generator=generator))
        last.weight.sub_(last.weight.mean(dim=1, keepdim=True))
        last.weight.mul_(second.out_features**-0.5)
        last.bias.zero_()
        logits = net(images).double()
    # The class whose loss has the largest gradient there.
    offset = (F.softmax(logits, dim=1) * logits).sum(dim=1, keepdim=True) - logits
    gradients, labels = offset.abs().max(dim=1)
    return labels, gradients * offset.gather(1, labels[:, None])[:, 0].sign()


def _linear_layers(net: nn.Module) -> tuple[nn.Linear, nn.Linear, nn.Linear]:
    first, second, last = (each for each in net.modules() if isinstance(each, nn.Linear))
    return first, second, last


def _batches(moved: Tensor, gradients: Tensor) -> EpochBatches:
    """In which batches each image was; raises CheckError where there are none that fit."""
    ways = list(product(range(len(SIZES)), repeat=EPOCHS))
    wanted = _movements(ways, gradients)
    off, nearest = (moved[:, None] - wanted).abs().min(dim=1)
    expect(
        bool((off <= NEAR * wanted.abs().amax(dim=1)).all()),
        f"{SETTING}: the weights do not move as they do when every epoch takes every image "
        "once, with its own label, and Adam takes one step for each batch; only the last batch of "
        "an epoch may be smaller.",
    )
    return [ways[each] for each in nearest.tolist()]


def _movements(ways: EpochBatches, gradients: Tensor) -> Tensor:
    """How far the biases (N) move per learning rate, were their images in the batches of a way."""
    steps = torch.zeros(len(ways), EPOCHS * len(SIZES), dtype=torch.float64)
    for row, way in zip(steps, ways, strict=True):
        for epoch, batch in enumerate(way):
            row[epoch * len(SIZES) + batch] = 1 / SIZES[batch]
    first, second = torch.zeros(2, len(gradients), len(ways), dtype=torch.float64)
    movements = torch.zeros_like(first)
    for step, share in enumerate(steps.T, start=1):
        gradient = gradients[:, None] * share
        first.lerp_(gradient, 1 - FIRST_DECAY)
        second.lerp_(gradient.square(), 1 - SECOND_DECAY)
        scale = (second / (1 - SECOND_DECAY**step)).sqrt() + EPSILON
        movements -= first / (1 - FIRST_DECAY**step) / scale
    return movements


def _judge(batches: EpochBatches) -> None:
    for epoch, found in enumerate(zip(*batches, strict=True), start=1):
        sizes = [found.count(each) for each in range(len(SIZES))]
        expect(
            sizes == list(SIZES),
            f"{SETTING}: the batches of epoch {epoch} had {sizes} images, expected {list(SIZES)}.",
        )
        expect(
            not _is_in_turn(found),
            f"Epoch {epoch} of training takes the images in the order in which they come: "
            "shuffle before each epoch.",
        )
    one, other = ([way[epoch] for way in batches] for epoch in range(EPOCHS))
    expect(
        one != other,
        "Training takes the images in the same order in every epoch: shuffle before each.",
    )
    expect(
        len(set(batches)) > len(SIZES),
        "Training shuffles the batches, and each has the same images in every epoch: "
        "shuffle the images.",
    )


def _is_in_turn(found: tuple[int, ...]) -> bool:
    """Whether a batch goes on where the one before ended, whichever image is the first."""
    turns = (found[start:] + found[:start] for start in range(COUNT))
    return any(list(turn) == sorted(turn) for turn in turns)
