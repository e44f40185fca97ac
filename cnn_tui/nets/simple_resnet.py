"""SimpleResNet: the residual idea at the size of CIFAR-10.

Three stages of two residual blocks each, after He et al. 2015, "Deep Residual
Learning for Image Recognition"; global average pooling instead of large fully
connected layers.
"""

from functools import partial

from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.nets.blocks import ResidualBlock, norm
from cnn_tui.nets.resnet import stage


class SimpleResNet(nn.Module):
    """A 3×3 stem and six residual blocks (64-64-128-128-256-256).

    ``width`` is the first stage's channels, ``blocks`` the blocks of each stage;
    without ``skip`` the blocks are plain, without ``batch_norm`` nothing is normalized.
    """

    def __init__(
        self,
        num_classes: int = 10,
        in_channels: int = 3,
        image_size: int = 32,
        width: int = 64,
        blocks: int = 2,
        skip: bool = True,
        batch_norm: bool = True,
    ) -> None:
        super().__init__()
        del image_size  # global average pooling takes any size
        block = partial(ResidualBlock, skip=skip, batch_norm=batch_norm)
        bias = not batch_norm
        self.conv1 = nn.Conv2d(in_channels, width, kernel_size=3, padding=1, bias=bias)
        self.bn1 = norm(width, batch_norm)
        self.layer1 = stage(block, width, width, blocks)
        self.layer2 = stage(block, width, 2 * width, blocks, stride=2)
        self.layer3 = stage(block, 2 * width, 4 * width, blocks, stride=2)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(4 * width, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, H, W)."""
        x = F.relu(self.bn1(self.conv1(x)))  # (N, 64, 32, 32)
        x = self.layer1(x)  # (N, 64, 32, 32)
        x = self.layer2(x)  # (N, 128, 16, 16)
        x = self.layer3(x)  # (N, 256, 8, 8)
        x = self.gap(x).flatten(1)  # (N, 256)
        logits: Tensor = self.fc(x)
        return logits
