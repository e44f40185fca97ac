"""Picture files: one way to open them, one list of names, and no program started by any."""

import re
import shlex
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image

import cnn_tui
from cnn_tui.analysis.images import find_image, names_image_file
from cnn_tui.analysis.pooling.inputs import resolve_input
from cnn_tui.data.preparation import folder
from cnn_tui.data.preparation.decode import PixelFormat, common_format, decode_chunk, decode_picture
from cnn_tui.data.preparation.listing import list_folder
from cnn_tui.data.preparation.pictures import FORMATS, SUFFIXES, is_picture_name, open_picture
from cnn_tui.data.records import PreparationStep, Remark
from cnn_tui.errors import UsageError
from tests.data.conftest import MakeTree

PACKAGE = Path(cnn_tui.__file__).parent

FLOATS = ".pfm"
"""Of a decoder that is used, but no picture that the lab can show: its range is not known."""


@pytest.fixture
def ghostscript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The mark that a program named ``gs``, the first on PATH, leaves when it is started."""
    programs, mark = tmp_path / "bin", tmp_path / "started"
    programs.mkdir()
    script = f"#!/bin/sh\necho started >> {shlex.quote(str(mark))}\necho 10.0\n"
    for name in ("gs", "gswin32c", "gswin64c"):
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None, raising=False)  # not in Pillow 10.0
    return mark


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """A real EPS file, as Pillow itself writes it, under the name of a PNG file."""
    Image.new("RGB", (12, 12), "red").save(tmp_path / "evil.png", format="EPS")
    return tmp_path / "evil.png"


def pixels_of_a_folder(evil: Path) -> object:
    return decode_chunk([str(evil)], PixelFormat(12, 3, 255)).failures


OPENERS: dict[str, Callable[[Path], object]] = {
    "a folder's common size": lambda evil: common_format([str(evil)]),
    "a folder's pixels": pixels_of_a_folder,
    "one picture": lambda evil: decode_picture(str(evil), 64),
    "predict and activations": lambda evil: find_image(str(evil)),
    "pool --input": lambda evil: resolve_input(str(evil)),
}


def test_the_mark_of_ghostscript_is_left_where_pillow_decodes_freely(
    ghostscript: Path, evil: Path
) -> None:
    with Image.open(evil) as image, pytest.raises(Exception):  # noqa: B017 - the fake writes none
        image.load()
    assert ghostscript.exists()


@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
def test_a_postscript_file_named_as_a_picture_starts_nothing(
    opener: Callable[[Path], object], ghostscript: Path, evil: Path
) -> None:
    try:
        assert opener(evil) in (PixelFormat(1, 1), [(0, "not an image, or damaged from the start")])
    except (UsageError, ValueError) as error:
        assert "not an image" in str(error)
    assert not ghostscript.exists()


def test_a_folder_names_a_postscript_file_as_one_that_cannot_be_read(
    make_tree: MakeTree, ghostscript: Path, evil: Path, tmp_path: Path
) -> None:
    root = make_tree()
    evil.rename(root / "dark" / "evil.png")
    data = folder.load(root, tmp_path / "cache")
    assert [each.path for each in data.skipped] == ["dark/evil.png"]
    assert not ghostscript.exists()


OPENS_PICTURES = re.compile(
    r"\bImage\s*\.\s*open\b|from PIL\.Image import .*\bopen\b"
    r"|torchvision\.io\b|\bImageFolder\(|default_loader|\bimageio\b|\bcv2\b"
)


@pytest.mark.slow
def test_pictures_are_opened_in_one_place_alone() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    opening = [
        path.relative_to(PACKAGE) for path in sources if OPENS_PICTURES.search(sources[path])
    ]
    assert opening == [Path("data/preparation/pictures.py")]


def test_the_endings_are_those_of_the_decoders() -> None:
    Image.init()
    known = {suffix for suffix, name in Image.registered_extensions().items() if name in FORMATS}
    assert set(SUFFIXES) == known - {FLOATS}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_picture_of_any_ending_is_read_everywhere(
    make_tree: MakeTree, suffix: str, tmp_path: Path
) -> None:
    gray = suffix in (".pbm", ".pgm")
    root = make_tree(mode="L" if gray else "RGB", suffix=".png", count=3)
    made = root / "light" / f"one more{suffix.upper()}"
    Image.new("1" if suffix == ".pbm" else "L" if gray else "RGB", (12, 12)).save(made)
    data = folder.load(root, tmp_path / "cache")
    assert (len(data.train) + len(data.test), data.skipped) == (7, ())
    assert names_image_file(str(made))
    assert find_image(str(made)).pixels.shape[1:] == (12, 12)
    assert len(resolve_input(str(made)).grid) == 12


def remarks(root: Path, cache: Path) -> list[str]:
    told: list[PreparationStep | Remark] = []
    folder.load(root, cache, progress=told.append)
    return [each.message for each in told if isinstance(each, Remark)]


def test_files_passed_over_are_counted_and_named(make_tree: MakeTree, tmp_path: Path) -> None:
    root = make_tree()
    (root / "dark" / "deeper").mkdir()
    for number in range(3):
        (root / "dark" / "deeper" / f"{number}.HEIC").write_bytes(b"\0")
    (root / "light" / "README").write_text("about these pictures")
    (root / "light" / "gone.png").symlink_to("nowhere.png")
    (root / "loose.jpg").write_bytes(b"\0")
    (root / "labels.csv").write_text("beside the classes, where notes belong")
    for name in ("Thumbs.db", ".DS_Store", "desktop.ini"):
        (root / "light" / name).write_bytes(b"\0")
    (said,) = remarks(root, tmp_path / "cache")
    kinds = "3 .heic, 1 .jpg, 1 link that leads nowhere, 1 without an ending"
    assert f"5 files and 1 link ({kinds}), such as dark/deeper/0" in said
    assert remarks(root, tmp_path / "cache") == [said]  # from the cache too
    assert len(list_folder(root).passed_over) == 6


def test_a_class_folder_that_is_a_lost_link_is_named(make_tree: MakeTree, tmp_path: Path) -> None:
    root = make_tree()
    (root / "owls").symlink_to(tmp_path / "unplugged" / "owls")
    (said,) = remarks(root, tmp_path / "cache")
    where = f"owls → {tmp_path}/unplugged/owls"
    assert said == f"Passed over in {root}: 1 link that leads nowhere, such as {where}."
    assert list_folder(root).passed_over == (where,)


def test_a_folder_of_nothing_but_unknown_pictures_says_what_it_holds(tmp_path: Path) -> None:
    for name in ("cats", "dogs"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        (tmp_path / "photos" / name / "1.heic").write_bytes(b"\0")
    with pytest.raises(UsageError, match=r"2 files \(2 \.heic\), such as cats/1\.heic"):
        list_folder(tmp_path / "photos")


def test_a_class_of_unknown_pictures_says_what_it_holds(
    make_tree: MakeTree, tmp_path: Path
) -> None:
    root = make_tree()
    (root / "other").mkdir()
    (root / "other" / "1.avif").write_bytes(b"\0")
    with pytest.raises(UsageError, match=r"class other .*1 file \(1 \.avif\), such as other/1"):
        list_folder(root)


def test_a_folder_beside_train_and_test_is_not_passed_over_in_silence(
    make_tree: MakeTree, tmp_path: Path
) -> None:
    for part in ("train", "test", "more"):
        make_tree(f"images/{part}", count=3)
    (said,) = remarks(tmp_path / "images", tmp_path / "cache")
    assert "more/ (only train/ and test/ are read)" in said


def test_a_folder_of_known_pictures_needs_no_remark(make_tree: MakeTree, tmp_path: Path) -> None:
    assert remarks(make_tree(), tmp_path / "cache") == []


def test_pillows_warnings_do_not_reach_the_screen(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    palette = Image.new("P", (4, 4))
    palette.putpalette([0, 0, 0, 255, 255, 255])
    palette.save(tmp_path / "clear.png", transparency=b"\x80\xff")
    with open_picture(str(tmp_path / "clear.png")) as image:
        image.convert("RGB")
    assert not recwarn.list


def thin(width: int, height: int) -> bytes:
    """A PNG file of one color, gray, in few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress((b"\0" + b"\xc8" * width) * height)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.mark.parametrize(("width", "height"), [(200_000, 1), (1, 200_000)])
def test_a_very_long_picture_is_shrunk_to_fit(width: int, height: int, tmp_path: Path) -> None:
    (tmp_path / "long.png").write_bytes(thin(width, height))
    pixels = decode_picture(str(tmp_path / "long.png"), 64)
    assert sorted(pixels.shape) == [1, 1, 64]
    assert set(pixels.flat) == {200}
    decoded = decode_chunk([str(tmp_path / "long.png")], PixelFormat(8, 1))
    assert (decoded.failures, set(decoded.images.flat)) == ([], {200})


def save_cmyk(path: Path) -> None:
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(path)


def save_palette(path: Path) -> None:
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.save(path)


def save_animation(path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue", "lime")]
    frames[0].save(path, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("name", "save"),
    [
        ("cmyk.jpg", save_cmyk),
        ("cmyk.tif", save_cmyk),
        ("palette.png", save_palette),
        ("palette.bmp", save_palette),
        ("animation.gif", save_animation),
        ("animation.png", save_animation),
        ("animation.webp", save_animation),
        ("pages.tiff", save_animation),
    ],
)
def test_a_red_picture_is_red_whatever_it_is_stored_as(
    name: str, save: Callable[[Path], None], tmp_path: Path
) -> None:
    save(tmp_path / name)
    one = decode_picture(str(tmp_path / name), 8)
    decoded = decode_chunk([str(tmp_path / name)], PixelFormat(8, 3))
    assert decoded.failures == []
    assert np.array_equal(one, decoded.images[0])
    assert one[0].min() > 220
    assert one[1:].max() < 40


def test_a_picture_is_turned_as_its_camera_says(tmp_path: Path) -> None:
    upright = Image.new("L", (8, 16))
    upright.paste(255, (0, 0, 8, 8))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it a quarter clockwise
    upright.save(tmp_path / "turned.png", exif=exif)
    pixels = decode_picture(str(tmp_path / "turned.png"), 16)
    assert pixels.shape == (1, 8, 16)
    assert (pixels[0, :, 8:] == 255).all()
    assert np.array_equal(
        decode_chunk([str(tmp_path / "turned.png")], PixelFormat(8, 1)).images[0, 0, :, 6:],
        [[255] * 2] * 8,
    )


def test_a_name_is_a_pictures_by_its_ending_alone() -> None:
    assert is_picture_name("A.JPEG")
    assert is_picture_name("holiday/.jpe")
    assert not is_picture_name("jpg")
    assert not is_picture_name("drawing.eps")
