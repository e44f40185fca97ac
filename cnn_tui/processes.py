"""Processes that end with the one that started them, and locks that last as long as they do.

A lock belongs to an open file (``flock``): it ends with the process that holds it,
however that ends, so that it tells whether the process lives. Descriptors are not
handed on to programs that are started.
"""

import ctypes
import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

INSTANT_SECONDS = 1.0
"""How long to try for a lock: whoever asks whether it is held holds it for an instant."""
POLL_SECONDS = 0.05
WAITING_SECONDS = 0.25
"""How often whoever waits for another process is told so."""
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def prctl(option: int, value: int) -> None:
    """Set one of the kernel's options for this process (Linux; nothing elsewhere)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def die_with_parent(parent: int | None = None) -> None:
    """Have the kernel kill this process when its parent ends (Linux; nothing elsewhere).

    Where ``parent`` is given and has ended already, this process ends at once. A
    change of user takes it back, and so does the end of the thread that started it.
    """
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def die_with_owner() -> None:
    """End this process of a ``multiprocessing`` pool when the one that made the pool ends."""
    # Only here: the first frame of the app waits for what this module imports.
    from multiprocessing import connection, parent_process

    parent = parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def watch() -> None:
        connection.wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parents end, so that none escapes (Linux)."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def try_lock(descriptor: int) -> bool:
    """Whether the lock of an open file could be taken, which another process may hold."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def take_lock(file: Path, mode: int = 0o644) -> int:
    """An open file that holds the lock on ``file``, which is made where it is not there.

    Raises BlockingIOError where another process holds it for longer than an instant,
    another OSError where the file cannot be written or its file system knows no locks.
    """
    lock = _opened(file, mode)
    deadline = time.monotonic() + INSTANT_SECONDS
    try:
        while not try_lock(lock):
            if time.monotonic() > deadline:
                raise BlockingIOError(f"{file} is locked")
            time.sleep(POLL_SECONDS)
    except BaseException:
        os.close(lock)
        raise
    return lock


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


@contextmanager
def alone(lock_file: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of ``lock_file``: for what one process at a time may do, such as a download.

    ``waiting`` is called again and again while another process holds it. Raises
    OSError as ``take_lock`` does.
    """
    lock = _opened(lock_file, 0o666)
    try:
        while not try_lock(lock):
            waiting()
            time.sleep(WAITING_SECONDS)
        yield
    finally:
        os.close(lock)


@contextmanager
def taking_turns(lock_file: Path) -> Iterator[None]:
    """Wait for the lock of ``lock_file``, and hold it: for what takes a moment only.

    The file and its folder are made where they are not there. Raises OSError as ``alone`` does.
    """
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    lock = _opened(lock_file, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _opened(file: Path, mode: int) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, mode)
