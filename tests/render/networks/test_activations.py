"""A layer on the screen: what is looked at, what is special about it, and its maps."""

from dataclasses import replace

import pytest
from rich.console import Console

from cnn_tui.analysis.activations.records import (
    Activations,
    DropoutMasks,
    FeatureMap,
    Histogram,
    LayerShape,
)
from cnn_tui.analysis.records import Picture
from cnn_tui.render.networks.activations import activations_view

LISTED = Activations(
    net="lenet5",
    source="fresh weights, seed 0",
    image=Picture("digits#30 (3)", 8, 8, 1, bytes(range(64))),
    layers=("conv1", "fc1"),
    layer="",
    type="",
    output_shape=(),
    height=0,
    width=0,
    maps=(),
    layer_shapes=(LayerShape("conv1", "Conv2d", (6, 24, 24)), LayerShape("fc1", "Linear", (120,))),
    notes=("The network sees it as 28×28 gray.",),
)
LAYER = replace(
    LISTED,
    layer="conv1",
    type="Conv2d",
    output_shape=(6, 24, 24),
    height=24,
    width=24,
    maps=tuple(FeatureMap(i, -1.0, 1.0, bytes(24 * 24)) for i in range(2, 5)),
    channel=2,
    channels=6,
)


def shown(seen: Activations, width: int = 80, lines: int | None = None) -> list[str]:
    console = Console(width=width, color_system=None, highlight=False)
    with console.capture() as capture:
        console.print(activations_view(seen, columns=width, lines=lines))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_lists_the_layers_below_the_image() -> None:
    lines = shown(LISTED)
    assert "lenet5  fresh weights, seed 0" in lines[0]
    assert "Image: digits#30 (3)" in lines[1]
    assert lines[-2].split() == ["conv1", "Conv2d", "6×24²"]
    assert lines[-1].split() == ["fc1", "Linear", "120"]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_fits_a_layer_into_the_columns_that_there_are(width: int) -> None:
    lines = shown(LAYER, width)
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    assert "conv1 Conv2d, output 6×24²" in text
    assert "Channels #2 to #4 of 6." in text
    assert "The next ones: channel 5." in text


def test_counts_the_maps_that_are_shown_and_not_those_there_are() -> None:
    assert "Channels #2 to #3 of 6." in shown(LAYER, 60, lines=13)[-2]


def test_shows_histograms_and_masks_above_the_maps() -> None:
    histograms = (Histogram("Input", -1.0, 1.0, (1,) * 40, 0.0, 0.5),)
    masks = DropoutMasks(0.5, 2.0, ((1, 0),), ((1, 1),), kept=0.5, values=2)
    lines = shown(replace(LAYER, histograms=histograms, masks=masks))
    order = [
        next(i for i, line in enumerate(lines) if line.startswith(words))
        for words in ("p = 0.5", "Channel 2 of 6:", "Input  mean 0", "#2 -1..1")
    ]
    assert order == sorted(order)
