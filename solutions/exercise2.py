# cnn-lab exercise2, version 1
"""Exercise 2, solved: what a skip connection does to the gradient."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

VANISHING = 0.9


class Block(nn.Module):
    """Two convolutions F(x), and x added to them where ``skip`` says so."""

    def __init__(self, channels: int, skip: bool) -> None:
        super().__init__()
        self.skip = skip
        self.conv1 = nn.Conv2d(channels, channels, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, kernel_size=3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) -> (N, channels, H, W)."""
        out = self.conv2(F.relu(self.conv1(x)))
        if self.skip:
            out = out + x
        return F.relu(out)


def make_block(channels: int, skip: bool) -> nn.Module:
    """One block: (N, channels, H, W) -> (N, channels, H, W)."""
    return Block(channels, skip)


def make_stack(channels: int, depth: int, skip: bool, seed: int) -> nn.Module:
    """`depth` blocks, one after the other: (N, channels, H, W) -> (N, channels, H, W)."""
    torch.manual_seed(seed)
    return nn.Sequential(*(make_block(channels, skip) for _ in range(depth)))


def jacobian(net: nn.Module, x: Tensor) -> Tensor:
    """Every derivative of y = net(x): (1, C, H, W) -> (n, n), where n = C * H * W."""
    derivatives = torch.autograd.functional.jacobian(net, x)
    return derivatives.reshape(x.numel(), x.numel())


def input_gradient_norm(net: nn.Module, x: Tensor) -> float:
    """The norm of the gradient of the sum of net(x), at the input."""
    # A leaf of its own: the caller's tensor must not gather gradients.
    leaf = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(net(leaf).sum(), leaf)
    return gradient.norm().item()


def gradient_norms(
    channels: int, depths: Sequence[int], skip: bool, x: Tensor, seed: int
) -> list[float]:
    """The input_gradient_norm of a stack of each depth, in float64."""
    norms = []
    for depth in depths:
        stack = make_stack(channels, depth, skip, seed)
        norms.append(input_gradient_norm(stack.double(), x.double()))
    return norms


def factor_per_block(depths: Sequence[int], norms: Sequence[float]) -> float:
    """What one more block does to the norm, on average: below 1 it shrinks."""
    blocks = depths[-1] - depths[0]
    return (norms[-1] / norms[0]) ** (1 / blocks)


def which_vanishes(depths: Sequence[int], plain: Sequence[float], residual: Sequence[float]) -> str:
    """Whose gradient vanishes with depth: "plain", "residual", "both" or "neither"."""
    plain_vanishes = factor_per_block(depths, plain) < VANISHING
    residual_vanishes = factor_per_block(depths, residual) < VANISHING
    if plain_vanishes and residual_vanishes:
        return "both"
    if plain_vanishes:
        return "plain"
    return "residual" if residual_vanishes else "neither"


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
