"""How folders are laid out, as people have them, and what each layout is taken for."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnn_tui.data.catalogue import parse
from cnn_tui.data.preparation import prepare
from cnn_tui.data.preparation.available import refuse_no_val, refuse_unusable
from cnn_tui.data.records import PreparationStep, Remark
from cnn_tui.errors import UsageError

EACH = 10
"""Images in each folder that has any."""


def picture(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.RandomState(seed).randint(0, 256, (4, 4), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def lay_out(root: Path, folders: str) -> Path:
    """``EACH`` images in each of the ``folders``; one that ends with ``/`` stays empty."""
    for number, folder in enumerate(folders.split()):
        if folder.endswith("/"):
            (root / folder).mkdir(parents=True)
            continue
        for index in range(EACH):
            picture(root / folder / f"{index}.png", 100 * number + index)
    return root


def halves(*parts: str) -> str:
    return " ".join(f"{part}/cat {part}/dog" for part in parts)


TAKEN = {
    # folders: (classes, training, validation, test images, prefix of the test images' files)
    "cat dog": ("cat dog", 14, 2, 4, ""),
    "cat/day cat/night dog/day": ("cat dog", 22, 2, 6, ""),
    halves("train", "test"): ("cat dog", 18, 2, 20, "test/"),
    halves("train", "val"): ("cat dog", 18, 2, 20, "val/"),
    halves("train", "val", "test"): ("cat dog", 20, 20, 20, "test/"),
    halves("Train", "Test"): ("cat dog", 18, 2, 20, "Test/"),
    halves("TRAIN", "TEST"): ("cat dog", 18, 2, 20, "TEST/"),
    halves("training", "testing"): ("cat dog", 18, 2, 20, "testing/"),
    halves("Training", "Validation", "Testing"): ("cat dog", 20, 20, 20, "Testing/"),
    halves("training_set", "test_set"): ("cat dog", 18, 2, 20, "test_set/"),
    halves("trn", "dev", "eval"): ("cat dog", 20, 20, 20, "eval/"),
    halves("train", "valid"): ("cat dog", 18, 2, 20, "valid/"),
    halves("training", "validation", "evaluation"): ("cat dog", 20, 20, 20, "evaluation/"),
    halves("seg_train", "seg_test"): ("cat dog", 18, 2, 20, "seg_test/"),
    halves("train2017", "val2017"): ("cat dog", 18, 2, 20, "val2017/"),
    halves("trainset", "Test-Images"): ("cat dog", 18, 2, 20, "Test-Images/"),
    f"{halves('train', 'test')} more/cat": ("cat dog", 18, 2, 20, "test/"),
    f"{halves('train', 'test')} train": ("cat dog", 18, 2, 20, "test/"),
    "train/cat train/dog test/cat": ("cat dog", 18, 2, 10, "test/"),
    "train/cat train/dog test/cat test/dog/": ("cat dog", 18, 2, 10, "test/"),
    "train/cat train/dog train/owl val/cat val/dog": ("cat dog owl", 27, 3, 20, "val/"),
    "bus train": ("bus train", 14, 2, 4, ""),
    "bus plane Train": ("Train bus plane", 21, 3, 6, ""),
    "invalid valid": ("invalid valid", 14, 2, 4, ""),
    "bullet_train tram": ("bullet_train tram", 14, 2, 4, ""),
    "beaker test_tube": ("beaker test_tube", 14, 2, 4, ""),
    "contest detest": ("contest detest", 14, 2, 4, ""),
    "trainer tester": ("tester trainer", 14, 2, 4, ""),
}


@pytest.mark.parametrize("folders", TAKEN)
def test_a_layout_is_taken_for_what_it_is(folders: str, tmp_path: Path) -> None:
    classes, train, val, test, prefix = TAKEN[folders]
    spec = parse(f"folder:{lay_out(tmp_path / 'images', folders)}")
    refuse_unusable(spec, tmp_path / "cache")
    data = prepare.load(spec, tmp_path / "cache")
    assert " ".join(data.classes) == classes
    assert (len(data.train), len(data.val), len(data.test)) == (train, val, test)
    assert all(name.startswith(prefix) for name in data.test.files)
    assert not {*data.train.files, *data.val.files} & {*data.test.files}
    everything = [*data.train.files, *data.val.files, *data.test.files]
    assert len(set(everything)) == len(everything)


REFUSED = {
    "train test": r"train/, which may be parts .*no class folders.*Parts need one folder per class",
    "seg_train seg_test": r"holds seg_test/ and seg_train/, which may be parts",
    "train_set bus": r"train_set/ beside bus/, which may be a part",
    "seg_train/seg_train/cat seg_test/seg_test/cat": r"only one class \(seg_train\)",
    "Train Test": r"Test/ and Train/, which may be parts of the data set or classes",
    "train val test": r"holds test/, train/ and val/, which may be parts",
    "train test bus": r"holds test/ and train/ beside bus/, which may be parts",
    "cat dog test": r"test/ beside cat/ and dog/, which may be a part .* a class needs another",
    "cat dog training": r"training/ beside cat/ and dog/",
    "train/cat train/dog test": r"holds test/, which may be a part .*are in no class folders",
    "train test/cat test/dog": r"holds train/, which may be a part",
    f"{halves('train', 'training', 'test')}": r"train/ and training/, which both look like its tra",
    f"{halves('train', 'val', 'valid')}": r"val/ and valid/, which both look like its validation",
    f"{halves('train', 'test', 'eval')}": r"eval/ and test/, which both look like its test images",
    halves("train"): r"neither test nor validation images: give folder:/.*/train to have the lab",
    f"{halves('train')} bus": r"give folder:/.*/train .*; if train/ is a class, give it another",
    halves("test"): r"holds test/ and no training images: add train/ with one folder per class",
    halves("val", "test"): r"holds val/ and test/ and no training images",
    f"cat dog {halves('test')}": r"no training images: add train/ and move cat/ and dog/ into it",
    f"{halves('train')} test/": r"no images in the class folders of .*/test: .*CLASS/IMAGE",
    f"train/cat/ train/dog/ {halves('test')}": r"no images in the class folders of .*/train",
    "train/cat test/cat": r"holds only one class \(cat\)",
    "train/cat train/dog/ test/cat": r"class dog in .*/train .*or remove the class from train/ and",
    "train/cat train/dog test/cat test/owl": r"The class owl .* in test/ and none in train/: add",
    "train/Cat train/dog test/cat test/dog": r"class cat .*: train/Cat/ differs in upper and "
    r"lower case only. .* rename test/cat/ to test/Cat/",
    "train/cat train/dog test/Cat test/dog": r"class Cat .*: train/cat/ differs in upper and "
    r"lower case only. .* rename test/Cat/ to test/cat/",
    "train/Cat train/dog val/ape val/cat": r"class cat \(and 1 more\) .* rename val/cat/ to val",
    "cat": r"only one class \(cat\)",
    "photos/cat photos/dog": r"only one class \(photos\).*if they are in photos/, give folder:",
    "cat dog/": r"class dog .* add some, or remove the folder",
}


@pytest.mark.parametrize("folders", REFUSED)
def test_a_layout_in_doubt_is_refused_with_what_to_do(folders: str, tmp_path: Path) -> None:
    spec = parse(f"folder:{lay_out(tmp_path / 'images', folders)}")
    for look in (refuse_unusable, prepare.load):
        with pytest.raises(UsageError, match=REFUSED[folders]) as error:
            look(spec, tmp_path / "cache")
        assert str(error.value).count(str(tmp_path)) >= 1
        assert str(error.value).endswith(".")


def told(root: Path, cache: Path, **choices: bool) -> list[str]:
    said: list[PreparationStep | Remark] = []
    prepare.load(parse(f"folder:{root}"), cache, progress=said.append, **choices)
    return [each.message for each in said if isinstance(each, Remark)]


def test_says_that_val_is_the_test_set(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "images", halves("train", "Val"))
    (said,) = told(root, tmp_path / "cache")
    assert said.startswith("Val/ is the test set, and validation images are held out of train/")
    assert said.endswith("It can be the validation set instead, and then there is no test set.")
    assert told(root, tmp_path / "cache") == [said]  # from the cache, too
    assert told(root, tmp_path / "cache", val_is_validation=True) == []


def test_val_can_be_the_validation_set_and_there_is_no_test_set(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "images", halves("train", "val"))
    spec, cache = parse(f"folder:{root}"), tmp_path / "cache"
    data = prepare.load(spec, cache, val_is_validation=True)
    assert (len(data.train), len(data.val), len(data.test)) == (20, 20, 0)
    assert all(name.startswith("val/") for name in data.val.files)
    assert data.test.images.shape == (0, 1, 4, 4)
    other = prepare.load(spec, cache)
    assert (len(other.train), len(other.val), len(other.test)) == (18, 2, 20)
    assert len(list(cache.glob("*.safetensors"))) == 1
    assert data.fingerprint != other.fingerprint


def test_a_set_with_all_three_parts_is_the_same_either_way(tmp_path: Path) -> None:
    spec = parse(f"folder:{lay_out(tmp_path / 'images', halves('train', 'val', 'test'))}")
    data = prepare.load(spec, tmp_path / "cache", val_is_validation=True)
    assert data.fingerprint == prepare.load(spec, tmp_path / "cache").fingerprint
    assert len(data.test) == 20


@pytest.mark.parametrize("folders", [halves("train", "test"), "cat dog"])
def test_without_val_there_is_nothing_to_validate_on(folders: str, tmp_path: Path) -> None:
    spec = parse(f"folder:{lay_out(tmp_path / 'images', folders)}")
    for look in (
        lambda: refuse_no_val(spec),
        lambda: prepare.load(spec, tmp_path / "cache", val_is_validation=True),
    ):
        with pytest.raises(UsageError, match="has no folder val/") as error:
            look()
        assert error.value.fields == ("val_is_validation",)


def test_what_is_not_used_is_named(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "images", f"{halves('Train', 'Test')} more/cat")
    (said,) = told(root, tmp_path / "cache")
    assert "more/ (only Train/ and Test/ are read)" in said


def test_linked_folders_are_followed(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "images", "cat dog")
    lay_out(tmp_path / "elsewhere", "more dogs")
    (root / "cat" / "linked").symlink_to(tmp_path / "elsewhere" / "more")
    (root / "cat" / "deeper").mkdir()
    (root / "cat" / "deeper" / "again").symlink_to(root / "cat" / "linked")
    (root / "owl").symlink_to(tmp_path / "elsewhere" / "dogs")
    data = prepare.load(parse(f"folder:{root}"), tmp_path / "cache")
    files = [*data.train.files, *data.val.files, *data.test.files]
    assert data.classes == ("cat", "dog", "owl")
    assert len(files) == 5 * EACH
    assert {"cat/linked/3.png", "cat/deeper/again/3.png", "owl/3.png"} <= {*files}


@pytest.mark.parametrize("target", [".", "..", "../..", "/", "../dog/back"])
def test_links_that_lead_back_are_passed_over_and_named(target: str, tmp_path: Path) -> None:
    root = lay_out(tmp_path / "images", "cat dog")
    (root / "cat" / "loop").symlink_to(target)
    if target.endswith("back"):
        (root / "dog" / "back").symlink_to("../cat")
    (said, *_) = told(root, tmp_path / "cache")
    loops = 1 + target.endswith("back")
    one_or_two = "1 link to a folder around it", "2 links to folders around them"
    assert f"{one_or_two[loops - 1]}, such as cat/loop/." in said
