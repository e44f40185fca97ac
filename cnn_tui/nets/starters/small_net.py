"""A network of your own: change it, look at it, train it.

Give this file and a name wherever the lab asks for a network, as in
``cnn-lab train my_net.py:Net``.
"""

from torch import Tensor, nn


def conv(channels: int, out: int) -> nn.Sequential:
    """A convolution that keeps height and width, batch normalization and ReLU."""
    return nn.Sequential(
        nn.Conv2d(channels, out, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(out),
        nn.ReLU(),
    )


class Net(nn.Module):
    """Two convolutions and a classifier: (N, in_channels, H, W) to logits (N, num_classes).

    The lab fills in ``num_classes`` and ``in_channels`` for the data set that you train on.
    ``width`` is an option of your own: ``my_net.py:Net,width=32``.
    """

    def __init__(self, num_classes: int = 10, in_channels: int = 1, width: int = 16) -> None:
        super().__init__()
        self.features = nn.Sequential(
            conv(in_channels, width),
            nn.MaxPool2d(2),
            conv(width, 2 * width),
            nn.AdaptiveAvgPool2d(4),
        )
        self.head = nn.Linear(2 * width * 4 * 4, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """What the network makes of a batch of images."""
        x = self.features(x)  # (N, 2·width, 4, 4), whatever the size of the images
        logits: Tensor = self.head(x.flatten(1))
        return logits
