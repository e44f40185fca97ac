"""One process at a time for what several must not do at once, such as one download."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.25


@contextmanager
def alone(lock_file: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of ``lock_file``, which is made where it is not there.

    ``waiting`` is called again and again while another process holds it. The
    lock ends with the process, however that ends. Raises OSError where the file
    cannot be made or the file system knows no locks.
    """
    lock = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        while not _taken(lock):
            waiting()
            time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(lock)


@contextmanager
def taking_turns(lock_file: Path) -> Iterator[None]:
    """Wait for the lock of ``lock_file``, and hold it: for what takes a moment only.

    The file and its folder are made where they are not there. Raises OSError as ``alone`` does.
    """
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
