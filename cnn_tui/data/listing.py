"""What a folder of images holds, without opening one of them: free of torch.

Two layouts: ``train/CLASS/…`` beside ``test/CLASS/…``, or ``CLASS/…`` alone, to
be split by the lab. Images may lie in subfolders of their class.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cnn_tui.errors import UsageError

IMAGE_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
SPLIT_NAMES = frozenset(("train", "test", "val", "valid", "validation"))
"""Folders named so hold a part of the data set, not a class."""


@dataclass(frozen=True)
class FileList:
    """Image files relative to ``root``, with the index of each one's class."""

    root: Path
    paths: tuple[str, ...]
    labels: tuple[int, ...]


@dataclass(frozen=True)
class FolderListing:
    """The files of a folder data set; ``test`` is None where the lab has to split.

    ``fingerprint`` changes whenever a file is added, removed or written to.
    """

    root: Path
    classes: tuple[str, ...]
    train: FileList
    test: FileList | None
    fingerprint: str


def list_folder(root: Path) -> FolderListing:
    """List the images under ``root``.

    Raises UsageError where there is no such folder, no image, only one class or
    a class without images, and where train/ and test/ do not hold the same classes.
    """
    digest = hashlib.blake2b(digest_size=16)
    try:
        _refuse_no_folder(root)
        names = _class_names(root)
        if not _is_split(root, names):
            train = _list_tree(root, names, digest)
            return FolderListing(root, names, train, None, digest.hexdigest())
        classes = _same_classes(root)
        train = _list_tree(root / "train", classes, digest)
        test = _list_tree(root / "test", classes, digest)
    except OSError as error:
        raise UsageError(
            f"The image folder {root} cannot be read: {error.strerror} ({error.filename})."
        ) from error
    return FolderListing(root, classes, train, test, digest.hexdigest())


def _refuse_no_folder(root: Path) -> None:
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "does not exist"
        raise UsageError(f"The image folder {root} {what}: check the path after folder:")


def _class_names(folder: Path) -> tuple[str, ...]:
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if _is_shown(entry.name) and entry.is_dir()]
    return tuple(sorted(names))


def _is_split(root: Path, names: tuple[str, ...]) -> bool:
    if "train" in names and "test" in names:
        return True
    if names and SPLIT_NAMES.issuperset(names):
        raise UsageError(
            f"The image folder {root} holds {', '.join(names)} and no classes: it needs train/ "
            "and test/ with one folder per class in each, or the class folders alone."
        )
    return False


def _same_classes(root: Path) -> tuple[str, ...]:
    train, test = (_class_names(root / part) for part in ("train", "test"))
    if train == test:
        return train
    only = ", ".join(
        [f"{name} is only in train/" for name in train if name not in test]
        + [f"{name} is only in test/" for name in test if name not in train]
    )
    raise UsageError(
        f"The classes under {root}/train and {root}/test differ ({only}): "
        "give both the same class folders."
    )


def _list_tree(folder: Path, classes: tuple[str, ...], digest: hashlib.blake2b) -> FileList:
    paths: list[str] = []
    labels: list[int] = []
    for label, name in enumerate(classes):
        before = len(paths)
        for path, size, modified in sorted(_images(folder / name, name)):
            paths.append(path)
            digest.update(f"{path}\0{size}\0{modified}\0".encode(errors="surrogateescape"))
        labels += [label] * (len(paths) - before)
    _refuse_too_little(folder, classes, Counter(labels))
    return FileList(folder, tuple(paths), tuple(labels))


def _images(folder: Path, prefix: str) -> Iterator[tuple[str, int, int]]:
    """(path relative to the tree, bytes, time of change) of each image, subfolders included."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{prefix}/{entry.name}"
            if not _is_shown(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _images(folder / entry.name, name)
            elif entry.name.lower().endswith(IMAGE_SUFFIXES) and entry.is_file():
                facts = entry.stat()
                yield name, facts.st_size, facts.st_mtime_ns


def _is_shown(name: str) -> bool:
    return not name.startswith(".") and name != "__MACOSX"


def _refuse_too_little(folder: Path, classes: tuple[str, ...], counts: Counter[int]) -> None:
    if counts.total() == 0:
        raise UsageError(
            f"There are no images in the class folders of {folder}: the lab looks for "
            f"{folder}/CLASS/IMAGE with the endings {', '.join(IMAGE_SUFFIXES)}."
        )
    if len(classes) == 1:
        raise UsageError(
            f"The image folder {folder} holds only one class ({classes[0]}): "
            "classification needs at least two class folders."
        )
    empty = [name for label, name in enumerate(classes) if counts[label] == 0]
    if empty:
        raise UsageError(
            f"The class {empty[0]} in {folder} holds no images: add some, or remove the folder."
        )
