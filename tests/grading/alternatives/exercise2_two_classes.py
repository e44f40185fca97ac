"""A class for each kind, convolutions made in reverse, functional transforms, numpy."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import torch
from torch import Tensor, nn


class Kind(StrEnum):
    PLAIN = "plain"
    RESIDUAL = "residual"
    BOTH = "both"
    NEITHER = "neither"


class Plain(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.second = nn.Conv2d(channels, channels, (3, 3), (1, 1), (1, 1))
        self.first = nn.Conv2d(channels, channels, (3, 3), (1, 1), (1, 1))

    def branch(self, x: Tensor) -> Tensor:
        return self.second(self.first(x).clamp(min=0))

    def forward(self, x: Tensor) -> Tensor:
        return self.branch(x).relu()


class Residual(Plain):
    def branch(self, x: Tensor) -> Tensor:
        return torch.add(x, super().branch(x))


class Stack(nn.Module):
    def __init__(self, channels: int, depth: int, skip: bool) -> None:
        super().__init__()
        blocks = [make_block(channels, skip) for _ in range(depth)]
        self.last = blocks[-1]
        self.blocks = nn.ModuleList(blocks[::-1])

    def forward(self, x: Tensor) -> Tensor:
        for block in reversed(self.blocks):
            x = block(x)
        return x


def make_block(channels: int, skip: bool) -> nn.Module:
    return (Residual if skip else Plain)(channels)


def make_stack(channels: int, depth: int, skip: bool, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return Stack(channels, depth, skip).train()


def jacobian(net: nn.Module, x: Tensor) -> Tensor:
    return torch.func.jacrev(lambda flat: net(flat.view_as(x)).flatten())(x.flatten())


def input_gradient_norm(net: nn.Module, x: Tensor) -> float:
    gradient = torch.func.grad(lambda images: net(images).sum())(x)
    return np.linalg.norm(gradient.detach().numpy().ravel())


def gradient_norms(
    channels: int, depths: list[int], skip: bool, x: Tensor, seed: int
) -> list[float]:
    nets = [make_stack(channels, depth, skip, seed).double() for depth in depths]
    exact = x.to(torch.double)
    return [input_gradient_norm(net, exact) for net in nets]


def factor_per_block(depths: list[int], norms: list[float]) -> float:
    slope = np.diff(np.log([norms[0], norms[-1]])) / np.diff([depths[0], depths[-1]])
    return np.exp(slope)[0]


def which_vanishes(depths: list[int], plain: list[float], residual: list[float]) -> Kind:
    answers = {(1, 1): Kind.BOTH, (1, 0): Kind.PLAIN, (0, 1): Kind.RESIDUAL, (0, 0): Kind.NEITHER}
    return answers[tuple(int(factor_per_block(depths, each) < 0.9) for each in (plain, residual))]
