"""A data report: what a folder or a data set holds, file by file, without preparing it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnn_tui.data.catalogue import parse
from cnn_tui.data.preparation import decode
from cnn_tui.data.preparation.report import report
from cnn_tui.data.records import ClassCount
from cnn_tui.data.report_records import DataReport, ImageCount, Spread
from cnn_tui.render.draw.console import plain_text
from cnn_tui.render.pages.data_report import data_report_view
from tests.data.conftest import MakeTree


def of(root: Path, *, val_is_validation: bool = False) -> DataReport:
    spec = parse(f"folder:{root}")
    return report(spec, root.parent / "cache", val_is_validation=val_is_validation)


@pytest.fixture
def pets(make_tree: MakeTree) -> Path:
    """Training and test images with a leak, a copy in another class and files of all kinds."""
    root = make_tree("pets/train", count=6).parent
    make_tree("pets/test", count=2, size=(20, 10))
    dark = root / "train" / "dark"
    for part in ("train", "test"):  # made-up pixels are the same in each
        for index, path in enumerate(sorted((root / part).rglob("*.png"))):
            with Image.open(path) as image:
                image.putpixel((0, 0), (index, len(part), 1))
                image.save(path)
    shutil.copy(dark / "000.png", root / "test" / "dark" / "leak.png")
    shutil.copy(dark / "001.png", root / "train" / "light" / "copy.png")
    (dark / "cut.png").write_bytes((dark / "002.png").read_bytes()[:60])
    (dark / "notes.txt").write_text("notes")
    return root


def test_counts_sizes_channels_and_depths(pets: Path) -> None:
    Image.fromarray(np.full((30, 40), 4000, np.uint16)).save(pets / "test" / "light" / "deep.png")
    found = of(pets)
    assert found.parts == (ImageCount("train", 13), ImageCount("test", 6))
    assert found.per_class == (ClassCount("dark", 6, None, 3), ClassCount("light", 7, None, 3))
    assert found.sizes is not None
    assert (found.sizes.width, found.sizes.height) == (Spread(12, 12, 40), Spread(10, 12, 30))
    assert found.sizes.most_common == ImageCount("12×12", 14)
    assert found.modes == (ImageCount("RGB", 18), ImageCount("I;16", 1))
    assert found.depths == (ImageCount("8 bits", 18), ImageCount("16 bits", 1))
    assert found.scale == 4095


def test_finds_copies_in_a_part_between_parts_and_between_classes(pets: Path) -> None:
    copies = of(pets).duplicates
    assert copies.within == (ImageCount("train", 1), ImageCount("test", 0))
    assert copies.across == (ImageCount("test", 1),)
    assert copies.between_classes == 1
    assert copies.examples[0].images == ("train/dark/000.png", "test/dark/leak.png")
    assert set(copies.examples[1].images) == {"train/dark/001.png", "train/light/copy.png"}


def test_names_what_cannot_be_read_and_what_is_passed_over(pets: Path) -> None:
    found = of(pets)
    assert [each.path for each in found.unreadable] == ["train/dark/cut.png"]
    assert found.unreadable[0].reason
    assert found.passed_over == ("train/dark/notes.txt",)


def test_names_images_of_a_single_color_and_those_that_are_cut(pets: Path) -> None:
    Image.new("RGB", (70, 80), "red").save(pets / "train" / "light" / "red.jpg")
    said = "train/light/red.jpg shows a single color: nothing can be learned there."
    assert said in of(pets).notes
    for path in list(pets.rglob("*.*")):
        path.unlink()
        Image.new("P", (5, 5), 3).save(path.with_suffix(".png"))
    assert of(pets).notes[-1].startswith("All 21 images show one and the same color, such as train")
    negative = np.full((5, 5), -1, np.float32)
    negative[0] = 1
    Image.fromarray(negative).save(pets / "train" / "dark" / "negative.tif")
    assert "1 of the images has pixels below 0" in of(pets).notes[-1]


def test_names_links_as_links(pets: Path) -> None:
    (pets / "train" / "light" / "loop").symlink_to("..")
    (pets / "train" / "dark" / "lost").symlink_to("nowhere")
    shown = plain_text(data_report_view(of(pets)), 100)
    kinds = "1 .txt, 1 link to a folder around it, 1 link that leads nowhere"
    assert f"1 file and 2 links ({kinds})" in shown
    assert "train/dark/lost → nowhere" in shown


def test_keeps_nothing(pets: Path) -> None:
    of(pets)
    assert not (pets.parent / "cache").exists()


def test_a_folder_without_parts_is_split_as_a_run_splits_it(make_tree: MakeTree) -> None:
    found = of(make_tree(count=10))
    assert not found.is_split
    assert found.parts == (ImageCount("train", 16), ImageCount("test", 4))
    assert "holds out" in found.notes[0]


def test_val_alone_is_the_test_set_unless_asked(make_tree: MakeTree) -> None:
    root = make_tree("two/train").parent
    make_tree("two/val", count=2)
    assert [each.name for each in of(root).parts] == ["train", "test"]
    kept = of(root, val_is_validation=True)
    assert [each.name for each in kept.parts] == ["train", "val"]
    assert kept.per_class[0] == ClassCount("dark", 10, 2, 0)


def test_a_data_set_of_the_lab_has_a_report_too(tmp_path: Path) -> None:
    found = report(parse("digits"), tmp_path)
    assert found.parts == (ImageCount("train", 1438), ImageCount("test", 359))
    assert found.sizes is not None
    assert found.sizes.most_common == ImageCount("8×8", 1797)
    assert not found.duplicates.any
    assert {each.label for each in found.samples} == set("0123456789")


@pytest.mark.slow
def test_many_files_are_looked_at_on_all_cores(
    make_tree: MakeTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_tree(count=200)
    here = of(root)
    monkeypatch.setattr(decode, "FEWEST_FOR_POOL", 1)
    assert of(root) == here


@pytest.mark.parametrize("columns", [40, 80, 160])
def test_is_drawn_within_the_width(pets: Path, columns: int) -> None:
    drawn = plain_text(data_report_view(of(pets), columns=columns), columns)
    assert max(map(len, drawn.splitlines())) <= columns
    for words in ("Class", "Sizes", "✗ 1 test image is also a training image", "cut.png", "1 .txt"):
        assert words in " ".join(drawn.split())


def test_of_many_classes_those_with_the_fewest_images_are_listed(make_tree: MakeTree) -> None:
    classes = tuple(f"class{index:03}" for index in range(60))
    root = make_tree(classes=classes, count=2, size=(4, 4))
    (root / "class059" / "001.png").unlink()
    drawn = plain_text(data_report_view(of(root)))
    assert "class059" in drawn
    assert "The 40 of 60 classes with the fewest images." in drawn
