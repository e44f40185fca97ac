"""What makes two data sets the same, and what does not."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from cnn_tui.data.catalogue import parse
from cnn_tui.data.dataset import Split
from cnn_tui.data.fingerprint import fingerprint
from cnn_tui.data.preparation.prepare import load

IMAGES = torch.arange(6 * 64, dtype=torch.int64).remainder(251).to(torch.uint8).view(6, 1, 8, 8)
LABELS = torch.tensor([0, 1, 0, 1, 0, 1])
FILES = tuple(f"{label}/{row}.png" for row, label in enumerate(LABELS.tolist()))
PLAIN = Split(IMAGES, LABELS)
FILED = Split(IMAGES, LABELS, FILES, tuple("abcdef"))
CLASSES = ("cat", "dog")


def brightened(images: torch.Tensor) -> torch.Tensor:
    """The same images with one pixel changed."""
    changed = images.clone()
    changed[2, 0, 3, 3] += 1
    return changed


@pytest.mark.parametrize("split", [PLAIN, FILED], ids=["pixels", "files"])
def test_a_changed_image_label_class_or_part_makes_another_data_set(split: Split) -> None:
    changed = brightened(split.images)
    new = replace(split, images=changed, digests=split.digests and tuple("abXdef"))
    other = [
        fingerprint(CLASSES, {"train": new}),
        fingerprint(CLASSES, {"train": replace(split, labels=split.labels.flip(0))}),
        fingerprint(("cat", "wolf"), {"train": split}),
        fingerprint(CLASSES, {"train": split.between(0, 4), "val": split.between(4, None)}),
        fingerprint(CLASSES, {"test": split}),
        fingerprint(CLASSES, {"train": split.between(0, 5)}),
    ]
    assert len({fingerprint(CLASSES, {"train": split}), *other}) == 1 + len(other)


def test_the_order_of_files_makes_no_other_data_set() -> None:
    assert fingerprint(CLASSES, {"train": FILED}) == fingerprint(
        CLASSES, {"train": FILED.at([5, 3, 1, 0, 2, 4])}
    )
    assert fingerprint(CLASSES, {"train": PLAIN}) != fingerprint(
        CLASSES, {"train": PLAIN.at([5, 3, 1, 0, 2, 4])}
    )


def test_a_file_of_another_name_makes_another_data_set() -> None:
    renamed = replace(FILED, files=("0/new.png", *FILES[1:]))
    assert fingerprint(CLASSES, {"train": FILED}) != fingerprint(CLASSES, {"train": renamed})


def test_a_copy_of_a_folder_is_the_same_data_set(tmp_path: Path) -> None:
    for root in ("here", "there"):
        for label, name in enumerate(CLASSES):
            folder = tmp_path / root / name
            folder.mkdir(parents=True)
            for row in range(10):
                Image.new("L", (8, 8), 100 * label + row).save(folder / f"{row}.png")
    here, there = (
        load(parse(f"folder:{tmp_path / root}"), tmp_path / "data") for root in ("here", "there")
    )
    assert here.fingerprint == there.fingerprint
    assert set(here.train.files) | set(here.val.files) | set(here.test.files) == {
        f"{name}/{row}.png" for name in CLASSES for row in range(10)
    }
    assert load(parse("digits"), tmp_path / "data").fingerprint not in ("", here.fingerprint)
