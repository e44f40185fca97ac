"""Whether training shuffles anew: two images, one by one, tell it by where they lead.

A training that keeps one order, whichever it is, ends where a reference ends that
keeps the same. Epochs enough, and one that draws its orders ends elsewhere, whether
its numbers are seeded or not: that all are alike has a probability of 2^-23.
"""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn

from cnn_tui.grading.adam import train_by_adam
from cnn_tui.grading.images import logits_of
from cnn_tui.grading.testing import expect

EPOCHS = 24
SHARE = 0.1
"""Of the distance between the two orders' ends: how near is the same. Rounding is far below."""


def expect_new_orders(
    train: Callable[[Tensor, Tensor, int], Tensor],
    reference: nn.Module,
    images: Tensor,
    learning_rate: float,
) -> None:
    """Fail if ``train`` keeps the order of two ``images`` in all epochs.

    ``train(images, labels, epochs)`` trains the submission's network, which holds the
    ``reference``'s numbers, in batches of one, and returns its logits of ``images``.
    """
    labels = torch.tensor([3, 7])
    ends = [_end(reference, images, labels, order, learning_rate) for order in ((0, 1), (1, 0))]
    apart = (ends[0] - ends[1]).abs().max()
    got = train(images, labels, EPOCHS)
    nearest = min((got - end).abs().max() for end in ends)
    expect(
        bool(nearest > SHARE * apart),
        "Training takes the images in the same order in every epoch: shuffle them anew.",
    )


def _end(
    reference: nn.Module, images: Tensor, labels: Tensor, order: tuple[int, int], rate: float
) -> Tensor:
    net = deepcopy(reference)
    batches = [(images[[each]], labels[[each]]) for each in order * EPOCHS]
    train_by_adam(net, batches, rate)
    return logits_of(net, images)
