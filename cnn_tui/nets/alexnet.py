"""AlexNet with the paper's channel counts, on one device.

Krizhevsky et al. 2012, "ImageNet Classification with Deep Convolutional Neural
Networks", figure 2, without the grouping that split it over two GPUs. The
paper's input of 224 needs padding 2 in the first layer for its own arithmetic
(or 227 pixels without). ``lrn=True`` adds its local response normalization.
"""

from torch import Tensor, nn


class AlexNet(nn.Module):
    """Five convolutions (96-256-384-384-256) and three fully connected layers."""

    def __init__(
        self,
        num_classes: int = 1000,
        in_channels: int = 3,
        image_size: int = 224,
        lrn: bool = False,
    ) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, 96, kernel_size=11, stride=4, padding=2),  # 224 → 55
            nn.ReLU(inplace=True),
            *([response_norm()] if lrn else []),
            nn.MaxPool2d(kernel_size=3, stride=2),  # 55 → 27
            nn.Conv2d(96, 256, kernel_size=5, padding=2),
            nn.ReLU(inplace=True),
            *([response_norm()] if lrn else []),
            nn.MaxPool2d(kernel_size=3, stride=2),  # 27 → 13
            nn.Conv2d(256, 384, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 384, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),  # 13 → 6
        )
        side = (image_size - 7) // 4 + 1
        for _ in range(3):
            side = (side - 3) // 2 + 1
        self.classifier = nn.Sequential(
            nn.Dropout(0.5),
            nn.Linear(256 * side * side, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, image_size, image_size)."""
        x = self.features(x)  # (N, 256, 6, 6)
        logits: Tensor = self.classifier(x.flatten(1))
        return logits


def response_norm() -> nn.LocalResponseNorm:
    """Divide each unit by the activity of five neighboring channels (section 3.3).

    The paper's α of 1e-4 weighs their sum of squares; PyTorch's weighs the mean.
    """
    return nn.LocalResponseNorm(size=5, alpha=5 * 1e-4, beta=0.75, k=2)
