"""LeNet-5, in the form it is taught today: ReLU and 28×28 images.

LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition",
figure 2. The original took 32×32 images, used tanh-like units, trainable
subsampling and a partial connection table between its second and third layer.
"""

from torch import Tensor, nn
from torch.nn import functional as F


class LeNet5(nn.Module):
    """Two convolutions, two average poolings, three fully connected layers."""

    def __init__(self, num_classes: int = 10, in_channels: int = 1, image_size: int = 28) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 6, kernel_size=5)
        self.pool1 = nn.AvgPool2d(kernel_size=2)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.pool2 = nn.AvgPool2d(kernel_size=2)
        side = ((image_size - 4) // 2 - 4) // 2  # 28 → 24 → 12 → 8 → 4
        self.fc1 = nn.Linear(16 * side * side, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, image_size, image_size)."""
        x = self.pool1(F.relu(self.conv1(x)))  # (N, 6, 12, 12)
        x = self.pool2(F.relu(self.conv2(x)))  # (N, 16, 4, 4)
        x = x.flatten(1)  # (N, 256)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        logits: Tensor = self.fc3(x)
        return logits
