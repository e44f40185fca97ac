"""Summaries that come with the package: what torch computes, without torch."""

from dataclasses import replace

import pytest

from cnn_tui.analysis.networks.shipped import shipped_summary
from cnn_tui.analysis.networks.summary import summarize
from cnn_tui.nets.entries import NETS
from cnn_tui.nets.specs import parse

REMEDY = "they are out of date: python -m tests.shipped_data"


@pytest.mark.parametrize("name", ["lenet5", "resnet18"])
def test_are_what_torch_computes(name: str) -> None:
    assert shipped_summary(parse(name)) == summarize(name), REMEDY


@pytest.mark.slow
@pytest.mark.parametrize("name", [net.name for net in NETS])
def test_are_what_torch_computes_of_every_network(name: str) -> None:
    assert shipped_summary(parse(name)) == summarize(name), REMEDY


def test_are_there_for_every_network_of_the_lab() -> None:
    assert all(shipped_summary(parse(net.name)) for net in NETS)


def test_are_those_of_the_usual_options_and_input_only() -> None:
    assert shipped_summary(parse("vgg16,batch_norm=true")) is None
    assert shipped_summary(parse("vgg16"), (3, 128, 128)) is None
    assert shipped_summary(parse("mine.py:Net")) is None


def test_keep_the_name_that_was_asked_for() -> None:
    plain = shipped_summary(parse("vgg16"), (3, 224, 224))
    assert plain is not None
    spelled = shipped_summary(parse("VGG16,batch-norm=false"))
    assert spelled == replace(plain, net="vgg16,batch_norm=false")
