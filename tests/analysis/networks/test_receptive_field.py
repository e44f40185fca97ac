"""Receptive fields, against what a gradient reaches in the real architectures."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.analysis.networks import receptive_field, shape_rules, shapes
from cnn_tui.analysis.networks.fields import layout as layouts
from cnn_tui.analysis.networks.records import LayerSummary
from cnn_tui.analysis.networks.summary import summarize, summarize_module
from cnn_tui.analysis.records import GLOBAL
from cnn_tui.nets.build import build

WIDEN_NOTHING = (nn.BatchNorm2d, nn.ReLU, nn.Linear, nn.Dropout)


class OneChannel(nn.Module):
    """Where branches put their channels side by side, they become one again."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(1, keepdim=True)


class ThinConv(nn.Module):
    """A convolution of one channel with the same window and nothing but positive weights."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.settings = {
            "stride": conv.stride,
            "padding": conv.padding,
            "dilation": conv.dilation,
        }
        self.weight = torch.full((1, 1, *conv.kernel_size), 1 / math.prod(conv.kernel_size))

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x.mean(1, keepdim=True), self.weight.to(x), **self.settings)


def thinned(net: nn.Module) -> nn.Module:
    """The same forward, through which a gradient reaches all that a unit sees and no more."""
    for name, child in net.named_children():
        if isinstance(child, nn.Conv2d):
            setattr(net, name, ThinConv(child))
        elif isinstance(child, nn.MaxPool2d):
            pool = nn.AvgPool2d(
                child.kernel_size, child.stride, child.padding, ceil_mode=child.ceil_mode
            )
            setattr(net, name, pool)
        elif isinstance(child, nn.AdaptiveAvgPool2d):
            setattr(net, name, OneChannel())
        elif isinstance(child, WIDEN_NOTHING) or "Squeeze" in type(child).__name__:
            setattr(net, name, nn.Identity())
        else:
            thinned(child)
    return net


def reached(net: nn.Module, side: int) -> tuple[float, float, int]:
    """(first pixel's edge, last pixel's edge, index) of what the middle unit of the map sees."""
    image = torch.ones(1, 1, side, side, dtype=torch.float64, requires_grad=True)
    cells = thinned(net).eval()(image).flatten()
    width = math.isqrt(cells.numel())
    middle = width // 2
    cells[middle * width + middle].backward()
    assert image.grad is not None
    rows = image.grad[0, 0].sum(1).nonzero().flatten()
    return float(rows[0]), float(rows[-1]) + 1, middle


@pytest.mark.parametrize(
    ("name", "field", "side"),
    [
        ("alexnet", 195, 320),
        ("vgg16", 212, 320),
        ("resnet18", 435, 576),
        ("resnet50", 427, 576),
        ("simpleresnet", 53, 96),
        ("cifar10net", 62, 96),
        ("vggcifar", 36, 64),
        pytest.param("googlenet", 379, 576, marks=pytest.mark.slow),
        pytest.param("resnet34", 899, 1088, marks=pytest.mark.slow),
        pytest.param("efficientnet_b0", 851, 1088, marks=pytest.mark.slow),
    ],
)
def test_sees_what_a_gradient_reaches(name: str, field: int, side: int) -> None:
    with torch.device("meta"):
        net = build(name)
    low, high, middle = reached(net, side)
    summary = summarize(name)
    last = [row for row in summary.modules if row.receptive_field == field][-1]
    assert high - low == field == summary.receptive_field
    assert last.start is not None and last.jump is not None
    assert (low + high) / 2 == last.start + middle * last.jump


def own(*layers: nn.Module, shape: tuple[int, int, int] = (1, 64, 64)) -> list[LayerSummary]:
    net = nn.Sequential(*layers).to("meta")
    return list(summarize_module(net, shape, net_name="own", title="Own").layers)


def test_counts_dilation_and_stride_as_the_recurrence_does() -> None:
    layers = own(
        nn.Conv2d(1, 1, 3, padding=1),
        nn.MaxPool2d(2),
        nn.Conv2d(1, 1, 5, padding=2, dilation=2),
        nn.AvgPool2d(3, stride=2, padding=1),
    )
    assert [(each.receptive_field, each.jump, each.start) for each in layers] == [
        (3, 1, 0.5),
        (4, 2, 1.0),
        (20, 2, 5.0),
        (24, 4, 5.0),
    ]
    assert [each.window for each in layers][2] == (5, 1, 2, 2)


def test_takes_the_longer_side_of_a_window_that_is_not_square() -> None:
    layers = own(nn.Conv2d(1, 1, (1, 7)), nn.Conv2d(1, 1, (3, 1)))
    assert [each.receptive_field for each in layers] == [7, 7]
    assert layers[0].window == (7, 1, 0, 1)


class Branches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.even = nn.Conv2d(1, 1, 2)
        self.odd = nn.Conv2d(1, 1, 5, padding=2)
        self.after = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.after(self.even(x) + self.odd(x)[..., :-1, :-1])


def test_takes_the_widest_branch() -> None:
    layers = own(Branches())
    assert layers[-1].receptive_field == 5


@pytest.mark.parametrize(
    "layer",
    [nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1), nn.AvgPool2d(64), nn.Conv2d(1, 2, 64)],
)
def test_sees_everything_after_a_window_as_large_as_the_map(layer: nn.Module) -> None:
    assert own(layer)[-1].receptive_field == GLOBAL


def test_tells_layers_that_mix_positions_from_those_that_do_not() -> None:
    class Mixer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.patches = nn.Conv2d(1, 6, 16, stride=16)
            self.norm = nn.LayerNorm(6)
            self.channels = nn.Linear(6, 6)
            self.tokens = nn.Linear(16, 16)

        def forward(self, x: Tensor) -> Tensor:
            x = self.patches(x).flatten(2).transpose(1, 2)
            x = self.channels(self.norm(x))
            return self.tokens(x.transpose(1, 2))

    fields = {each.name: each.receptive_field for each in own(Mixer())}
    assert fields == {"0.patches": 16, "0.norm": 16, "0.channels": 16, "0.tokens": GLOBAL}


def test_leaves_squeeze_and_excitation_out_but_marks_it() -> None:
    class Gate(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 4, 3)
            self.squeeze = nn.AdaptiveAvgPool2d(1)
            self.excite = nn.Conv2d(4, 4, 1)
            self.after = nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            x = self.conv(x)
            return self.after(x * torch.sigmoid(self.excite(self.squeeze(x))))

    fields = {each.name: (each.receptive_field, each.gated) for each in own(Gate())}
    assert fields["0.squeeze"] == (GLOBAL, False)
    assert fields["0.excite"] == (GLOBAL, False)
    assert fields["0.after"] == (3, True)


def test_follows_an_upsampling_path() -> None:
    layers = own(nn.Conv2d(1, 1, 3, stride=2, padding=1), nn.ConvTranspose2d(1, 1, 2, stride=2))
    assert (layers[-1].receptive_field, layers[-1].jump) == (3, 1)


class Indexed(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool2d(x, 2, return_indices=True)[0]


@pytest.mark.parametrize(
    ("layer", "field", "jump"),
    [
        (nn.Upsample(scale_factor=2), 5, 1),
        (nn.Upsample(scale_factor=2, mode="bilinear"), 7, 1),
        (nn.Upsample(scale_factor=2, mode="bicubic"), 11, 1),
        (nn.PixelShuffle(2), 5, 1),
        (nn.PixelUnshuffle(2), 13, 4),
        (Indexed(), 13, 4),
    ],
)
def test_follows_what_changes_the_size_of_a_map(layer: nn.Module, field: int, jump: int) -> None:
    stem = nn.Conv2d(1, 4, 3, stride=2, padding=1)
    layers = own(stem, layer, nn.AvgPool2d(3, stride=1, padding=1))
    assert (layers[-1].receptive_field, layers[-1].jump) == (field, jump)


def test_says_where_a_layer_mixes_only_a_part_of_the_positions() -> None:
    class WindowAttention(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            x = x.reshape(4, 8, 8, 8, 8).permute(1, 3, 0, 2, 4)  # 8×8 windows of 8×8
            tokens = x.flatten(3).permute(0, 1, 3, 2).flatten(0, 1)  # (64, 64, 4)
            return (tokens @ tokens.transpose(1, 2)).softmax(-1) @ tokens

    class RowMixer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.row = nn.Linear(64, 64)

        def forward(self, x: Tensor) -> Tensor:
            return self.row(x)

    class Mean(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.mean((2, 3))

    def note(layer: nn.Module) -> str:
        net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), layer).to("meta")
        return summarize_module(net, (1, 64, 64), net_name="own", title="Own").note

    assert "mix only some positions" in note(WindowAttention())
    assert "mix only some positions" in note(RowMixer())
    assert note(Mean()) == ""


@pytest.mark.parametrize(
    ("places", "old", "new", "expected"),
    [
        ((1, 1, 4, 5), (1, 3, 4, 5), (1, 60), (1, 20)),
        ((1, 1, 20), (1, 3, 20), (1, 3, 4, 5), (1, 1, 4, 5)),
        ((1, 20, 1), (1, 20, 6), (20, 6), (20, 1)),
        ((1, 20, 1), (1, 20, 6), (1, 20, 2, 3), (1, 20, 1, 1)),
        ((1, 1, 1, 1), (1, 8, 1, 1), (1, 8), (1, 1)),
        ((1, 20), (1, 60), (1, 1, 60), (1, 1, 20)),
    ],
)
def test_knows_where_positions_go_in_a_view(
    places: tuple[int, ...],
    old: tuple[int, ...],
    new: tuple[int, ...],
    expected: tuple[int, ...],
) -> None:
    laid = [
        layouts.plain_dim(side // count) + layouts.along(count, axis)
        for axis, (count, side) in enumerate(zip(places, old, strict=True))
    ]
    viewed = layouts.regrouped(tuple(laid), new)
    assert viewed is not None
    positions = [math.prod(factor.size for factor in dim if factor.is_position) for dim in viewed]
    assert tuple(positions) == expected
    assert tuple(map(layouts.count_of, viewed)) == new


ARGUMENTS = {
    "Threshold": (0.1, 0.0),
    **dict.fromkeys(("GLU", "Softmin", "Softmax", "LogSoftmax"), (1,)),
}
"""Of the activations that need some; these work along the channels."""
MIXES_POSITIONS = "MultiheadAttention"


@pytest.mark.slow
def test_every_activation_keeps_the_receptive_field() -> None:
    names = [name for name in nn.modules.activation.__all__ if name != MIXES_POSITIONS]
    fields = {}
    for name in names:
        activation = getattr(nn, name)(*ARGUMENTS.get(name, ()))
        channels = 4 if name == "GLU" else 8
        net = nn.Sequential(nn.Conv2d(3, 8, 3), activation, nn.Conv2d(channels, 8, 3)).to("meta")
        summary = summarize_module(net, (3, 8, 8), net_name="own", title="Own")
        fields[name] = summary.receptive_field
    assert fields == dict.fromkeys(names, 5)


def test_everything_that_is_not_decomposed_has_a_rule_for_its_field() -> None:
    kept_whole = {*shape_rules.SAME_SHAPE, *shape_rules.SHAPE_RULES, *shapes.MAC_RULES}
    followed = (receptive_field.has_rule, receptive_field.is_pointwise)
    assert [func for func in kept_whole if not any(rule(func) for rule in followed)] == []
