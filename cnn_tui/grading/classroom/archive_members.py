"""The members of a zip or tar, one after another, each with what can be read of it; torch-free."""

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cnn_tui.errors import UsageError
from cnn_tui.grading.classroom.naming import archive_suffix

MAX_UNPACKED_BYTES = 512 << 20
"""Of a whole tar, which can only be read from its beginning."""
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


def members(path: Path) -> Iterator[Member]:
    """Every member that is no folder, to be read before the next one is asked for."""
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
