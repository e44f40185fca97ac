"""The layer table, against torch's own kernels, torchinfo and measured receptive fields."""

import math

import pytest
import torch
from torch import nn

from cnn_tui.analysis.records import GLOBAL
from cnn_tui.analysis.summary import summarize, summarize_module
from cnn_tui.errors import UsageError
from cnn_tui.nets.build import build
from cnn_tui.nets.catalogue import names, net_info
from tests.subprocesses import run_python


def shapes_by_running(name: str) -> dict[str, tuple[int, ...]]:
    """What each leaf puts out when torch's meta kernels run the net."""
    info = net_info(name)
    shapes: dict[str, tuple[int, ...]] = {}
    with torch.device("meta"):
        net = build(name).eval()
    for path, module in net.named_modules():
        if not list(module.children()):
            module.register_forward_hook(
                lambda module, args, out, path=path: shapes.update({path: tuple(out.shape[1:])})
            )
    with torch.no_grad():
        net(torch.empty(1, info.in_channels, info.image_size, info.image_size, device="meta"))
    return shapes


@pytest.mark.parametrize("name", names())
def test_counts_what_the_catalogue_says(name: str) -> None:
    summary, info = summarize(name), net_info(name)
    assert summary.total_parameters == info.parameters
    assert summary.total_macs == info.macs
    assert summary.output_shape == (info.num_classes,)


@pytest.mark.parametrize("name", names())
def test_agrees_with_torchs_own_shapes(name: str) -> None:
    ours = {layer.name: layer.output_shape for layer in summarize(name).layers}
    assert ours == shapes_by_running(name)


@pytest.mark.parametrize("name", ["lenet5", "cifar10net", "simpleresnet"])
def test_agrees_with_torchs_flop_counter(name: str) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    info = net_info(name)
    with torch.device("meta"):
        net = build(name).eval()
        image = torch.empty(1, info.in_channels, info.image_size, info.image_size)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(image)
    assert summarize(name).total_macs == counter.get_total_flops() // 2


def test_matches_the_published_macs_of_vgg16() -> None:
    assert summarize("vgg16").total_macs == pytest.approx(15.47e9, rel=0.005)


@pytest.mark.parametrize(
    ("name", "layer", "field"),
    [("alexnet", "features", 195), ("vgg16", "features", 212), ("lenet5", "pool2", 16)],
)
def test_knows_the_published_receptive_fields(name: str, layer: str, field: int) -> None:
    modules = {module.name: module for module in summarize(name).modules}
    assert modules[layer].receptive_field == field


def test_sees_what_a_gradient_sees() -> None:
    net = nn.Sequential(
        nn.Conv2d(1, 1, 3, padding=1),
        nn.MaxPool2d(2),
        nn.Conv2d(1, 1, 5, padding=2, dilation=2),
        nn.AvgPool2d(3, stride=2, padding=1),
    )
    for parameter in net.parameters():
        nn.init.ones_(parameter)
    image = torch.ones(1, 1, 64, 64) + torch.rand(1, 1, 64, 64) * 1e-3
    image.requires_grad_()
    out = net(image)
    out[0, 0, out.shape[2] // 2, out.shape[3] // 2].backward()
    assert image.grad is not None
    # Max pooling sends its gradient to one cell of two: count the reach, not the cells.
    rows = image.grad[0, 0].abs().sum(1).nonzero().flatten()
    reach = int(rows[-1] - rows[0]) + 1
    with torch.device("meta"):
        twin = nn.Sequential(*(type(layer)(**_settings(layer)) for layer in net))
    claimed = summarize_module(twin, (1, 64, 64), net_name="twin", title="Twin")
    field = claimed.layers[-1].receptive_field
    assert isinstance(field, int)
    assert field - 2 <= reach <= field


def _settings(layer: nn.Module) -> dict[str, object]:
    if isinstance(layer, nn.Conv2d):
        return {
            "in_channels": 1,
            "out_channels": 1,
            "kernel_size": layer.kernel_size,
            "padding": layer.padding,
            "dilation": layer.dilation,
        }
    names = ("kernel_size", "stride", "padding")
    return {name: getattr(layer, name) for name in names}


def test_says_that_a_unit_after_global_pooling_sees_everything() -> None:
    layers = {layer.name: layer for layer in summarize("cifar10net").layers}
    assert layers["gap"].receptive_field == GLOBAL
    assert layers["block4.1.2"].receptive_field == 62


def test_answers_for_another_input_size() -> None:
    summary = summarize("cifar10net", (1, 64, 64))
    assert summary.input_shape == (1, 64, 64)
    assert summary.layers[0].output_shape == (64, 64, 64)
    assert summary.total_parameters == 4_507_722 - 2 * 64 * 9


def test_falls_back_to_torch_for_operations_without_a_rule() -> None:
    with torch.device("meta"):
        net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.GELU(), nn.Flatten(), nn.Linear(8 * 900, 5))
    summary = summarize_module(net, (3, 32, 32), net_name="own", title="Own")
    assert [layer.output_shape for layer in summary.layers] == [
        (8, 30, 30),
        (8, 30, 30),
        (7200,),
        (5,),
    ]
    assert summary.total_macs == 8 * 30 * 30 * 27 + 7200 * 5


def test_counts_attention_where_no_rule_knows_it() -> None:
    with torch.device("meta"):
        net = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)

        class Tokens(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.encoder = net

            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return self.encoder(x.flatten(2).transpose(1, 2))

        summary = summarize_module(Tokens(), (16, 4, 4), net_name="t", title="Tokens")
    tokens, width = 16, 16
    projections = tokens * width * (4 * width + 2 * 32)
    assert summary.total_macs == projections + 2 * tokens * tokens * width


@pytest.mark.parametrize("shape", [(3, 32), (0, 32, 32), (3, 32, -1), (3, 10**10, 10**10)])
def test_refuses_what_is_no_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="channels,height,width"):
        summarize("cifar10net", shape)


def test_names_the_layer_and_the_shapes_that_do_not_fit() -> None:
    with pytest.raises(UsageError, match=r"layer fc1 failed: it expects 256 features, but got"):
        summarize("lenet5", (1, 28, 40))


def test_costs_little_beyond_importing_torch() -> None:
    """The budget is measured by ``cnn-lab bench summary``; here only what would break it."""
    loaded = run_python(
        "import sys, torch\n"
        "from cnn_tui.analysis.summary import summarize\n"
        "for name in ('vgg16', 'simpleresnet', 'cifar10net', 'alexnet', 'lenet5'):\n"
        "    summarize(name)\n"
        "print([m for m in ('torch._dynamo', 'sympy', 'triton') if m in sys.modules])"
    )
    assert loaded.stdout.strip() == "[]"


def test_shares_add_up() -> None:
    summary = summarize("vgg16")
    assert sum(layer.parameters for layer in summary.layers) == summary.total_parameters
    assert sum(layer.macs for layer in summary.layers) == summary.total_macs
    assert math.isclose(summary.layers[-7].parameters, 102_764_544)
