"""Whether training decays weights: black images tell it.

They leave the first layer's weights without a gradient, and what Adam has no
gradient for it does not move, unless it is told to decay it.
"""

from collections.abc import Callable

import torch
from torch import nn

from cnn_tui.grading.checks.weights import expect_same_by_role
from cnn_tui.grading.isolation.remote_objects import RemoteObject

IMAGES = 10
LEARNING_RATE = 1e-2
"""At which even the small decay that AdamW has by default shows a hundred times over."""


def expect_no_decay(
    train: Callable[..., None],
    net: RemoteObject,
    reference: nn.Module,
    size: int,
    epochs: int = 10,
) -> None:
    """Fail if training moves the first weights of ``net`` on black images of ``size``.

    ``train(images, labels, epochs, batch_size, learning_rate)`` trains ``net``, which
    holds the ``reference``'s numbers.
    """
    key, before = next(iter(reference.state_dict().items()))
    black, labels = torch.zeros(IMAGES, 1, size, size), torch.arange(IMAGES)
    train(black, labels, epochs, IMAGES, LEARNING_RATE)
    what = "Black images give the first weights no gradient, and training should not move them: "
    expect_same_by_role(net.state_dict(), {key: before}, ("weight",), what, rtol=1e-5)
