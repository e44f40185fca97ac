"""Reading a few small files out of an archive that a stranger made; torch-free.

The archive is opened in a process of its own that may use little memory and
time: a bomb, or an archive that sends Python's own readers round in circles,
ends that process and nothing else. Nothing of a learner's archive is unpacked onto
the disk; the archive of a whole class is, with names that are checked.
"""

import base64
import bz2
import gzip
import io
import json
import lzma
import os
import resource
import stat
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, TypeVar

from cnn_tui.errors import LabError, LabFault, UsageError
from cnn_tui.grading.classroom.helper_files import MAX_HELPERS, may_help
from cnn_tui.grading.classroom.naming import (
    archive_suffix,
    ending,
    exercise_in,
    is_skipped,
    may_hold,
    shown,
)
from cnn_tui.grading.isolation.source import MAX_SOURCE_BYTES, size_limit
from cnn_tui.grading.sandbox.visible_paths import PACKAGE_PARENT
from cnn_tui.grading.text import one_line

_Read = TypeVar("_Read")
MAX_FILES = 20
"""Files named like an exercise, of one archive."""
MAX_MEMBERS = 50_000
MAX_UNPACKED_BYTES = 512 << 20
"""Of a whole tar, which can only be read from its beginning."""
MAX_MEMBER_BYTES = 64 << 20
MAX_CLASS_BYTES = 2 << 30
"""Of a member of a class's archive, and of all of them together."""
MAX_NAME_BYTES = 255
MEMORY_BYTES = 1 << 30
CPU_SECONDS = {"read": 20, "unpack": 100}
PATIENCE_SECONDS = 120.0
"""By the clock, for a machine that has much else to do."""
BOOTSTRAP = (
    "import sys; sys.path.append(sys.argv.pop(1)); "
    "from cnn_tui.grading.classroom.archives import main; main()"
)
ORDINARY = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Python's zipfile unpacks the others without a limit."""
OPENERS: dict[str, Callable[[IO[bytes]], Any]] = {
    ".tar": lambda file: file,
    ".tar.gz": lambda file: gzip.GzipFile(fileobj=file),
    ".tgz": lambda file: gzip.GzipFile(fileobj=file),
    ".tar.xz": lzma.LZMAFile,
    ".txz": lzma.LZMAFile,
    ".tar.bz2": bz2.BZ2File,
    ".tbz2": bz2.BZ2File,
}


def read_exercises(archive: Path, exercises: Sequence[str]) -> list[tuple[PurePosixPath, bytes]]:
    """(place, bytes) of every file in ``archive`` that is named like one of ``exercises``.

    Beside them are the files of their folders that may be helper files, as far as they are few.
    Bytes beyond what a submission may have are left out, all but one. Raises
    UsageError, with one sentence, for an archive that is damaged, encrypted, a
    bomb, or names such a file in a way that is not safe.
    """
    answer = _asked("read", archive, *exercises)
    return [(PurePosixPath(place), base64.b64decode(data)) for place, data in answer["files"]]


@dataclass(frozen=True)
class RefusedMember:
    """One member of a class's archive that was not unpacked: ``reason`` goes on after "it"."""

    name: str
    reason: str


def unpack_class(archive: Path, folder: Path) -> list[RefusedMember]:
    """Write the members of a class's archive below ``folder``; what was refused, and why.

    No name leads out of the folder, nothing is a link, and what can be neither an exercise nor
    an archive is there by its name alone, without its bytes. Raises UsageError, with one
    sentence, for an archive that is damaged or too large.
    """
    answer = _asked("unpack", archive, str(folder))
    return [RefusedMember(name, reason) for name, reason in answer["refused members"]]


def _asked(what: str, archive: Path, *arguments: str) -> dict[str, Any]:
    """What a process that does ``what`` with an archive answers; raises UsageError."""
    command = [sys.executable, "-P", "-c", BOOTSTRAP, str(PACKAGE_PARENT), what, str(archive)]
    try:
        done = subprocess.run(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise UsageError(
            f"{shown(archive.name)} takes more time or memory to unpack than an exercise may: "
            "ask for a small archive that holds the exercises only."
        ) from None
    except OSError as error:
        raise LabFault(f"No process can be started to unpack archives ({error}).") from error
    if "refused" in answer:
        raise UsageError(answer["refused"])
    return answer


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
            coded = [(str(place), base64.b64encode(data).decode()) for place, data in files]
            answer = {"files": coded}
        else:
            folder = Path(arguments[0])
            answer = {"refused members": _whole(path, lambda: list(_unpacked(path, folder)))}
    except LabError as error:
        answer = {"refused": str(error)}
    sys.stdout.write(json.dumps(answer))


@dataclass(frozen=True)
class Member:
    """One member of an archive: ``fault`` says why it cannot be read, if it cannot."""

    name: str
    fault: str
    read: Callable[[int], bytes]


class CappedStream(io.RawIOBase):
    """What comes out of a decompressor, as long as it is not too much; ``last`` came last."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = MAX_UNPACKED_BYTES
        self.last = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes; raises UsageError once there are too many."""
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise UsageError(
                f"it unpacks to more than {MAX_UNPACKED_BYTES >> 20} MiB: "
                "ask for an archive that holds the exercises only"
            )
        self.last = data or self.last
        return data


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
    for count, member in enumerate(_members(path)):
        if count >= MAX_MEMBERS:
            raise UsageError(f"it has more than {MAX_MEMBERS} members")
        place = PurePosixPath(member.name.replace("\\", "/"))
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


def _wanted(path: Path, exercises: Sequence[str]) -> Iterator[tuple[PurePosixPath, bytes]]:
    """The exercises in an archive, and after them their helper files."""
    folders = set()
    for place, data in _exercises(path, exercises):
        folders.add(place.parent)
        yield place, data
    if folders:
        yield from _helpers(path, exercises, folders)


def _helpers(
    path: Path, exercises: Sequence[str], folders: Collection[PurePosixPath]
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """What lies beside the exercises; of each folder, no more than shows that it is too much."""
    counts, sizes = Counter[PurePosixPath](), Counter[PurePosixPath]()
    for member in _members(path):
        place = PurePosixPath(member.name.replace("\\", "/"))
        folder = place.parent
        if folder not in folders or member.fault or not may_help(place.name, exercises):
            continue
        if counts[folder] > MAX_HELPERS or sizes[folder] > MAX_SOURCE_BYTES:
            continue
        data = member.read(MAX_SOURCE_BYTES + 1)
        counts[folder] += 1
        sizes[folder] += len(data)
        yield place, data


def _exercises(path: Path, exercises: Sequence[str]) -> Iterator[tuple[PurePosixPath, bytes]]:
    found = 0
    for count, member in enumerate(_members(path)):
        if count >= MAX_MEMBERS:
            raise UsageError(f"it has more than {MAX_MEMBERS} members")
        place = PurePosixPath(member.name.replace("\\", "/"))
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
        yield place, member.read(size_limit(place.name) + 1)


def _members(path: Path) -> Iterator[Member]:
    suffix = archive_suffix(path.name)
    with path.open("rb") as file:
        if suffix == ".zip":
            yield from _zip_members(file)
        else:
            yield from _tar_members(OPENERS[suffix](file))


def _zip_members(file: IO[bytes]) -> Iterator[Member]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():

            def read(limit: int, info: zipfile.ZipInfo = info) -> bytes:
                with archive.open(info) as member:
                    return member.read(limit)

            if not info.is_dir():
                yield Member(info.filename, _zip_fault(info), read)


def _zip_fault(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "is a link or a device, not a file"
    if info.flag_bits & 1:
        return "is encrypted"
    if info.compress_type not in ORDINARY:
        return "is compressed in an unusual way: ask for an ordinary zip"
    return ""


def _tar_members(stream: IO[bytes]) -> Iterator[Member]:
    capped = CappedStream(stream)
    with tarfile.open(fileobj=capped, mode="r|") as archive:
        for info in archive:

            def read(limit: int, info: tarfile.TarInfo = info) -> bytes:
                member = archive.extractfile(info)
                return b"" if member is None else member.read(limit)

            if not info.isdir():
                plain = info.isreg() and not info.issparse()
                yield Member(info.name, "" if plain else "is a link or a device, not a file", read)
    # A whole tar ends in zeros; tarfile takes one that was cut between two members for whole.
    if any(capped.last[-tarfile.BLOCKSIZE :]):
        raise tarfile.ReadError("its end is missing")
