"""Receptive fields in the words of what goes in, and none where nothing has a field."""

from dataclasses import replace

import pytest

from cnn_tui.analysis.networks.records import LayerSummary, NetNote, NetSummary
from cnn_tui.analysis.records import Shape
from cnn_tui.render.draw.console import plain_text
from cnn_tui.render.networks.compare import net_comparison
from cnn_tui.render.networks.receptive_field import receptive_field_table
from cnn_tui.render.networks.summary import net_summary


def net(shape: Shape, field: int | str | None = 3) -> NetSummary:
    """A convolution, and a layer that sees everything."""
    conv = LayerSummary("conv", "Conv", 0, True, (4, 8), 9, 90, field)
    conv = replace(conv, jump=1, start=1.5, window=(3, 1, 0, 1))
    whole = "global" if field else None
    last = LayerSummary("fc", "Linear", 0, True, (4,), 0, 0, whole)
    return NetSummary("n", "N", shape, (4,), 9, 90, (conv, last), depth=1, receptive_field=field)


def words(content: object) -> str:
    return " ".join(plain_text(content).split())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shape", "size", "noun"),
    [
        ((1, 16), "3 of 16 samples", "signal"),
        ((1, 16, 16), "3 of 16 pixels a side", "image"),
        ((1, 16, 16, 16), "3 of 16 voxels a side", "volume"),
    ],
)
def test_speaks_of_what_goes_in(shape: Shape, size: str, noun: str) -> None:
    summary = net(shape)
    unit = size.split()[3]
    page, table = words(net_summary(summary)), words(receptive_field_table(summary))
    assert f"Receptive field {size} before the layers that see the whole {noun}" in page
    assert f"in {unit} of the {noun}; all: the whole {noun}." in page
    assert f" the {noun} 1 1 0.5" in table
    assert f"Receptive field: {size}; what follows sees the whole {noun}." in table
    assert f"start are in {unit} of the {noun}." in table
    assert f"the whole {noun}, in {size.partition(' of 16 ')[2]};" in words(
        net_comparison([summary, summary])
    )


def test_explains_no_field_where_there_is_none() -> None:
    features = net((16,), None)
    page = words(net_summary(features))
    assert "Receptive field – (no image, signal or volume goes in)" in page
    assert "pixels" not in page
    assert "RF:" not in words(net_comparison([features, features]))
    bare = replace(features, modules=(replace(features.modules[1], window=None),))
    assert "takes none of them." in words(receptive_field_table(bare))


def test_compares_fields_of_different_inputs_each_in_its_own_unit() -> None:
    mixed = words(net_comparison([net((1, 16)), net((1, 16, 16))]))
    assert "in pixels, samples or voxels a side" in mixed


def test_quantized_layers_alone_are_not_counted_instead_of_nothing() -> None:
    note = NetNote("quantized", "conv", "conv is quantized.", "choosing-an-architecture")
    bare = replace(net((16,), None), total_parameters=0, total_macs=0, depth=0)
    page = words(net_summary(replace(bare, notes=(note,))))
    assert "parameters not counted · MACs not counted" in page
    assert "Parameters not counted MACs not counted" in page
    assert "Depth not counted" in page
    assert "Parameters 0 MACs 0 for" in words(net_summary(bare))
