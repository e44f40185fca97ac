"""Files that a command is asked to write: refused before the work, or written whole."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from cnn_tui.errors import LabFault, UsageError
from cnn_tui.files import utf8, write_atomically

STDOUT = "-"
"""The target that means standard output."""


def expect_targets(targets: Mapping[str, str | None], *, printed: Sequence[str] = ()) -> None:
    """Raise UsageError unless every option's target can be written: a path, ``-`` or none.

    Standard output holds one document at most; ``printed`` names options that put one
    there in any case.
    """
    given = {option: target for option, target in targets.items() if target is not None}
    to_stdout = [*printed, *(option for option, target in given.items() if target == STDOUT)]
    if len(to_stdout) > 1:
        instead = "leave one out" if len(printed) > 1 else "give a file's name instead of -"
        raise UsageError(f"{' and '.join(to_stdout)} would both print: {instead}.")
    written: dict[Path, str] = {}
    for option, target in given.items():
        if target != STDOUT:
            expect_writable(Path(target))
            other = written.setdefault(_place(Path(target)), option)
            if other != option:
                raise UsageError(f"{other} and {option} name the same file: {target}")


def expect_writable(path: Path) -> None:
    """Raise UsageError unless ``path`` can be written, or replaced, as a plain file.

    Python files are never replaced: an option without its value would take the
    learner's own work for the file to write.
    """
    if path.suffix == ".py":
        raise UsageError(f"{path} is a Python file, and would be overwritten. Give another name.")
    target = _place(path)
    try:
        if target.exists() and not target.is_file():
            raise UsageError(f"{path} is no plain file. Give a name that is free.")
        if target.exists() and not os.access(target, os.W_OK):
            raise UsageError(f"{path} is write-protected. Give a name that is free.")
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}). Give a file in a folder that is yours."
        ) from error


def write_whole(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, so that ``path`` holds all of it or what it held before.

    A link is followed; a lone surrogate is written as its escape. Raises LabFault
    where the file cannot be written.
    """
    write_bytes(path, utf8(text))


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` the same way; raises LabFault."""
    try:
        write_atomically(_place(path), lambda file: file.write_bytes(data))
    except OSError as error:
        raise LabFault(f"{path} could not be written ({error.strerror}).") from error


def _place(path: Path) -> Path:
    """Where a path leads, whether there is anything or not."""
    return Path(os.path.realpath(path))
