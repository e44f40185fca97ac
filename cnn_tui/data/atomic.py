"""Files that are either wholly there or not at all, whatever is killed meanwhile."""

import os
from collections.abc import Callable
from pathlib import Path


def write_atomically(target: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a file of a temporary name beside ``target``, then rename it.

    The data reaches the disk before the name does. Raises what ``write`` raises,
    and leaves no temporary file then.
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
