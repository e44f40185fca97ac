"""How much of the gradient reaches the input through a deep stack of blocks.

Four kinds of stack: plain and residual, each without and with batch norm. At one
depth all of them start from the same weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.analysis.gradients.records import GradientFlow
from cnn_tui.training.device.cpu import reproducibly

CHANNELS, SIDE, IMAGES = 16, 8, 4


@dataclass(frozen=True)
class StackKind:
    """One kind of stack."""

    label: str
    skip: bool
    batch_norm: bool


ARMS = (
    StackKind("plain", skip=False, batch_norm=False),
    StackKind("residual", skip=True, batch_norm=False),
    StackKind("plain with BN", skip=False, batch_norm=True),
    StackKind("residual with BN", skip=True, batch_norm=True),
)


class StackBlock(nn.Module):
    """Two 3×3 convolutions F(x), and x added back where ``skip`` says so."""

    def __init__(self, channels: int, skip: bool, batch_norm: bool) -> None:
        super().__init__()
        self.skip = skip
        self.conv1 = nn.Conv2d(channels, channels, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, kernel_size=3, padding=1)
        self.bn1 = nn.BatchNorm2d(channels) if batch_norm else nn.Identity()
        self.bn2 = nn.BatchNorm2d(channels) if batch_norm else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) to the same shape."""
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + x if self.skip else out)


def gradient_flow(
    depths: Sequence[int],
    *,
    seed: int = 0,
    channels: int = CHANNELS,
    initialization: str = "default",
    arms: Sequence[StackKind] = ARMS,
) -> tuple[GradientFlow, ...]:
    """The norm of the gradient at the input when one of norm 1 comes in at the output.

    ``depths`` are in blocks; ``initialization`` is "default" (PyTorch's) or "he"
    (He et al. 2015). The caller's random state is left as it was.
    """
    with reproducibly():
        return tuple(
            GradientFlow(
                arm.label,
                tuple(depths),
                tuple(_norm_at_input(arm, each, seed, channels, initialization) for each in depths),
            )
            for arm in arms
        )


def _norm_at_input(
    arm: StackKind, depth: int, seed: int, channels: int, initialization: str
) -> float:
    torch.manual_seed(seed)
    stack = nn.Sequential(*(StackBlock(channels, arm.skip, arm.batch_norm) for _ in range(depth)))
    if initialization == "he":
        for layer in stack.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    stack.double()  # a vanishing gradient would underflow in single precision
    x = torch.randn(IMAGES, channels, SIDE, SIDE, dtype=torch.double, requires_grad=True)
    y = stack(x)
    upstream = torch.randn_like(y)
    (gradient,) = torch.autograd.grad(y, x, upstream / upstream.norm())
    return float(gradient.norm())
