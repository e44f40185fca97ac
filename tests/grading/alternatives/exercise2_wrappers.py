"""A module for the skip itself, hooks for gradients, a random state that is given back."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class Skip(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x) + x


def make_block(channels, skip):
    branch = nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding="same"),
        nn.ReLU(),
        nn.Conv2d(channels, channels, 3, padding="same"),
    )
    return nn.Sequential(Skip(branch) if skip else branch, nn.ReLU())


def make_stack(channels, depth, skip, seed):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        if depth == 1:
            return make_block(channels, skip)
        blocks = [make_block(channels, skip) for _ in range(depth)]
    return nn.Sequential(nn.Sequential(*blocks[: depth // 2]), nn.Sequential(*blocks[depth // 2 :]))


def jacobian(net, x):
    # One copy of the map per row: each copy asks for the derivative of another value.
    n = x.numel()
    copies = x.detach().repeat(n, 1, 1, 1).requires_grad_()
    net(copies).flatten(1).backward(torch.eye(n, dtype=x.dtype))
    return copies.grad.flatten(1)


def input_gradient_norm(net, x):
    seen = []
    leaf = x.detach().requires_grad_()
    leaf.register_hook(seen.append)
    torch.set_grad_enabled(True)
    F.relu(net(leaf)).sum().backward()
    return math.sqrt(sum(value * value for value in seen[0].flatten().tolist()))


def gradient_norms(channels, depths, skip, x, seed):
    exact = x.double()
    norms = {}
    for depth in sorted(depths, reverse=True):
        net = make_stack(channels, depth, skip, seed)
        for parameter in net.parameters():
            parameter.data = parameter.data.double()
        norms[depth] = input_gradient_norm(net, exact)
    return [norms[depth] for depth in depths]


def factor_per_block(depths, norms):
    return 10 ** ((math.log10(norms[-1]) - math.log10(norms[0])) / (depths[-1] - depths[0]))


def which_vanishes(depths, plain, residual):
    vanished = {
        name
        for name, norms in {"plain": plain, "residual": residual}.items()
        if norms[-1] < norms[0] * 0.9 ** (depths[-1] - depths[0])
    }
    if len(vanished) == 2:
        return "both"
    return vanished.pop() if vanished else "neither"
