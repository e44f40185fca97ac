"""The lab knows where each mistaken way of training leads, and tells all of them apart."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnn_tui.grading.checks.weights import draw, fill
from cnn_tui.grading.misconceptions.exercise5 import STEPS
from cnn_tui.grading.misconceptions.probes import all_alike, new_generator
from cnn_tui.grading.misconceptions.steps import Recipe, ends

SIZES = (2, 2, 1)
RATE = 1e-2


def of_torch(net: nn.Module, make: Callable[..., Any], image: torch.Tensor, **settings: Any) -> Any:
    optimizer = make(net.parameters(), lr=RATE, **settings)
    for size in 2 * SIZES:
        loss = F.cross_entropy(net(image.expand(size, -1, -1, -1)), torch.full((size,), 3))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return list(net.parameters())


@pytest.mark.parametrize(
    ("sentence", "make", "settings"),
    [
        ("", "Adam", {}),
        ("steps of plain gradient descent", "SGD", {}),
        ("SGD with momentum 0.9", "SGD", {"momentum": 0.9}),
        ("steps of RMSprop", "RMSprop", {}),
        ("as AdamW does", "AdamW", {}),
        ("Weights decay in training", "Adam", {"weight_decay": 1e-2}),
    ],
)
def test_trains_as_the_optimizers_of_pytorch_do(
    sentence: str, make: str, settings: dict[str, float]
) -> None:
    torch.manual_seed(0)
    net, same = (nn.Sequential(nn.Flatten(), nn.Linear(16, 10)) for _ in range(2))
    same.load_state_dict(net.state_dict())
    image = torch.rand(1, 1, 4, 4)
    recipes = (Recipe(), *(each for name, each in STEPS.mistakes.items() if sentence in name))
    recipe = recipes[1] if sentence else recipes[0]
    recipe.train(net, image, torch.tensor([3]), sum(SIZES), 2, RATE)
    for got, wanted in zip(
        net.parameters(), of_torch(same, getattr(torch.optim, make), image, **settings), strict=True
    ):
        assert torch.allclose(got, wanted, rtol=1e-5, atol=1e-6)


def test_tells_all_ways_of_training_apart() -> None:
    net, generator = STEPS.right(), new_generator()
    state = net.state_dict()
    numbers = fill(state, draw(state, generator), generator)
    image, label = torch.rand(1, *STEPS.image, generator=generator), torch.tensor([3])
    ways = {"": Recipe(), **STEPS.mistakes}
    ended = {
        name: [each.clone() for each in ends(net, numbers, image, label, recipe)]
        for name, recipe in ways.items()
    }
    assert all(torch.isfinite(each).all() for pair in ended.values() for each in pair)
    for one, other in combinations(ended, 2):
        assert not all_alike(ended[one], ended[other]), (one, other)
