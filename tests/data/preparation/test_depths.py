"""Pictures of more than 8 bits are scaled alike, by what their data set holds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cnn_tui.analysis.images import find_image
from cnn_tui.data.dataset import Prepared
from cnn_tui.data.preparation import decode, folder
from cnn_tui.data.preparation.decode import PixelFormat, decode_picture
from cnn_tui.data.records import FIRST_SPLIT_RULE, PreparationStep, Remark
from cnn_tui.errors import UsageError
from tests.data.conftest import MakeTree

EACH = 6
SIDE = 8

Save = Callable[[NDArray[np.float64], Path], None]


def whole(most: int, suffix: str = ".png") -> Save:
    """Saves fractions of 1 as whole numbers up to ``most`` in 16 bits."""

    def save(fractions: NDArray[np.float64], stem: Path) -> None:
        pixels = np.rint(fractions * most).astype(np.uint16)
        Image.fromarray(pixels).save(stem.with_suffix(suffix))

    return save


def real(most: float) -> Save:
    def save(fractions: NDArray[np.float64], stem: Path) -> None:
        Image.fromarray((fractions * most).astype(np.float32)).save(stem.with_suffix(".tif"))

    return save


def make(root: Path, save: Save, classes: tuple[str, ...] = ("dark", "light")) -> Path:
    """Pictures of two classes; the darkest of all is far darker than the brightest, which is 1."""
    for label, name in enumerate(classes):
        (root / name).mkdir(parents=True)
        for number in range(EACH):
            fractions = np.random.RandomState(10 * label + number).uniform(0, 0.2, (SIDE, SIDE))
            fractions += 0.7 * label + 0.01 * number
            if label and number == EACH - 1:
                fractions[0, 0] = 1
            save(fractions.clip(0, 1), root / name / f"{number}")
    return root


def images(data: Prepared) -> dict[str, NDArray[np.uint8]]:
    parts = (data.train, data.test)
    return {
        Path(name).with_suffix("").as_posix(): image.numpy()
        for part in parts
        for name, image in zip(part.files, part.images, strict=True)
    }


@pytest.mark.parametrize(
    ("save", "scale"),
    [
        (whole(255), 255),
        (whole(256), 1023),
        (whole(1023), 1023),
        (whole(4095), 4095),
        (whole(4095, ".tif"), 4095),
        (whole(5000), 16_383),
        (whole(16_383), 16_383),
        (whole(65_535), 65_535),
        (real(1), 1),
        (real(255), 255),
        (real(3), 255),
        (real(1.02), 1),  # as edges are where a picture was resized
        (real(255.3), 255),
    ],
)
def test_a_set_has_one_scale_the_smallest_that_holds_it(
    save: Save, scale: float, tmp_path: Path
) -> None:
    data = folder.load(make(tmp_path / "deep", save), tmp_path / "cache")
    assert (data.scale, data.skipped) == (scale, ())
    assert folder.load(tmp_path / "deep", tmp_path / "cache").scale == scale


@pytest.mark.parametrize("save", [whole(255), whole(1023), whole(4095), whole(65_535), real(1)])
def test_a_picture_looks_alike_whatever_it_is_stored_as(save: Save, tmp_path: Path) -> None:
    def plain(fractions: NDArray[np.float64], stem: Path) -> None:
        pixels = np.rint(fractions * 255).astype(np.uint8)
        Image.fromarray(pixels).save(stem.with_suffix(".png"))

    expected = images(folder.load(make(tmp_path / "plain", plain), tmp_path / "cache"))
    found = images(folder.load(make(tmp_path / "deep", save), tmp_path / "cache"))
    assert found.keys() == expected.keys()
    for name, pixels in found.items():
        assert np.abs(pixels.astype(int) - expected[name]).max() <= 1


def test_a_file_beyond_the_sample_counts_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode, "SAMPLE", 2)  # the first of each class; the last is the brightest
    assert folder.load(make(tmp_path / "deep", whole(4095)), tmp_path / "cache").scale == 4095
    mixed = make(tmp_path / "mixed", whole(255))
    for path in mixed.rglob("*.png"):
        Image.open(path).convert("L").save(path)
    Image.fromarray(np.full((SIDE, SIDE), 700, np.uint16)).save(mixed / "light" / "5.png")
    data = folder.load(mixed, tmp_path / "cache")
    assert data.scale == 1023
    assert images(data)["light/5"].max() == 700 >> 2


@pytest.mark.slow
def test_many_files_are_scaled_alike_by_a_pool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make(tmp_path / "deep", whole(4095))
    here = folder.load(root, tmp_path / "one")
    monkeypatch.setattr(decode, "FEWEST_FOR_POOL", 1)
    monkeypatch.setattr(decode, "CHUNK_BYTES", SIDE * SIDE * 5)
    pooled = folder.load(root, tmp_path / "two")
    assert pooled.scale == 4095
    assert (here.train.images == pooled.train.images).all()


def test_files_of_eight_bits_are_read_once(
    make_tree: MakeTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    digest = decode.digest_of
    monkeypatch.setattr(decode, "digest_of", lambda path: read.append(path) or digest(path))
    assert folder.load(make_tree(), tmp_path / "cache").scale == 255
    assert len(read) == 20


def test_fractions_beside_whole_numbers_are_refused(tmp_path: Path) -> None:
    root = make(tmp_path / "mixed", whole(4095))
    real(1)(np.full((SIDE, SIDE), 0.5), root / "light" / "fractions")
    with pytest.raises(UsageError, match=r"whole numbers up to 4,095, others of fractions up to"):
        folder.load(root, tmp_path / "cache")


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (np.full((SIDE, SIDE), 3000, np.float32), "fractions up to 3e+03: save it with 0 to 1"),
        (np.full((SIDE, SIDE), np.inf, np.float32), "fractions up to inf"),
        (np.full((SIDE, SIDE), 100_000, np.int32), "up to 100,000: save it with 16 bits"),
    ],
)
def test_what_fits_no_scale_is_named_and_left_out(
    pixels: NDArray[np.generic], reason: str, tmp_path: Path
) -> None:
    root = make(tmp_path / "deep", real(1) if pixels.dtype == np.float32 else whole(4095))
    Image.fromarray(pixels).save(root / "light" / "odd.tif")
    data = folder.load(root, tmp_path / "cache")
    assert [file.path for file in data.skipped] == ["light/odd.tif"]
    assert reason in data.skipped[0].reason


def test_what_is_no_number_and_what_is_negative_is_black(tmp_path: Path) -> None:
    pixels = np.full((SIDE, SIDE), 0.5, np.float32)
    pixels[0, :3] = (np.nan, -np.inf, -4)
    Image.fromarray(pixels).save(tmp_path / "odd.tif")
    assert decode_picture(str(tmp_path / "odd.tif"), SIDE)[0, 0, :4].tolist() == [0, 0, 0, 128]


@pytest.mark.parametrize(
    ("save", "scale", "brightest"),
    [
        (whole(1000), 4095, 1000 >> 4),
        (whole(1000), 65_535, 1000 >> 8),
        (whole(1000), 1023, 1000 >> 2),
        (whole(200), 255, 200),
        (whole(1000), None, 1000 >> 2),
        (whole(60_000), 4095, 60_000 >> 8),  # it does not fit
        (whole(4095), 255, 255),  # of a set of ordinary files
        (real(0.5), 1, 128),
        (real(1), 255, 255),
        (real(200), 255, 200),
        (real(200), 1, 200),
    ],
)
def test_a_picture_for_a_network_is_scaled_as_its_data_set_was(
    save: Save, scale: float | None, brightest: int, tmp_path: Path
) -> None:
    fractions = np.zeros((SIDE, SIDE))
    fractions[0] = 1
    save(fractions, tmp_path / "one")
    (path,) = tmp_path.iterdir()
    assert find_image(str(path), None, scale).pixels.max() == brightest


def test_an_image_of_a_folder_is_scaled_as_the_folder_is(tmp_path: Path) -> None:
    root = make(tmp_path / "deep", whole(4095))
    data = folder.load(root, tmp_path / "cache")
    for index in range(len(data.test)):
        pixels = find_image(f"folder:{root}#{index}").pixels
        assert (pixels == data.test.images[index]).all()


def test_an_older_run_sees_deep_pictures_as_it_did(tmp_path: Path) -> None:
    root = make(tmp_path / "deep", whole(4095))
    now = folder.load(root, tmp_path / "cache")
    before = folder.load(root, tmp_path / "cache", rule=FIRST_SPLIT_RULE)
    assert before.scale == 65_535
    for name, pixels in images(before).items():
        assert np.array_equal(pixels, images(now)[name] >> 4)


def test_a_run_of_before_sees_a_set_that_has_grown_as_it_did(tmp_path: Path) -> None:
    root = make(tmp_path / "deep", whole(1023))
    before = images(folder.load(root, tmp_path / "cache"))
    Image.fromarray(np.full((SIDE, SIDE), 4000, np.uint16)).save(root / "light" / "new.png")
    assert folder.load(root, tmp_path / "cache").scale == 4095
    again = folder.load(root, tmp_path / "cache", form=PixelFormat(SIDE, 1, 1023))
    assert again.scale == 1023
    found = images(again)
    assert all(np.array_equal(found[name], pixels) for name, pixels in before.items())


def remarks(root: Path, cache: Path) -> list[str]:
    told: list[PreparationStep | Remark] = []
    folder.load(root, cache, progress=told.append)
    return [each.message for each in told if isinstance(each, Remark)]


def test_pictures_of_a_single_color_are_named(make_tree: MakeTree, tmp_path: Path) -> None:
    root = make_tree()
    Image.new("RGB", (12, 12), "red").save(root / "dark" / "003.png")
    one = ["dark/003.png shows a single color: nothing can be learned there."]
    assert remarks(root, tmp_path / "cache") == one
    assert remarks(root, tmp_path / "cache") == one  # from the cache, too
    Image.new("RGB", (12, 12)).save(root / "light" / "007.png")
    (said,) = remarks(root, tmp_path / "cache")
    assert said.startswith("2 images, such as dark/003.png, show a single color")


@pytest.mark.parametrize("save", [whole(0), real(0)])
def test_a_set_of_a_single_color_is_named(save: Save, tmp_path: Path) -> None:
    root = make(tmp_path / "black", save)
    (said,) = remarks(root, tmp_path / "cache")
    assert said.startswith("All 12 images show one and the same color, such as dark/0")


def test_colors_that_differ_can_be_learned(tmp_path: Path) -> None:
    for name in ("red", "blue"):
        (tmp_path / "colors" / name).mkdir(parents=True)
        for number in range(EACH):
            Image.new("RGB", (4, 4), name).save(tmp_path / "colors" / name / f"{number}.png")
    (said,) = remarks(tmp_path / "colors", tmp_path / "cache")
    assert said.startswith("12 images, such as blue/0.png, show a single color")


def test_pictures_with_pixels_below_black_are_named(tmp_path: Path) -> None:
    def standardized(fractions: NDArray[np.float64], stem: Path) -> None:
        real(1)(2 * fractions - 1, stem)

    *_, said = remarks(make(tmp_path / "odd", standardized), tmp_path / "cache")
    assert said == (
        "6 of the images have pixels below 0, which are read as black: save them with 0 to 1."
    )
    resized = make(tmp_path / "resized", lambda fractions, stem: real(1)(fractions - 0.02, stem))
    assert remarks(resized, tmp_path / "cache") == []


def test_sixteen_bits_per_color_are_named(tmp_path: Path) -> None:
    root = make(tmp_path / "deep", whole(65_535))
    for name in ("dark", "light"):
        (root / name / "color.png").write_bytes(png_of_48_bits())
    (said,) = remarks(root, tmp_path / "cache")
    assert said.startswith("2 of the images have 16 bits per color, of which only the upper 8")


def png_of_48_bits() -> bytes:
    """Pillow writes none: a gradient of 4×4 in 16 bits per color."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    pixels = np.arange(4 * 4 * 3, dtype=">u2").reshape(4, 12) * 1000
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
