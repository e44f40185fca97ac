"""Locks that a run's processes hold for as long as they live: they say whether it is alive."""

import os
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action, step
from cnn_tui.processes import is_locked, keeps_no_locks, take_lock
from cnn_tui.training.store.folder import RunFolder


def acquire_lock(run: RunFolder) -> int:
    """An open file that holds the run's lock.

    Raises UsageError where another process holds it, and where the folder cannot
    be written to.
    """
    lock = _acquire(run, run.lock_file)
    if is_locked(run.rank_lock_file):  # left behind by a process that was killed, and still ending
        try:
            os.close(_acquire(run, run.rank_lock_file))
        except UsageError:
            os.close(lock)
            raise
    return lock


def acquire_rank_lock(run: RunFolder) -> int:
    """An open file that holds the lock of the process that writes, which is named in it.

    Raises what ``acquire_lock`` raises.
    """
    lock = _acquire(run, run.rank_lock_file)
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    return lock


def is_alive(run: RunFolder) -> bool:
    """Whether a worker holds one of the run's locks."""
    return is_locked(run.lock_file) or is_locked(run.rank_lock_file)


def _acquire(run: RunFolder, file: Path) -> int:
    try:
        return take_lock(file)
    except BlockingIOError:
        raise UsageError(
            f"Run {run.run} is running already.", next_steps=(step(Action.ATTACH, run.run),)
        ) from None
    except OSError as error:
        if keeps_no_locks(error):
            raise UsageError(
                f"Run {run.run} cannot be started: the file system of {run.path.parent} keeps no "
                "file locks, which tell whether a run is running. Take a workspace on another one, "
                "such as a local disk.",
                fields=("workspace",),
            ) from error
        raise UsageError(
            f"Run {run.run} cannot be changed: nothing can be written to {run.path} "
            f"({error.strerror})."
        ) from error
