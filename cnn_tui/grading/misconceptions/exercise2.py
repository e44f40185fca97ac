"""Known mistakes of exercise 2: where the skip and the ReLUs are, and what is measured."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.misconceptions.layers import LayersProbe
from cnn_tui.grading.misconceptions.nets import NetProbe, filled
from cnn_tui.grading.misconceptions.probes import (
    AskingProbe,
    FunctionProbe,
    Inputs,
    new_generator,
)

Branch = Callable[[Tensor], Tensor]
Sum = Callable[[Tensor, Tensor], Tensor]
MAPS = (2, 8, 5, 7)
SMALL_MAPS = (1, 2, 3, 4)


class _Block(nn.Module):
    """``end`` makes y of F(x) and x."""

    def __init__(
        self, end: Sum, between: Branch = F.relu, before: Branch = torch.clone, channels: int = 8
    ) -> None:
        super().__init__()
        self.conv1, self.conv2 = (
            nn.Conv2d(channels, channels, kernel_size=3, padding=1) for _ in range(2)
        )
        self.before, self.between, self.end = before, between, end

    def forward(self, x: Tensor) -> Tensor:
        return self.end(self.conv2(self.between(self.conv1(self.before(x)))), x)


def _plain(out: Tensor, x: Tensor) -> Tensor:
    return F.relu(out)


def _residual(out: Tensor, x: Tensor) -> Tensor:
    return F.relu(out + x)


PLAIN = NetProbe(
    "make_block",
    (8, False),
    MAPS,
    partial(_Block, _plain),
    {
        "A plain block adds x: it should do so only if skip is True.": partial(_Block, _residual),
        "A plain block has no ReLU at its end.": partial(_Block, lambda out, x: out),
        "A plain block has no ReLU between its two convolutions.": (
            partial(_Block, _plain, nn.Identity())
        ),
        "A plain block has no ReLU at all.": partial(_Block, lambda out, x: out, nn.Identity()),
        "A plain block has a ReLU before its first convolution.": (
            partial(_Block, _plain, before=F.relu)
        ),
        "The ReLU between the convolutions of a plain block is a leaky one.": (
            partial(_Block, _plain, F.leaky_relu)
        ),
    },
)

RESIDUAL = NetProbe(
    "make_block",
    (8, True),
    MAPS,
    partial(_Block, _residual),
    {
        "A residual block returns ReLU(F(x)): x is not added.": partial(_Block, _plain),
        "A residual block returns ReLU(F(x)) + x: the ReLU comes after the sum.": (
            partial(_Block, lambda out, x: F.relu(out) + x)
        ),
        "A residual block returns ReLU(ReLU(F(x)) + x): the ReLU before the sum is one too "
        "many.": partial(_Block, lambda out, x: F.relu(F.relu(out) + x)),
        "A residual block has no ReLU after the sum.": partial(_Block, lambda out, x: out + x),
        "A residual block has no ReLU between its two convolutions.": (
            partial(_Block, _residual, nn.Identity())
        ),
        "A residual block returns ReLU(x): F(x) is not in the sum.": (
            partial(_Block, lambda out, x: F.relu(x + 0 * out))
        ),
        "A residual block subtracts x.": partial(_Block, lambda out, x: F.relu(out - x)),
        "A residual block multiplies by x: a skip adds it.": (
            partial(_Block, lambda out, x: F.relu(out * x))
        ),
        "A residual block adds x twice.": partial(_Block, lambda out, x: F.relu(out + 2 * x)),
        "A residual block halves the sum of F(x) and x.": (
            partial(_Block, lambda out, x: F.relu((out + x) / 2))
        ),
        "A residual block adds ReLU(x), not x: values below 0 are lost.": (
            partial(_Block, lambda out, x: F.relu(out + F.relu(x)))
        ),
        "No gradient passes the skip: x is detached before it is added.": (
            partial(_Block, lambda out, x: F.relu(out + x.detach()))
        ),
        "No gradient passes F(x): it is detached before x is added.": (
            partial(_Block, lambda out, x: F.relu(out.detach() + x))
        ),
    },
)


def _stack(depth: int, last: Sum = _residual, first: Sum = _residual) -> nn.Module:
    ends = [first, *(_residual for _ in range(depth - 2)), last][:depth]
    return nn.Sequential(*map(_Block, ends))


STACK = NetProbe(
    "make_stack",
    (8, 3, True, 5),
    MAPS,
    partial(_stack, 3),
    {
        "A stack of depth 3 has two blocks: there should be `depth` of them.": partial(_stack, 2),
        "A stack of depth 3 has four blocks: there should be `depth` of them.": partial(_stack, 4),
        "The blocks of a residual stack add no x: skip is not handed on to them.": (
            lambda: nn.Sequential(*(_Block(_plain) for _ in range(3)))
        ),
        "Only the first block of a residual stack adds its input.": (
            lambda: nn.Sequential(*map(_Block, (_residual, _plain, _plain)))
        ),
        "The last block of a residual stack adds no x.": partial(_stack, 3, last=_plain),
    },
)


def _ask_jacobian(submission: LoadedSubmission) -> tuple[Sequence[object], Inputs]:
    right = _Block(_residual, channels=2)
    net = filled(submission, "make_block", (2, True), SMALL_MAPS, right)
    x = torch.randn(SMALL_MAPS, generator=new_generator())
    leaf = x.clone().requires_grad_()
    values = right(leaf).flatten()
    rows = [torch.autograd.grad(each, leaf, retain_graph=True)[0] for each in values]
    return [submission.call("jacobian", net, x)], [(torch.stack(rows).flatten(1),)]


JACOBIAN = AskingProbe(
    _ask_jacobian,
    lambda right: right,
    {
        "The Jacobian is transposed: a row belongs to one value of y, a column to one of x.": (
            lambda right: right.T
        ),
        "The Jacobian lacks the identity: the skip is part of y, and of its derivatives.": (
            lambda right: right - torch.eye(len(right))
        ),
        "The identity is added to the Jacobian: the derivatives of y have it already.": (
            lambda right: right + torch.eye(len(right))
        ),
        "The Jacobian is summed over y: it should have one row for each value of y.": (
            lambda right: right.sum(0)
        ),
        "The Jacobian has the shape of maps, (1, C, H, W, 1, C, H, W): reshape it to (n, n).": (
            lambda right: right.reshape(*SMALL_MAPS, *SMALL_MAPS)
        ),
        "Only the diagonal of the Jacobian is there: every y may depend on every x.": (
            lambda right: right.diagonal().diag()
        ),
        "The Jacobian has lost its signs.": lambda right: right.abs(),
        "The Jacobian is squared.": lambda right: right.square(),
    },
)


def _ask_norm(submission: LoadedSubmission) -> tuple[Sequence[object], Inputs]:
    right = _stack(3)
    net = filled(submission, "make_stack", (8, 3, True, 5), MAPS, right)
    x = torch.randn(MAPS, generator=new_generator())
    return [submission.call("input_gradient_norm", net, x)], [(right, x)]


def _gradient(net: nn.Module, x: Tensor, loss: Callable[[Tensor], Tensor] = torch.sum) -> Tensor:
    leaf = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(net(leaf)), leaf)
    return gradient


GRADIENT_NORM = AskingProbe(
    _ask_norm,
    lambda net, x: float(_gradient(net, x).norm()),
    {
        "input_gradient_norm is divided by the number of values, as for the mean of net(x): the "
        "task takes the sum.": (lambda net, x: float(_gradient(net, x, torch.mean).norm())),
        "input_gradient_norm takes the gradient of the sum of squares of net(x), not of its "
        "sum.": lambda net, x: float(_gradient(net, x, lambda y: y.square().sum()).norm()),
        "input_gradient_norm takes the gradient of the norm of net(x), not of its sum.": (
            lambda net, x: float(_gradient(net, x, torch.norm).norm())
        ),
        "input_gradient_norm takes the gradient of the largest value of net(x), not of the "
        "sum.": lambda net, x: float(_gradient(net, x, torch.max).norm()),
        "input_gradient_norm lacks the square root: it is the sum of squares.": (
            lambda net, x: float(_gradient(net, x).square().sum())
        ),
        "input_gradient_norm is the largest absolute value of the gradient, not its norm.": (
            lambda net, x: float(_gradient(net, x).abs().max())
        ),
        "input_gradient_norm is the root mean square of the gradient: the norm has no mean.": (
            lambda net, x: float(_gradient(net, x).square().mean().sqrt())
        ),
        "input_gradient_norm is the mean of the norms of all images, not that of the whole "
        "gradient.": lambda net, x: float(_gradient(net, x).flatten(1).norm(dim=1).mean()),
        "input_gradient_norm is the sum of absolute values, not the root of the sum of "
        "squares.": lambda net, x: float(_gradient(net, x).abs().sum()),
        "input_gradient_norm is the sum of the gradient, not its norm.": (
            lambda net, x: float(_gradient(net, x).sum())
        ),
        "input_gradient_norm is the standard deviation of the gradient, not its norm.": (
            lambda net, x: float(_gradient(net, x).std())
        ),
    },
)


def _decays(generator: Generator) -> Inputs:
    inputs = []
    for depths in ((1, 2, 4, 8), (3, 5, 16)):
        for factor in (0.125, 0.899, 1.04):
            *rest, scale = (10 ** torch.randn(len(depths), generator=generator)).tolist()
            last = scale * factor ** (depths[-1] - depths[0])
            inputs.append((depths, [scale, *rest[1:], last]))
    return inputs


def _factor(depths: Sequence[int], norms: Sequence[float], blocks: float = 0) -> float:
    return float((norms[-1] / norms[0]) ** (1 / (blocks or depths[-1] - depths[0])))


FACTOR = FunctionProbe(
    "factor_per_block",
    _decays,
    _factor,
    {
        "factor_per_block is the factor over all blocks: take the root, one for each block "
        "between the first and the last depth.": lambda depths, norms: norms[-1] / norms[0],
        "factor_per_block is turned around: it divides the first norm by the last.": (
            lambda depths, norms: 1 / _factor(depths, norms)
        ),
        "factor_per_block takes the last depth for the number of blocks in between.": (
            lambda depths, norms: _factor(depths, norms, depths[-1])
        ),
        "factor_per_block takes the root by the number of norms less one, not by blocks.": (
            lambda depths, norms: _factor(depths, norms, len(depths) - 1)
        ),
        "factor_per_block counts one block too many between the first and the last depth.": (
            lambda depths, norms: _factor(depths, norms, depths[-1] - depths[0] + 1)
        ),
        "factor_per_block divides by the number of blocks: it should take the root.": (
            lambda depths, norms: norms[-1] / norms[0] / (depths[-1] - depths[0])
        ),
        "factor_per_block is a difference per block, not a factor.": (
            lambda depths, norms: (norms[-1] - norms[0]) / (depths[-1] - depths[0])
        ),
        "factor_per_block is the logarithm of the factor.": (
            lambda depths, norms: math.log(_factor(depths, norms))
        ),
        "factor_per_block is never above 1: a norm may grow.": (
            lambda depths, norms: min(1.0, _factor(depths, norms))
        ),
        "factor_per_block is the mean of the quotients of neighboring norms.": (
            lambda depths, norms: sum(b / a for a, b in pairwise(norms)) / (len(norms) - 1)
        ),
        "factor_per_block looks at the first two norms only, not at the last.": (
            lambda depths, norms: (norms[1] / norms[0]) ** (1 / (depths[1] - depths[0]))
        ),
    },
)

PROBES = {
    "zero_weights": (PLAIN, RESIDUAL),
    "plain_block": (PLAIN, LayersProbe(PLAIN)),
    "residual_block": (RESIDUAL, LayersProbe(RESIDUAL)),
    "stack": (STACK, LayersProbe(STACK)),
    "jacobian": (JACOBIAN,),
    "input_gradient_norm": (GRADIENT_NORM,),
    "which_vanishes": (FACTOR,),
}
