"""CIFAR10Net: the modern recipe in six convolutions.

VGG's 3×3 stacks (2014), batch norm after every convolution (2015), global
average pooling (Lin et al. 2013) in place of the large fully connected layers,
and dropout before the one that is left.
"""

from torch import Tensor, nn

from cnn_tui.nets.blocks import ConvBNReLU, ConvReLU


class CIFAR10Net(nn.Module):
    """64-M-128-M-256-256-M-512-512-GAP and one fully connected layer.

    ``width`` is the first convolution's channels; ``batch_norm`` can be left out,
    to see what it does.
    """

    def __init__(
        self,
        num_classes: int = 10,
        in_channels: int = 3,
        image_size: int = 32,
        width: int = 64,
        batch_norm: bool = True,
    ) -> None:
        super().__init__()
        del image_size  # global average pooling takes any size
        conv = ConvBNReLU if batch_norm else ConvReLU
        self.block1 = conv(in_channels, width)
        self.block2 = conv(width, 2 * width)
        self.block3 = nn.Sequential(conv(2 * width, 4 * width), conv(4 * width, 4 * width))
        self.block4 = nn.Sequential(conv(4 * width, 8 * width), conv(8 * width, 8 * width))
        self.pool = nn.MaxPool2d(kernel_size=2)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(8 * width, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, H, W)."""
        x = self.pool(self.block1(x))  # (N, 64, 16, 16)
        x = self.pool(self.block2(x))  # (N, 128, 8, 8)
        x = self.pool(self.block3(x))  # (N, 256, 4, 4)
        x = self.block4(x)  # (N, 512, 4, 4)
        x = self.gap(x).flatten(1)  # (N, 512)
        logits: Tensor = self.fc(self.dropout(x))
        return logits
