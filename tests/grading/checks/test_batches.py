"""Batches are read from one call, so a training that seeds itself passes like any other."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tui.grading.checks.batches import EPOCHS, expect_shuffled
from cnn_tui.grading.checks.testing import CheckError

Orders = Callable[[int, int], Iterator[tuple[Tensor, ...]]]
"""The batches of each epoch, from the number of images and the size of a batch."""
SIZE = 8


def reference() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Flatten(), nn.Linear(SIZE * SIZE, 40), nn.ReLU()),
        *(nn.Linear(40, 30), nn.ReLU(), nn.Linear(30, 10)),
    )


def judge(orders: Orders, seed: int = 1, adam: Callable[..., Any] = torch.optim.Adam) -> None:
    net: Any = reference()

    def train(images: Tensor, labels: Tensor, epochs: int, batch_size: int, rate: float) -> None:
        assert epochs == EPOCHS
        optimizer = adam(net.parameters(), lr=rate)
        for batches in orders(len(images), batch_size):
            for batch in batches:
                optimizer.zero_grad()
                F.cross_entropy(net(images[batch]), labels[batch]).backward()
                optimizer.step()

    expect_shuffled(train, net, reference(), SIZE, torch.Generator().manual_seed(seed))


def shuffled(count: int, size: int) -> Iterator[tuple[Tensor, ...]]:
    for _ in range(EPOCHS):
        yield torch.randperm(count).split(size)


@pytest.mark.parametrize("seed", range(8))
def test_passes_a_training_that_seeds_itself(seed: int) -> None:
    torch.manual_seed(seed)
    judge(shuffled, seed)


def kept(count: int, size: int) -> Iterator[tuple[Tensor, ...]]:
    yield from [torch.randperm(count).split(size)] * EPOCHS


def one_seed(count: int, size: int) -> Iterator[tuple[Tensor, ...]]:
    for _ in range(EPOCHS):
        torch.manual_seed(5)
        yield torch.randperm(count).split(size)


def as_they_come(count: int, size: int) -> Iterator[tuple[Tensor, ...]]:
    yield from [torch.arange(count).split(size)] * EPOCHS


def second_epoch_only(count: int, size: int) -> Iterator[tuple[Tensor, ...]]:
    yield torch.arange(count).split(size)
    yield torch.randperm(count).split(size)


def turned(count: int, size: int) -> Iterator[tuple[Tensor, ...]]:
    for start in (4, 13):
        yield torch.arange(count).roll(start).split(size)


def whole_batches(count: int, size: int) -> Iterator[tuple[Tensor, ...]]:
    batches = torch.randperm(count).split(size)
    full = len(batches) - 1
    for _ in range(EPOCHS):
        yield (*(batches[each] for each in torch.randperm(full)), batches[full])


def with_replacement(count: int, size: int) -> Iterator[tuple[Tensor, ...]]:
    for _ in range(EPOCHS):
        yield torch.randint(count, (count,)).split(size)


def short_batch_left_out(count: int, size: int) -> Iterator[tuple[Tensor, ...]]:
    for _ in range(EPOCHS):
        yield torch.randperm(count).split(size)[:-1]


def short_batch_first(count: int, size: int) -> Iterator[tuple[Tensor, ...]]:
    for _ in range(EPOCHS):
        yield torch.randperm(count).split(size)[::-1]


SAME_ORDER = "in the same order in every epoch"
AS_THEY_COME = "Epoch 1 of training takes the images in the order in which they come"
NO_STEPS = "do not move as they do when every epoch takes every image"


@pytest.mark.parametrize(
    ("orders", "sentence"),
    [
        (kept, SAME_ORDER),
        (one_seed, SAME_ORDER),
        (as_they_come, AS_THEY_COME),
        (second_epoch_only, AS_THEY_COME),
        (turned, AS_THEY_COME),
        (whole_batches, "shuffles the batches"),
        (with_replacement, NO_STEPS),
        (short_batch_left_out, NO_STEPS),
        (short_batch_first, NO_STEPS),
    ],
)
def test_fails_batches_that_are_not_new(orders: Orders, sentence: str) -> None:
    torch.manual_seed(3)
    with pytest.raises(CheckError, match=sentence):
        judge(orders)


@pytest.mark.parametrize(
    "adam",
    [
        torch.optim.SGD,
        torch.optim.RMSprop,
        partial(torch.optim.Adam, amsgrad=True),
        partial(torch.optim.Adam, betas=(0.9, 0.99)),
    ],
)
def test_fails_steps_that_are_not_adams(adam: Callable[..., Any]) -> None:
    torch.manual_seed(3)
    with pytest.raises(CheckError, match=NO_STEPS):
        judge(shuffled, adam=adam)
