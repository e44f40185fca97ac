"""Files that are either wholly there or not at all, whatever is killed meanwhile."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path


def utf8(text: str) -> bytes:
    """Any text in UTF-8; a lone surrogate, which names of files may have, as its escape."""
    return text.encode("utf-8", errors="backslashreplace")


def write_atomically(target: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a file of a temporary name beside ``target``, then rename it.

    The data reaches the disk before the name does, and the name before this
    returns. Raises what ``write`` raises, and leaves no temporary file then.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_names(target.parent)


def sweep(folder: Path) -> None:
    """Remove the temporary files that killed writers left; only while no other can be at work."""
    for left in folder.glob(".*.tmp"):
        left.unlink(missing_ok=True)


def _sync_names(folder: Path) -> None:
    """Let renames survive a power cut in their order; some file systems cannot be asked to."""
    with contextlib.suppress(OSError):
        names = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(names)
        finally:
            os.close(names)
