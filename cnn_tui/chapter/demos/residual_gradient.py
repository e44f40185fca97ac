"""How much of the gradient reaches the input through a deep stack, with and without the skip."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.chapter.records import Say, Shown, Table

CHANNELS, SIDE, IMAGES = 16, 8, 4


class Block(nn.Module):
    """Two 3×3 convolutions F(x), and x added back where ``skip`` says so."""

    def __init__(self, skip: bool, batchnorm: bool) -> None:
        super().__init__()
        self.skip = skip
        self.conv1 = nn.Conv2d(CHANNELS, CHANNELS, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(CHANNELS, CHANNELS, kernel_size=3, padding=1)
        self.bn1 = nn.BatchNorm2d(CHANNELS) if batchnorm else nn.Identity()
        self.bn2 = nn.BatchNorm2d(CHANNELS) if batchnorm else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(N, 16, H, W) to the same shape."""
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + x if self.skip else out)


def residual_gradient(
    depth: int = 32, batchnorm: bool = False, initialisation: str = "default", seed: int = 0
) -> Shown:
    """The norm of the gradient at the input when one of norm 1 comes in at the output.

    Both stacks of a row start from the same weights; only the skip differs.
    """
    depths = [2**power for power in range(depth.bit_length()) if 2**power < depth] + [depth]
    rows = []
    for blocks in depths:
        plain = _gradient_at_input(blocks, False, batchnorm, initialisation, seed)
        residual = _gradient_at_input(blocks, True, batchnorm, initialisation, seed)
        rows.append((blocks, plain, residual))
    _, plain, residual = rows[-1]
    larger = "residual" if residual > plain else "plain"
    return Shown(
        blocks=(
            Table(
                "Gradient norm at the input, for 1 at the output",
                ("blocks", "plain: F(x)", "residual: F(x) + x"),
                tuple(rows),
            ),
            Say(
                f"At {depth} blocks, the {larger} stack passes the larger gradient. Near 1 is "
                "healthy; many powers of ten below or above is not."
            ),
        ),
        figures={
            f"{kind}_{blocks}": norm
            for blocks, *norms in rows
            for kind, norm in zip(("plain", "residual"), norms, strict=True)
        },
    )


def _gradient_at_input(
    blocks: int, skip: bool, batchnorm: bool, initialisation: str, seed: int
) -> float:
    torch.manual_seed(seed)
    stack = nn.Sequential(*(Block(skip, batchnorm) for _ in range(blocks)))
    if initialisation == "he":
        for layer in stack.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    stack.double()  # a vanishing gradient would underflow in single precision
    x = torch.randn(IMAGES, CHANNELS, SIDE, SIDE, dtype=torch.double, requires_grad=True)
    y = stack(x)
    upstream = torch.randn_like(y)
    (gradient,) = torch.autograd.grad(y, x, upstream / upstream.norm())
    return float(gradient.norm())
