"""A search of all that can be read for what was packed, compiled or left somewhere.

The hunt's submission is made of this file, so it stands for itself.
"""

import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PSEUDO = ("proc", "sys", "dev")
BIG = 1 << 20
"""Of libraries that are larger, nothing is read: no Python source lies in machine code."""
DEPTH = 3
"""Archives within archives."""


def search(roots: list[str], lines: set[bytes], strings: list[bytes]) -> tuple[int, list[str]]:
    """How many files below the roots could be read, and which hold one of the lines.

    Compiled Python holds no lines; there, it is the strings.
    """
    read, found = 0, []
    for path in _files([Path(root) for root in roots]):
        data = _content(path)
        if data is not None:
            read += 1
            if _holds(data, lines, strings, DEPTH):
                found.append(str(path))
    return read, found


def _files(roots: list[Path]) -> Iterator[Path]:
    """Every file below the roots, once."""
    seen = set()
    for root in roots:
        yield from [root] if root.is_file() else []
        for folder, folders, names in os.walk(root.resolve()):
            folders[:] = [each for each in folders if folder != "/" or each not in PSEUDO]
            if folder in seen:
                folders.clear()
                continue
            seen.add(folder)
            yield from (Path(folder, name) for name in names)


def _content(path: Path) -> bytes | None:
    """The bytes of a regular file; None where nothing is to be read."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            start = file.read(4)
            if start == b"\x7fELF" and path.stat().st_size > BIG:
                return None
            return start + file.read()
    except OSError:
        return None


def _holds(data: bytes, lines: set[bytes], strings: list[bytes], depth: int) -> bool:
    if data[2:4] == b"\r\n":
        return any(string in data for string in strings)
    if not lines.isdisjoint(map(bytes.strip, data.split(b"\n"))):
        return True
    return depth > 0 and any(_holds(each, lines, strings, depth - 1) for each in _unpacked(data))


def _unpacked(data: bytes) -> Iterator[bytes]:
    """What lies in an archive, a gzip file, an object of git's, or a pack of such objects."""
    # Whatever only begins like one is passed over.
    with suppress(Exception):
        if data[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield from map(archive.read, archive.namelist())
        elif data[:2] == b"\x1f\x8b":
            yield gzip.decompress(data)
        elif data[:1] == b"\x78":
            yield zlib.decompress(data)
        elif data[:4] == b"PACK":
            yield from _inflated(data)


def _inflated(data: bytes) -> Iterator[bytes]:
    at = data.find(b"\x78")
    while at >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(data[at:])
        at = data.find(b"\x78", at + 1)
