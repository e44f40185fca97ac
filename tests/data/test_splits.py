"""Rare classes are in each part that is held out, and something is always left to learn from."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnn_tui.data.catalogue import parse
from cnn_tui.data.dataset import DataSet, channel_statistics, stratified_order
from cnn_tui.data.preparation import digits, prepare
from cnn_tui.data.records import FIRST_SPLIT_RULE, PreparationStep, Remark
from cnn_tui.data.splits import NothingToSpareError, divide
from cnn_tui.errors import UsageError

FRACTIONS = (0.01, 0.1, 0.2, 0.5)


def counts_of(seed: int) -> list[int]:
    random = np.random.RandomState(seed)
    return random.choice([1, 2, 3, 4, 5, 9, 40, 200], random.randint(2, 30)).tolist()


def in_order(counts: list[int]) -> np.ndarray:
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.int64)
    return labels[stratified_order(labels)]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("fraction", FRACTIONS)
def test_where_validation_alone_is_held_out_every_class_of_two_is_in_it(
    seed: int, fraction: float
) -> None:
    counts = counts_of(seed)
    labels = in_order(counts)
    if max(counts) == 1:
        return
    stays, held = divide(labels, fraction)
    assert sorted([*stays, *held]) == list(range(len(labels)))
    assert set(labels[stays]) == set(labels)
    assert {label for label, count in enumerate(counts) if count >= 2} <= set(labels[held])
    assert len(held) == max(
        len([count for count in counts if count >= 2]),
        min(max(1, round(len(labels) * fraction)), len(labels) - len(counts)),
    )


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("fraction", FRACTIONS)
def test_where_test_is_held_out_too_every_class_of_three_is_in_each(
    seed: int, fraction: float
) -> None:
    counts = [*counts_of(seed), 7]
    labels = in_order(counts)
    rest, test = divide(labels, 0.2, again=True)
    left = labels[rest]
    train, val = divide(left, fraction)
    often = {label for label, count in enumerate(counts) if count >= 3}
    assert set(left[train]) == set(labels)
    assert often <= set(left[val])
    assert often <= set(labels[test])


@pytest.mark.parametrize("fraction", FRACTIONS)
def test_where_every_class_has_enough_the_order_and_the_sizes_stay(fraction: float) -> None:
    labels = in_order([300, 200, 500])
    for again in (False, True):
        stays, held = divide(labels, fraction, again=again)
        assert np.array_equal([*stays, *held], np.arange(1000))
        assert len(held) == round(1000 * fraction)


def test_a_class_of_one_image_stays_whatever_is_asked_for() -> None:
    for seed in range(20):
        labels = np.random.RandomState(seed).permutation([0, 0, 0, 0, 1, 2])
        stays, _ = divide(labels, 0.5)
        assert {1, 2} <= set(labels[stays])


def test_where_no_class_has_two_images_nothing_is_held_out() -> None:
    with pytest.raises(NothingToSpareError):
        divide(np.array([0, 1, 2]), 0.1)


def draw(root: Path, counts: dict[str, int]) -> Path:
    for label, (name, count) in enumerate(counts.items()):
        (root / name).mkdir(parents=True)
        for number in range(count):
            pixels = np.random.RandomState(1000 * label + number).randint(0, 256, (4, 4))
            Image.fromarray(pixels.astype(np.uint8)).save(root / name / f"{number:03}.png")
    return root


def classes_in(data: DataSet) -> list[dict[str, int]]:
    parts = (data.train, data.val, data.test)
    return [dict(Counter(data.classes[label] for label in part.labels.tolist())) for part in parts]


RARE = {"ant": 1, "bee": 2, "cat": 3, "dog": 60, "eel": 4}


def load(root: Path, cache: Path, **choices: float) -> tuple[DataSet, list[str]]:
    told: list[PreparationStep | Remark] = []
    data = prepare.load(parse(f"folder:{root}"), cache, progress=told.append, **choices)
    return data, [each.message for each in told if isinstance(each, Remark)]


def test_rare_classes_of_a_folder_are_in_each_part_or_named(tmp_path: Path) -> None:
    root = draw(tmp_path / "images", RARE)
    data, told = load(root, tmp_path / "cache")
    train, val, test = classes_in(data)
    assert set(train) == set(RARE)
    assert set(val) == {"bee", "cat", "dog", "eel"}
    assert set(test) == {"cat", "dog", "eel"}
    assert sum(len(part) for part in (data.train, data.val, data.test)) == 70
    assert (len(data.val), len(data.test)) == (6, 14)
    assert told == [
        "No test images of 2 classes (ant, bee): a class of three images or more has one.",
        "No validation images of 1 class (ant): a class of two training images or more has one.",
    ]
    assert load(root, tmp_path / "cache")[1] == told
    half, _ = load(root, tmp_path / "cache", val_fraction=0.5)
    assert set(classes_in(half)[0]) == set(RARE)
    assert half.test.files == data.test.files


def test_a_folder_with_a_test_set_keeps_two_of_a_class_in_training_and_validation(
    tmp_path: Path,
) -> None:
    draw(tmp_path / "images" / "train", {"ant": 1, "bee": 2, "dog": 40})
    draw(tmp_path / "images" / "test", {"ant": 1, "bee": 1, "dog": 2})
    data, told = load(tmp_path / "images", tmp_path / "cache")
    train, val, _ = classes_in(data)
    assert (train, val) == ({"ant": 1, "bee": 1, "dog": 37}, {"bee": 1, "dog": 3})
    assert told == [
        "No validation images of 1 class (ant): a class of two training images or more has one."
    ]


def test_mean_and_std_are_of_what_may_be_learned_from(tmp_path: Path) -> None:
    data, _ = load(draw(tmp_path / "images", RARE), tmp_path / "cache")
    pixels = torch.cat([data.train.images, data.val.images])
    assert (data.mean, data.std) == channel_statistics(pixels)


def test_too_few_images_to_split_are_refused(tmp_path: Path) -> None:
    root = draw(tmp_path / "images", {"ant": 1, "bee": 1})
    with pytest.raises(UsageError, match="too few images to hold some out for testing: add"):
        load(root, tmp_path / "cache")
    draw(tmp_path / "two" / "train", {"ant": 1, "bee": 1})
    draw(tmp_path / "two" / "test", {"ant": 1, "bee": 1})
    with pytest.raises(UsageError, match=r"2 training images, and none to spare .*a class has two"):
        load(tmp_path / "two", tmp_path / "cache")


@pytest.mark.parametrize(
    "counts",
    [RARE, {"dog": 60, "cat": 80}, {"ant": 2, "bee": 2, "cat": 2}, dict.fromkeys("abcdefgh", 3)],
)
@pytest.mark.parametrize("fraction", [0.1, 0.4])
@pytest.mark.parametrize("tested", [False, True])
def test_older_runs_find_the_split_of_their_version(
    counts: dict[str, int], fraction: float, tested: bool, tmp_path: Path
) -> None:
    root = draw(tmp_path / "images" / "train" if tested else tmp_path / "images", counts)
    if tested:
        draw(tmp_path / "images" / "test", dict.fromkeys(counts, 2))
        draw(tmp_path / "images" / "val", dict.fromkeys(counts, 1))  # older versions read no val/
    data, told = load(
        tmp_path / "images", tmp_path / "cache", val_fraction=fraction, rule=FIRST_SPLIT_RULE
    )
    files = sorted(path.relative_to(tmp_path / "images").as_posix() for path in root.rglob("*.png"))
    names = sorted(counts)
    labels = np.array([names.index(Path(name).parts[-2]) for name in files])
    expected = [files[row] for row in stratified_order(labels)]
    if not tested:
        held = max(1, round(len(files) * 0.2))
        assert list(data.test.files) == expected[-held:]
        expected = expected[:-held]
    held = max(1, round(len(expected) * fraction))
    assert list(data.train.files) == expected[:-held]
    assert list(data.val.files) == expected[-held:]
    pixels = torch.cat([data.train.images, data.val.images])
    assert (data.mean, data.std) == channel_statistics(pixels)
    assert [each for each in told if "images of" in each] == []


def test_a_cache_serves_old_runs_and_new_ones(tmp_path: Path) -> None:
    root = draw(tmp_path / "images", RARE)
    new, _ = load(root, tmp_path / "cache")
    load(root, tmp_path / "cache", rule=FIRST_SPLIT_RULE)
    again, _ = load(root, tmp_path / "cache")
    assert new.fingerprint == again.fingerprint
    assert len(list((tmp_path / "cache").glob("*.safetensors"))) == 1


def files_of(data: DataSet) -> tuple[tuple[str, ...], ...]:
    return data.train.files, data.val.files, data.test.files


def test_older_runs_do_not_see_what_links_lead_to(tmp_path: Path) -> None:
    root = draw(tmp_path / "images", {"cat": 20, "dog": 20})
    before, _ = load(root, tmp_path / "cache", rule=FIRST_SPLIT_RULE)
    (root / "cat" / "linked").symlink_to(draw(tmp_path / "elsewhere", {"a": 30}) / "a")
    now, _ = load(root, tmp_path / "cache")
    assert len(now.train) + len(now.val) + len(now.test) == 70
    for _ in range(2):  # from a cache of their own, too
        after, told = load(root, tmp_path / "cache", rule=FIRST_SPLIT_RULE)
        assert files_of(after) == files_of(before)
        assert (after.mean, after.std) == (before.mean, before.std)
        assert "cat/linked" in told[0]
    assert files_of(load(root, tmp_path / "cache")[0]) == files_of(now)


@pytest.mark.parametrize(
    ("folders", "classes"),
    [
        ("training testing", ("testing", "training")),
        ("Train Test", ("Test", "Train")),
        ("seg_train seg_test", ("seg_test", "seg_train")),
        ("train test", ("cat", "dog")),
        ("train val test", ("cat", "dog")),
    ],
)
def test_older_runs_find_the_classes_of_their_version(
    folders: str, classes: tuple[str, ...], tmp_path: Path
) -> None:
    for name in folders.split():
        draw(tmp_path / "images" / name, {"cat": 10, "dog": 10})
    data, _ = load(tmp_path / "images", tmp_path / "cache", rule=FIRST_SPLIT_RULE)
    assert data.classes == classes
    assert not [name for part in files_of(data) for name in part if name.startswith("val/")]


@pytest.mark.parametrize("fraction", FRACTIONS)
def test_digits_are_split_as_ever(fraction: float, tmp_path: Path) -> None:
    images, labels = digits.load()
    order = torch.as_tensor(stratified_order(labels.numpy()))
    kept, test = order[: -round(1797 * 0.2)], order[-round(1797 * 0.2) :]
    cut = len(kept) - round(len(kept) * fraction)
    for rule in (1, 2):
        data = prepare.load(parse("digits"), tmp_path, val_fraction=fraction, rule=rule)
        assert torch.equal(data.train.images, images[kept[:cut]])
        assert torch.equal(data.val.images, images[kept[cut:]])
        assert torch.equal(data.test.images, images[test])
