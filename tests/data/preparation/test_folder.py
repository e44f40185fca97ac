import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnn_tui.data.catalogue import parse
from cnn_tui.data.preparation import decode, folder, prepare
from cnn_tui.data.records import PreparationStep, Remark, SkippedFile
from cnn_tui.errors import UsageError
from tests.data.conftest import MakeTree


def load(root: Path, cache: Path, **options: object):
    return folder.load(root, cache, **options)


def test_one_tree_is_split_and_every_class_is_in_every_part(
    make_tree: MakeTree, tmp_path: Path
) -> None:
    root = make_tree(count=20)
    data = prepare.load(parse(f"folder:{root}"), tmp_path / "cache")
    assert data.classes == ("dark", "light")
    assert [len(part) for part in (data.train, data.val, data.test)] == [29, 3, 8]
    for part in (data.train, data.val, data.test):
        assert part.labels.unique().tolist() == [0, 1]


def test_images_keep_their_labels(make_tree: MakeTree, tmp_path: Path) -> None:
    data = load(make_tree(), tmp_path / "cache")
    for part in (data.train, data.test):
        brightness = part.images.float().mean((1, 2, 3))
        assert torch.equal(brightness > 120, part.labels == 1)


def test_train_and_test_folders_are_kept_apart(make_tree: MakeTree, tmp_path: Path) -> None:
    make_tree("images/train", count=6)
    make_tree("images/test", count=4, size=(12, 12))
    data = load(tmp_path / "images", tmp_path / "cache")
    assert (len(data.train), len(data.test)) == (12, 8)


def test_images_are_brought_to_the_most_common_size(make_tree: MakeTree, tmp_path: Path) -> None:
    root = make_tree(size=(20, 14))
    Image.new("RGB", (64, 40), "white").save(root / "light" / "large.png")
    data = load(root, tmp_path / "cache")
    assert data.train.images.shape[1:] == (3, 14, 14)


def test_a_smaller_size_can_be_asked_for(make_tree: MakeTree, tmp_path: Path) -> None:
    root = make_tree()
    assert load(root, tmp_path, image_size=8).train.images.shape[2:] == (8, 8)
    assert load(root, tmp_path, image_size=99).train.images.shape[2:] == (12, 12)


def test_gray_pictures_have_one_channel(make_tree: MakeTree, tmp_path: Path) -> None:
    data = load(make_tree(mode="L"), tmp_path / "cache")
    assert data.train.images.shape[1] == 1
    assert len(data.mean) == 1


def test_odd_pictures_are_read_as_they_look(make_tree: MakeTree, tmp_path: Path) -> None:
    root = make_tree(mode="L", count=4)
    deep = np.full((12, 12), 50_000, dtype=np.uint16)
    Image.fromarray(deep).save(root / "light" / "sixteen-bits.png")
    clear = Image.new("LA", (12, 12), (0, 0))
    clear.save(root / "light" / "transparent.png")
    Image.new("1", (12, 12), 1).save(root / "light" / "one-bit.png")
    Image.new("L", (12, 12), 200).save(root / "light" / "animated.gif", save_all=True)
    data = load(root, tmp_path / "cache")
    assert data.skipped == ()
    labels = torch.cat([data.train.labels, data.test.labels])
    images = torch.cat([data.train.images, data.test.images]).float()
    assert int(labels.sum()) == 8
    assert images[labels == 1].mean((1, 2, 3)).min() > 180


def test_damaged_files_are_named_counted_and_left_out(make_tree: MakeTree, tmp_path: Path) -> None:
    root = make_tree(suffix=".jpg")
    whole = (root / "dark" / "000.jpg").read_bytes()
    (root / "dark" / "000.jpg").write_bytes(whole[: len(whole) // 2])
    (root / "light" / "003.jpg").write_bytes(b"not a picture")
    (root / "light" / "004.jpg").write_bytes(b"")
    data = load(root, tmp_path / "cache")
    assert [file.path for file in data.skipped] == [
        "dark/000.jpg",
        "light/003.jpg",
        "light/004.jpg",
    ]
    assert "truncated" in data.skipped[0].reason.lower()
    assert len(data.train) + len(data.test) == 17
    assert load(root, tmp_path / "cache").skipped == data.skipped


def test_a_picture_made_to_exhaust_memory_is_skipped(
    make_tree: MakeTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_tree()
    Image.new("L", (300, 300)).save(root / "dark" / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50_000)
    data = load(root, tmp_path / "cache")
    assert [file.path for file in data.skipped] == ["dark/bomb.png"]


def test_what_is_not_an_image_is_no_class_and_no_file(make_tree: MakeTree, tmp_path: Path) -> None:
    root = make_tree()
    (root / ".git").mkdir()
    (root / "__MACOSX").mkdir()
    (root / "notes.txt").write_text("hello")
    (root / "dark" / "Thumbs.db").write_bytes(b"\0")
    (root / "dark" / ".hidden.png").write_bytes(b"\0")
    data = load(root, tmp_path / "cache")
    assert data.classes == ("dark", "light")
    assert data.skipped == ()


def test_pictures_in_subfolders_belong_to_their_class(make_tree: MakeTree, tmp_path: Path) -> None:
    root = make_tree()
    (root / "light" / "more").mkdir()
    shutil.copy(root / "light" / "000.png", root / "light" / "more" / "copy.png")
    assert len(load(root, tmp_path / "cache").train) + len(load(root, tmp_path).test) == 21


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda root: None, "does not exist"),
        (lambda root: root.write_text("a file"), "is not a folder"),
        (lambda root: root.mkdir(), "no images"),
        (lambda root: (root / "cats").mkdir(parents=True), "no images"),
    ],
)
def test_a_folder_without_images_is_refused(make, said: str, tmp_path: Path) -> None:
    root = tmp_path / "pictures"
    make(root)
    with pytest.raises(UsageError, match=said):
        load(root, tmp_path / "cache")


def test_one_class_is_refused(make_tree: MakeTree, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="only one class"):
        load(make_tree(classes=("cats",)), tmp_path / "cache")


def test_an_empty_class_is_refused(make_tree: MakeTree, tmp_path: Path) -> None:
    root = make_tree()
    (root / "empty").mkdir()
    with pytest.raises(UsageError, match="class empty"):
        load(root, tmp_path / "cache")


def test_a_class_without_a_readable_image_is_refused(make_tree: MakeTree, tmp_path: Path) -> None:
    root = make_tree(count=3)
    for path in (root / "dark").iterdir():
        path.write_bytes(b"damaged")
    with pytest.raises(UsageError, match=r"class dark.*dark/000.png"):
        load(root, tmp_path / "cache")


def test_a_class_that_only_the_test_has_is_refused(make_tree: MakeTree, tmp_path: Path) -> None:
    make_tree("images/train", classes=("cats", "dogs"))
    make_tree("images/test", classes=("cats", "birds"))
    with pytest.raises(UsageError, match=r"class birds .* in test/ and none in train/") as error:
        load(tmp_path / "images", tmp_path / "cache")
    assert "add some as train/birds/, or remove test/birds/" in str(error.value)


def test_a_class_that_the_test_lacks_is_named(make_tree: MakeTree, tmp_path: Path) -> None:
    make_tree("images/Train", classes=("cats", "dogs", "owls"))
    make_tree("images/Test", classes=("cats",))
    (tmp_path / "images" / "Test" / "owls").mkdir()
    told: list[PreparationStep | Remark] = []
    data = load(tmp_path / "images", tmp_path / "cache", progress=told.append)
    assert data.test.labels.unique().tolist() == [0]
    assert Remark("No test images of 2 classes (dogs, owls).") in told


def test_later_loads_decode_nothing(
    make_tree: MakeTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_tree()
    first = load(root, tmp_path / "cache")
    monkeypatch.setattr(folder, "decode_all", lambda *_: pytest.fail("decoded again"))
    second = load(root, tmp_path / "cache")
    assert torch.equal(first.train.images, second.train.images)
    assert torch.equal(first.test.labels, second.test.labels)
    assert (first.mean, first.std, first.classes) == (second.mean, second.std, second.classes)


def test_a_changed_picture_is_read_again(make_tree: MakeTree, tmp_path: Path) -> None:
    root = make_tree()
    first = load(root, tmp_path / "cache")
    time.sleep(0.01)
    for path in (root / "dark").iterdir():
        Image.new("RGB", (12, 12), "red").save(path)
    assert load(root, tmp_path / "cache").mean != first.mean


@pytest.mark.parametrize("keep", [0, 100, -1])
def test_a_damaged_cache_is_made_anew(make_tree: MakeTree, tmp_path: Path, keep: int) -> None:
    root = make_tree()
    first = load(root, tmp_path / "cache")
    (cache,) = (tmp_path / "cache").glob("*.safetensors")
    cache.write_bytes(cache.read_bytes()[:keep])
    second = load(root, tmp_path / "cache")
    assert torch.equal(first.train.images, second.train.images)


def test_a_cache_that_cannot_be_written_says_where_and_what_to_do(
    make_tree: MakeTree, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file stands in the way")
    with pytest.raises(UsageError, match="that you may write to") as error:
        load(make_tree(), tmp_path / "cache")
    assert error.value.fields == ("data_dir",)


def test_many_images_are_decoded_by_a_pool_with_progress(
    make_tree: MakeTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_tree(count=30)
    (root / "dark" / "007.png").write_bytes(b"damaged")
    here = load(root, tmp_path / "one")
    monkeypatch.setattr(decode, "FEWEST_FOR_POOL", 1)
    monkeypatch.setattr(decode, "CHUNK_BYTES", 12 * 12 * 3 * 7)
    told: list[PreparationStep] = []
    pooled = load(root, tmp_path / "two", progress=told.append)
    assert torch.equal(here.train.images, pooled.train.images)
    assert pooled.skipped == (SkippedFile("dark/007.png", here.skipped[0].reason),)
    counts = [step.done for step in told]
    assert counts == sorted(counts)
    assert told[-1] == PreparationStep("reading the data set", 60, 60, "files")
