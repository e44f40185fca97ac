"""Lazy layers that see one map before anyone else, weights copied from one stack to the other."""

import copy

import torch
from torch import nn

print("plain or residual?")


class Block(nn.Module):
    def __init__(self, channels, skip):
        super().__init__()
        self.convs = nn.ModuleDict(
            {name: nn.LazyConv2d(channels, 3, padding=1) for name in ("inner", "outer")}
        )
        self.skip = nn.Identity() if skip else None

    def forward(self, x):
        y = self.convs["outer"](torch.relu(self.convs["inner"](x)))
        return torch.relu(y if self.skip is None else y + self.skip(x))


def make_block(channels, skip):
    block = Block(channels, skip)
    with torch.no_grad():
        block(torch.zeros(1, channels, 1, 1))
    return block


def make_stack(channels, depth, skip, seed):
    torch.random.manual_seed(seed)
    plain = nn.ModuleList(make_block(channels, False) for _ in range(depth))
    residual = nn.ModuleList(make_block(channels, True) for _ in range(depth))
    residual.load_state_dict(copy.deepcopy(plain.state_dict()))
    return nn.Sequential(*(residual if skip else plain)).eval()


def jacobian(net, x):
    derivatives = torch.func.jacfwd(net)(x)
    return derivatives.flatten(0, 3).flatten(1)


def input_gradient_norm(net, x):
    with torch.enable_grad():
        leaf = nn.Parameter(x.detach().clone())
        y = net(leaf)
        (gradient,) = torch.autograd.grad(y, [leaf], grad_outputs=torch.ones_like(y))
    return torch.linalg.vector_norm(gradient)


def gradient_norms(channels, depths, skip, x, seed):
    old = torch.get_default_dtype()
    norms = []
    for depth in depths:
        net = make_stack(channels, depth, skip, seed).double()
        torch.set_default_dtype(torch.float64)
        norms.append(float(input_gradient_norm(net, x.double())))
        torch.set_default_dtype(old)
    return norms


def factor_per_block(depths, norms):
    first, last = norms[0], norms[-1]
    blocks = max(depths) - min(depths)
    return pow(last / first, 1 / blocks)


def which_vanishes(depths, plain, residual):
    limit = 0.9
    match factor_per_block(depths, plain) < limit, factor_per_block(depths, residual) < limit:
        case True, True:
            return "both"
        case True, False:
            return "plain"
        case False, True:
            return "residual"
    return "neither"
