"""What a folder of images holds, without opening one of them: free of torch.

The layouts are those of ``layout``: ``train/CLASS/…`` beside ``val/`` or ``test/`` or both,
or ``CLASS/…`` alone, to be split by the lab. Images may lie in subfolders of their class,
links to folders included.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cnn_tui.data.preparation.layout import (
    FolderLayout,
    find_layout,
    find_older_layout,
    folders_in,
    holds_pictures,
    listed,
)
from cnn_tui.data.preparation.part_names import PartRole
from cnn_tui.data.preparation.passed_over import LEADS_TO, passed_over_words
from cnn_tui.data.preparation.pictures import SUFFIXES, is_picture_name
from cnn_tui.data.preparation.walking import files_below, is_shown
from cnn_tui.data.records import FIRST_SPLIT_RULE, SPLIT_RULE
from cnn_tui.errors import UsageError

ORDER: tuple[PartRole, ...] = ("train", "val", "test")
"""Of the parts, wherever they are gone through."""


@dataclass(frozen=True)
class FileList:
    """Image files relative to ``root``, with the index of each one's class."""

    root: Path
    paths: tuple[str, ...]
    labels: tuple[int, ...]


@dataclass(frozen=True)
class FolderListing:
    """The files of a folder data set, in the ``parts`` that it has: ``train`` at least.

    Where ``is_split`` is false, there are no others, and the lab splits. ``fingerprint``
    changes whenever an image is added, removed or written to. ``passed_over`` are the files
    that the lab does not open, relative to ``root``; ``unused`` are the folders beside the
    parts.
    """

    root: Path
    classes: tuple[str, ...]
    parts: Mapping[PartRole, FileList]
    fingerprint: str
    passed_over: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def is_split(self) -> bool:
        """Whether the folder says which images are to be learned from."""
        return len(self.parts) > 1

    @property
    def paths(self) -> list[str]:
        """Of all files, those of each part of ``ORDER`` in turn."""
        return [f"{part.root}/{path}" for part in self._in_order() for path in part.paths]

    @property
    def names(self) -> list[str]:
        """Of all files, relative to ``root``."""
        return [path.removeprefix(f"{self.root}/") for path in self.paths]

    @property
    def labels(self) -> list[int]:
        """Of all files, the index of each one's class."""
        return [label for part in self._in_order() for label in part.labels]

    def _in_order(self) -> list[FileList]:
        return [self.parts[role] for role in ORDER if role in self.parts]

    def name_of(self, role: PartRole) -> str:
        """What the folder of a part is called: ``Train/``."""
        return f"{self.parts[role].root.name}/"


@dataclass
class _Listing:
    """What listing a folder has come upon so far."""

    root: Path
    follows_links: bool = True
    digest: hashlib.blake2b = field(default_factory=lambda: hashlib.blake2b(digest_size=16))
    passed_over: list[str] = field(default_factory=list)

    def pass_over(self, path: str, entry: "os.DirEntry[str] | None" = None) -> None:
        """Note a file or a link that is not read; ``entry`` tells where a lost link leads."""
        name = path.removeprefix(f"{self.root}/")
        if entry is not None and _leads_nowhere(entry):
            name += f"{LEADS_TO}{Path(entry.path).readlink()}"
        self.passed_over.append(name)

    def in_order(self) -> tuple[str, ...]:
        return tuple(sorted(self.passed_over))


def list_folder(root: Path, rule: int = SPLIT_RULE) -> FolderListing:
    """List the images under ``root``, or those that an older version found there, by its ``rule``.

    Raises UsageError where there is no such folder, no image, only one class or
    a class without images, where it cannot be told what its folders are, and where
    a part has a class that cannot be learned.
    """
    is_older = rule == FIRST_SPLIT_RULE
    found = _Listing(root, follows_links=not is_older)
    try:
        _refuse_no_folder(root)
        layout = find_older_layout(root) if is_older else find_layout(root)
        _pass_over_loose_images(root, found)
        if layout.parts:
            classes, parts = _list_parts(root, layout, found)
        else:
            classes, parts = layout.classes, {"train": _list_tree(root, layout.classes, found)}
            _refuse_too_little(parts["train"], classes, "remove the folder", found)
    except OSError as error:
        raise UsageError(
            f"The image folder {root} cannot be read: {error.strerror} ({error.filename})."
        ) from error
    return FolderListing(
        root=root,
        classes=classes,
        parts=parts,
        fingerprint=found.digest.hexdigest(),
        passed_over=found.in_order(),
        unused=layout.unused,
    )


def refuse_no_validation(listing: FolderListing) -> None:
    """Raise UsageError where there is no folder of validation images."""
    if "val" not in listing.parts:
        raise UsageError(
            f"The image folder {listing.root} has no folder val/ that could be the validation "
            "set: leave the option out, and validation images are held out of the training images.",
            fields=("val_is_validation",),
        )


def _refuse_no_folder(root: Path) -> None:
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "does not exist"
        raise UsageError(f"The image folder {root} {what}: check the path after folder:")


def _list_parts(
    root: Path, layout: FolderLayout, found: _Listing
) -> tuple[tuple[str, ...], dict[PartRole, FileList]]:
    """The classes of the training images, and the files of each part."""
    train = layout.parts["train"]
    classes = folders_in(root / train)
    parts: dict[PartRole, FileList] = {}
    for role in ORDER:
        if role in layout.parts:
            folder = root / layout.parts[role]
            _pass_over_loose_images(folder, found)
            _refuse_unknown_classes(root, train, folder.name, classes)
            there = folders_in(folder)
            found.digest.update(f"{role}\0".encode())
            parts[role] = _list_tree(folder, classes, found, frozenset(there))
            _refuse_no_images(parts[role], found)
            _refuse_one_class(root / train, classes)
    names = listed([layout.parts[role] for role in ORDER if role in parts])
    _refuse_too_little(parts["train"], classes, f"remove the class from {names}", found)
    return classes, parts


def _refuse_unknown_classes(root: Path, train: str, part: str, classes: Sequence[str]) -> None:
    """Raise UsageError where a part has images of classes that there is nothing to learn from."""
    there = [name for name in folders_in(root / part) if name not in classes]
    unknown = [name for name in there if _holds_any(root / part / name)]
    if unknown:
        alike = {name.casefold(): name for name in classes}
        unknown.sort(key=lambda name: name.casefold() not in alike)
        name, more = unknown[0], f" (and {len(unknown) - 1:,} more)" if len(unknown) > 1 else ""
        remedy = f"add some as {train}/{name}/, or remove {part}/{name}/."
        if name.casefold() in alike:
            meant = alike[name.casefold()]
            remedy = (
                f"{train}/{meant}/ differs in upper and lower case only. If both are one class, "
                f"rename {part}/{name}/ to {part}/{meant}/."
            )
        raise UsageError(
            f"The class {name}{more} of {root} has images in {part}/ and none in {train}/: {remedy}"
        )


def _holds_any(folder: Path) -> bool:
    return holds_pictures(folder) or holds_pictures(folder, below=True)


def _lacking(files: FileList, classes: Sequence[str]) -> tuple[str, ...]:
    there = set(files.labels)
    return tuple(name for label, name in enumerate(classes) if label not in there)


def _pass_over_loose_images(folder: Path, found: _Listing) -> None:
    """Images beside the class folders belong to no class, and a lost link is no class folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            is_loose = is_picture_name(entry.name) and entry.is_file()
            if is_loose or (is_shown(entry.name) and _leads_nowhere(entry)):
                found.pass_over(entry.path, entry)


def _leads_nowhere(entry: "os.DirEntry[str]") -> bool:
    return entry.is_symlink() and not os.path.exists(entry.path)  # noqa: PTH110 - of many files


def _list_tree(
    folder: Path, classes: tuple[str, ...], found: _Listing, there: frozenset[str] | None = None
) -> FileList:
    """The images of each class that has a folder: ``there``, else every one."""
    paths: list[str] = []
    labels: list[int] = []
    for label, name in enumerate(classes):
        if there is not None and name not in there:
            continue
        before = len(paths)
        for path, size, modified in sorted(_images(folder / name, name, found)):
            paths.append(path)
            found.digest.update(f"{path}\0{size}\0{modified}\0".encode(errors="surrogateescape"))
        labels += [label] * (len(paths) - before)
    return FileList(folder, tuple(paths), tuple(labels))


def _images(folder: Path, prefix: str, found: _Listing) -> Iterator[tuple[str, int, int]]:
    """(path relative to the tree, bytes, time of change) of each image, subfolders included."""
    for name, entry in files_below(folder, follows_links=found.follows_links):
        if is_picture_name(name) and entry.is_file():
            facts = entry.stat()
            yield f"{prefix}/{name}", facts.st_size, facts.st_mtime_ns
        else:
            found.pass_over(f"{folder}/{name}", entry)


def _refuse_no_images(files: FileList, found: _Listing) -> None:
    if not files.paths:
        raise UsageError(
            f"There are no images in the class folders of {files.root}: the lab looks for "
            f"{files.root}/CLASS/IMAGE with the endings {', '.join(SUFFIXES)}{_passed(found)}.",
        )


def _refuse_one_class(folder: Path, classes: Sequence[str]) -> None:
    if len(classes) == 1:
        raise UsageError(
            f"The image folder {folder} holds only one class ({classes[0]}): "
            f"classification needs at least two class folders{_deeper(folder, classes[0])}."
        )


def _refuse_too_little(
    train: FileList, classes: tuple[str, ...], otherwise: str, found: _Listing
) -> None:
    """``otherwise`` is what can be done about a class without images but to add some."""
    _refuse_no_images(train, found)
    _refuse_one_class(train.root, classes)
    empty = _lacking(train, classes)
    if empty:
        raise UsageError(
            f"The class {empty[0]} in {train.root} holds no images with the endings "
            f"{', '.join(SUFFIXES)}: add some, or {otherwise}{_passed(found)}.",
        )


def _deeper(folder: Path, only: str) -> str:
    """What to give where the classes are one level further down."""
    inside = folders_in(folder / only)
    return f" (if they are in {only}/, give folder:{folder / only})" if len(inside) > 1 else ""


def _passed(found: _Listing) -> str:
    return f"; passed over: {passed_over_words(found.in_order())}" if found.passed_over else ""
