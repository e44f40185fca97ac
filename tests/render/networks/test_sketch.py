"""Sketches in any width: whole, in boxes as tall as their maps are large."""

import pytest

from cnn_tui.analysis.networks.sketch import Sketch, SketchStage, sketch_of
from cnn_tui.analysis.networks.summary import summarize
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.render.networks.sketch import SketchView

VGG = ("64", "128", "256", "512", "4096→1000", "224²", "112²", "56²", "28²", "14²", "7²")


def drawn(sketch: Sketch, width: int, *, lines: int = 1, has_kinds: bool = True) -> list[str]:
    return [line.plain for line in SketchView(sketch, lines, has_kinds).drawn(width)]


@pytest.fixture(scope="module")
def vgg16() -> Sketch:
    return sketch_of(summarize("vgg16"))


@pytest.fixture(scope="module")
def resnet18() -> Sketch:
    return sketch_of(summarize("resnet18"))


@pytest.mark.parametrize("width", [30, 46, 56, 76, 116])
@pytest.mark.parametrize("lines", [1, 3])
def test_shows_every_stage_in_any_width(width: int, lines: int, vgg16: Sketch) -> None:
    shown = drawn(vgg16, width, lines=lines)
    assert max(map(len, shown)) <= width
    assert set(VGG) <= set(" ".join(shown).split())


def test_draws_one_box_for_each_layer_and_says_what_they_are(vgg16: Sketch) -> None:
    boxes, channels, sizes, kinds = drawn(vgg16, 100)
    assert boxes.split() == ["█"] * 2 + ["▇"] * 2 + ["▆"] * 3 + ["▅"] * 3 + ["▄"] * 3 + ["▪"] * 3
    assert channels.split()[:3] == ["3", "64", "128"]
    assert sizes.index("112²") == channels.index("128") == kinds.rindex("2 conv")


def test_counts_the_boxes_that_there_is_no_room_for(resnet18: Sketch) -> None:
    assert "×2" in drawn(resnet18, 24)[0] + drawn(resnet18, 24)[3]


def test_counts_the_boxes_of_all_stages_or_of_none() -> None:
    stages = tuple(SketchStage("dense", count, (count,), (8, 8)) for count in (6, 12, 16))
    sketch = Sketch((3, 8, 8), stages, (10,))
    assert drawn(sketch, 36, has_kinds=False)[0].split() == ["█×6", "█×12", "█×16"]
    assert "×" not in drawn(sketch, 60)[0]


def test_marks_what_leads_around_a_block(resnet18: Sketch, vgg16: Sketch) -> None:
    assert sum(line.count("╭╮") for line in drawn(resnet18, 100, lines=3)) == 8
    assert "╭╮" not in "".join(drawn(vgg16, 100, lines=3))


def test_counts_the_stages_that_are_not_drawn() -> None:
    many = tuple(SketchStage("conv", 1, (n,), (n, n)) for n in range(1, 101))
    shown = " ".join(drawn(Sketch((3, 100, 100), many, (10,)), 60))
    assert "+ 76 stages" in shown and "→ 10" in shown


@pytest.mark.slow
@pytest.mark.parametrize("net", all_nets(), ids=lambda net: net.name)
def test_draws_every_network_of_the_catalogue(net: object) -> None:
    sketch = sketch_of(summarize(net.name))
    for width in (46, 56, 76, 116):
        shown = drawn(sketch, width)
        assert max(map(len, shown)) <= width
        assert len(shown) <= 8
        assert str(sketch.output_shape[0]) in " ".join(shown)


def test_keeps_its_columns_where_signs_are_spelled_out(vgg16: Sketch) -> None:
    boxes, channels, sizes, _ = (line.plain for line in SketchView(vgg16).drawn(100, is_plain=True))
    assert all(line.isascii() for line in (boxes, channels, sizes))
    assert sizes.index("112^2") == channels.index("128")
