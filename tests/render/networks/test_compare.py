"""Networks side by side, and the recurrence of a receptive field."""

import re
from dataclasses import replace

import pytest
import torch
from torch import nn

from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.shipped import shipped_summary
from cnn_tui.analysis.networks.summary import summarize, summarize_module
from cnn_tui.nets.specs import parse
from cnn_tui.render.networks.compare import net_comparison, net_measurements
from cnn_tui.render.networks.receptive_field import receptive_field_table
from cnn_tui.render.networks.summary import net_summary
from tests.render.networks.test_summary import drawn


@pytest.fixture(scope="module")
def three() -> list[NetSummary]:
    return [summarize(name) for name in ("lenet5", "vgg16", "resnet18")]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_compares_within_the_width(width: int, three: list[NetSummary]) -> None:
    text = drawn(net_comparison(three), width)
    assert max(map(len, text.splitlines())) <= width
    titles = ("Parameters", "MACs", "Activations", "Depth", "Receptive field")
    assert all(re.search(rf"^(.* )?{title}( .*)?$", text, re.M) for title in titles)


def test_draws_bars_to_one_scale_with_ratios(three: list[NetSummary]) -> None:
    text = drawn(net_comparison(three), 80)
    bars = text[text.index("\nParameters") : text.index("\nMACs")].splitlines()
    lenet, vgg, resnet = bars[2:5]
    assert vgg.count("█") > 10 * resnet.count("█") > lenet.count("█") == 0
    assert "3,114 ×" in vgg and " 1 ×" in lenet


def test_measures_one_line_per_network(three: list[NetSummary]) -> None:
    lines = drawn(net_measurements(three), 80).splitlines()
    assert len(lines) == 4
    assert lines[2].split() == [
        "vgg16", "3×224²", "138,357,544", "15.47", "G", "57.6", "MiB", "16", "212", "of", "224"
    ]  # fmt: skip


def test_compares_networks_that_see_everything_at_once() -> None:
    with torch.device("meta"):
        net = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
    flat = summarize_module(net, (1, 8, 8), net_name="flat", title="Flat")
    text = drawn(net_comparison([flat, summarize("lenet5")]))
    assert re.search(r"flat .* all", text)


@pytest.mark.parametrize("width", [80, 120])
def test_spells_the_recurrence_out(width: int) -> None:
    text = drawn(receptive_field_table(summarize("alexnet")), width)
    assert "r ← r + (k − 1)·j" in text
    assert "11 = 1 + (11 − 1)·1" in text
    assert "195 = 163 + (3 − 1)·16" in text
    assert "Receptive field: 195 of 224 pixels a side; what follows sees the whole image." in text
    assert max(map(len, text.splitlines())) <= width


def test_spells_out_each_step_of_a_branch_from_where_it_began() -> None:
    text = drawn(receptive_field_table(summarize("resnet18")))
    assert re.search(r"downsample\.0 .* 43 = 43 \+ \(1 − 1\)·4", text)
    assert "A branch starts from what it was given" in text


def test_tells_what_is_to_be_noted_of_a_network() -> None:
    noted = replace(summarize("lenet5"), note="An input was assumed.")
    assert "lenet5: An input was assumed." in drawn(net_comparison([noted, summarize("vgg16")]))
    assert "An input was assumed." in drawn(receptive_field_table(noted))


def test_says_when_there_is_nothing_to_grow() -> None:
    with torch.device("meta"):
        net = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
    flat = summarize_module(net, (1, 8, 8), net_name="flat", title="Flat")
    assert "nothing to grow" in drawn(receptive_field_table(flat))


def test_says_what_is_unknown_and_where_the_whole_image_is_seen() -> None:
    lenet = summarize("lenet5")
    layers = [replace(each, receptive_field="unknown", jump=None) for each in lenet.modules]
    lost = replace(
        lenet, depth=None, receptive_field="unknown", note="Lost.", modules=tuple(layers)
    )
    text = drawn(net_comparison([lost, summarize("vgg16")]))
    assert re.search(r"lenet5 +unknown +\n", text)
    page = drawn(net_summary(lost))
    assert "receptive field unknown" in page
    assert re.search(r"Depth +unknown: see the note", page)
    assert re.search(r"Receptive field +unknown: see the note", page)
    assert "?: unknown, after an operation that cannot be followed." in page
    vit = shipped_summary(parse("vit_b_16"))
    assert vit is not None
    assert "sees the whole image" in drawn(net_summary(vit))
    assert re.search(r"the whole image, from .*self_attention", drawn(net_summary(vit)))
    assert re.search(
        r"Receptive field: the whole image, from \S+self_attention \(MultiheadAttention\) on\.",
        " ".join(drawn(receptive_field_table(vit)).split()),
    )


def test_spells_out_only_sums_that_add_up() -> None:
    net = nn.Sequential(
        nn.Conv2d(1, 1, 4, stride=4), nn.Upsample(scale_factor=4), nn.Conv2d(1, 1, 3)
    )
    text = drawn(
        receptive_field_table(
            summarize_module(net, (1, 32, 32), net_name="up", title="Up", rebuild=lambda: net)
        )
    )
    assert "4 = 1 + (4 − 1)·1" in text
    assert re.search(r"\b8 +1\b", text)
