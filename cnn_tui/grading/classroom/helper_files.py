"""Helper files: what a learner handed in beside an exercise, and which of it can be imported.

Only files of the exercise's own folder and of its packages count, so no learner's file reaches
another one. Torch-free.
"""

import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from cnn_tui.errors import UsageError
from cnn_tui.grading.classroom.archives import ArchivedFile
from cnn_tui.grading.classroom.helper_places import (
    HERE,
    IS_LINK,
    MAX_HELPERS,
    PACKAGE,
    SUFFIX,
    UNREADABLE,
    ArchiveTree,
    FolderTree,
    Tree,
    modules,
    name_fault,
    refused_folders,
)
from cnn_tui.grading.classroom.naming import listed, shown
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.source import MAX_SOURCE_BYTES, read_regular_file
from cnn_tui.grading.records import CheckReport

TOO_LARGE = f"is larger than {MAX_SOURCE_BYTES >> 20} MiB"
IS_HIDDEN = "has the name of a package beside it"
PACKAGE_REFUSED = f"is in a folder whose {PACKAGE} was not taken"


@dataclass(frozen=True)
class FileBeside:
    """A file beside an exercise: ``fault`` goes on after "it", and says why it was not read.

    ``place`` is relative to the exercise's folder. A folder that nothing was taken
    of (``is_folder``) has a fault, and no bytes.
    """

    place: PurePosixPath
    data: bytes = b""
    fault: str = ""
    is_folder: bool = False


@dataclass(frozen=True)
class HelperFiles:
    """The helper files of one submission, and what is to be said of them.

    ``sources`` has the bytes of each by its place without ``.py``, such as ``utils/__init__``.
    """

    sources: Mapping[str, bytes] = field(default_factory=dict)
    remark: str = ""


def beside(path: Path, exercises: Sequence[str]) -> list[FileBeside]:
    """The files beside an exercise, MAX_HELPERS and one more at most, then refused folders."""
    return _all_in(FolderTree(path.parent), exercises, partial(_read, path.parent))


def files_beside(exercise: Exercise, path: Path) -> list[tuple[str, bytes]]:
    """(name, bytes) of what can be read beside a single file that is checked.

    Cheap enough to be asked for again and again: no folder is listed that is no package.
    """
    try:
        found = modules(FolderTree(path.parent), [exercise.name])
    except OSError:
        return []
    files = [_read(path.parent, place) for place in found if place != PurePosixPath(path.name)]
    return [(str(each.place), each.data) for each in files if not each.fault]


def check_with_helpers(
    check: Callable[..., CheckReport], exercise: Exercise, path: Path, **settings: Any
) -> CheckReport:
    """What ``check`` (that of a checker) reports on a file that may import those beside it."""
    helpers = taken(exercise.name, _beside_single(exercise, path))
    report = check(exercise, path, helpers=helpers.sources, **settings)
    return replace(report, remarks=(*filter(None, [helpers.remark]), *report.remarks))


def taken(exercise: str, files: Sequence[FileBeside]) -> HelperFiles:
    """Those of the files beside an exercise that it may import."""
    faults = _faults(files, exercise)
    sources = {
        str(each.place.with_suffix("")): each.data for each in files if each.place not in faults
    }
    size = sum(map(len, sources.values()))
    if sum(not each.is_folder for each in files) > MAX_HELPERS or size > MAX_SOURCE_BYTES:
        most = f"{MAX_HELPERS} files and {MAX_SOURCE_BYTES >> 20} MiB together"
        return HelperFiles(remark=f"No helper files were taken: there may be {most}.")
    told = [f"{shown(str(place))} was not taken: it {fault}." for place, fault in faults.items()]
    if sources:
        names = _named([f"{name}{SUFFIX}" for name in sources])
        told.insert(0, f"Taken as helper files: {names}.")
    return HelperFiles(sources, " ".join(told))


def in_archive(
    place: PurePosixPath, held: Sequence[ArchivedFile], exercises: Sequence[str]
) -> list[FileBeside]:
    """The same of the exercise at ``place`` in an archive, from which ``held`` was read."""
    folder = place.parent
    files = {each.place: each for each in held}

    def read(place: PurePosixPath) -> FileBeside:
        file = files[folder / place]
        return FileBeside(place, file.data, file.fault)

    return _all_in(ArchiveTree(folder, files), exercises, read)


def _all_in(
    tree: Tree, exercises: Sequence[str], read: Callable[[PurePosixPath], FileBeside]
) -> list[FileBeside]:
    found = modules(tree, exercises)
    refused = refused_folders(tree, found, exercises)
    folders = [FileBeside(place, fault=fault, is_folder=True) for place, fault in refused]
    return [*map(read, found), *folders]


def _beside_single(exercise: Exercise, path: Path) -> list[FileBeside]:
    """The files beside a single one that is checked, whatever its name; none without its folder."""
    try:
        own = PurePosixPath(path.name)
        return [each for each in beside(path, [exercise.name]) if each.place != own]
    except OSError:
        return []


def _read(folder: Path, place: PurePosixPath) -> FileBeside:
    try:
        return FileBeside(place, read_regular_file(folder / place))
    except UsageError:
        return FileBeside(place, fault=_why_not_read(folder / place))


def _why_not_read(path: Path) -> str:
    try:
        facts = path.lstat()
    except OSError:
        return UNREADABLE
    if stat.S_ISLNK(facts.st_mode):
        return IS_LINK
    if not stat.S_ISREG(facts.st_mode):
        return "is not a regular file"
    return TOO_LARGE if facts.st_size > MAX_SOURCE_BYTES else UNREADABLE


def _named(names: Sequence[str]) -> str:
    return listed([PurePath(name) for name in names])


def _faults(files: Sequence[FileBeside], exercise: str) -> dict[PurePosixPath, str]:
    """What cannot be imported, each with the reason, which goes on after "it"."""
    places = {each.place for each in files}
    faults: dict[PurePosixPath, str] = {}
    for each in files:
        is_hidden = each.place.with_suffix("") / PACKAGE in places
        fault = each.fault if each.is_folder else IS_HIDDEN if is_hidden else _fault(each, exercise)
        if fault:
            faults[each.place] = fault
    for place in sorted(places - faults.keys()):
        if any(parent / PACKAGE in faults for parent in place.parents if parent != HERE):
            faults[place] = PACKAGE_REFUSED
    return faults


def _fault(file: FileBeside, exercise: str) -> str:
    """Why a file cannot be imported as a helper file, or ""."""
    is_top = file.place.parent == HERE
    if fault := name_fault(file.place.stem, [exercise], is_top=is_top) or file.fault:
        return fault
    if len(file.data) > MAX_SOURCE_BYTES:
        return TOO_LARGE
    try:
        file.data.decode("utf-8")
    except UnicodeDecodeError:
        return "is not UTF-8 text"
    return "holds a NUL byte" if b"\0" in file.data else ""
