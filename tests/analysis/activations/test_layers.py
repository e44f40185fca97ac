"""The lab finds a layer by its name and catches what goes through it."""

import pytest
import torch
from torch import nn

from cnn_tui.analysis.activations.layers import find_layer, run_traced
from cnn_tui.errors import UsageError


class Net(nn.Module):
    """Two stages with layers of the same name, an in-place ReLU, and a layer used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.stage1 = nn.Sequential()
        self.stage1.add_module("conv", nn.Conv2d(1, 2, 3))
        self.stage1.add_module("relu", nn.ReLU(inplace=True))
        self.stage2 = nn.Sequential()
        self.stage2.add_module("conv", nn.Conv2d(2, 3, 3))
        self.stage2.add_module("attention", nn.MultiheadAttention(4, 2, batch_first=True))
        self.pool = nn.MaxPool2d(2)
        self.head_1 = nn.Linear(3, 2)
        self.unused = nn.Linear(1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(self.stage1(x))
        x = self.pool(self.stage2.conv(x))
        tokens = x.flatten(2)
        tokens, _ = self.stage2.attention(tokens, tokens, tokens)
        return self.head_1(tokens.mean(2))


@pytest.fixture
def net() -> Net:
    torch.manual_seed(0)
    return Net().eval()


IMAGE = torch.linspace(-1, 1, 14 * 14).view(1, 1, 14, 14)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("stage2.conv", "stage2.conv"),
        ("Stage2.Conv", "stage2.conv"),
        ("relu", "stage1.relu"),
        ("attention", "stage2.attention"),
        ("head-1", "head_1"),
        ("stage1", "stage1"),
        ("pool:2", "pool:2"),
        ("pool:1", "pool"),
    ],
)
def test_understands_a_name_or_the_end_of_one(net: Net, text: str, name: str) -> None:
    assert find_layer(net, text, "the list") == name


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("conv", r"fits 2 layers \(stage1.conv, stage2.conv\)"),
        ("stage1.cnov", "did you mean stage1.conv"),
        ("nonsense", "There is no layer named 'nonsense'"),
    ],
)
def test_helps_with_a_name_that_is_not_there(net: Net, text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        find_layer(net, text, "the list")


def test_lists_the_layers_in_the_order_in_which_they_ran(net: Net) -> None:
    layers = run_traced(net, IMAGE).layers
    assert [(each.name, each.output_shape) for each in layers] == [
        ("stage1.conv", (2, 12, 12)),
        ("stage1.relu", (2, 12, 12)),
        ("pool", (2, 6, 6)),
        ("stage2.conv", (3, 4, 4)),
        ("pool:2", (3, 2, 2)),
        ("stage2.attention", (3, 4)),
        ("head_1", (2,)),
    ]
    assert layers[2].type == "MaxPool2d"


def test_keeps_what_a_layer_put_out_before_a_relu_wrote_over_it(net: Net) -> None:
    trace = run_traced(net, IMAGE, "stage1.conv")
    assert torch.equal(trace.output, net.stage1.conv(IMAGE))
    assert trace.output.min() < 0
    assert torch.equal(trace.input, IMAGE)


def test_tells_the_runs_of_a_layer_apart(net: Net) -> None:
    first = run_traced(net, IMAGE, "pool")
    second = run_traced(net, IMAGE, "pool:2")
    assert torch.equal(second.output, net.pool(net.stage2.conv(first.output)))


def test_takes_a_whole_block_too_and_leaves_no_hook_behind(net: Net) -> None:
    trace = run_traced(net, IMAGE, "stage1")
    assert torch.equal(trace.output, net.stage1(IMAGE))
    assert not any(module._forward_hooks for module in net.modules())


def test_goes_no_further_than_it_has_to(net: Net) -> None:
    trace = run_traced(net, IMAGE, "stage2.conv", no_further=True)
    assert [each.name for each in trace.layers][-1] == "stage2.conv"
    assert trace.output is not None
    assert not any(module._forward_hooks for module in net.modules())


def test_catches_nothing_of_a_layer_that_does_not_run(net: Net) -> None:
    assert run_traced(net, IMAGE, "unused").output is None
    assert run_traced(net, IMAGE, "pool:3").output is None
