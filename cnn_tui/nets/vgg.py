"""VGG: nothing but 3×3 convolutions and 2×2 max pooling, stacked deep.

Simonyan and Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale
Image Recognition", table 1, columns A, B, D and E. Batch norm, which came a year
later, is an option. ``vggcifar`` is the same idea at the size of CIFAR-10.
"""

from collections.abc import Callable, Sequence
from functools import partial

from torch import Tensor, nn

from cnn_tui.nets.blocks import ConvBNReLU, ConvReLU, he_initialize

Blocks = Sequence[tuple[int, int]]
"""(convolutions, channels) of each block."""


def vgg_block(
    in_channels: int, out_channels: int, num_convs: int, batch_norm: bool = False
) -> nn.Sequential:
    """``num_convs`` times Conv (→ BN) → ReLU, then 2×2 max pooling that halves the map."""
    step: Callable[[int, int], nn.Sequential] = ConvBNReLU if batch_norm else ConvReLU
    layers: list[nn.Module] = []
    for _ in range(num_convs):
        layers.extend(step(in_channels, out_channels))
        in_channels = out_channels
    layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return nn.Sequential(*layers)


class VGG(nn.Module):
    """Blocks of 3×3 convolutions, and three fully connected layers."""

    def __init__(
        self,
        blocks: Blocks,
        hidden: int = 4096,
        *,
        num_classes: int = 1000,
        in_channels: int = 3,
        image_size: int = 224,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        stages = []
        for num_convs, out_channels in blocks:
            stages.append(vgg_block(in_channels, out_channels, num_convs, batch_norm))
            in_channels = out_channels
        self.features = nn.Sequential(*stages)  # 224 → 112 → 56 → 28 → 14 → 7
        side = image_size // 2 ** len(stages)
        self.classifier = nn.Sequential(
            nn.Linear(in_channels * side * side, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(hidden, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(hidden, num_classes),
        )
        self.apply(_initialize)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, image_size, image_size)."""
        x = self.features(x)  # (N, 512, 7, 7)
        logits: Tensor = self.classifier(x.flatten(1))
        return logits


def _initialize(layer: nn.Module) -> None:
    """Draw weights that keep the signal's variance through up to 16 ReLUs.

    With PyTorch's default it shrinks so far that a net this deep, without batch
    norm, stays at chance.
    """
    he_initialize(layer)
    if isinstance(layer, nn.Linear) and not layer.weight.is_meta:
        nn.init.normal_(layer.weight, std=0.01)
        nn.init.zeros_(layer.bias)


vgg11 = partial(VGG, ((1, 64), (1, 128), (2, 256), (2, 512), (2, 512)))
vgg13 = partial(VGG, ((2, 64), (2, 128), (2, 256), (2, 512), (2, 512)))
vgg16 = partial(VGG, ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)))
vgg19 = partial(VGG, ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512)))


def vggcifar(width: int = 64, batch_norm: bool = False, **shape: int) -> VGG:
    """Three blocks of ``width``, twice and four times as many channels, 512 units on top."""
    blocks = ((2, width), (2, 2 * width), (2, 4 * width))
    return VGG(blocks, 512, batch_norm=batch_norm, **shape)
