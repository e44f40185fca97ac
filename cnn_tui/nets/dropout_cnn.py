"""CNNWithDropout: where dropout belongs in a small CNN.

Two convolutions, which share their weights over the whole image and hardly
overfit, and fully connected layers, which hold nearly all parameters and do.
Dropout (Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural
Networks from Overfitting") follows each hidden one of those.
"""

from torch import Tensor, nn


class CNNWithDropout(nn.Module):
    """64-M-128-M, then fully connected layers of 512 and 256 units with dropout.

    ``width`` is the first convolution's channels, ``p`` the part of the units that
    is dropped.
    """

    def __init__(
        self,
        num_classes: int = 10,
        in_channels: int = 3,
        image_size: int = 32,
        p: float = 0.5,
        width: int = 64,
    ) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, width, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=2),  # 32 → 16
            nn.Conv2d(width, 2 * width, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=2),  # 16 → 8
        )
        side = image_size // 4
        self.classifier = nn.Sequential(
            nn.Linear(2 * width * side * side, 512),
            nn.ReLU(inplace=True),
            nn.Dropout(p),
            nn.Linear(512, 256),
            nn.ReLU(inplace=True),
            nn.Dropout(p),
            nn.Linear(256, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, image_size, image_size)."""
        x = self.features(x)  # (N, 128, 8, 8)
        logits: Tensor = self.classifier(x.flatten(1))
        return logits
