"""The layer table, against torch's own kernels, torchinfo and published counts."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations

from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.networks.shipped import shipped_summary
from cnn_tui.analysis.networks.summary import summarize, summarize_module
from cnn_tui.analysis.records import GLOBAL
from cnn_tui.errors import UsageError
from cnn_tui.nets.build import build
from cnn_tui.nets.catalogue import names, net_info
from cnn_tui.nets.specs import parse
from tests.analysis.networks.mistakes import cases
from tests.subprocesses import run_python


@pytest.fixture(scope="module")
def catalogue() -> dict[str, NetSummary]:
    """The summaries that are shipped: ``test_shipped`` holds them to what is computed now."""
    found = {name: shipped_summary(parse(name)) for name in names()}
    return {name: summary for name, summary in found.items() if summary is not None}


def own(net: nn.Module, shape: tuple[int, ...] = (3, 32, 32), **options: object) -> NetSummary:
    return summarize_module(net, shape, net_name="own", title="Own", **options)  # type: ignore[arg-type]


def row(summary: NetSummary, name: str) -> LayerSummary:
    return next(module for module in summary.modules if module.name == name)


def on_meta(layer: type[nn.Module]) -> nn.Module:
    with torch.device("meta"):
        return layer()


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


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_counts_what_the_catalogue_says(name: str, catalogue: dict[str, NetSummary]) -> None:
    summary, info = catalogue[name], net_info(name)
    assert summary.total_parameters == summary.total_trainable == info.parameters
    assert summary.total_macs == info.macs
    assert summary.output_shape == (info.num_classes,)


@pytest.mark.parametrize(
    "name",
    (
        *("lenet5", "alexnet", "vgg16", "dropoutcnn", "resnet50", "simpleresnet", "cifar10net"),
        *("googlenet", "densenet121", "efficientnet_b0", "vit_b_16"),
    ),
)
def test_agrees_with_torchs_own_shapes(name: str, catalogue: dict[str, NetSummary]) -> None:
    ours = {layer.name: layer.output_shape for layer in catalogue[name].layers}
    theirs = shapes_by_running(name)
    assert {path: ours.get(path) for path in theirs} == theirs


@pytest.mark.parametrize("name", ["lenet5", "cifar10net", "simpleresnet", "resnet50", "vit_b_16"])
def test_agrees_with_torchs_flop_counter(name: str, catalogue: dict[str, NetSummary]) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    info = net_info(name)
    with torch.device("meta"):
        net = build(name).eval()
        image = torch.empty(1, info.in_channels, info.image_size, info.image_size)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(image)
    assert catalogue[name].total_macs == counter.get_total_flops() // 2


@pytest.mark.parametrize("name", ["lenet5", "cifar10net"])
def test_agrees_with_torchinfo(name: str, catalogue: dict[str, NetSummary]) -> None:
    from torchinfo import summary

    info = net_info(name)
    image = (1, info.in_channels, info.image_size, info.image_size)
    theirs = summary(build(name), image, verbose=0, device="cpu")
    ours = catalogue[name]
    assert ours.total_parameters == theirs.total_params
    # torchinfo counts a bias as one more product, and batch norm's weights.
    assert ours.total_macs == pytest.approx(theirs.total_mult_adds, rel=0.02)
    leaves = [layer for layer in theirs.summary_list if layer.is_leaf_layer]
    shapes = [tuple(layer.output_size[1:]) for layer in leaves]
    assert [layer.output_shape for layer in ours.layers] == shapes


@pytest.mark.parametrize(
    ("name", "gigamacs"),
    [
        ("vgg16", 15.47),
        ("vgg19", 19.632),
        ("googlenet", 1.498),
        ("resnet18", 1.814),
        ("resnet50", 4.089),
        ("densenet121", 2.834),
        ("efficientnet_b0", 0.386),
        ("vit_b_16", 17.564),
    ],
)
def test_matches_the_published_macs(
    name: str, gigamacs: float, catalogue: dict[str, NetSummary]
) -> None:
    assert catalogue[name].total_macs == pytest.approx(gigamacs * 1e9, rel=0.005)


@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("lenet5", 5),
        ("alexnet", 8),
        ("vgg11", 11),
        ("vgg16", 16),
        ("vgg19", 19),
        ("googlenet", 22),
        ("resnet18", 18),
        ("resnet34", 34),
        ("resnet50", 50),
        ("densenet121", 121),
    ],
)
def test_knows_the_depth_in_the_name(
    name: str, depth: int, catalogue: dict[str, NetSummary]
) -> None:
    assert catalogue[name].depth == depth


@pytest.mark.parametrize("name", names())
def test_adds_up_to_the_totals(name: str, catalogue: dict[str, NetSummary]) -> None:
    summary = catalogue[name]
    layers = [layer for layer in summary.layers if not layer.reused]
    assert sum(layer.parameters for layer in layers) == summary.total_parameters
    assert sum(layer.macs for layer in summary.layers) == summary.total_macs


def test_answers_for_options_of_a_network() -> None:
    summary = summarize("vgg16,batch_norm=true")
    assert summary.net == "vgg16,batch_norm=true"
    assert summary.total_parameters > net_info("vgg16").parameters
    assert "BatchNorm2d" in {layer.type for layer in summary.layers}


def test_says_that_a_unit_after_global_pooling_sees_everything() -> None:
    summary = summarize("cifar10net")
    assert row(summary, "gap").receptive_field == GLOBAL
    assert row(summary, "block4.1.2").receptive_field == summary.receptive_field == 62


def test_answers_for_another_input_size() -> None:
    summary = summarize("cifar10net", (1, 64, 64))
    assert summary.input_shape == (1, 64, 64)
    assert summary.layers[0].output_shape == (64, 64, 64)
    assert summary.total_parameters == 4_507_722 - 2 * 64 * 9


def test_counts_activations_once_for_what_is_written_in_place() -> None:
    def net(inplace: bool) -> nn.Module:
        return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace), nn.Flatten()).to("meta")

    assert own(net(inplace=False)).total_activations == 2 * 4 * 30 * 30
    assert own(net(inplace=True)).total_activations == 4 * 30 * 30


def test_counts_what_functions_put_out_too() -> None:
    assert summarize("lenet5").total_activations == (
        2 * 6 * 24 * 24 + 6 * 12 * 12 + 2 * 16 * 8 * 8 + 16 * 4 * 4 + 2 * 120 + 2 * 84 + 10
    )


def test_falls_back_to_torch_for_operations_without_a_rule() -> None:
    class Flipped(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.cumsum(x.flip(-1), -1)

    net = nn.Sequential(nn.Conv2d(3, 8, 3), Flipped(), nn.Flatten(), nn.Linear(8 * 900, 5))
    summary = own(net.to("meta"))
    assert [layer.output_shape for layer in summary.layers] == [
        (8, 30, 30),
        (8, 30, 30),
        (7200,),
        (5,),
    ]
    assert summary.total_macs == 8 * 30 * 30 * 27 + 7200 * 5


def test_pools_a_map_that_is_smaller_than_the_window_as_torch_does() -> None:
    pool = nn.MaxPool2d(3, stride=2, ceil_mode=True)
    assert own(nn.Sequential(pool), (3, 2, 2)).output_shape == (3, 1, 1)
    assert summarize("googlenet", (3, 15, 15)).output_shape == (1000,)


def test_counts_attention() -> None:
    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)

        def forward(self, x: Tensor) -> Tensor:
            return self.encoder(x.flatten(2).transpose(1, 2))

    summary = own(on_meta(Tokens), (16, 4, 4))
    tokens, width = 16, 16
    projections = tokens * width * (4 * width + 2 * 32)
    assert summary.total_macs == projections + 2 * tokens * tokens * width
    attention = row(summary, "encoder.self_attn")
    assert attention.is_leaf and attention.receptive_field == GLOBAL


def test_counts_attention_written_by_hand() -> None:
    class Attention(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            x = x.flatten(2).transpose(1, 2)
            return torch.einsum("nij,njc->nic", (x @ x.transpose(1, 2)).softmax(-1), x)

    summary = own(Attention(), (8, 4, 4))
    assert summary.total_macs == 2 * 16 * 16 * 8
    assert summary.depth == 0
    assert summary.receptive_field == GLOBAL


def test_counts_products_that_hold_nothing_of_the_image() -> None:
    class LowRank(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = nn.Parameter(torch.ones(5, 2)), nn.Parameter(torch.ones(2, 12))

        def forward(self, x: Tensor) -> Tensor:
            return F.linear(x.flatten(1), self.left @ self.right)

    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.LSTM(4, 5, batch_first=True)

        def forward(self, x: Tensor) -> Tensor:
            return self.rnn(x.flatten(1, 2))[0]

    low_rank = own(LowRank(), (3, 2, 2))
    assert low_rank.total_macs == 5 * 2 * 12 + 5 * 12
    assert row(low_rank, "matmul").output_shape == (5, 12)
    # The first of the six steps multiplies a state of zeros.
    assert own(on_meta(Recurrent), (3, 2, 4)).total_macs == 6 * (4 + 5) * 4 * 5


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.first = nn.Linear(3, 3, bias=False)
        self.second = nn.Linear(3, 3, bias=False)
        self.second.weight = self.first.weight
        self.spare = nn.Linear(7, 7)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(self.conv(self.conv(x)), 2)
        return self.second(self.first(x.mean((2, 3))))


def test_marks_what_runs_twice_and_counts_it_once() -> None:
    summary = own(on_meta(Twice))
    shown = [(each.name, each.parameters, each.reused) for each in summary.modules]
    assert shown == [
        ("conv", 84, False),
        ("conv", 84, True),
        ("max_pool2d", 0, False),
        ("mean", 0, False),
        ("first", 9, False),
        ("second", 9, True),
    ]
    assert summary.total_parameters == 84 + 9 + 56
    assert summary.depth == 4
    assert summary.note == ""
    assert "forward never uses spare: 56 parameters" in summary.notes[-1].message


@pytest.mark.parametrize(
    ("net", "depth"),
    [(cases.Listed, 4), (cases.InDict, 3), (cases.MadeInForward, 3), (cases.FrozenTeacher, 4)],
)
def test_is_as_deep_as_what_runs_where_weights_are_not_registered(
    net: type[nn.Module], depth: int
) -> None:
    made = net()
    summary = own(made, (3, 8, 8))
    registered = sum(each.numel() for each in made.parameters())
    assert summary.depth == depth
    assert summary.total_parameters == sum(each.parameters for each in summary.layers) == registered
    assert "attention" not in {each.kind for each in summary.kinds}


def test_shows_functions_that_slide_or_pool() -> None:
    rows = {each.name: each for each in own(on_meta(Twice)).modules}
    assert rows["max_pool2d"].type == "function"
    assert (rows["max_pool2d"].receptive_field, rows["max_pool2d"].jump) == (6, 2)
    assert rows["mean"].receptive_field == GLOBAL


def test_marks_frozen_parameters() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3)).to("meta")
    net[0].requires_grad_(False)
    summary = own(net)
    assert [layer.trainable for layer in summary.layers] == [0, 148]
    assert summary.total_trainable == 148


def test_shows_weights_that_belong_to_no_layer() -> None:
    summary = summarize("vit_b_16")
    assert row(summary, "class_token").type == "Parameter"
    assert row(summary, "encoder.pos_embedding").parameters == 197 * 768


@dataclass
class Answer:
    logits: Tensor
    note: str = ""


class Structured(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.named = Named()

    def forward(self, x: Tensor, scale: float = 2.0, *, flag: bool = False) -> Answer:
        return Answer(self.named(x)["map"] * scale)


class Named(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.label = Label()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> dict[str, object]:
        return {"label": self.label(), "map": self.conv(x)}


class Label(nn.Module):
    def forward(self) -> str:
        return "a name, and no tensor"


def test_looks_into_tuples_dicts_and_dataclasses() -> None:
    summary = own(on_meta(Structured))
    assert summary.output_shape == row(summary, "named").output_shape == (4, 30, 30)
    assert row(summary, "named.label").output_shape == ()


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_takes_a_scripted_module_apart_by_its_calls() -> None:
    inside = torch.jit.script(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(2)))
    summary = own(nn.Sequential(inside, nn.Conv2d(4, 2, 1)).to("meta"))
    assert [(each.name, each.output_shape) for each in summary.layers] == [
        ("conv2d", (4, 30, 30)),
        ("max_pool2d", (4, 15, 15)),
        ("1", (2, 15, 15)),
    ]
    assert sum(each.parameters for each in summary.layers) == summary.total_parameters


def test_takes_lazy_layers() -> None:
    with torch.device("meta"):
        net = nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(5))
    summary = own(net)
    assert summary.total_parameters == 3 * 4 * 9 + 4 + 3600 * 5 + 5


class Moody(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        x = x * 2 if x.sum() > 0 else x
        tokens = x.flatten(2).transpose(1, 2)
        return self.attention(tokens, tokens, tokens, need_weights=False)[0]


def test_runs_on_the_cpu_what_looks_at_numbers_and_says_so() -> None:
    summary = own(on_meta(Moody), rebuild=Moody)
    assert "needs real numbers, so it ran once on the CPU" in summary.note
    assert row(summary, "conv").macs == 4 * 900 * 27
    assert row(summary, "attention").macs == 900 * 4 * 4 * 4 + 2 * 900 * 900 * 4


def test_needs_no_factory_where_the_net_has_numbers() -> None:
    assert own(Moody()).total_parameters == own(on_meta(Moody), rebuild=Moody).total_parameters


def test_says_why_it_cannot_run_without_numbers() -> None:
    with pytest.raises(UsageError, match=r"its forward failed: .*meta.*\(test_summary\.py, line"):
        own(on_meta(Moody))


def test_refuses_a_cpu_run_that_would_not_fit() -> None:
    with pytest.raises(UsageError, match="its forward failed"):
        own(on_meta(Moody), (3, 50_000, 50_000), rebuild=Moody)


@pytest.mark.slow
def test_takes_ten_thousand_layers_apart_in_seconds() -> None:
    summary = own(nn.Sequential(*(nn.ReLU() for _ in range(10_000))), (1, 8, 8))
    assert len(summary.modules) == 10_000
    assert summary.modules[-1].name == "9999"


@pytest.mark.parametrize("shape", [(3, 32), (0, 32, 32), (3, 32, -1), (3, 10**10, 10**10)])
def test_refuses_what_is_no_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="channels,height,width"):
        summarize("cifar10net", shape)


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ([nn.Conv2d(3, 8, 3), nn.Conv2d(4, 8, 3)], r"layer 1 .* 4 input channels, but got 8×30×30"),
        ([nn.Flatten(), nn.Linear(10, 8)], "layer 1 .* expects 10 features, but got 3072"),
        ([nn.MaxPool2d(40)], "layer 0 .* 40×40 window does not fit into 3×32×32"),
        ([nn.Conv2d(3, 1, 33)], "layer 0 .* 33×33 kernel does not fit into 3×32×32"),
        ([nn.BatchNorm2d(8)], "layer 0 .* expects 8 channels, but got 3×32×32"),
        ([nn.LayerNorm(8)], "layer 0 .* expects 8 at the end, but got 3×32×32"),
        ([nn.Unflatten(1, (2, 2))], r"layer 0, given 3×32×32, failed"),
    ],
)
def test_names_the_layer_and_both_shapes(layers: list[nn.Module], sentence: str) -> None:
    with pytest.raises(UsageError, match=f"Own cannot take an input of 3×32×32: {sentence}"):
        own(nn.Sequential(*layers).to("meta"))


def test_names_the_branches_that_do_not_combine() -> None:
    class Skip(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.conv(x)

    with pytest.raises(UsageError, match="3×32×32 and 4×30×30 do not combine"):
        own(on_meta(Skip))


def test_names_the_layer_of_the_catalogue_that_cannot_follow() -> None:
    with pytest.raises(UsageError, match=r"layer fc1 failed: it expects 256 features, but got"):
        summarize("lenet5", (1, 28, 40))


def test_points_to_the_line_of_a_forward_that_raises() -> None:
    class Broken(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return self.missing(x)  # type: ignore[no-any-return]

    with pytest.raises(UsageError, match=r"AttributeError: .*'missing' \(test_summary\.py, line"):
        own(Broken())


OWN_NETS = (
    *("lenet5", "alexnet", "alexnet,lrn=true", "vgg11", "vgg13", "vgg16", "vgg19", "vggcifar"),
    *("vgg16,batch_norm=true", "dropoutcnn", "resnet18", "resnet34", "resnet50", "simpleresnet"),
    *("resnet18,stem=cifar", "cifar10net", "lenet5,activation=tanh"),
)


@pytest.mark.slow
def test_costs_little_beyond_importing_torch() -> None:
    """The budget is measured by ``cnn-lab bench summary``; here only what would break it."""
    loaded = run_python(
        "import sys, torch\n"
        "from cnn_tui.analysis.networks.summary import summarize\n"
        f"for name in {OWN_NETS}:\n"
        "    summarize(name)\n"
        "print([m for m in ('torch._dynamo', 'sympy', 'triton') if m in sys.modules])"
    )
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("norm", "originals", "parameters"),
    [
        (parametrizations.weight_norm, {"original0", "original1"}, 8 + 216 + 8 + 18),
        (parametrizations.spectral_norm, {"original"}, 216 + 8 + 18),
    ],
    ids=["weight norm", "spectral norm"],
)
def test_a_weight_that_is_computed_from_others_has_one_row(
    norm: Callable[[nn.Module], nn.Module], originals: set[str], parameters: int
) -> None:
    net = nn.Sequential(
        norm(nn.Conv2d(3, 8, 3)), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)
    )
    summary = own(net, (3, 8, 8))
    weight = "0.parametrizations.weight"
    names = [row.name for row in summary.modules if row.name.startswith(weight)]
    computed = {f"{weight}.{each}" for each in (*originals, "0")}
    assert sorted(names) == sorted({weight, *computed})
    assert not any(row.reused for row in summary.modules)
    assert summary.total_parameters == parameters
    assert "share" not in summary.note
    assert "numbers" not in summary.note
