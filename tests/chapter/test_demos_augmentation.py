"""The demo of augmentation: what it draws is what it says, and what training does."""

import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from cnn_tui.chapter.run import run_demo
from cnn_tui.data.preparation import digits
from cnn_tui.errors import UsageError


def tiles(result):
    """The pictures (6, C, S, S) that the demo drew."""
    drawn = result.blocks[0]
    shown, side = drawn.picture, drawn.side
    pixels = torch.frombuffer(bytearray(shown.pixels), dtype=torch.uint8)
    rows = pixels.view(shown.height, shown.width, shown.channels).permute(2, 0, 1)
    apart = rows.unfold(1, side, side).unfold(2, side, side)
    return apart.permute(1, 2, 0, 3, 4).reshape(-1, shown.channels, side, side)


def first_last(text):
    first, last = text.split(" to ")
    return slice(int(first), int(last) + 1)


@pytest.mark.parametrize("parameters", [{}, {"augment": "crop", "seed": 3}, {"epoch": 4}])
def test_draws_the_shifts_mirrors_and_squares_that_it_tells(parameters):
    result = run_demo("augmentation", **parameters)
    original, *drawn = tiles(result)
    padding = result.figures["padding"]
    side = original.shape[-1]
    for picture, (_, down, right, mirrored, rows, columns) in zip(
        drawn, result.blocks[1].rows, strict=True
    ):
        top, left = padding - down, padding - right
        expected = F.pad(original, (padding,) * 4)[:, top : top + side, left : left + side]
        expected = expected.flip(-1) if mirrored == "yes" else expected
        expected = expected.clone()
        expected[:, first_last(rows), first_last(columns)] = round(
            255 * result.blocks[3].rows[0][3]
        )
        assert torch.equal(picture, expected)


def test_draws_anew_for_each_seed_and_each_epoch():
    shown = [run_demo("augmentation", **each) for each in ({}, {"seed": 1}, {"epoch": 1}, {})]
    first, *others, again = [tiles(each)[1:] for each in shown]
    assert all(not torch.equal(first, other) for other in others)
    assert torch.equal(first, again)
    assert shown[0].figures["different_pictures"] == 6


def test_leaves_the_image_alone_where_nothing_may_happen():
    result = run_demo("augmentation", augment="none", cutout=0)
    assert result.figures["different_pictures"] == 1
    assert result.blocks[2].text.startswith("Nothing is left to chance")


def test_normalizes_by_the_constants_of_the_training_images():
    data = digits.prepared()
    ((_, mean, std, minus, divided_by, new_mean, new_std),) = (
        run_demo("augmentation").blocks[3].rows
    )
    assert (minus, divided_by) == (data.mean[0], data.std[0])
    assert new_mean == pytest.approx((mean - minus) / divided_by, abs=1e-5)
    assert new_std == pytest.approx(std / divided_by, abs=1e-5)


def test_shows_a_picture_of_ones_own(tmp_path):
    path = tmp_path / "mine.png"
    Image.new("RGB", (40, 20), (200, 30, 90)).save(path)
    result = run_demo("augmentation", image=str(path), cutout=0)
    original = tiles(result)[0]
    assert original.shape == (3, 20, 20)
    assert original[:, 10, 10].tolist() == [200, 30, 90]
    assert [row[0] for row in result.blocks[3].rows] == ["red", "green", "blue"]
    assert "this image's own mean" in result.blocks[4].text


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"cutout": 16}, "would hide whole images of 16×16"),
        ({"image": "digits#9999"}, "there is no #9999"),
        ({"image": "nothing"}, "'nothing' is no image"),
        ({"image": "missing.png"}, "does not exist"),
        ({"augment": "rotate"}, "Choose none, crop or crop\\+flip"),
    ],
)
def test_says_what_cannot_be_augmented(parameters, sentence):
    with pytest.raises(UsageError, match=sentence):
        run_demo("augmentation", **parameters)
