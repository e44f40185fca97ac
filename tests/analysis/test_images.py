"""Single images: found by name, decoded alone, and refused with a sentence."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnn_tui.analysis.images import load_image, picture
from cnn_tui.data.catalogue import data_info, parse
from cnn_tui.data.dataset import Prepared, Split
from cnn_tui.data.preparation import folder
from cnn_tui.data.preparation.cache import kept
from cnn_tui.data.records import silent
from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action, step


def photos(root: Path, parts: tuple[str, ...]) -> Path:
    """A folder of one-colored pictures, five of each of two classes in each part."""
    for part in parts:
        for label, name in enumerate(("cat", "dog")):
            (root / part / name).mkdir(parents=True)
            for index in range(5):
                shade = (len(part) * 10 + index, 100 * label, 0)
                Image.new("RGB", (4, 4), shade).save(root / part / name / f"{index}.png")
    return root


@pytest.mark.parametrize("parts", [("train", "test"), ("",)])
def test_counts_a_folders_images_as_a_run_would_be_tested_on_them(
    tmp_path: Path, parts: tuple[str, ...]
) -> None:
    root = photos(tmp_path / "photos", parts)
    tested = folder.load(root, tmp_path / "cache").test
    for index, image in enumerate(tested.images):
        title, found = load_image(f"folder:{root}#{index}")
        assert torch.equal(found, image)
        assert title == f"photos#{index} ({('cat', 'dog')[tested.labels[index]]})"
    with pytest.raises(UsageError, match=f"{len(tested)} test images, #0 to #{len(tested) - 1}"):
        load_image(f"folder:{root}#{len(tested)}")


def test_counts_a_prepared_data_sets_images_in_its_own_order(tmp_path: Path) -> None:
    classes = data_info(parse("cifar10")).classes
    draws = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (20, 3, 32, 32), dtype=torch.uint8, generator=draws)
    train, test = (Split(part.clone(), torch.arange(20) % 10) for part in (images, images))
    made = Prepared(classes, train, test, (0.5,) * 3, (0.25,) * 3)
    kept(tmp_path / "cifar10.safetensors", "cifar10", "cifar10", lambda: made, silent)
    title, found = load_image("CIFAR-10#13", tmp_path)
    assert title == "cifar10#13 (cat)"
    assert torch.equal(found, images[13])
    with pytest.raises(UsageError, match="20 test images, #0 to #19"):
        load_image("cifar10#20", tmp_path)
    with pytest.raises(UsageError, match="mnist is not in") as error:
        load_image("mnist#0", tmp_path)
    assert error.value.next_steps == (step(Action.PREPARE_DATA, "mnist"),)


def test_opens_only_the_picture_it_needs(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", ("train", "test"))
    for path in root.glob("train/*/*.png"):
        path.write_bytes(b"damaged")
    assert load_image(f"folder:{root}#0")[1].shape == (3, 4, 4)


def test_reads_a_picture_as_it_is(tmp_path: Path) -> None:
    Image.new("L", (5, 3), 9).save(tmp_path / "gray.png")
    Image.new("RGBA", (5, 3), (255, 0, 0, 0)).save(tmp_path / "clear.webp")
    title, gray = load_image(str(tmp_path / "gray.png"))
    assert (title, gray.shape, gray.dtype) == ("gray.png", (1, 3, 5), torch.uint8)
    assert load_image(str(tmp_path / "clear.webp"))[1].unique().tolist() == [255]


def test_has_a_digit_at_hand() -> None:
    title, digit = load_image("digit")
    assert digit.shape == (1, 8, 8)
    assert torch.equal(load_image(title.split()[0])[1], digit)


def test_makes_a_picture_of_bytes() -> None:
    image = torch.arange(3 * 2 * 4, dtype=torch.uint8).view(3, 2, 4)
    shown = picture("an image", image)
    assert (shown.height, shown.width, shown.channels) == (2, 4, 3)
    assert np.array_equal(
        np.frombuffer(shown.pixels, np.uint8).reshape(2, 4, 3), image.permute(1, 2, 0)
    )
    assert (picture("small", image, 2).height, picture("small", image, 2).width) == (1, 2)


def bomb() -> bytes:
    """A PNG of 30,000 × 30,000 pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello", "not an image"),
        (b"", "not an image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", "not an image"),
        (bomb(), "more pixels"),
    ],
)
def test_refuses_files_that_are_no_pictures(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "bad.png").write_bytes(content)
    with pytest.raises(UsageError, match=rf"bad\.png cannot be read: .*{words}"):
        load_image(str(tmp_path / "bad.png"))


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("absent.png", "does not exist"),
        ("a" * 5000 + ".png", "cannot be opened"),
        ("digits", "is no image"),
        ("", "is no image"),
        ("digits#", "not the number of an image"),
        ("digits#-1", "not the number of an image"),
        ("digits#²", "not the number of an image"),
        ("digits#" + "9" * 5000, "not the number of an image"),
        ("digist#1", "no data set named"),
        ("folder:#1", "needs the path"),
        ("folder:absent#1", "does not exist"),
    ],
)
def test_says_what_is_wrong_with_a_name(spec: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        load_image(spec)
