"""A branch in nn.Sequential, every operation in place where it can be, backward for gradients."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, channels, skip):
        super().__init__()
        self.weight_of_skip = float(skip)
        self.branch = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1),
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        out = self.branch(x)
        out += self.weight_of_skip * x
        return self.relu(out)


def make_block(channels, skip):
    return Block(channels, skip)


def make_stack(channels, depth, skip, seed):
    torch.manual_seed(seed)
    stack = nn.Sequential()
    for index in range(depth):
        stack.add_module(f"block{index}", Block(channels, skip))
    return stack


def jacobian(net, x):
    x = x.clone().requires_grad_(True)
    y = net(x).flatten()
    rows = torch.zeros(len(y), x.numel(), dtype=x.dtype)
    for i in range(len(y)):
        (row,) = torch.autograd.grad(y[i], x, retain_graph=True)
        rows[i] = row.flatten()
    return rows


def input_gradient_norm(net, x):
    x = x.clone()
    x.requires_grad = True
    net(x).sum().backward()
    return (x.grad**2).sum() ** 0.5


def gradient_norms(channels, depths, skip, x, seed):
    return tuple(
        input_gradient_norm(make_stack(channels, d, skip, seed).to(torch.float64), x.double())
        for d in depths
    )


def factor_per_block(depths, norms):
    blocks = depths[-1] - depths[0]
    logs = torch.tensor([norms[0], norms[-1]], dtype=torch.float64).log()
    return ((logs[1] - logs[0]) / blocks).exp()


def which_vanishes(depths, plain, residual):
    gone = [factor_per_block(depths, norms) < 0.9 for norms in (plain, residual)]
    if all(gone):
        return "both"
    if not any(gone):
        return "neither"
    return "plain" if gone[0] else "residual"
