"""Known mistakes of exercise 2: Jacobians, gradient norms, and how they change per block."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Generator, Tensor, nn

from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.misconceptions.exercise2_nets import (
    MAPS,
    PLAIN,
    RESIDUAL,
    STACK,
    BlockVariant,
    residual,
    stack,
)
from cnn_tui.grading.misconceptions.layers import LayersProbe
from cnn_tui.grading.misconceptions.nets import filled
from cnn_tui.grading.misconceptions.probes import (
    AskingProbe,
    FunctionProbe,
    Inputs,
    new_generator,
)

SMALL_MAPS = (1, 2, 3, 4)


def _ask_jacobian(submission: LoadedSubmission) -> tuple[Sequence[object], Inputs]:
    right = BlockVariant(residual, channels=2)
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
    right = stack(3)
    net = filled(submission, "make_stack", (8, 3, True, 5), MAPS, right)
    x = torch.randn(MAPS, generator=new_generator())
    return [submission.call("input_gradient_norm", net, x)], [(right, x)]


def _gradient(net: nn.Module, x: Tensor, loss: Callable[[Tensor], Tensor] = torch.sum) -> Tensor:
    leaf = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(net(leaf)), leaf)
    return gradient


def _norm_at_weights(net: nn.Module, x: Tensor) -> float:
    gradients = torch.autograd.grad(net(x).sum(), list(net.parameters()))
    return float(torch.cat([each.flatten() for each in gradients]).norm())


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
        "input_gradient_norm looks at the first image only.": (
            lambda net, x: float(_gradient(net, x)[0].norm())
        ),
        "input_gradient_norm looks at the first channel only.": (
            lambda net, x: float(_gradient(net, x, lambda y: y[:, 0].sum()).norm())
        ),
        "input_gradient_norm is divided by the number of images.": (
            lambda net, x: float(_gradient(net, x).norm() / len(x))
        ),
        "input_gradient_norm is the logarithm of the norm.": (
            lambda net, x: math.log(float(_gradient(net, x).norm()))
        ),
        "input_gradient_norm is the decimal logarithm of the norm.": (
            lambda net, x: math.log10(float(_gradient(net, x).norm()))
        ),
        "input_gradient_norm takes the gradient at the weights, not at x.": (
            lambda net, x: _norm_at_weights(net, x)
        ),
        "input_gradient_norm is the standard deviation of the gradient, not its norm.": (
            lambda net, x: float(_gradient(net, x).std())
        ),
    },
)


DEPTHS = (3, 1, 3, 4)
SEED = 17


def _ask_norms(submission: LoadedSubmission) -> tuple[Sequence[object], Inputs]:
    """The norms of residual stacks and of plain ones, by their own gradients."""
    x = torch.randn(MAPS, generator=new_generator())
    norms = []
    for skip in (True, False):
        nets = [submission.call("make_stack", MAPS[1], depth, skip, SEED) for depth in DEPTHS]
        for net in nets:
            net.method("double")
        gradients = (net.grads(x.double(), torch.ones_like(x).double())["inputs"] for net in nets)
        norms.append([float(each.norm()) for each in gradients])
    return [submission.call("gradient_norms", MAPS[1], list(DEPTHS), True, x, SEED)], [tuple(norms)]


GRADIENT_NORMS = AskingProbe(
    _ask_norms,
    lambda norms, plain: norms,
    {
        "gradient_norms sorts the depths: the norms should be in the order of depths.": (
            lambda norms, plain: [norms[DEPTHS.index(each)] for each in sorted(DEPTHS)]
        ),
        "gradient_norms begins with the last of the depths.": lambda norms, plain: norms[::-1],
        "gradient_norms ignores skip: it measures plain stacks.": lambda norms, plain: plain,
        "gradient_norms returns shares of the first norm.": (
            lambda norms, plain: [each / norms[0] for each in norms]
        ),
        "gradient_norms returns logarithms of the norms.": (
            lambda norms, plain: [math.log(each) for each in norms]
        ),
        "gradient_norms returns decimal logarithms of the norms.": (
            lambda norms, plain: [math.log10(each) for each in norms]
        ),
        "gradient_norms divides each norm by its depth.": (
            lambda norms, plain: [each / depth for each, depth in zip(norms, DEPTHS, strict=True)]
        ),
        "gradient_norms returns the last norm only.": lambda norms, plain: norms[-1:],
        "gradient_norms leaves out depths that come twice.": (
            lambda norms, plain: [norms[DEPTHS.index(each)] for each in dict.fromkeys(DEPTHS)]
        ),
        "gradient_norms returns a dict: it should return a list.": (
            lambda norms, plain: dict(zip(DEPTHS, norms, strict=True))
        ),
        "gradient_norms measures every stack at the first of the depths.": (
            lambda norms, plain: [norms[0] for _ in norms]
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
    "zero_weights": (PLAIN, RESIDUAL, LayersProbe(PLAIN), LayersProbe(RESIDUAL)),
    "plain_block": (PLAIN, LayersProbe(PLAIN)),
    "residual_block": (RESIDUAL, LayersProbe(RESIDUAL)),
    "stack": (STACK, LayersProbe(STACK)),
    "jacobian": (JACOBIAN,),
    "input_gradient_norm": (GRADIENT_NORM,),
    "gradient_norms": (GRADIENT_NORMS,),
    "which_vanishes": (FACTOR,),
}
