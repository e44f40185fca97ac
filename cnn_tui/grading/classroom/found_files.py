"""The files of what one learner handed in: found in folders and archives by their names.

Nothing here follows a symbolic link, and nothing is read before it is asked for. Torch-free.
"""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath

from cnn_tui.errors import UsageError
from cnn_tui.grading.classroom.archives import read_exercises
from cnn_tui.grading.classroom.helper_files import FileBeside, beside, in_archive
from cnn_tui.grading.classroom.naming import (
    MAX_DEPTH,
    MAX_PATH,
    archive_suffix,
    ending,
    exercise_in,
    is_skipped,
    shown,
)
from cnn_tui.grading.isolation.source import read_regular_file

MAX_ENTRIES = 20_000
"""Of one learner's folder."""
OTHER_ARCHIVES = (".rar", ".7z", ".gz", ".xz", ".bz2")


@dataclass(frozen=True)
class FoundFile:
    """A file named like an exercise; ``place`` is where it lies in what was handed in.

    ``beside`` are other Python files and packages of its folder, where that is the learner's.
    """

    exercise: str
    place: PurePosixPath
    shown: str
    read: Callable[[], bytes]
    beside: Callable[[], list[FileBeside]] = field(default=list)


def found_files(paths: Sequence[Path], exercises: Sequence[str]) -> list[FoundFile]:
    """Every file that is named like an exercise; raises UsageError for what cannot be read."""
    found = [each for path in paths for each in _found_in(path, exercises)]
    if found or len(exercises) > 1:
        return found
    files = [path for path in paths if ending(path.name) and not is_folder_or_link(path)]
    return [_file(exercises[0], path, PurePosixPath(path.name)) for path in files]


def _found_in(path: Path, exercises: Sequence[str]) -> list[FoundFile]:
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        return _in_folder(path, exercises)
    if archive_suffix(path.name):
        return _in_archive(path, exercises)
    if path.name.lower().endswith(OTHER_ARCHIVES):
        raise UsageError(f"{shown(path.name)} cannot be opened: ask for a zip or a tar.")
    if stat.S_ISLNK(mode):
        raise UsageError(f"{shown(path.name)} is a symbolic link, which is not followed.")
    named = exercise_in(path.name, exercises)
    return [_file(named[1], path, PurePosixPath(path.name))] if named else []


def _in_folder(folder: Path, exercises: Sequence[str]) -> list[FoundFile]:
    found, archives = [], []
    for place in walk(folder, PurePosixPath()):
        named = exercise_in(place.name, exercises)
        if named is not None:
            file = _file(named[1], folder / place, place)
            others = partial(beside, folder / place, tuple(exercises))
            found.append(replace(file, beside=others))
        elif archive_suffix(place.name) and len(place.parts) == 1:
            archives.append(folder / place)
    # Learning platforms put what a learner uploaded into a folder of the learner's name.
    return found if found or len(archives) != 1 else _in_archive(archives[0], exercises)


def walk(folder: Path, place: PurePosixPath) -> Iterator[PurePosixPath]:
    """The places of all files that may be the learner's own, without following links."""
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda each: each.name)
    except OSError as error:
        raise UsageError(f"{shown(folder.name)} cannot be read ({error.strerror}).") from error
    if len(entries) > MAX_ENTRIES:
        raise UsageError(f"{shown(folder.name)} holds more than {MAX_ENTRIES} files.")
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            yield place / entry.name
        elif len(place.parts) < MAX_DEPTH and not is_skipped(entry.name):
            yield from walk(Path(entry.path), place / entry.name)


def _in_archive(archive: Path, exercises: Sequence[str]) -> list[FoundFile]:
    mode = archive.lstat().st_mode
    if not stat.S_ISREG(mode):
        raise UsageError(f"{shown(archive.name)} is a link or a device, not an archive.")
    found = []
    held = read_exercises(archive, exercises)
    for each in held:
        named = exercise_in(each.place.name, exercises)
        if named is not None:
            where = f"{shown(archive.name)}: {shown(str(each.place))}"
            others = partial(in_archive, each.place, held, exercises)
            read = partial(bytes, each.data)
            found.append(FoundFile(named[1], each.place, where, read, others))
    return found


def _file(exercise: str, path: Path, place: PurePosixPath) -> FoundFile:
    return FoundFile(exercise, place, shown(str(path), MAX_PATH), lambda: read_regular_file(path))


def is_folder_or_link(path: Path) -> bool:
    """Whether this is a folder, or a link that may lead to one."""
    mode = path.lstat().st_mode
    return stat.S_ISDIR(mode) or (stat.S_ISLNK(mode) and not path.suffix)
