"""Helper files: what a learner handed in beside an exercise, and which of it can be imported.

Only files of the exercise's own folder count, so no learner's file reaches another one. Torch-free.
"""

import keyword
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from cnn_tui.errors import UsageError
from cnn_tui.grading import catalogue
from cnn_tui.grading.classroom.naming import exercise_in, listed, shown
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.source import MAX_SOURCE_BYTES, read_regular_file
from cnn_tui.grading.records import CheckReport
from cnn_tui.grading.stand_ins.remarks import SHOWING

SUFFIX = ".py"
MAX_HELPERS = 20
"""Of one exercise; together they may be as large as an exercise."""
RESERVED = {
    *sys.stdlib_module_names,
    *("torch", "torchvision", "numpy", "tqdm", "cnn_tui", "pytest", "conftest"),
    *("sitecustomize", "usercustomize", *SHOWING),
}
"""Modules whose place no helper file may take."""


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


def beside(path: Path, exercises: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the files beside an exercise, MAX_HELPERS and one more at most.

    What cannot be read is no helper file. Links are not followed.
    """
    with os.scandir(path.parent) as scan:
        names = sorted(each.name for each in scan if may_help(each.name, exercises))
    for name in names[: MAX_HELPERS + 1]:
        try:
            yield name, read_regular_file(path.parent / name)
        except UsageError:
            continue


def files_beside(exercise: Exercise, path: Path) -> list[tuple[str, bytes]]:
    """The same for a single file that is checked, whatever its name; none without its folder."""
    try:
        return [each for each in beside(path, [exercise.name]) if each[0] != path.name]
    except OSError:
        return []


def check_with_helpers(
    check: Callable[..., CheckReport], exercise: Exercise, path: Path, **settings: Any
) -> CheckReport:
    """What ``check`` (that of a checker) reports on a file that may import those beside it."""
    helpers = taken(exercise.name, files_beside(exercise, path))
    report = check(exercise, path, helpers=helpers.sources, **settings)
    return replace(report, remarks=(*filter(None, [helpers.remark]), *report.remarks))


def taken(exercise: str, files: Sequence[tuple[str, bytes]]) -> HelperFiles:
    """Those of the files beside an exercise that it may import."""
    faults = {name: fault for name, data in files if (fault := _fault(name, data, exercise))}
    sources = {name.removesuffix(SUFFIX): data for name, data in files if name not in faults}
    size = sum(map(len, sources.values()))
    if len(files) > MAX_HELPERS or size > MAX_SOURCE_BYTES:
        most = f"{MAX_HELPERS} files and {MAX_SOURCE_BYTES >> 20} MiB together"
        return HelperFiles(remark=f"No helper files were taken: there may be {most}.")
    told = [f"{shown(name)} was not taken: {fault}." for name, fault in faults.items()]
    if sources:
        names = _named([f"{name}{SUFFIX}" for name in sources])
        told.insert(0, f"Taken as helper files: {names}.")
    return HelperFiles(sources, " ".join(told))


def in_archive(
    place: PurePosixPath, held: Sequence[tuple[PurePosixPath, bytes]], exercises: Sequence[str]
) -> list[tuple[str, bytes]]:
    """(name, bytes) of what lies beside the exercise at ``place`` in an archive."""
    return [
        (each.name, data)
        for each, data in held
        if each.parent == place.parent and may_help(each.name, exercises)
    ]


def _named(names: Sequence[str]) -> str:
    return listed([PurePath(name) for name in names])


def _fault(name: str, data: bytes, exercise: str) -> str:
    """Why a file cannot be imported as a helper file, or ""."""
    module = name.removesuffix(SUFFIX)
    if not module.isidentifier() or keyword.iskeyword(module):
        return "its name is no name of a module"
    if module.casefold() in RESERVED or module.casefold() == exercise.casefold():
        return "a module of Python, the lab or a package has its name"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "it is not UTF-8 text"
    return "it holds a NUL byte" if b"\0" in data else ""
