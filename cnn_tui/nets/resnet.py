"""ResNet: stages of residual blocks, so that depth helps again.

He et al. 2015, "Deep Residual Learning for Image Recognition", table 1. Layers
are named as in torchvision, so that its weights fit. For small images, which
the paper's stem would shrink to a quarter before the first block, there is the
stem of its CIFAR-10 networks (section 4.2).
"""

from collections.abc import Callable, Sequence
from functools import partial

from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.nets.blocks import BottleneckBlock, ResidualBlock, he_initialize

SMALL_IMAGE = 64
"""Images with a shorter side get the CIFAR stem, unless one is asked for."""


class ResNet(nn.Module):
    """A stem, four stages that halve the map and widen it, and global average pooling."""

    def __init__(
        self,
        block: type[ResidualBlock] | type[BottleneckBlock],
        repeats: Sequence[int],
        widths: Sequence[int],
        *,
        num_classes: int = 1000,
        in_channels: int = 3,
        image_size: int = 224,
        stem: str = "auto",
    ) -> None:
        super().__init__()
        if stem == "auto":
            stem = "cifar" if image_size < SMALL_IMAGE else "imagenet"
        self.maxpool: nn.Module | None = None
        if stem == "cifar":
            self.conv1 = nn.Conv2d(in_channels, 64, kernel_size=3, padding=1, bias=False)
        else:
            self.conv1 = nn.Conv2d(
                in_channels, 64, kernel_size=7, stride=2, padding=3, bias=False
            )  # 224 → 112
            self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)  # 112 → 56
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = stage(block, 64, widths[0], repeats[0])
        self.layer2 = stage(block, widths[0], widths[1], repeats[1], stride=2)
        self.layer3 = stage(block, widths[1], widths[2], repeats[2], stride=2)
        self.layer4 = stage(block, widths[2], widths[3], repeats[3], stride=2)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(widths[3], num_classes)
        self.apply(he_initialize)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, H, W)."""
        x = F.relu(self.bn1(self.conv1(x)))  # (N, 64, 112, 112)
        if self.maxpool is not None:
            x = self.maxpool(x)  # (N, 64, 56, 56)
        x = self.layer1(x)  # (N, widths[0], 56, 56)
        x = self.layer2(x)  # (N, widths[1], 28, 28)
        x = self.layer3(x)  # (N, widths[2], 14, 14)
        x = self.layer4(x)  # (N, widths[3], 7, 7)
        x = self.gap(x).flatten(1)  # (N, widths[3])
        logits: Tensor = self.fc(x)
        return logits


def stage(
    block: Callable[[int, int, int], nn.Module],
    in_channels: int,
    out_channels: int,
    repeats: int,
    stride: int = 1,
) -> nn.Sequential:
    """``repeats`` blocks; the first one changes the channels and, by ``stride``, the size."""
    first = block(in_channels, out_channels, stride)
    return nn.Sequential(first, *(block(out_channels, out_channels, 1) for _ in range(repeats - 1)))


NARROW, WIDE = (64, 128, 256, 512), (256, 512, 1024, 2048)
"""Channels that the four stages put out, of plain and of bottleneck blocks."""

resnet18 = partial(ResNet, ResidualBlock, (2, 2, 2, 2), NARROW)
resnet34 = partial(ResNet, ResidualBlock, (3, 4, 6, 3), NARROW)
resnet50 = partial(ResNet, BottleneckBlock, (3, 4, 6, 3), WIDE)
