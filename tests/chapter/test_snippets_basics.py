"""The code of the pages on basics, optimizers, attention and other poolings: it does as torch does,
and as the lab does where the lab has the same.
"""

import math
import re
import shlex
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.analysis.networks.modules import summarize_instance
from cnn_tui.analysis.pooling.named_inputs import INPUTS
from cnn_tui.analysis.pooling.operators import choose, output_size, pool, spans
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.chapter.catalogue import topic
from cnn_tui.nets.build import build
from cnn_tui.training.loop.optimizers import make_optimizer
from tests.chapter.snippet_runs import snippet_run
from tests.training.conftest import small_config

PAGES = (
    "convolution",
    "modules",
    "own-network",
    "autograd",
    "optimizers",
    "attention",
    "pooling-other-kinds",
)
CHAPTER_MAP = INPUTS[0].grid
POOL_COMMAND = re.compile(r"^cnn-lab (pool .*)$", re.MULTILINE)


def names(slug: str) -> dict[str, Any]:
    return snippet_run(slug).names


def printed(slug: str) -> list[str]:
    return snippet_run(slug).printed.splitlines()


@pytest.mark.parametrize("slug", PAGES)
def test_shows_code_that_prints_what_its_page_talks_about(slug: str) -> None:
    assert len(printed(slug)) >= 2


@pytest.mark.parametrize(
    ("slug", "computed"),
    [
        ("convolution", f"{16 * 3 * 3 * 3 + 16}"),
        ("convolution", f"{128 * 64 + 128:,}"),
        ("modules", "15,786"),
        ("own-network", "9,978"),
        ("autograd", f"{(8 * 8 * 8) ** 2:,}"),
        ("optimizers", f"{math.sqrt(2 / (9 * 64)):.3f}"),
        ("attention", f"{4 * 768**2 + 4 * 768:,}"),
    ],
)
def test_says_the_numbers_that_are_computed_here(slug: str, computed: str) -> None:
    assert re.search(rf"(?<![\d.,]){re.escape(computed)}(?!\d)", topic(slug).text)


def numbers_of(diagram: str, columns: slice) -> Tensor:
    """The grid in a drawing of grids side by side, whose first line has their names."""
    rows = [line[columns].split() for line in diagram.splitlines()[1:]]
    return torch.tensor([[float(each.replace("−", "-")) for each in row] for row in rows if row])


@pytest.mark.parametrize(("stride", "kernel"), [(1, 3), (2, 3), (3, 5)])
def test_convolves_by_hand_as_torch_does(stride: int, kernel: int) -> None:
    generator = torch.Generator().manual_seed(stride)
    x = torch.randn(2, 9, 12, generator=generator)
    weight = torch.randn(4, 2, kernel, kernel, generator=generator)
    bias = torch.randn(4, generator=generator)
    ours = names("convolution")["conv2d"](x, weight, bias, stride)
    torch.testing.assert_close(ours, F.conv2d(x, weight, bias, stride), atol=1e-5, rtol=1e-5)


def test_draws_a_convolution_whose_numbers_are_right() -> None:
    drawn = re.search(r"^map .*?(?=^```$)", topic("convolution").text, re.MULTILINE | re.DOTALL)
    assert drawn
    grid, edge = numbers_of(drawn[0], slice(0, 15)), numbers_of(drawn[0], slice(15, 28))
    output = numbers_of(drawn[0], slice(28, None))
    assert (grid.shape, edge.shape) == ((4, 5), (3, 3))
    assert torch.equal(F.conv2d(grid[None, None], edge[None, None])[0, 0], output)
    conv2d = names("convolution")["conv2d"]
    assert torch.equal(conv2d(grid[None], edge[None, None], torch.zeros(1))[0], output)
    flipped = F.conv2d(grid[None, None], edge.flip(0, 1)[None, None])[0, 0]
    assert flipped[0, 1] == -22 == -output[0, 1]


def test_counts_the_parameters_and_the_cells_of_convolutions_rightly() -> None:
    counted = [
        sum(each.numel() for each in nn.Conv2d(*shape).parameters())
        for shape in ((3, 16, 3), (64, 128, 1))
    ]
    assert counted == [448, 8320]
    assert nn.Conv2d(1, 1, 5, stride=2, padding=2)(torch.zeros(1, 32, 32)).shape == (1, 16, 16)
    for size, kernel, stride, padding, dilation in ((32, 3, 1, 1, 1), (9, 3, 2, 0, 2)):
        conv = nn.Conv2d(1, 1, kernel, stride, padding, dilation)
        told = (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
        assert conv(torch.zeros(1, size, size)).shape[-1] == told
        windows = choose(
            "max", kernel_size=kernel, stride=stride, padding=padding, dilation=dilation
        )
        assert output_size(size, windows) == told


def test_writes_a_module_that_the_lab_reads() -> None:
    net = names("modules")["net"]
    summary = summarize_instance(net, (1, 28, 28))
    assert summary.total_parameters == 15786
    *_, total, saved, alike, redrawn = printed("modules")
    assert (total, saved, alike, redrawn) == ("15786", "9", "True", "False")
    assert len(dict(net.named_parameters())) == 6
    assert len(dict(net.named_buffers())) == 3


def test_shows_what_a_plain_list_of_layers_loses() -> None:
    class Listed(nn.Module):
        def __init__(self, holder: type) -> None:
            super().__init__()
            self.layers = holder([nn.Linear(2, 2)])

    assert list(Listed(list).parameters()) == []
    assert len(list(Listed(nn.ModuleList).parameters())) == 2


def test_finds_gradients_and_a_jacobian_as_they_are_worked_out_by_hand() -> None:
    first, added, recorded, gradient, kept, shape, is_weight = printed("autograd")
    assert (first, added, recorded) == ("tensor([2., 4.])", "tensor([4., 8.])", "False")
    assert (kept, shape, is_weight) == ("None", "torch.Size([1, 2, 1, 3])", "True")
    here = names("autograd")
    torch.testing.assert_close(here["grad"][0], here["J"].sum(0))
    assert gradient == str(here["grad"])
    with pytest.raises(RuntimeError, match="only for scalar outputs"):
        torch.ones(4, 10, requires_grad=True).mul(2).backward()


@pytest.mark.slow
def test_names_a_second_way_to_the_jacobian_that_gives_the_same() -> None:
    here = names("autograd")
    second = torch.func.jacrev(here["layer"])(here["image"])
    torch.testing.assert_close(second.reshape(2, 3), here["J"])


@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_moves_weights_by_hand_as_torch_does(name: str) -> None:
    here = names("optimizers")
    w = nn.Parameter(torch.tensor([4.0, -2.0]))
    kind = {"momentum": lambda: torch.optim.SGD([w], 0.1, 0.9), "adam": lambda: _labs_adam(w)}
    optimizer = kind[name]()
    for _ in range(50):
        optimizer.zero_grad()
        (here["steep"] * w**2).sum().backward()
        optimizer.step()
    ours = torch.tensor([4.0, -2.0])
    v = m = torch.zeros(2)
    for t in range(1, 51):
        v, m = here[name](ours, 2 * here["steep"] * ours, v, m, t)
    torch.testing.assert_close(ours, w.detach(), atol=1e-4, rtol=1e-4)
    assert f"{name} {ours}" in printed("optimizers")
    told = f"({ours[0]:.2f}, {ours[1]:.2f})".replace("-", "−")
    assert told in topic("optimizers").text


def _labs_adam(weight: nn.Parameter) -> torch.optim.Optimizer:
    """The lab's own optimizer, for a network that has this weight alone."""
    net = nn.Module()
    net.weight = weight
    return make_optimizer(net, small_config(optimizer="adam", lr=0.1, weight_decay=0.0))


def test_answers_its_questions_on_optimizers_rightly() -> None:
    here = names("optimizers")
    one, length = torch.ones(1), torch.zeros(1)
    for t in range(200):
        w = torch.zeros(1)
        length, _ = here["momentum"](w, one, length, length, t, lr=1.0)
    assert -w.item() == pytest.approx(10)
    w = torch.zeros(2)
    here["adam"](w, torch.tensor([1000.0, -0.001]), torch.zeros(2), torch.zeros(2), 1, lr=0.1)
    torch.testing.assert_close(w, torch.tensor([-0.1, 0.1]), atol=1e-5, rtol=1e-4)
    assert round(math.sqrt(2 / (9 * 64)), 3) == 0.059
    assert nn.init.calculate_gain("relu") == pytest.approx(math.sqrt(2))


def test_keeps_the_mean_square_alive_by_he_and_loses_it_by_default() -> None:
    here = names("optimizers")
    he, default = here["he"].square().mean().item(), here["default"].square().mean().item()
    assert 0.5 < he < 2
    assert default == pytest.approx((1 / 6) ** 10, rel=0.5)
    weight = nn.Linear(512, 512).weight
    assert weight.var().item() == pytest.approx(1 / (3 * 512), rel=0.02)


def test_attends_as_torch_does() -> None:
    here = names("attention")
    q, k, v = here["qkv"]
    torch.testing.assert_close(
        here["attention"](q, k, v), F.scaled_dot_product_attention(q, k, v), atol=1e-5, rtol=1e-5
    )
    torch.testing.assert_close(here["ours"](here["x"])[0], here["y"], atol=1e-5, rtol=1e-5)
    assert all(
        float(line.split("(")[1].split(",")[0].strip(")")) < 1e-5 for line in printed("attention")
    )
    same_keys = here["attention"](q, torch.ones_like(k), v)
    torch.testing.assert_close(same_keys, v.mean(0).expand(5, 8))
    order = torch.tensor([3, 0, 2, 4, 1])
    torch.testing.assert_close(
        here["attention"](q[order], k[order], v[order]), here["attention"](q, k, v)[order]
    )


@pytest.mark.slow
def test_counts_the_attention_of_vit_as_the_network_has_it() -> None:
    with torch.device("meta"):
        net = build("vit_b_16")
    layers = [each for each in net.modules() if isinstance(each, nn.MultiheadAttention)]
    counted = {sum(each.numel() for each in layer.parameters()) for layer in layers}
    assert counted == {2_362_368}


def of_the_lab(kind: str, **options: Any) -> Tensor:
    return torch.tensor(pool(CHAPTER_MAP, choose(kind, **options)).output)


def test_pools_by_powers_as_the_lab_does() -> None:
    by_power = dict(zip((1, 2, 4, 16), names("pooling-other-kinds")["lp"], strict=True))
    for power, value in by_power.items():
        lab = of_the_lab("lp", norm_type=float(power))[0, 0]
        torch.testing.assert_close(value, lab, atol=1e-4, rtol=1e-4)
    assert printed("pooling-other-kinds")[0].endswith(f"tensor([[[{by_power[2]:.4f}]]])")
    assert nn.LPPool2d(3, 2)(-torch.ones(1, 2, 2)).isnan().all()


def test_spreads_a_window_as_the_lab_does() -> None:
    here = names("pooling-other-kinds")
    assert here["x"].tolist() == [list(row) for row in CHAPTER_MAP]
    assert torch.equal(here["spread"], of_the_lab("max", kernel_size=2, stride=1, dilation=2))
    assert torch.equal(here["spread"], nn.MaxPool2d(2, 1, dilation=2)(here["x"][None])[0])
    assert printed("pooling-other-kinds").count("True") == 2, "both comparisons with torch"
    assert nn.MaxPool2d(3, 1, dilation=2)(torch.zeros(1, 8, 8)).shape[-1] == 4


@pytest.mark.parametrize(("size", "cells"), [(5, 3), (6, 4), (7, 3), (14, 7), (4, 1)])
def test_cuts_adaptive_windows_as_the_lab_does(size: int, cells: int) -> None:
    here = names("pooling-other-kinds")
    edges = [here["edges"](index, size, cells) for index in range(cells)]
    rows, _ = spans(size, size, choose("adaptive-avg", output_size=cells))
    assert edges == [(each.cells[0], each.cells[-1] + 1) for each in rows]
    x = torch.arange(float(size * size)).reshape(size, size) % 11
    torch.testing.assert_close(
        here["adaptive_average"](x, cells), F.adaptive_avg_pool2d(x[None], cells)[0]
    )


def test_answers_its_questions_on_adaptive_pooling_rightly() -> None:
    edges = names("pooling-other-kinds")["edges"]
    assert [edges(index, 6, 4) for index in range(4)] == [(0, 2), (1, 3), (3, 5), (4, 6)]
    x = torch.arange(196.0).reshape(1, 14, 14) % 17
    assert torch.equal(nn.AdaptiveMaxPool2d(7)(x), nn.MaxPool2d(2)(x))
    assert "[(0, 2), (1, 4), (3, 5)]" in printed("pooling-other-kinds")


def test_shows_pool_commands_that_run() -> None:
    commands = POOL_COMMAND.findall(topic("pooling-other-kinds").text)
    grids: dict[str, NumberGrid] = {each.name: each.grid for each in INPUTS}
    assert len(commands) == 3
    for command in commands:
        words = shlex.split(command)[1:]
        given = {
            word[2:].replace("-", "_"): each
            for word, each in zip(words[::2], words[1::2], strict=True)
        }
        grid, kind = grids[given.pop("input")], given.pop("kind")
        whole = {name: int(each) for name, each in given.items() if name != "output_size"}
        pooled = pool(grid, choose(kind, **{**given, **whole}))
        assert len(pooled.output) < len(grid)
