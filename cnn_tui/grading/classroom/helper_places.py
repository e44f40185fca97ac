"""Where helper files may lie: beside an exercise, and in the packages beside it.

A package is a folder that holds ``__init__.py``; what is in it may be imported under its name.
The same is looked for on the disk and in archives. No file is read through a link. Torch-free.
"""

import keyword
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Protocol

from cnn_tui.grading import catalogue
from cnn_tui.grading.classroom.naming import exercise_in, is_skipped
from cnn_tui.grading.stand_ins.remarks import SHOWING

SUFFIX = ".py"
PACKAGE = f"__init__{SUFFIX}"
MAX_HELPERS = 20
"""Of one exercise; together they may be as large as an exercise."""
RESERVED = {
    *sys.stdlib_module_names,
    *("torch", "torchvision", "numpy", "tqdm", "cnn_tui", "pytest", "conftest"),
    *("sitecustomize", "usercustomize", *SHOWING),
}
"""Modules whose place no helper file may take."""
NO_MODULE = "has a name that is no name of a module"
IS_RESERVED = "has the name of a module of Python, the lab or a package"
NO_PACKAGE = f"is a folder without {PACKAGE}"
IS_LINK = "is a symbolic link"
UNREADABLE = "cannot be read"
HERE = PurePosixPath()


class Tree(Protocol):
    """The folder of an exercise, and what is below it; places are relative to it."""

    def files(self, folder: PurePosixPath) -> Sequence[str]:
        """The names in a folder that end like a module, in order."""

    def folders(self, folder: PurePosixPath) -> Sequence[str]:
        """The names of the folders in it, in order; links are none."""

    def is_package(self, folder: PurePosixPath) -> bool:
        """Whether it holds an ``__init__.py``."""

    def linked(self, folder: PurePosixPath) -> Sequence[str]:
        """The names of links in it that lead to packages."""


class FolderTree:
    """What lies in a folder on the disk."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def files(self, folder: PurePosixPath) -> Sequence[str]:
        """The names in a folder that end like a module, in order."""
        return sorted(each.name for each in self._entries(folder) if each.name.endswith(SUFFIX))

    def folders(self, folder: PurePosixPath) -> Sequence[str]:
        """The names of the folders in it, in order; links are none."""
        entries = self._entries(folder)
        return sorted(each.name for each in entries if each.is_dir(follow_symlinks=False))

    def is_package(self, folder: PurePosixPath) -> bool:
        """Whether it holds an ``__init__.py``."""
        return os.path.lexists(self._root / folder / PACKAGE)

    def linked(self, folder: PurePosixPath) -> Sequence[str]:
        """The names of links in it that lead to packages."""
        links = (each for each in self._entries(folder) if each.is_symlink())
        return sorted(each.name for each in links if self._is_package_near(each.path))

    def _is_package_near(self, link: str) -> bool:
        """Whether a link leads to a package near the exercise; other places stay unnamed."""
        near, target = os.path.realpath(self._root.parent), os.path.realpath(link)
        is_near = os.path.commonpath([near, target]) == near
        return is_near and os.path.lexists(Path(target) / PACKAGE)

    def _entries(self, folder: PurePosixPath) -> Sequence["os.DirEntry[str]"]:
        """What a folder holds: nothing where it cannot be read, other than that of the exercise."""
        try:
            with os.scandir(self._root / folder) as scan:
                return list(scan)
        except OSError:
            if folder == HERE:
                raise
            return []


class ArchiveTree:
    """What lies below a folder of an archive, of which only the names are known."""

    def __init__(self, root: PurePosixPath, places: Iterable[PurePosixPath]) -> None:
        self._files: dict[PurePosixPath, set[str]] = defaultdict(set)
        self._folders: dict[PurePosixPath, set[str]] = defaultdict(set)
        for place in places:
            if not place.is_relative_to(root):
                continue
            path = place.relative_to(root)
            if len(path.parts) > MAX_HELPERS + 2:  # deeper than so few packages can go
                continue
            self._files[path.parent].add(path.name)
            for folder in islice(path.parents, len(path.parents) - 1):
                self._folders[folder.parent].add(folder.name)

    def files(self, folder: PurePosixPath) -> Sequence[str]:
        """The names in a folder that end like a module, in order."""
        return sorted(each for each in self._files.get(folder, ()) if each.endswith(SUFFIX))

    def folders(self, folder: PurePosixPath) -> Sequence[str]:
        """The names of the folders in it, in order."""
        return sorted(self._folders.get(folder, ()))

    def is_package(self, folder: PurePosixPath) -> bool:
        """Whether it holds an ``__init__.py``."""
        return PACKAGE in self._files.get(folder, ())

    def linked(self, folder: PurePosixPath) -> Sequence[str]:
        """None: a link in an archive tells nothing of where it leads."""
        return ()


def modules(tree: Tree, exercises: Sequence[str]) -> list[PurePosixPath]:
    """The places of what may be imported, MAX_HELPERS and one more at most.

    ``exercises`` are those that are graded: no exercise is a helper file, nor the lab's own.
    """
    return list(islice(_modules(tree, exercises, HERE), MAX_HELPERS + 1))


def refused_folders(
    tree: Tree, found: Iterable[PurePosixPath], exercises: Sequence[str]
) -> list[tuple[PurePosixPath, str]]:
    """(place, reason) of folders beside the modules ``found`` that cannot be imported.

    MAX_HELPERS at most; the reason goes on after "it".
    """
    folders = dict.fromkeys([HERE, *(place.parent for place in found)])
    refused = (each for folder in folders for each in _refused(tree, folder, exercises))
    return list(islice(refused, MAX_HELPERS))


def telling_file(tree: Tree, folder: PurePosixPath, exercises: Sequence[str]) -> str:
    """The name of a file in a folder that shows that learners may want to import it, or ""."""
    if tree.is_package(folder):
        return PACKAGE
    return next((name for name in tree.files(folder) if _may_help(name, exercises)), "")


def name_fault(name: str, exercises: Sequence[str], *, is_top: bool) -> str:
    """Why there can be no module or package of that name, or ""; goes on after "it".

    One within a package (not ``is_top``) takes nobody's place.
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        return NO_MODULE
    taken = RESERVED | {each.casefold() for each in exercises}
    return IS_RESERVED if is_top and name.casefold() in taken else ""


def _modules(
    tree: Tree, exercises: Sequence[str], folder: PurePosixPath
) -> Iterator[PurePosixPath]:
    """Those of a folder, then those of the packages in it."""
    for name in tree.files(folder):
        if _may_help(name, exercises) or (name == PACKAGE and folder != HERE):
            yield folder / name
    for place in _packages(tree, folder):
        # Each holds a file at least, so that no chain of them goes on for longer than is asked for.
        if not name_fault(place.name, exercises, is_top=folder == HERE):
            yield from _modules(tree, exercises, place)


def _may_help(name: str, exercises: Sequence[str]) -> bool:
    is_exercise = exercise_in(name, [*exercises, *catalogue.names()]) is not None
    return not is_exercise and not name.startswith(("__", "."))


def _packages(tree: Tree, folder: PurePosixPath) -> Iterator[PurePosixPath]:
    return (folder / each for each in _folders(tree, folder) if tree.is_package(folder / each))


def _folders(tree: Tree, folder: PurePosixPath) -> Iterator[str]:
    """Those that may be the learner's own: no ``..`` of an archive, no hidden ones, no caches."""
    return (
        each for each in tree.folders(folder) if not is_skipped(each) and not each.startswith("__")
    )


def _refused(
    tree: Tree, folder: PurePosixPath, exercises: Sequence[str]
) -> Iterator[tuple[PurePosixPath, str]]:
    for name in tree.linked(folder):
        yield folder / name, IS_LINK
    for name in _folders(tree, folder):
        place = folder / name
        told = telling_file(tree, place, exercises)
        fault = NO_PACKAGE if told else ""
        if told == PACKAGE:
            fault = name_fault(name, exercises, is_top=folder == HERE)
            fault = fault or ("" if tree.files(place) else UNREADABLE)
        if fault:
            yield place, fault
