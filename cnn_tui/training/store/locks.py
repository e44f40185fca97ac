"""Locks that a run's processes hold for as long as they live: they say whether it is alive."""

import fcntl
import os
import time
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.training.store.folder import RunFolder

LOCK_SECONDS = 1.0
"""How long to try for the lock: whoever asks whether a run lives holds it for an instant."""
POLL_SECONDS = 0.05


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


def take_lock(file: Path) -> int:
    """An open file that holds the lock on ``file``, which is made where it is not there.

    Raises BlockingIOError where another process holds it for longer than an instant,
    another OSError where the file cannot be written.
    """
    lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(lock)
                raise
            time.sleep(POLL_SECONDS)


def is_alive(run: RunFolder) -> bool:
    """Whether a worker holds one of the run's locks."""
    return is_locked(run.lock_file) or is_locked(run.rank_lock_file)


def is_locked(file: Path) -> bool:
    """Whether a process holds the lock on ``file``."""
    try:
        lock = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # There is none, or it may not be looked at: then nothing else may either.
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _acquire(run: RunFolder, file: Path) -> int:
    try:
        return take_lock(file)
    except BlockingIOError:
        raise UsageError(
            f"Run {run.run} is running already: follow it with cnn-lab attach {run.run}"
        ) from None
    except OSError as error:
        raise UsageError(
            f"Run {run.run} cannot be changed: nothing can be written to {run.path} "
            f"({error.strerror})."
        ) from error
