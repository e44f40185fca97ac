"""Summaries that come with the package: what torch computes, without torch."""

import re
from dataclasses import replace
from functools import partial

import pytest

from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.networks.input_tensors import with_numbers
from cnn_tui.analysis.networks.memory import memory_use
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.shipped import QUOTED, shipped_summary
from cnn_tui.analysis.networks.summary import summarize
from cnn_tui.analysis.records import Shape
from cnn_tui.chapter.catalogue import topics
from cnn_tui.nets.build import build
from cnn_tui.nets.entries import NETS
from cnn_tui.nets.specs import NetSpec, parse

REMEDY = "they are out of date: python -m tests.shipped_data"


@pytest.mark.parametrize("name", ["lenet5", "resnet18", "googlenet", "vit_b_16"])
def test_are_what_torch_computes(name: str) -> None:
    assert _without_memory(parse(name)) == summarize(name), REMEDY


def test_have_the_memory_of_a_real_forward() -> None:
    shipped = shipped_summary(parse("lenet5"))
    assert shipped is not None
    inputs = partial(with_numbers, NetInputs.of(shipped.input_shape))
    assert shipped.memory == memory_use(build("lenet5"), inputs), REMEDY


@pytest.mark.slow
@pytest.mark.parametrize("name", [net.name for net in NETS])
def test_are_what_torch_computes_of_every_network(name: str) -> None:
    assert shipped_summary(parse(name)) == summarize(name, memory=True), REMEDY


@pytest.mark.parametrize(("net", "shape"), QUOTED[:1])
def test_are_what_torch_computes_of_a_network_with_other_options(
    net: str, shape: Shape | None
) -> None:
    assert _without_memory(parse(net), shape) == summarize(net, shape), REMEDY


@pytest.mark.slow
@pytest.mark.parametrize(("net", "shape"), QUOTED[1:])
def test_are_what_torch_computes_of_what_topics_quote(net: str, shape: Shape | None) -> None:
    assert shipped_summary(parse(net), shape) == summarize(net, shape, memory=True), REMEDY


def _without_memory(spec: NetSpec, shape: Shape | None = None) -> NetSummary:
    """What a summary is that nobody has asked for the memory; that takes torch a second."""
    shipped = shipped_summary(spec, shape)
    assert shipped is not None
    return replace(shipped, memory=None)


def test_are_there_for_every_combination_that_a_topic_quotes() -> None:
    quoted = set()
    for page in topics():
        words = " ".join(re.findall("`([^`]*)`", page.text) + list(page.see)).split()
        following = [*words[1:], ""]
        for word, option, value in zip(words, following, [*words[2:], "", ""], strict=True):
            if re.fullmatch(r"[a-z]\w*(,\w+=[\w.]+)+", word):
                shape = tuple(map(int, value.split(","))) if option == "--input" else None
                quoted.add((word, shape))
    assert len(quoted) >= 4
    for net, shape in quoted:
        assert shipped_summary(parse(net), shape), f"{net} {shape}: {REMEDY}"


def test_are_there_for_every_network_of_the_lab() -> None:
    assert all(shipped_summary(parse(net.name)) for net in NETS)


def test_are_not_there_for_what_nobody_quotes() -> None:
    assert shipped_summary(parse("vgg11,batch_norm=true")) is None
    assert shipped_summary(parse("vgg16"), (3, 128, 128)) is None
    assert shipped_summary(parse("mine.py:Net")) is None


def test_keep_the_name_that_was_asked_for() -> None:
    plain = shipped_summary(parse("vgg16"), (3, 224, 224))
    assert plain is not None
    spelled = shipped_summary(parse("VGG16,batch-norm=false"))
    assert spelled == replace(plain, net="vgg16,batch_norm=false")
