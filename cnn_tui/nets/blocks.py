"""The building blocks that several networks share."""

from torch import Tensor, nn
from torch.nn import functional as F


class ConvReLU(nn.Sequential):
    """3×3 convolution → ReLU; padding 1 keeps the map's size."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
        )


class ConvBNReLU(nn.Sequential):
    """3×3 convolution → batch norm → ReLU, in the order that stuck.

    The convolution has no bias: batch norm would subtract it, and its own β
    takes its place (Ioffe and Szegedy 2015, section 3.2).
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions F(x), and the input added back: y = ReLU(F(x) + x).

    He et al. 2015, figure 2. Where the shape changes, a 1×1 convolution brings
    x to the shape of F(x). Without ``skip`` it is the plain block of figure 3,
    y = ReLU(F(x)), and without ``batch_norm`` each convolution has a bias in its
    place, to compare with.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int = 1,
        skip: bool = True,
        batch_norm: bool = True,
    ) -> None:
        super().__init__()
        self.skip = skip
        bias = not batch_norm
        self.conv1 = nn.Conv2d(
            in_channels, out_channels, kernel_size=3, stride=stride, padding=1, bias=bias
        )
        self.bn1 = norm(out_channels, batch_norm)
        self.conv2 = nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1, bias=bias)
        self.bn2 = norm(out_channels, batch_norm)
        self.downsample = (
            projection(in_channels, out_channels, stride, batch_norm) if skip else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, in_channels, H, W) to (N, out_channels, H / stride, W / stride)."""
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if not self.skip:
            return F.relu(out)
        shortcut = x if self.downsample is None else self.downsample(x)
        return F.relu(out + shortcut)


class BottleneckBlock(nn.Module):
    """A 3×3 convolution between two 1×1 ones, at a quarter of the channels, and x added back.

    He et al. 2015, figure 5, right. The stride sits in the 3×3 convolution, as
    in torchvision, where the paper has it in the first: a 1×1 convolution of
    stride 2 never looks at three quarters of its input.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        width = out_channels // 4
        self.conv1 = nn.Conv2d(in_channels, width, kernel_size=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out_channels, kernel_size=1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.downsample = projection(in_channels, out_channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(N, in_channels, H, W) to (N, out_channels, H / stride, W / stride)."""
        out = F.relu(self.bn1(self.conv1(x)))  # (N, out_channels / 4, H, W)
        out = F.relu(self.bn2(self.conv2(out)))  # (N, out_channels / 4, H / stride, W / stride)
        out = self.bn3(self.conv3(out))  # (N, out_channels, H / stride, W / stride)
        shortcut = x if self.downsample is None else self.downsample(x)
        return F.relu(out + shortcut)


def projection(
    in_channels: int, out_channels: int, stride: int, batch_norm: bool = True
) -> nn.Module | None:
    """What brings x to the shape of F(x); None where it has that shape already."""
    if stride == 1 and in_channels == out_channels:
        return None
    bias = not batch_norm
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size=1, stride=stride, bias=bias),
        norm(out_channels, batch_norm),
    )


def norm(channels: int, batch_norm: bool) -> nn.Module:
    """Batch norm, or what changes nothing in its place."""
    return nn.BatchNorm2d(channels) if batch_norm else nn.Identity()


def he_initialize(layer: nn.Module) -> None:
    """Draw a convolution's weights so that ReLUs keep the signal's variance; else do nothing.

    He et al. 2015, "Delving Deep into Rectifiers", equation 14, which keeps the
    variance of the gradient on its way back.
    """
    if not isinstance(layer, nn.Conv2d) or layer.weight.is_meta:
        return  # on the meta device there are no numbers to draw, and asking would import sympy
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
