"""VGG: nothing but 3×3 convolutions and 2×2 max pooling, stacked deep.

Simonyan and Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale
Image Recognition", table 1, column D.
"""

from collections.abc import Sequence

from torch import Tensor, nn

VGG16_BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
"""(convolutions, channels) of each of the five blocks of configuration D."""


def vgg_block(in_channels: int, out_channels: int, num_convs: int) -> nn.Sequential:
    """``num_convs`` times Conv → ReLU, then 2×2 max pooling that halves the map."""
    layers: list[nn.Module] = []
    for _ in range(num_convs):
        layers.append(nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1))
        layers.append(nn.ReLU(inplace=True))
        in_channels = out_channels
    layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return nn.Sequential(*layers)


class VGG(nn.Module):
    """Five blocks of 3×3 convolutions and three fully connected layers."""

    def __init__(
        self,
        blocks: Sequence[tuple[int, int]],
        num_classes: int = 1000,
        in_channels: int = 3,
        image_size: int = 224,
    ) -> None:
        super().__init__()
        stages = []
        for num_convs, out_channels in blocks:
            stages.append(vgg_block(in_channels, out_channels, num_convs))
            in_channels = out_channels
        self.features = nn.Sequential(*stages)  # 224 → 112 → 56 → 28 → 14 → 7
        side = image_size // 2 ** len(stages)
        self.classifier = nn.Sequential(
            nn.Linear(in_channels * side * side, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(4096, num_classes),
        )
        self.apply(_initialise)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, image_size, image_size)."""
        x = self.features(x)  # (N, 512, 7, 7)
        logits: Tensor = self.classifier(x.flatten(1))
        return logits


def _initialise(layer: nn.Module) -> None:
    """Draw weights that keep the signal's variance through 13 ReLUs (He et al. 2015, eq. 10).

    With PyTorch's default it shrinks so far that a net this deep, without batch
    norm, stays at chance.
    """
    if isinstance(layer, nn.Conv2d | nn.Linear) and layer.weight.is_meta:
        return  # there are no numbers to draw, and asking would import sympy
    if isinstance(layer, nn.Conv2d):
        nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    elif isinstance(layer, nn.Linear):
        nn.init.normal_(layer.weight, std=0.01)
        nn.init.zeros_(layer.bias)


def vgg16(num_classes: int = 1000, in_channels: int = 3, image_size: int = 224) -> VGG:
    """VGG-16: thirteen convolutions and three fully connected layers."""
    return VGG(VGG16_BLOCKS, num_classes, in_channels, image_size)
