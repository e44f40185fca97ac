"""A submission's private folder: how much is in it, and how it is removed whatever is in it."""

import itertools
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MAX_FILES = 5000
MAX_BYTES = 64 << 20
BLOCK = 512


def is_overfull(folder: Path) -> bool:
    """Whether it holds more than a submission may write, by number or by size."""
    files = size = 0
    try:
        for entry in _entries(folder):
            files += 1
            # What is gone again by now takes no room.
            with suppress(FileNotFoundError):
                size += entry.stat(follow_symlinks=False).st_blocks * BLOCK
            if files > MAX_FILES or size > MAX_BYTES:
                return True
    except OSError:
        return True  # nested deeper than paths can be long
    return False


def remove(folder: Path) -> None:
    """Remove a folder, however deep it is nested and whatever its own rights are.

    What lies deep is moved up, so that no name grows too long and nothing recurs.
    """
    numbers = itertools.count()
    mark = secrets.token_hex(8)
    with suppress(FileNotFoundError):
        while paths := list(folder.iterdir()):
            for path in paths:
                if _is_folder(path):
                    for inner in path.iterdir():
                        if _is_folder(inner):
                            inner.rename(folder / f"{mark}-{next(numbers)}")
                        else:
                            inner.unlink()
                    path.rmdir()
                else:
                    path.unlink()
        folder.rmdir()


def _is_folder(path: Path) -> bool:
    """Whether it is one, which may then be listed and moved."""
    if not stat.S_ISDIR(path.lstat().st_mode):
        return False
    path.chmod(0o700)
    return True


def _entries(folder: Path) -> Iterator["os.DirEntry[str]"]:
    waiting = [str(folder)]
    while waiting:
        with suppress(FileNotFoundError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
