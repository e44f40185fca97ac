"""What a folder of images holds, without opening one of them: free of torch.

Two layouts: ``train/CLASS/…`` beside ``test/CLASS/…``, or ``CLASS/…`` alone, to
be split by the lab. Images may lie in subfolders of their class.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from cnn_tui.data.preparation.pictures import SUFFIXES, is_picture_name
from cnn_tui.errors import UsageError

SPLIT_NAMES = frozenset(("train", "test", "val", "valid", "validation"))
"""Folders named so hold a part of the data set, not a class."""

SYSTEM_FILES = frozenset(("__MACOSX", "Thumbs.db", "ehthumbs.db", "desktop.ini"))
"""What file managers leave in folders, beside names that begin with a dot."""

NAMED_ENDINGS = 4
"""Endings of files passed over that a sentence names; the most frequent come first."""


@dataclass(frozen=True)
class FileList:
    """Image files relative to ``root``, with the index of each one's class."""

    root: Path
    paths: tuple[str, ...]
    labels: tuple[int, ...]


@dataclass(frozen=True)
class FolderListing:
    """The files of a folder data set; ``test`` is None where the lab has to split.

    ``fingerprint`` changes whenever an image is added, removed or written to.
    ``passed_over`` are the files that the lab does not open, relative to ``root``;
    ``unused`` are the folders beside train/ and test/.
    """

    root: Path
    classes: tuple[str, ...]
    train: FileList
    test: FileList | None
    fingerprint: str
    passed_over: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


@dataclass
class _Listing:
    """What listing a folder has come upon so far."""

    root: Path
    digest: hashlib.blake2b = field(default_factory=lambda: hashlib.blake2b(digest_size=16))
    passed_over: list[str] = field(default_factory=list)

    def pass_over(self, path: str) -> None:
        self.passed_over.append(path.removeprefix(f"{self.root}/"))

    def in_order(self) -> tuple[str, ...]:
        return tuple(sorted(self.passed_over))


def list_folder(root: Path) -> FolderListing:
    """List the images under ``root``.

    Raises UsageError where there is no such folder, no image, only one class or
    a class without images, and where train/ and test/ do not hold the same classes.
    """
    found = _Listing(root)
    unused: tuple[str, ...] = ()
    test = None
    try:
        _refuse_no_folder(root)
        classes = _class_names(root)
        _pass_over_loose_images(root, found)
        if _is_split(root, classes):
            unused = tuple(name for name in classes if name not in ("train", "test"))
            classes = _same_classes(root)
            for part in ("train", "test"):
                _pass_over_loose_images(root / part, found)
            train = _list_tree(root / "train", classes, found)
            test = _list_tree(root / "test", classes, found)
        else:
            train = _list_tree(root, classes, found)
    except OSError as error:
        raise UsageError(
            f"The image folder {root} cannot be read: {error.strerror} ({error.filename})."
        ) from error
    fingerprint = found.digest.hexdigest()
    return FolderListing(root, classes, train, test, fingerprint, found.in_order(), unused)


def passed_over_words(paths: Sequence[str]) -> str:
    """How many files these are, and what kinds: ``3 files (2 .heic, 1 .txt), such as a/b.heic``."""
    kinds = Counter(PurePath(path).suffix.lower() or "without an ending" for path in paths)
    frequent = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    named = [f"{count:,} {kind}" for kind, count in frequent[:NAMED_ENDINGS]]
    more = ["…"] if len(kinds) > NAMED_ENDINGS else []
    files = "1 file" if len(paths) == 1 else f"{len(paths):,} files"
    return f"{files} ({', '.join(named + more)}), such as {paths[0]}"


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


def _pass_over_loose_images(folder: Path, found: _Listing) -> None:
    """Images beside the class folders belong to no class."""
    with os.scandir(folder) as entries:
        loose = [each.path for each in entries if is_picture_name(each.name) and each.is_file()]
    for path in sorted(loose):
        found.pass_over(path)


def _list_tree(folder: Path, classes: tuple[str, ...], found: _Listing) -> FileList:
    paths: list[str] = []
    labels: list[int] = []
    for label, name in enumerate(classes):
        before = len(paths)
        for path, size, modified in sorted(_images(folder / name, name, found)):
            paths.append(path)
            found.digest.update(f"{path}\0{size}\0{modified}\0".encode(errors="surrogateescape"))
        labels += [label] * (len(paths) - before)
    _refuse_too_little(folder, classes, Counter(labels), found)
    return FileList(folder, tuple(paths), tuple(labels))


def _images(folder: Path, prefix: str, found: _Listing) -> Iterator[tuple[str, int, int]]:
    """(path relative to the tree, bytes, time of change) of each image, subfolders included."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{prefix}/{entry.name}"
            if not _is_shown(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _images(folder / entry.name, name, found)
            elif is_picture_name(entry.name) and entry.is_file():
                facts = entry.stat()
                yield name, facts.st_size, facts.st_mtime_ns
            else:
                found.pass_over(entry.path)


def _is_shown(name: str) -> bool:
    return not name.startswith(".") and name not in SYSTEM_FILES


def _refuse_too_little(
    folder: Path, classes: tuple[str, ...], counts: Counter[int], found: _Listing
) -> None:
    passed = ""
    if found.passed_over:
        passed = f"; passed over: {passed_over_words(found.in_order())}"
    endings = ", ".join(SUFFIXES)
    if counts.total() == 0:
        raise UsageError(
            f"There are no images in the class folders of {folder}: the lab looks for "
            f"{folder}/CLASS/IMAGE with the endings {endings}{passed}."
        )
    if len(classes) == 1:
        raise UsageError(
            f"The image folder {folder} holds only one class ({classes[0]}): "
            "classification needs at least two class folders."
        )
    empty = [name for label, name in enumerate(classes) if counts[label] == 0]
    if empty:
        raise UsageError(
            f"The class {empty[0]} in {folder} holds no images with the endings {endings}: add "
            f"some, or remove the folder{passed}."
        )
