"""Known mistakes of the blocks and stacks of exercise 2: where the skip and the ReLUs are."""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tui.grading.misconceptions.nets import NetProbe

Branch = Callable[[Tensor], Tensor]
Sum = Callable[[Tensor, Tensor], Tensor]
MAPS = (2, 8, 5, 7)


class BlockVariant(nn.Module):
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
        """(N, C, H, W) to the same shape."""
        return self.end(self.conv2(self.between(self.conv1(self.before(x)))), x)


def plain(out: Tensor, x: Tensor) -> Tensor:
    """The end of a plain block."""
    return F.relu(out)


def residual(out: Tensor, x: Tensor) -> Tensor:
    """The end of a residual block."""
    return F.relu(out + x)


PLAIN = NetProbe(
    "make_block",
    (8, False),
    MAPS,
    partial(BlockVariant, plain),
    {
        "A plain block adds x: it should do so only if skip is True.": partial(
            BlockVariant, residual
        ),
        "A plain block has no ReLU at its end.": partial(BlockVariant, lambda out, x: out),
        "A plain block has no ReLU between its two convolutions.": (
            partial(BlockVariant, plain, nn.Identity())
        ),
        "A plain block has no ReLU at all.": partial(
            BlockVariant, lambda out, x: out, nn.Identity()
        ),
        "A plain block has a ReLU before its first convolution.": (
            partial(BlockVariant, plain, before=F.relu)
        ),
        "The ReLU between the convolutions of a plain block is a leaky one.": (
            partial(BlockVariant, plain, F.leaky_relu)
        ),
    },
)

RESIDUAL = NetProbe(
    "make_block",
    (8, True),
    MAPS,
    partial(BlockVariant, residual),
    {
        "A residual block returns ReLU(F(x)): x is not added.": partial(BlockVariant, plain),
        "A residual block returns ReLU(F(x)) + x: the ReLU comes after the sum.": (
            partial(BlockVariant, lambda out, x: F.relu(out) + x)
        ),
        "A residual block returns ReLU(ReLU(F(x)) + x): the ReLU before the sum is one too "
        "many.": partial(BlockVariant, lambda out, x: F.relu(F.relu(out) + x)),
        "A residual block has no ReLU after the sum.": partial(
            BlockVariant, lambda out, x: out + x
        ),
        "A residual block has no ReLU between its two convolutions.": (
            partial(BlockVariant, residual, nn.Identity())
        ),
        "A residual block returns ReLU(x): F(x) is not in the sum.": (
            partial(BlockVariant, lambda out, x: F.relu(x + 0 * out))
        ),
        "A residual block subtracts x.": partial(BlockVariant, lambda out, x: F.relu(out - x)),
        "A residual block multiplies by x: a skip adds it.": (
            partial(BlockVariant, lambda out, x: F.relu(out * x))
        ),
        "A residual block adds x twice.": partial(BlockVariant, lambda out, x: F.relu(out + 2 * x)),
        "A residual block halves the sum of F(x) and x.": (
            partial(BlockVariant, lambda out, x: F.relu((out + x) / 2))
        ),
        "A residual block adds ReLU(x), not x: values below 0 are lost.": (
            partial(BlockVariant, lambda out, x: F.relu(out + F.relu(x)))
        ),
        "No gradient passes the skip: x is detached before it is added.": (
            partial(BlockVariant, lambda out, x: F.relu(out + x.detach()))
        ),
        "No gradient passes F(x): it is detached before x is added.": (
            partial(BlockVariant, lambda out, x: F.relu(out.detach() + x))
        ),
    },
)


def stack(depth: int, last: Sum = residual, first: Sum = residual) -> nn.Module:
    """Residual blocks, of which the first and the last may end in another way."""
    ends = [first, *(residual for _ in range(depth - 2)), last][:depth]
    return nn.Sequential(*map(BlockVariant, ends))


STACK = NetProbe(
    "make_stack",
    (8, 3, True, 5),
    MAPS,
    partial(stack, 3),
    {
        "A stack of depth 3 has two blocks: there should be `depth` of them.": partial(stack, 2),
        "A stack of depth 3 has four blocks: there should be `depth` of them.": partial(stack, 4),
        "The blocks of a residual stack add no x: skip is not handed on to them.": (
            lambda: nn.Sequential(*(BlockVariant(plain) for _ in range(3)))
        ),
        "Only the first block of a residual stack adds its input.": (
            lambda: nn.Sequential(*map(BlockVariant, (residual, plain, plain)))
        ),
        "The last block of a residual stack adds no x.": partial(stack, 3, last=plain),
    },
)
