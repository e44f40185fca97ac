"""Processes that outlive the one that started them or end with it, their locks and final messages.

A lock belongs to an open file (``flock``): it ends with the process that holds it,
however that ends, so that it tells whether the process lives. Descriptors are not
handed on to programs that are started.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

INSTANT_SECONDS = 1.0
"""How long to try for a lock: whoever asks whether it is held holds it for an instant."""
POLL_SECONDS = 0.05
WAITING_SECONDS = 0.25
"""How often whoever waits for another process is told so."""
LOG_TAIL_BYTES = 1 << 13
"""How much of a log's end is read: final messages are one line."""
WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)
"""What a file system without locks answers, such as some of those of clusters."""
ROUNDS = 200
PAUSE_SECONDS = 0.005
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def start_detached(
    module: str,
    *arguments: object,
    log: int,
    inherited: tuple[int, ...] = (),
    folder: Path | None = None,
) -> "subprocess.Popen[bytes]":
    """Run ``module`` as a program in a session of its own: it outlives this process.

    What it prints goes to the open file ``log``, and it has the open files
    ``inherited``. Raises OSError where it cannot be started.
    """
    import subprocess  # only here: the host of submissions and the first frame start nothing

    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=folder,
        pass_fds=inherited,
        start_new_session=True,
    )


def final_message(log: int) -> str:
    """The last line of an open log that says anything; "" where none does."""
    start = max(0, os.fstat(log).st_size - LOG_TAIL_BYTES)
    text = os.pread(log, LOG_TAIL_BYTES, start).decode("utf-8", errors="replace")
    return text.rstrip().rpartition("\n")[2].strip()


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
    """End this process of ``multiprocessing`` when the one that started it ends."""
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


def descendants(pid: int) -> list[int]:
    """The processes below ``pid``, as far as they have not moved away from it."""
    found = _children(pid)
    for child in found:
        # Grows while it is walked, so that all generations are visited.
        found += _children(child)
    return found


def kill_descendants(pid: int) -> None:
    """Kill every descendant of ``pid``, again and again until none is left.

    Relies on ``/proc``; elsewhere only process groups can be killed. Descendants
    that moved to sessions of their own are found as long as ``pid`` lives and
    adopts orphans.
    """
    for _ in range(ROUNDS):
        found = [each for each in descendants(pid) if _is_alive(each)]
        if not found:
            return
        # Stopped first, so that none can fork while the others are killed.
        for each in found:
            _signal(each, signal.SIGSTOP)
        for each in found:
            _signal(each, signal.SIGKILL)
        time.sleep(PAUSE_SECONDS)


def kill_group(pid: int) -> None:
    """Kill a process, and the group that it leads if it leads one."""
    _signal(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def try_lock(descriptor: int) -> bool:
    """Whether the lock of an open file could be taken, which another process may hold.

    Raises OSError where its file system keeps no locks (``keeps_no_locks``).
    """
    try:
        _flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def keeps_no_locks(error: OSError) -> bool:
    """Whether an error of this module's functions says that a file system keeps no locks."""
    return error.errno in WITHOUT_LOCKS


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
    """Whether a process holds the lock on ``file``; where there are no locks, none does."""
    try:
        lock = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # There is none, or it may not be looked at: then nothing else may either.
        return False
    try:
        _flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError as error:
        if not keeps_no_locks(error):
            raise
    finally:
        os.close(lock)
    return False


@contextlib.contextmanager
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


@contextlib.contextmanager
def taking_turns(lock_file: Path) -> Iterator[None]:
    """Wait for the lock of ``lock_file``, and hold it: for what takes a moment only.

    The file and its folder are made where they are not there. Raises OSError as ``alone`` does.
    """
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    lock = _opened(lock_file, 0o666)
    try:
        _flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _flock(descriptor: int, operation: int) -> None:
    """``flock``, which says in plain words where the file system knows no locks."""
    try:
        fcntl.flock(descriptor, operation)
    except OSError as error:
        if keeps_no_locks(error):
            raise OSError(error.errno, "its file system keeps no file locks") from error
        raise


def _opened(file: Path, mode: int) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, mode)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    # A thread or process that has ended in between has no children left.
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found


def _is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
