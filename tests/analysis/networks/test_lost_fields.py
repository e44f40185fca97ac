"""Where the input is no longer followed, and what only rescales: unknown, whole or gated."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.summary import summarize_module
from cnn_tui.analysis.records import GLOBAL, UNKNOWN


class Call(nn.Module):
    """A forward of one expression."""

    def __init__(self, of: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.of = of

    def forward(self, x: Tensor) -> Tensor:
        return self.of(x)


def between(layer: nn.Module | Callable[[Tensor], Tensor]) -> NetSummary:
    """``layer`` between two convolutions, before global pooling."""
    inner = layer if isinstance(layer, nn.Module) else Call(layer)
    convs = [nn.Conv2d(inputs, 8, 3, padding=1) for inputs in (3, 8)]
    net = nn.Sequential(convs[0], inner, convs[1], nn.AdaptiveAvgPool2d(1))
    return summarize_module(net, (3, 32, 32), net_name="own", title="Own")


class ByNumpy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return torch.from_numpy(np.tanh(x.numpy()))


class Squared(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x * x


def written_beside(x: Tensor) -> Tensor:
    result = torch.zeros_like(x)
    result[:, :, :16] = x[:, :, 16:]
    return result


@pytest.mark.parametrize(
    ("operation", "moved"),
    [
        pytest.param("roll", lambda x: torch.roll(x, 1, -1), marks=pytest.mark.slow),
        ("flip", lambda x: x.flip(-1)),
        pytest.param(
            "fft_c2c", lambda x: torch.fft.ifft2(torch.fft.fft2(x)).real, marks=pytest.mark.slow
        ),
        ("index", lambda x: x[:, :, torch.arange(31, -1, -1)]),
        pytest.param(
            "gather",
            lambda x: x.gather(3, torch.zeros_like(x, dtype=torch.int64)),
            marks=pytest.mark.slow,
        ),
        ("rot90", lambda x: x.rot90(1, (2, 3))),
        ("cat", lambda x: torch.cat([x[:, :, 16:], x[:, :, :16]], 2)),
        ("copy", written_beside),
    ],
)
def test_does_not_know_the_field_after_positions_were_moved(
    operation: str, moved: Callable[[Tensor], Tensor]
) -> None:
    summary = between(moved)
    assert [each.receptive_field for each in summary.layers] == [3, *[UNKNOWN] * 3]
    assert (summary.receptive_field, summary.depth) == (UNKNOWN, 2)
    assert f"Receptive fields are unknown after {operation} in 1" in summary.note


@pytest.mark.parametrize(
    ("way", "outside"),
    [
        ("numpy", lambda x: torch.from_numpy(np.tanh(x.numpy()))),
        ("numpy", lambda x: torch.tensor(np.asarray(x))),
        ("tolist", lambda x: torch.tensor(x.tolist())),
        ("numpy", ByNumpy.apply),
    ],
)
def test_knows_neither_field_nor_depth_after_numbers_left_torch(
    way: str, outside: Callable[[Tensor], Tensor]
) -> None:
    summary = between(outside)
    assert [each.receptive_field for each in summary.layers] == [3, *[UNKNOWN] * 3]
    assert (summary.receptive_field, summary.depth) == (UNKNOWN, None)
    assert f"Depth and receptive field are unknown after {way} in 1" in summary.note
    document = summary.to_json()
    assert (document["depth"], document["receptive_field"]) == (None, None)
    assert not document["receptive_field_known"] and document["layers"][0]["receptive_field_known"]
    assert summary.receptive_field_json()["note"] == summary.note


def scaled_by_item(x: Tensor) -> Tensor:
    return x * x.mean((0, 1, 2, 3)).item()


@pytest.mark.parametrize(
    ("way", "scaled"),
    [
        ("item", scaled_by_item),
        ("numpy", lambda x: x * float(x.numpy().mean())),
        ("tolist", lambda x: x * x.mean((0, 1, 2, 3)).tolist()),
    ],
)
def test_says_that_numbers_outside_torch_may_hold_the_whole_image(
    way: str, scaled: Callable[[Tensor], Tensor]
) -> None:
    summary = between(scaled)
    assert [each.receptive_field for each in summary.layers] == [3, 3, 5, GLOBAL]
    assert f"{way} in the forward of 1 takes numbers out of torch" in summary.note
    assert "may depend on the whole image" in summary.note


def test_does_not_say_it_where_nothing_follows() -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3), Call(lambda x: (x, x[0, 0, 0, 0].item())[0]))
    summary = summarize_module(net, (3, 8, 8), net_name="own", title="Own")
    assert "needs real numbers" in summary.note
    assert "out of torch" not in summary.note


def test_knows_nothing_of_an_output_that_holds_nothing_of_the_input() -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3), Call(torch.ones_like))
    summary = summarize_module(net, (3, 8, 8), net_name="own", title="Own")
    assert (summary.receptive_field, summary.depth) == (UNKNOWN, None)
    assert "no operation of torch leads from the input to the output" in summary.note


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(lambda x: torch.roll(x, 1, 1), marks=pytest.mark.slow),
        lambda x: x.flip(1),
        lambda x: x[:, torch.arange(7, -1, -1)],
        lambda x: torch.cat(x.chunk(2, 1)[::-1], 1),
        lambda x: x.transpose(2, 3).relu().transpose(2, 3),
        lambda x: x.flatten(2).mT.contiguous().mT.view(x.shape),
        Squared.apply,
    ],
)
def test_follows_what_moves_channels_and_what_moves_back(kept: Callable[[Tensor], Tensor]) -> None:
    summary = between(kept)
    assert [each.receptive_field for each in summary.layers] == [3, 3, 5, GLOBAL]
    assert (summary.receptive_field, summary.depth, summary.note) == (5, 2, "")


class ECA(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        gate = self.conv(x.mean((2, 3)).unsqueeze(1)).transpose(1, 2).unsqueeze(-1)
        return x * gate.sigmoid().expand_as(x)


class CBAM(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(8, 2), nn.ReLU(), nn.Linear(2, 8))
        self.window = nn.Conv2d(2, 1, 7, padding=3)

    def forward(self, x: Tensor) -> Tensor:
        pooled = F.avg_pool2d(x, x.shape[2:]), F.max_pool2d(x, x.shape[2:])
        x = x * sum(self.mlp(each.flatten(1)) for each in pooled).sigmoid()[..., None, None]
        over_channels = torch.cat([x.amax(1, keepdim=True), x.mean(1, keepdim=True)], 1)
        return x * self.window(over_channels).sigmoid()


class GlobalContext(nn.Module):
    """GCNet: pooling weighted by attention, which scales or is added."""

    def __init__(self, *, adds: bool) -> None:
        super().__init__()
        self.adds, self.mask = adds, nn.Conv2d(8, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        weights = self.mask(x).flatten(2).softmax(2).mT.unsqueeze(1)
        context = (x.flatten(2).unsqueeze(1) @ weights).view(len(x), 8, 1, 1)
        return x + context if self.adds else x * context.sigmoid()


class CoordinateAttention(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * x.mean(3, keepdim=True).sigmoid() * x.mean(2, keepdim=True).sigmoid()


def grn(x: Tensor) -> Tensor:
    """Global response normalization, of ConvNeXt V2."""
    size = torch.norm(x, p=2, dim=(2, 3), keepdim=True)
    return x + x * (size / (size.mean(1, keepdim=True) + 1e-6))


@pytest.mark.parametrize(
    ("gate", "field"),
    [
        (ECA(), 5),
        (CBAM(), 11),
        (GlobalContext(adds=False), 5),
        (CoordinateAttention(), 5),
        pytest.param(Call(grn), 5, marks=pytest.mark.slow),
        (nn.GroupNorm(2, 8), 5),
        (nn.InstanceNorm2d(8), 5),
        (nn.LayerNorm([8, 32, 32]), 5),
    ],
    ids=lambda value: type(value).__name__,
)
def test_leaves_every_gate_out_and_marks_what_it_rescales(gate: nn.Module, field: int) -> None:
    summary = between(gate)
    after = next(row for row in summary.modules if row.name == "2")
    assert (after.receptive_field, after.gated) == (field, True)
    assert (summary.receptive_field, summary.note) == (field, "")


def attention(x: Tensor) -> Tensor:
    tokens = x.flatten(2)
    return x + (tokens @ (tokens.mT @ tokens).softmax(-1).mT).view(x.shape)


def fused_attention(x: Tensor) -> Tensor:
    tokens = x.flatten(2).mT
    return x + F.scaled_dot_product_attention(tokens, tokens, tokens).mT.reshape(x.shape)


class SpatialGate(nn.Module):
    """gMLP: the factor of each position is computed from all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.positions = nn.Linear(32 * 32, 32 * 32)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.positions(x.flatten(2)).view(x.shape)


@pytest.mark.parametrize(
    "path",
    [
        Call(attention),
        Call(fused_attention),
        SpatialGate(),
        GlobalContext(adds=True),
        pytest.param(Call(lambda x: x.cumsum(-1)), marks=pytest.mark.slow),
    ],
    ids=["attention", "fused attention", "gMLP", "context", "cumsum"],
)
def test_sees_the_whole_image_through_a_path_that_mixes_positions(path: nn.Module) -> None:
    summary = between(path)
    fields = [row.receptive_field for row in summary.modules if row.name in "012"]
    assert fields == [3, GLOBAL, GLOBAL]
    assert summary.receptive_field == GLOBAL
    is_row = isinstance(path, Call) and "cumsum" in path.of.__code__.co_names
    assert ("mix only some positions" in summary.note) is is_row


@pytest.mark.parametrize(
    ("cut", "mixes", "field"),
    [
        (
            lambda x: x.unfold(2, 8, 8).unfold(3, 8, 8).movedim(1, 3).flatten(3),
            nn.Linear(192, 4),
            8,
        ),
        (lambda x: F.unfold(x, 8, stride=8).mT, nn.Linear(192, 4), 8),
        (lambda x: F.pixel_unshuffle(x, 4), nn.Conv2d(48, 4, 3), 12),
        (lambda x: x.view(1, 3, 8, 4, 8, 4).mean((3, 5)), nn.Conv2d(3, 4, 3), 12),
        (
            lambda x: x.view(3, 8, 4, 8, 4).permute(0, 2, 4, 1, 3).reshape(1, 48, 8, 8),
            nn.Conv2d(48, 4, 3),
            12,
        ),
    ],
    ids=["patches", "unfold", "unshuffle", "means", "views"],
)
def test_sees_a_block_where_a_layer_mixes_blocks(
    cut: Callable[[Tensor], Tensor], mixes: nn.Module, field: int
) -> None:
    net = nn.Sequential(Call(cut), mixes).to("meta")
    summary = summarize_module(net, (3, 32, 32), net_name="own", title="Own")
    assert (summary.receptive_field, summary.note) == (field, "")


@pytest.mark.parametrize("sides", [1, 2, 3])
def test_follows_maps_of_any_number_of_sides(sides: int) -> None:
    conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[sides - 1]
    pool = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[sides - 1]
    net = nn.Sequential(conv(2, 4, 3), pool(2), conv(4, 4, 3)).to("meta")
    summary = summarize_module(net, (2, *[20] * sides), net_name="own", title="Own")
    assert [each.receptive_field for each in summary.layers] == [3, 4, 8]


@pytest.mark.parametrize(
    ("mixes", "partly"),
    [(nn.Conv1d(8, 8, 3, padding=1), True), (nn.Conv1d(1024, 4, 1), False)],
    ids=["neighbors", "tokens as channels"],
)
def test_sees_the_whole_image_where_a_window_slides_over_tokens(
    mixes: nn.Module, partly: bool
) -> None:
    tokens = Call(lambda x: x.flatten(2).mT if mixes.kernel_size == (1,) else x.flatten(2))
    net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), tokens, mixes)
    summary = summarize_module(net, (3, 32, 32), net_name="own", title="Own")
    assert summary.layers[-1].receptive_field == GLOBAL
    assert ("mix only some positions" in summary.note) is partly
