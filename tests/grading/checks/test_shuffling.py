"""A training that shuffles anew passes, also where it ends near one that does not."""

from collections.abc import Callable
from itertools import count

import pytest
import torch
from torch import Tensor, nn

from cnn_tui.grading.checks.adam import train_by_adam
from cnn_tui.grading.checks.shuffling import EPOCHS, expect_new_orders
from cnn_tui.grading.checks.testing import CheckError

RATE = 0.01
KEPT, TURNED = (0, 1), (1, 0)


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(16, 10))


def logits(images: Tensor, labels: Tensor, orders: list[tuple[int, int]]) -> Tensor:
    trained = net()
    train_by_adam(trained, [(images[[i]], labels[[i]]) for i in sum(orders, ())], RATE)
    answer: Tensor = trained(images)
    return answer.detach()


def expect_new(train: Callable[[Tensor, Tensor], Tensor]) -> None:
    def checked(images: Tensor, labels: Tensor, epochs: int) -> Tensor:
        assert epochs == EPOCHS
        return train(images, labels)

    generator = torch.Generator().manual_seed(1)
    expect_new_orders(checked, net(), lambda: torch.rand(2, 1, 4, 4, generator=generator), RATE)


@pytest.mark.parametrize("seed", range(5))
def test_passes_orders_that_are_drawn(seed: int) -> None:
    torch.manual_seed(seed)
    drawn = [KEPT if each else TURNED for each in torch.randint(2, (EPOCHS,)).tolist()]
    assert len(set(drawn)) == 2
    expect_new(lambda images, labels: logits(images, labels, drawn))


@pytest.mark.parametrize("order", [KEPT, TURNED])
def test_fails_an_order_that_is_kept(order: tuple[int, int]) -> None:
    with pytest.raises(CheckError, match="in the same order in every epoch"):
        expect_new(lambda images, labels: logits(images, labels, [order] * EPOCHS))


@pytest.mark.parametrize("near", [0, 1])
def test_passes_what_ends_near_a_kept_order_on_one_pair_of_images(near: int) -> None:
    pairs = count()

    def train(images: Tensor, labels: Tensor) -> Tensor:
        kept, turned = (logits(images, labels, [each] * EPOCHS) for each in (KEPT, TURNED))
        share = 0.01 if next(pairs) == near else 0.3
        return torch.lerp(kept, turned, share)

    expect_new(train)


def test_fails_logits_that_are_no_numbers() -> None:
    with pytest.raises(CheckError, match="in batches of one image, the logits are not finite"):
        expect_new(lambda images, labels: torch.full((2, 10), torch.nan))
