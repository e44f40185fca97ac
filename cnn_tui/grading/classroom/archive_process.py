"""The process that opens an archive: it reads the exercises in it, or unpacks that of a class.

It limits its own memory and time before it opens anything, and answers as JSON. Torch-free.
"""

import base64
import json
import os
import resource
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from cnn_tui.errors import LabError, UsageError
from cnn_tui.grading.classroom.archive_members import Member, members
from cnn_tui.grading.classroom.archives import ArchivedFile
from cnn_tui.grading.classroom.helper_places import (
    SUFFIX,
    ArchiveTree,
    modules,
    refused_folders,
    telling_file,
)
from cnn_tui.grading.classroom.naming import (
    archive_suffix,
    ending,
    exercise_in,
    is_skipped,
    may_hold,
    shown,
)
from cnn_tui.grading.isolation.source import MAX_SOURCE_BYTES, size_limit
from cnn_tui.grading.text import one_line

_Read = TypeVar("_Read")
MAX_FILES = 20
"""Files named like an exercise, of one archive."""
MAX_MEMBERS = 50_000
MAX_MEMBER_BYTES = 64 << 20
MAX_CLASS_BYTES = 2 << 30
"""Of a member of a class's archive, and of all of them together."""
MAX_NAME_BYTES = 255
MEMORY_BYTES = 1 << 30
CPU_SECONDS = {"read": 20, "unpack": 100}


def main() -> None:
    """Answer on standard output, as JSON.

    Arguments: "read", the archive, the exercises' names; or "unpack", the archive, the folder.
    """
    what, archive, *arguments = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS[what], CPU_SECONDS[what]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    path = Path(archive)
    answer: dict[str, Any]
    try:
        if what == "read":
            files = _whole(path, lambda: list(_wanted(path, arguments)))
            coded = [
                (str(each.place), base64.b64encode(each.data).decode(), each.fault)
                for each in files
            ]
            answer = {"files": coded}
        else:
            folder = Path(arguments[0])
            answer = {"refused members": _whole(path, lambda: list(_unpacked(path, folder)))}
    except LabError as error:
        answer = {"refused": str(error)}
    sys.stdout.write(json.dumps(answer))


def _whole(path: Path, attempt: Callable[[], list[_Read]]) -> list[_Read]:
    """What an attempt to read an archive gives; raises UsageError that names the archive."""
    name = shown(path.name)
    try:
        return attempt()
    except LabError as error:
        raise UsageError(f"{name} cannot be used: {error}.") from error
    except MemoryError:
        raise UsageError(f"{name} cannot be used: it takes too much memory to read.") from None
    # Python's readers of archives raise whatever they stumble over in damaged ones.
    except Exception as error:
        said = one_line(str(error), 100) or type(error).__name__
        raise UsageError(f"{name} is damaged, cut off, or no such archive ({said}).") from error


def _unpacked(path: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Unpack a class's archive; (name, reason) of each member that is refused."""
    left = MAX_CLASS_BYTES
    for count, member in enumerate(members(path)):
        if count >= MAX_MEMBERS:
            raise UsageError(f"it has more than {MAX_MEMBERS} members")
        place = _place(member)
        if any(is_skipped(part) for part in place.parts if part != ".."):
            continue
        reason = member.fault or _unsafe(place)
        if not reason:
            data = member.read(MAX_MEMBER_BYTES + 1) if _is_wanted(place.name) else b""
            left -= len(data)
            if left < 0:
                raise UsageError(f"it unpacks to more than {MAX_CLASS_BYTES >> 20} MiB")
            reason = _written(folder / place, data)
        if reason:
            yield member.name, reason


def _is_wanted(name: str) -> bool:
    return bool(ending(name) or archive_suffix(name))


def _unsafe(place: PurePosixPath) -> str:
    """Why a member cannot be a file below a folder, or ""."""
    if place.is_absolute() or ".." in place.parts or not place.parts:
        return "names a file outside of the archive"
    if "\0" in str(place) or any(len(os.fsencode(part)) > MAX_NAME_BYTES for part in place.parts):
        return "has a name that no file can have"
    return ""


def _written(target: Path, data: bytes) -> str:
    """Write a member that is not there yet; says why it could not be, if so."""
    if len(data) > MAX_MEMBER_BYTES:
        return f"is larger than {MAX_MEMBER_BYTES >> 20} MiB"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(data)
    except FileExistsError:
        return "has the name of another file in the archive"
    except (OSError, ValueError) as error:
        return f"cannot be unpacked ({getattr(error, 'strerror', '') or error})"
    return ""


def _wanted(path: Path, exercises: Sequence[str]) -> Iterator[ArchivedFile]:
    """The exercises in an archive, and after them their helper files."""
    folders: dict[PurePosixPath, None] = {}
    for file in _exercises(path, exercises):
        folders[file.place.parent] = None
        yield file
    if folders:
        yield from _helpers(path, exercises, folders)


def _helpers(
    path: Path, exercises: Sequence[str], folders: Collection[PurePosixPath]
) -> Iterator[ArchivedFile]:
    """What lies beside the exercises; of each folder, no more than shows that it is too much.

    Of a folder that cannot be imported there is one file, without its bytes.
    """
    places = [_place(member) for member in members(path) if member.name.endswith(SUFFIX)]
    sizes = dict.fromkeys(folders, 0)
    wanted: dict[PurePosixPath, list[PurePosixPath]] = {}
    for folder in folders:
        tree = ArchiveTree(folder, places)
        found = modules(tree, exercises)
        for each in found:
            wanted.setdefault(folder / each, []).append(folder)
        for refused, _ in refused_folders(tree, found, exercises):
            wanted.setdefault(folder / refused / telling_file(tree, refused, exercises), [])
    for member in members(path):
        of = wanted.pop(_place(member), None)
        if of is None or (of and all(sizes[folder] > MAX_SOURCE_BYTES for folder in of)):
            continue
        data = member.read(MAX_SOURCE_BYTES + 1) if of and not member.fault else b""
        if len(data) <= MAX_SOURCE_BYTES:
            sizes |= {folder: sizes[folder] + len(data) for folder in of}
        yield ArchivedFile(_place(member), data, member.fault)


def _place(member: Member) -> PurePosixPath:
    return PurePosixPath(member.name.replace("\\", "/"))


def _exercises(path: Path, exercises: Sequence[str]) -> Iterator[ArchivedFile]:
    found = 0
    for count, member in enumerate(members(path)):
        if count >= MAX_MEMBERS:
            raise UsageError(f"it has more than {MAX_MEMBERS} members")
        place = _place(member)
        if exercise_in(place.name, exercises) is None:
            continue
        if place.is_absolute() or ".." in place.parts:
            raise UsageError(f"it names a file outside of itself, {shown(member.name)}")
        if not may_hold(place):
            continue
        if member.fault:
            raise UsageError(f"{shown(member.name)} in it {member.fault}")
        found += 1
        if found > MAX_FILES:
            raise UsageError(f"it has more than {MAX_FILES} files named like an exercise")
        yield ArchivedFile(place, member.read(size_limit(place.name) + 1))
