"""Helper files: what a learner handed in beside an exercise, and which of it can be imported.

Only files of the exercise's own folder count, so no learner's file reaches another one. Torch-free.
"""

import keyword
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from cnn_tui.errors import UsageError
from cnn_tui.grading import catalogue
from cnn_tui.grading.classroom.archives import ArchivedFile
from cnn_tui.grading.classroom.naming import exercise_in, listed, shown
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.source import MAX_SOURCE_BYTES, read_regular_file
from cnn_tui.grading.records import CheckReport
from cnn_tui.grading.stand_ins.remarks import SHOWING

SUFFIX = ".py"
MAX_HELPERS = 20
"""Of one exercise; together they may be as large as an exercise."""
TOO_LARGE = f"is larger than {MAX_SOURCE_BYTES >> 20} MiB"
RESERVED = {
    *sys.stdlib_module_names,
    *("torch", "torchvision", "numpy", "tqdm", "cnn_tui", "pytest", "conftest"),
    *("sitecustomize", "usercustomize", *SHOWING),
}
"""Modules whose place no helper file may take."""


@dataclass(frozen=True)
class FileBeside:
    """A file beside an exercise: ``fault`` goes on after "it", and says why it was not read."""

    name: str
    data: bytes = b""
    fault: str = ""


@dataclass(frozen=True)
class HelperFiles:
    """The helper files of one submission, by module, and what is to be said of them."""

    sources: Mapping[str, bytes] = field(default_factory=dict)
    remark: str = ""


def may_help(name: str, exercises: Sequence[str]) -> bool:
    """Whether a file of that name may be a helper file: a module, and no exercise.

    ``exercises`` are those that are graded, the lab's own are none either.
    """
    return (
        name.endswith(SUFFIX)
        and not name.startswith(("__", "."))
        and exercise_in(name, [*exercises, *catalogue.names()]) is None
    )


def beside(path: Path, exercises: Sequence[str]) -> Iterator[FileBeside]:
    """The files beside an exercise, MAX_HELPERS and one more at most; links are not followed."""
    with os.scandir(path.parent) as scan:
        names = sorted(each.name for each in scan if may_help(each.name, exercises))
    for name in names[: MAX_HELPERS + 1]:
        try:
            yield FileBeside(name, read_regular_file(path.parent / name))
        except UsageError:
            yield FileBeside(name, fault=_why_not_read(path.parent / name))


def files_beside(exercise: Exercise, path: Path) -> list[tuple[str, bytes]]:
    """(name, bytes) of what can be read beside a single file that is checked."""
    return [(each.name, each.data) for each in _beside_single(exercise, path) if not each.fault]


def check_with_helpers(
    check: Callable[..., CheckReport], exercise: Exercise, path: Path, **settings: Any
) -> CheckReport:
    """What ``check`` (that of a checker) reports on a file that may import those beside it."""
    helpers = taken(exercise.name, _beside_single(exercise, path))
    report = check(exercise, path, helpers=helpers.sources, **settings)
    return replace(report, remarks=(*filter(None, [helpers.remark]), *report.remarks))


def taken(exercise: str, files: Sequence[FileBeside]) -> HelperFiles:
    """Those of the files beside an exercise that it may import."""
    faults = {each.name: fault for each in files if (fault := _fault(each, exercise))}
    sources = {
        each.name.removesuffix(SUFFIX): each.data for each in files if each.name not in faults
    }
    size = sum(map(len, sources.values()))
    if len(files) > MAX_HELPERS or size > MAX_SOURCE_BYTES:
        most = f"{MAX_HELPERS} files and {MAX_SOURCE_BYTES >> 20} MiB together"
        return HelperFiles(remark=f"No helper files were taken: there may be {most}.")
    told = [f"{shown(name)} was not taken: it {fault}." for name, fault in faults.items()]
    if sources:
        names = _named([f"{name}{SUFFIX}" for name in sources])
        told.insert(0, f"Taken as helper files: {names}.")
    return HelperFiles(sources, " ".join(told))


def in_archive(
    place: PurePosixPath, held: Sequence[ArchivedFile], exercises: Sequence[str]
) -> list[FileBeside]:
    """What lies beside the exercise at ``place`` in an archive."""
    return [
        FileBeside(each.place.name, each.data, each.fault)
        for each in held
        if each.place.parent == place.parent and may_help(each.place.name, exercises)
    ]


def _beside_single(exercise: Exercise, path: Path) -> list[FileBeside]:
    """The files beside a single one that is checked, whatever its name; none without its folder."""
    try:
        return [each for each in beside(path, [exercise.name]) if each.name != path.name]
    except OSError:
        return []


def _why_not_read(path: Path) -> str:
    try:
        facts = path.lstat()
    except OSError:
        return "cannot be read"
    if stat.S_ISLNK(facts.st_mode):
        return "is a symbolic link"
    if not stat.S_ISREG(facts.st_mode):
        return "is not a regular file"
    return TOO_LARGE if facts.st_size > MAX_SOURCE_BYTES else "cannot be read"


def _named(names: Sequence[str]) -> str:
    return listed([PurePath(name) for name in names])


def _fault(file: FileBeside, exercise: str) -> str:
    """Why a file cannot be imported as a helper file, or ""; goes on after "it"."""
    module = file.name.removesuffix(SUFFIX)
    if not module.isidentifier() or keyword.iskeyword(module):
        return "has a name that is no name of a module"
    if module.casefold() in RESERVED or module.casefold() == exercise.casefold():
        return "has the name of a module of Python, the lab or a package"
    if file.fault:
        return file.fault
    if len(file.data) > MAX_SOURCE_BYTES:
        return TOO_LARGE
    try:
        file.data.decode("utf-8")
    except UnicodeDecodeError:
        return "is not UTF-8 text"
    return "holds a NUL byte" if b"\0" in file.data else ""
