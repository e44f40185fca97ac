"""Work whose processes and files end with it, whatever ends it: signals, SIGKILL, a crash.

``run_supervised`` puts two processes below the caller: a keeper, and below that
the worker that does the work. The keeper adopts every process that the work
starts, also those in sessions of their own. It ends when the work is done and
as soon as the caller is gone, and takes everything with it. On Linux that is
complete; elsewhere what the work started in other sessions ends with the
``finally`` blocks of the work, for which the worker is given GRACE_SECONDS.
"""

import contextlib
import os
import pickle
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from cnn_tui.errors import LabFault
from cnn_tui.grading.sandbox.folders import remove
from cnn_tui.processes import (
    adopt_orphans,
    die_with_parent,
    kill_descendants,
    kill_group,
    take_lock,
    try_lock,
)

PREFIX = "cnn-lab-bench-"
LOCK = "lock"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
POLL_SECONDS = 0.1
GRACE_SECONDS = 2.0
"""How long an interrupted worker may take to leave its contexts before it is killed."""

T = TypeVar("T")


def run_supervised(work: Callable[[], T]) -> T:
    """What ``work`` returns, computed in another process; raises what it raises.

    Its temporary files are in a folder that is removed at the end. Call it
    before any thread is started: the process is forked.
    """
    remove_stale_folders()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lifeline, ours = os.pipe()
    receiver, sender = Pipe(duplex=False)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()  # or both processes would write what is still in their buffers
    keeper = os.fork()
    if keeper == 0:
        try:
            os.close(ours)
            receiver.close()
            _keep(work, folder, lifeline, sender)
        finally:
            os._exit(1)  # nothing of the caller may go on in a second process
    os.close(lifeline)
    sender.close()
    try:
        outcome = _receive(receiver)
    finally:
        os.close(ours)
        receiver.close()
        _wait(keeper)
    result: T
    result, error = outcome
    if error is not None:
        raise error
    return result


def remove_stale_folders() -> None:
    """Remove what a keeper has left that was itself killed; a folder in use is locked."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # in use, not yet in use, or another user's
            lock = os.open(folder / LOCK, os.O_RDWR)
            try:
                if try_lock(lock):
                    remove(folder)
            finally:
                os.close(lock)


def _receive(receiver: Connection) -> tuple[Any, BaseException | None]:
    try:
        outcome: tuple[Any, BaseException | None] = receiver.recv()
    except EOFError:
        raise LabFault(
            "The process that measured ended unexpectedly, perhaps for want of memory: "
            "free some and run it again."
        ) from None
    return outcome


def _wait(keeper: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(keeper, 0)


def _keep(work: Callable[[], object], folder: Path, lifeline: int, sender: Connection) -> None:
    """In the keeper: start the worker, and end all of it with the work or with the caller."""
    os.setsid()  # a terminal's signals go to the caller, which closes the lifeline
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
    adopt_orphans()
    take_lock(folder / LOCK, 0o600)  # for as long as this process and the worker live
    worker = os.fork()
    if worker == 0:
        os.close(lifeline)
        for number, handler in handlers.items():
            # Programs that the work starts would inherit that a signal is ignored.
            signal.signal(number, handler)
        _work(work, folder, sender)
        os._exit(0)
    sender.close()
    while not _is_over(worker):
        if select.select([lifeline], [], [], POLL_SECONDS)[0]:
            _interrupt(worker)
            break
    kill_group(worker)
    kill_descendants(os.getpid())
    with contextlib.suppress(OSError):
        remove(folder)


def _interrupt(worker: int) -> None:
    """Let the worker leave its contexts, for a short while."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, signal.SIGINT)
    deadline = time.monotonic() + GRACE_SECONDS
    while not _is_over(worker) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def _is_over(worker: int) -> bool:
    """Whether the worker has ended; reaps it, and orphans that the keeper has adopted."""
    over = False
    with contextlib.suppress(ChildProcessError):
        while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
            over = over or pid == worker
        return over
    return True  # no child is left


def _work(work: Callable[[], object], folder: Path, sender: Connection) -> None:
    """In the worker: do the work, send its outcome."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    outcome: tuple[object, BaseException | None]
    try:
        outcome = (work(), None)
    except BaseException as error:
        outcome = (None, error)
    with contextlib.suppress(OSError):  # the caller may be gone
        sender.send(_picklable(outcome))
    sys.stdout.flush()
    sys.stderr.flush()


def _picklable(
    outcome: tuple[object, BaseException | None],
) -> tuple[object, BaseException | None]:
    """The outcome, or a LabFault that names an error that cannot cross."""
    try:
        pickle.loads(pickle.dumps(outcome))
    except Exception:
        return None, LabFault(f"{type(outcome[1]).__name__}: {outcome[1]}")
    return outcome
