"""LeNet-5, in the form it is taught today: ReLU and 28×28 images.

LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition",
figure 2. The original took 32×32 images and squashed with a scaled tanh, which
``activation="tanh"`` and ``image_size=32`` bring back. Its trainable subsampling
and the partial connections of its third layer (table I) are not rebuilt here.
``batch_norm`` adds what came 17 years later, to see what it alone does.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": torch.relu, "tanh": torch.tanh}


class LeNet5(nn.Module):
    """Two convolutions, two average poolings, three fully connected layers."""

    def __init__(
        self,
        num_classes: int = 10,
        in_channels: int = 1,
        image_size: int = 28,
        activation: str = "relu",
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.activation = ACTIVATIONS[activation]
        self.conv1 = _conv(in_channels, 6, batch_norm)
        self.pool1 = nn.AvgPool2d(kernel_size=2)
        self.conv2 = _conv(6, 16, batch_norm)
        self.pool2 = nn.AvgPool2d(kernel_size=2)
        side = ((image_size - 4) // 2 - 4) // 2  # 28 → 24 → 12 → 8 → 4, and 32 → 5
        self.fc1 = nn.Linear(16 * side * side, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, image_size, image_size)."""
        x = self.pool1(self.activation(self.conv1(x)))  # (N, 6, 12, 12)
        x = self.pool2(self.activation(self.conv2(x)))  # (N, 16, 4, 4)
        x = x.flatten(1)  # (N, 256)
        x = self.activation(self.fc1(x))
        x = self.activation(self.fc2(x))
        logits: Tensor = self.fc3(x)
        return logits


def _conv(in_channels: int, out_channels: int, batch_norm: bool) -> nn.Module:
    """A 5×5 convolution, or one with batch norm in place of its bias."""
    conv = nn.Conv2d(in_channels, out_channels, kernel_size=5, bias=not batch_norm)
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels)) if batch_norm else conv
