"""FLOPs by kind and numbers moved, against counts by hand and torch's own counter."""

import pytest
import torch
from torch import nn

from cnn_tui.analysis.networks.modules import summarize_instance
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.shipped import shipped_summary
from cnn_tui.analysis.networks.work_records import Work, WorkKind
from cnn_tui.nets.build import build
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.nets.specs import parse
from tests.analysis.networks.random_layers import Call


class Gated(nn.Module):
    """A layer, arithmetic beside it, and a product of activations."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.drop = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.drop(self.conv(x)).flatten(2)
        return (y @ y.transpose(1, 2)).softmax(-1) + 1


def flops(summary: NetSummary) -> dict[str, int]:
    return {each.kind: each.flops for each in summary.kinds}


@pytest.mark.parametrize(
    ("layer", "shape", "kind", "work"),
    [
        (nn.Conv2d(3, 8, 3), (3, 10, 10), WorkKind.CONVOLUTION, Work(27648, 812, 224)),
        (nn.BatchNorm2d(3), (3, 4, 4), WorkKind.NORMALIZATION, Work(96, 96, 12)),
        (nn.LayerNorm(4), (3, 4, 4), WorkKind.NORMALIZATION, Work(240, 96, 8)),
        (nn.GroupNorm(1, 3, affine=False), (3, 4, 4), WorkKind.NORMALIZATION, Work(192, 96, 0)),
        (nn.ReLU(inplace=True), (3, 4, 4), WorkKind.ACTIVATION, Work(48, 96, 0)),
        (nn.Softmax(1), (3, 4, 4), WorkKind.ACTIVATION, Work(144, 96, 0)),
        (nn.MaxPool2d(2), (3, 4, 4), WorkKind.POOLING, Work(48, 60, 0)),
        (nn.AdaptiveAvgPool2d(1), (3, 4, 4), WorkKind.POOLING, Work(48, 51, 0)),
        (nn.ZeroPad2d(1), (3, 4, 4), WorkKind.OTHER, Work(0, 156, 0)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_a_layer_does_what_is_counted_by_hand(
    layer: nn.Module, shape: tuple[int, ...], kind: WorkKind, work: Work
) -> None:
    summary = summarize_instance(nn.Sequential(layer), shape)
    assert [(each.kind, each.work) for each in summary.kinds] == [(kind.value, work)]
    assert summary.layers[0].work == summary.work == work


def test_views_and_dropout_do_nothing_and_products_of_activations_are_attention() -> None:
    summary = summarize_instance(Gated(), (3, 5, 5))
    assert flops(summary) == {
        "convolution": 2 * 4 * 25 * 27,
        "attention": 2 * 4 * 4 * 25,
        "activation": 3 * 16,
        "elementwise": 16,
    }
    drop = next(layer for layer in summary.layers if layer.name == "drop")
    assert drop.work == Work()


def test_weights_are_what_the_run_did_not_make() -> None:
    """Also those of layers that nobody registered, and those that einsum multiplies with."""
    hidden = {"mixing": nn.Linear(4, 6)}
    scale = torch.rand(1, 6)
    weight = nn.Parameter(torch.rand(6, 6))

    def forward(x: torch.Tensor) -> torch.Tensor:
        x = nn.Linear(3, 4)(x)
        x = hidden["mixing"](x) * scale.to(x.device)
        return torch.einsum("oi,bni->bno", weight.to(x.device), x)

    summary = summarize_instance(nn.Sequential(Call(forward)), (5, 3))
    found = flops(summary)
    assert found["fully connected"] == 2 * 5 * (12 + 24 + 36)
    assert "attention" not in found
    assert summary.work.weights_read >= 16 + 30 + 6 + 36


def test_a_product_of_activations_is_attention_whatever_is_added_to_it() -> None:
    bias = nn.Parameter(torch.rand(1, 5, 5))

    def forward(x: torch.Tensor) -> torch.Tensor:
        return torch.baddbmm(bias.to(x.device), x, x.transpose(1, 2))

    found = flops(summarize_instance(nn.Sequential(Call(forward)), (5, 3)))
    assert found["attention"] == 150
    assert "fully connected" not in found


def test_what_comes_back_from_numpy_is_no_weight() -> None:
    def forward(x: torch.Tensor) -> torch.Tensor:
        return torch.relu(torch.from_numpy(x.numpy() * 2))

    summary = summarize_instance(nn.Sequential(Call(forward)), (5,))
    assert summary.work == Work(5, 10, 0)


@pytest.mark.parametrize("net", all_nets(), ids=lambda net: net.name)
def test_a_multiply_accumulate_is_two_flops(net) -> None:  # type: ignore[no-untyped-def]
    summary = shipped_summary(parse(net.name))
    assert summary is not None
    found = flops(summary)
    products = sum(found.get(kind, 0) for kind in ("convolution", "fully connected", "attention"))
    softmax = 3 * 12 * 12 * 197**2 if net.name == "vit_b_16" else 0
    assert products - softmax == 2 * summary.total_macs


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet18", "googlenet", "vit_b_16"])
def test_torch_counts_the_same_products(name: str) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"):
        net = build(name).eval()
        image = torch.empty(1, 3, 224, 224)
    with FlopCounterMode(display=False) as counter:
        net(image)
    summary = shipped_summary(parse(name))
    assert summary is not None
    assert counter.get_total_flops() == 2 * summary.total_macs
