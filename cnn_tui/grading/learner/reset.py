"""Back to the pristine starter, without losing what the learner wrote; torch-free."""

import errno
import os
import stat
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from cnn_tui.errors import LabFault, UsageError
from cnn_tui.files import write_atomically
from cnn_tui.grading.catalogue import starter
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner import progress
from cnn_tui.workspace import Workspace

NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""What file systems answer that know no second name for a file."""


def reset(workspace: Workspace, exercise: Exercise) -> Path | None:
    """Put the pristine starter in place of the learner's file; returns where that is kept.

    None where there was nothing to keep: no file, or one that equals the starter.
    A kill at any moment leaves the old file or the new one in place, and loses
    neither. Raises UsageError where it is no file, or cannot be replaced.
    """
    path = workspace.exercises / exercise.file_name
    try:
        backup = None
        if not is_pristine(workspace, exercise):
            backup = kept_aside(path) if path.exists() else None
            pristine = starter(exercise).read_bytes()
            write_atomically(path, lambda temporary: temporary.write_bytes(pristine))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be put back to its starter ({error.strerror}): make room or give "
            f"yourself the right to write to it and to its folder, and try again."
        ) from error
    with suppress(LabFault):  # the file is what was asked for
        progress.record_starters(workspace, [exercise])
    return backup


def is_pristine(workspace: Workspace, exercise: Exercise) -> bool:
    """Whether the learner's file equals the starter of this lab, byte for byte.

    False where there is none. Raises UsageError for a folder, a link and their like.
    """
    path = workspace.exercises / exercise.file_name
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{path} is not a regular file: move it away, and try again.")
    pristine = starter(exercise).read_bytes()
    return status.st_size == len(pristine) and path.read_bytes() == pristine


def kept_aside(path: Path) -> Path:
    """A second name for the file at ``path``, which nothing had before; raises OSError."""
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "it is write-protected")
    stem = f"{path.name}.backup-{datetime.now():%Y%m%d-%H%M%S}"
    for number in count(1):
        backup = path.with_name(stem if number == 1 else f"{stem}-{number}")
        try:
            _link(path, backup)
            return backup
        except FileExistsError:
            continue
    raise AssertionError("count() has no end")


def _link(path: Path, backup: Path) -> None:
    """Raises FileExistsError where the name is taken."""
    try:
        # Unlike a copy, a link is whole at once, and keeps what an editor writes meanwhile.
        os.link(path, backup)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        with backup.open("xb") as copy:
            copy.write(path.read_bytes())
            copy.flush()
            os.fsync(copy.fileno())
