"""Known mistakes of the networks of exercise 5: layers unlike those of their figures."""

from collections.abc import Callable
from functools import partial

import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tui.grading.misconceptions.nets import NetProbe

IMAGES = (4, 1, 28, 28)
_Layer = Callable[[], nn.Module]
MAX, AVERAGE = partial(nn.MaxPool2d, 2), partial(nn.AvgPool2d, 2)


def _lenet5(
    pools: tuple[_Layer, _Layer] = (AVERAGE, AVERAGE),
    maps: _Layer = nn.ReLU,
    hidden: tuple[_Layer, _Layer] = (nn.ReLU, nn.ReLU),
    end: _Layer = nn.Identity,
) -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5), maps(), pools[0]()),
        *(nn.Conv2d(6, 16, 5), maps(), pools[1](), nn.Flatten()),
        *(nn.Linear(256, 120), hidden[0](), nn.Linear(120, 84), hidden[1]()),
        *(nn.Linear(84, 10), end()),
    )


LENET5 = NetProbe(
    "lenet5",
    (),
    IMAGES,
    _lenet5,
    {
        "lenet5() has max pooling: the task has average pooling.": (
            partial(_lenet5, pools=(MAX, MAX))
        ),
        "The first pooling of lenet5() takes maxima: the task has averages.": (
            partial(_lenet5, pools=(MAX, AVERAGE))
        ),
        "The second pooling of lenet5() takes maxima: the task has averages.": (
            partial(_lenet5, pools=(AVERAGE, MAX))
        ),
        "lenet5() has tanh, as in 1998: the task has ReLU.": (
            partial(_lenet5, maps=nn.Tanh, hidden=(nn.Tanh, nn.Tanh))
        ),
        "The second hidden layer of lenet5() has tanh: the task has ReLU.": (
            partial(_lenet5, hidden=(nn.ReLU, nn.Tanh))
        ),
        "The convolutions of lenet5() have no ReLU.": partial(_lenet5, maps=nn.Identity),
        "The first hidden layer of lenet5() has no ReLU.": (
            partial(_lenet5, hidden=(nn.Identity, nn.ReLU))
        ),
        "The second hidden layer of lenet5() has no ReLU.": (
            partial(_lenet5, hidden=(nn.ReLU, nn.Identity))
        ),
        "lenet5() ends in a softmax: it returns probabilities, not logits.": (
            partial(_lenet5, end=partial(nn.Softmax, 1))
        ),
    },
)


def _vgg_style(
    pool: _Layer = MAX, relus: tuple[_Layer, _Layer] = (nn.ReLU, nn.ReLU), head: _Layer = nn.ReLU
) -> nn.Module:
    layers: list[nn.Module] = []
    for channels, width in ((1, 16), (16, 32)):
        layers += [nn.Conv2d(channels, width, 3, padding=1), relus[0]()]
        layers += [nn.Conv2d(width, width, 3, padding=1), relus[1](), pool()]
    last = (nn.Linear(32 * 7 * 7, 128), head(), nn.Linear(128, 10))
    return nn.Sequential(*layers, nn.Flatten(), *last)


VGG_STYLE = NetProbe(
    "vgg_style",
    (),
    IMAGES,
    _vgg_style,
    {
        "vgg_style() has average pooling: the task has max pooling.": (
            partial(_vgg_style, pool=AVERAGE)
        ),
        "The first convolution of each pair of vgg_style() has no ReLU.": (
            partial(_vgg_style, relus=(nn.Identity, nn.ReLU))
        ),
        "The second convolution of each pair of vgg_style() has no ReLU.": (
            partial(_vgg_style, relus=(nn.ReLU, nn.Identity))
        ),
        "The hidden layer of the head of vgg_style() has no ReLU.": (
            partial(_vgg_style, head=nn.Identity)
        ),
    },
)

_Sum = Callable[[Tensor, Tensor], Tensor]


class _Block(nn.Module):
    """``end`` makes y of F(x) and S(x); ``project`` makes the layers of S."""

    def __init__(
        self,
        channels: int,
        width: int,
        stride: int,
        end: _Sum,
        project: Callable[..., list[nn.Module]],
        is_second_strided: bool,
    ) -> None:
        super().__init__()
        strides = (1, stride) if is_second_strided else (stride, 1)
        self.inner = nn.Sequential(
            *(_convolution(channels, width, strides[0]), nn.BatchNorm2d(width), nn.ReLU()),
            *(_convolution(width, width, strides[1]), nn.BatchNorm2d(width)),
        )
        layers = project(channels, width, stride) if channels != width else []
        self.shortcut = nn.Sequential(*layers)
        self.end = end

    def forward(self, x: Tensor) -> Tensor:
        return self.end(self.inner(x), self.shortcut(x))


def _convolution(channels: int, width: int, stride: int) -> nn.Module:
    return nn.Conv2d(channels, width, 3, stride, padding=1, bias=False)


def _projection(channels: int, width: int, stride: int) -> list[nn.Module]:
    return [nn.Conv2d(channels, width, 1, stride, bias=False), nn.BatchNorm2d(width)]


def _residual(out: Tensor, x: Tensor) -> Tensor:
    return F.relu(out + x)


def _resnet_style(
    end: _Sum = _residual,
    project: Callable[..., list[nn.Module]] = _projection,
    is_second_strided: bool = False,
    last: type[nn.Module] = nn.AdaptiveAvgPool2d,
    strides: tuple[int, int, int] = (1, 2, 2),
    stem: _Layer = nn.ReLU,
) -> nn.Module:
    widths = ((16, 16), (16, 32), (32, 64))
    blocks = (
        _Block(*each, stride, end, project, is_second_strided)
        for each, stride in zip(widths, strides, strict=True)
    )
    return nn.Sequential(
        *(_convolution(1, 16, 1), nn.BatchNorm2d(16), stem(), *blocks),
        *(last(1), nn.Flatten(), nn.Linear(64, 10)),
    )


RESNET_STYLE = NetProbe(
    "resnet_style",
    (),
    IMAGES,
    _resnet_style,
    {
        "The blocks of resnet_style() return ReLU(F(x)): the shortcut is not added.": (
            partial(_resnet_style, lambda out, x: F.relu(out))
        ),
        "The blocks of resnet_style() return ReLU(F(x)) + S(x): the ReLU comes after the sum.": (
            partial(_resnet_style, lambda out, x: F.relu(out) + x)
        ),
        "The blocks of resnet_style() have no ReLU after the sum.": (
            partial(_resnet_style, lambda out, x: out + x)
        ),
        "No gradient passes the shortcuts of resnet_style(): x is detached.": (
            partial(_resnet_style, lambda out, x: F.relu(out + x.detach()))
        ),
        "The shortcuts of resnet_style() have no batch norm after their 1x1 convolution.": (
            partial(_resnet_style, project=lambda *sizes: _projection(*sizes)[:1])
        ),
        "The shortcuts of resnet_style() end in a ReLU: they should be linear.": (
            partial(_resnet_style, project=lambda *sizes: [*_projection(*sizes), nn.ReLU()])
        ),
        "The second convolution of a block of resnet_style() has the stride: it belongs to the "
        "first.": partial(_resnet_style, is_second_strided=True),
        "The last block of resnet_style() has stride 1: the task has 2.": (
            partial(_resnet_style, strides=(1, 2, 1))
        ),
        "resnet_style() takes the maximum of each channel before the last layer, not the mean.": (
            partial(_resnet_style, last=nn.AdaptiveMaxPool2d)
        ),
        "The first convolution of resnet_style() has no ReLU after its batch norm.": (
            partial(_resnet_style, stem=nn.Identity)
        ),
    },
)
