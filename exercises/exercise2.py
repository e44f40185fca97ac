# cnn-lab exercise2, version 1
"""Exercise 2: what a skip connection does to the gradient.

Build two kinds of block that differ in the skip and in nothing else, stack them,
and measure how much of the gradient comes through to the input.

Write the functions below, then check your work:    cnn-lab check exercise2
Try things out at the end of this file, and run it: python exercises/exercise2.py

Make the convolutions with torch.nn.Conv2d and leave them at PyTorch's defaults
where nothing else is said; how you arrange and name them is up to you. Maps are
float tensors of shape (N, C, H, W).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

VANISHING = 0.9
"""A gradient vanishes where every block leaves less than this share of it."""


def make_block(channels: int, skip: bool) -> nn.Module:
    """One block: (N, channels, H, W) -> (N, channels, H, W).

    F(x) is a 3x3 convolution with padding 1, a ReLU, and another 3x3 convolution
    with padding 1; both have a bias and keep the number of channels. Then

        y = ReLU(F(x) + x)    with `skip`: a residual block,
        y = ReLU(F(x))        without it: a plain block.

    Nothing else differs.
    """
    raise NotImplementedError


def make_stack(channels: int, depth: int, skip: bool, seed: int) -> nn.Module:
    """`depth` blocks, one after the other: (N, channels, H, W) -> (N, channels, H, W).

    Each block has weights of its own. All of them are there when the stack is
    returned, drawn by PyTorch's default initialization after one
    torch.manual_seed(seed) before the first block. So stacks that differ in `skip`
    alone begin with the same weights, and the skip is all that a comparison of them
    can show.
    """
    raise NotImplementedError


def jacobian(net: nn.Module, x: Tensor) -> Tensor:
    """Every derivative of y = net(x): (1, C, H, W) -> (n, n), where n = C * H * W.

    `net` returns maps of the same shape. Row i and column j hold dy_i / dx_j,
    with y and x flattened, in the dtype of `x`.
    """
    raise NotImplementedError


def input_gradient_norm(net: nn.Module, x: Tensor) -> float:
    """How much gradient arrives at the input.

    Let L be the sum of all values of net(x). The result is the square root of
    the sum of the squares of all dL / dx_j, over the whole tensor `x`. The next
    call may bring the same `x`: what is left in its `.grad` would be added to.
    """
    raise NotImplementedError


def gradient_norms(
    channels: int, depths: Sequence[int], skip: bool, x: Tensor, seed: int
) -> list[float]:
    """The input_gradient_norm of make_stack(channels, depth, skip, seed) at `x`, per depth.

    One number for each of `depths`, in their order, also where one comes twice. `x`
    is float32 or float64, and new stacks are float32: measure in float64
    (net.double() and x.double()). The gradient below 32 plain blocks is so small that
    its square is 0 in float32.
    """
    raise NotImplementedError


def factor_per_block(depths: Sequence[int], norms: Sequence[float]) -> float:
    """What one more block does to the norm, on average: below 1 it shrinks.

    `norms` are above 0, and belong to `depths`, which increase. Only the first
    and the last count: the factor f is the one with

        norms[-1] = norms[0] * f ** (depths[-1] - depths[0]).
    """
    raise NotImplementedError


def which_vanishes(depths: Sequence[int], plain: Sequence[float], residual: Sequence[float]) -> str:
    """Whose gradient vanishes with depth: "plain", "residual", "both" or "neither".

    `plain` and `residual` are norms, one for each of `depths`. A gradient
    vanishes where its factor_per_block is below VANISHING.
    """
    raise NotImplementedError


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(4, 8, 8, 8)
    depths = (1, 2, 4, 8, 16, 32)
    norms = {skip: gradient_norms(8, depths, skip, x, seed=0) for skip in (False, True)}
    print("blocks       plain    residual")
    for depth, plain, residual in zip(depths, norms[False], norms[True], strict=True):
        print(f"{depth:6}  {plain:10.3g}  {residual:10.3g}")
    for skip, name in ((False, "plain"), (True, "residual")):
        print(f"{name}: times {factor_per_block(depths, norms[skip]):.3f} per block")
    print("vanishes:", which_vanishes(depths, norms[False], norms[True]))

    pixels = torch.rand(1, 1, 2, 2)
    for skip in (False, True):
        block = make_block(1, skip)
        for parameter in block.parameters():
            nn.init.zeros_(parameter)
        print(f"dy/dx with all weights at zero, skip={skip}:", jacobian(block, pixels), sep="\n")
