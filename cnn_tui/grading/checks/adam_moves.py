"""Whether training moves weights exactly as Adam does at its defaults.

Images of almost nothing give the first layer gradients so small that Adam's epsilon
counts, and leave the rest of the network as good as blind to how that layer moves.
So its way can be followed to five digits, and shows weight decay of any kind,
another epsilon, and amsgrad, which elsewhere make hardly a difference.
"""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Generator, Tensor, nn

from cnn_tui.grading.checks.adam import train_by_adam
from cnn_tui.grading.checks.testing import CheckError
from cnn_tui.grading.checks.weights import roles
from cnn_tui.grading.isolation.remote_objects import RemoteObject

IMAGES, EPOCHS, LEARNING_RATE = 2, 40, 1e-3
FAINT = 1e-6
NEAR = 2e-4
"""Share of the way that the weights go. By rounding alone it was 7e-6 at most, by amsgrad
1e-3 at least."""
TRIES = 3
"""A ReLU on the verge of 0 may still go either way, but not on each of so many draws."""


def expect_adam_moves(
    fresh: Callable[[], tuple[RemoteObject, nn.Module]],
    train: Callable[..., object],
    generator: Generator,
    size: int,
) -> None:
    """Fail unless training moves a network's first weights as Adam at its defaults does.

    ``fresh()`` makes the submission's network and the reference, filled alike;
    ``train(net, images, labels, epochs, batch_size, learning_rate)`` trains.
    """
    if not any(_moves_alike(*fresh(), train, generator, size) for _ in range(TRIES)):
        raise CheckError(
            f"In {EPOCHS} steps with very small gradients, the first layer's weights do not go "
            "where torch.optim.Adam takes them at its defaults: betas 0.9 and 0.999, eps 1e-8, "
            "no weight decay, no amsgrad, and one learning rate for all steps."
        )


def _moves_alike(
    net: RemoteObject,
    reference: nn.Module,
    train: Callable[..., object],
    generator: Generator,
    size: int,
) -> bool:
    # Of one level each: in an even map it makes no difference which pixel of a window is largest.
    levels = FAINT * torch.rand(IMAGES, 1, 1, 1, generator=generator)
    images = levels.expand(-1, 1, size, size).clone()
    with torch.no_grad():
        labels = reference(images)[0].argmin().expand(IMAGES).clone()
    key, before = next(iter(reference.state_dict().items()))
    before, trained = before.clone(), deepcopy(reference)
    train_by_adam(trained, [(images, labels)] * EPOCHS, LEARNING_RATE)
    way = trained.state_dict()[key] - before
    train(net, images, labels, EPOCHS, IMAGES, LEARNING_RATE)
    state = net.state_dict()
    role = roles({key: before})[key]
    ends = (state[name].view(before.shape) for name, each in roles(state).items() if each == role)
    return any(_is_near(end - before, way) for end in ends)


def _is_near(got: Tensor, wanted: Tensor) -> bool:
    return bool((got - wanted).norm() <= NEAR * wanted.norm())
