"""Starting, stopping and resuming runs: processes of their own that outlive whoever starts them.

The lock that says "running" is taken here, before the worker exists, and handed
to it as an open file: at no moment is a run started and not locked.
"""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from cnn_tui.errors import LabFault, RunError, UsageError
from cnn_tui.next_steps import Action, step
from cnn_tui.processes import start_detached
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.process.requirements import validate_resources
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import RunFolder, create_run, read_header
from cnn_tui.training.store.locks import acquire_lock, is_alive
from cnn_tui.training.store.queue_entry import leave
from cnn_tui.workspace import Workspace

STOP_SECONDS = 60.0
"""How long a worker may take from SIGTERM to its end; it first finishes a step."""

POLL_SECONDS = 0.05


def launch(
    workspace: Workspace,
    config: TrainConfig,
    name: str | None = None,
    data_dir: Path | None = None,
) -> RunFolder:
    """Make a new run and start it; raises what ``make`` and ``start`` raise."""
    run = make(workspace, config, name, data_dir)
    start(run)
    return run


def make(
    workspace: Workspace,
    config: TrainConfig,
    name: str | None = None,
    data_dir: Path | None = None,
    *,
    here: bool = True,
) -> RunFolder:
    """Make the folder of a new run, for ``start`` or, not ``here``, for torchrun.

    Raises UsageError, before anything is made, for what ``validate_resources``
    refuses, and for a name that is taken.
    """
    validate_resources(config, data_dir, here=here)
    return create_run(workspace, config, name, data_dir)


def start(run: RunFolder, *, ends_with_me: bool = False) -> None:
    """Start the run's worker, detached from this process and its terminal.

    Where it ``ends_with_me``, it stops at a checkpoint once this process has ended.
    Raises UsageError where the run is running already or its folder cannot be
    written to, LabFault where no process can be started.
    """
    lock = acquire_lock(run)
    leave(run)
    _start(run, lock, ends_with_me=ends_with_me)


def start_queued(run: RunFolder) -> bool:
    """Start a run that waits in a queue; returns whether it still waited there.

    Raises what ``start`` raises.
    """
    lock = acquire_lock(run)
    if not leave(run):
        os.close(lock)
        return False
    _start(run, lock, ends_with_me=False)
    return True


def resume(run: RunFolder, *, ends_with_me: bool = False) -> None:
    """Go on with a run from its last checkpoint, as ``start`` starts one.

    Raises UsageError where it is running, has finished, or cannot be read.
    """
    read_header(run)
    state = listing.status(run).state
    if state == "running":
        raise UsageError(f"Run {run.run} is running.", next_steps=(step(Action.ATTACH, run.run),))
    if state == "finished":
        raise UsageError(
            f"Run {run.run} has finished, there is nothing to resume: start a new one."
        )
    start(run, ends_with_me=ends_with_me)


def stop(run: RunFolder, timeout: float = STOP_SECONDS) -> RunStatus:
    """Ask the run to write a checkpoint and end, and wait until it has.

    One that is queued leaves its queue; harmless where it is not running either. Raises
    UsageError for a run that cannot be used here, RunError for one of another user and
    where it does not end in time.
    """
    read_header(run)
    leave(run)
    deadline = time.monotonic() + timeout
    asked = None
    while is_alive(run):
        asked = asked or _ask_to_stop(run)
        if time.monotonic() > deadline:
            raise RunError(
                f"Run {run.run} has not stopped after {timeout:g} seconds: "
                + (f"end it with kill -9 {asked}" if asked else "is it running on another machine?")
            )
        time.sleep(POLL_SECONDS)
    return listing.status(run)


def signal_worker(
    pid_file: Path, lock_file: Path, number: signal.Signals = signal.SIGTERM
) -> int | None:
    """Signal the process named in a file; returns it, None where it cannot be told which it is.

    The number in the file is only believed where that process has the lock's file
    open: it may be of another machine that shares the disk, or of a worker that is
    gone and whose number has been given to a stranger. Raises PermissionError for
    a process of another user.
    """
    try:
        pid = int(pid_file.read_text())
        if not _has_open(pid, lock_file):
            return None
        os.kill(pid, number)
    except PermissionError:
        raise
    except (OSError, ValueError, OverflowError):
        return None
    return pid


def _start(run: RunFolder, lock: int, *, ends_with_me: bool) -> None:
    """Hand the run's lock, which this process holds, to a new worker."""
    try:
        run.pid_file.unlink(missing_ok=True)
        worker = _spawn(run, lock, ends_with_me=ends_with_me)
    except OSError as error:
        raise LabFault(f"Run {run.run} could not be started: {error.strerror}.") from error
    finally:
        os.close(lock)
    # Reaps the worker if it ends while this process still lives.
    threading.Thread(target=worker.wait, daemon=True).start()


def _spawn(run: RunFolder, lock: int, *, ends_with_me: bool) -> subprocess.Popen[bytes]:
    tie = ("--ends-with", os.getpid()) if ends_with_me else ()
    arguments = (run.path, "--lock-fd", lock, *tie)
    with run.log_file.open("ab") as log:
        return start_detached(
            "cnn_tui.training.process.worker",
            *arguments,
            log=log.fileno(),
            inherited=(lock,),
            folder=run.path,
        )


def _ask_to_stop(run: RunFolder) -> int | None:
    """Signal the worker; returns its process, None where it cannot be told which that is."""
    try:
        return signal_worker(run.pid_file, run.lock_file)
    except PermissionError as error:
        raise RunError(
            f"Run {run.run} cannot be stopped from here: its process is another user's, "
            "or on another machine."
        ) from error


def _has_open(pid: int, file: Path) -> bool:
    """Whether a process has ``file`` open; believed where the system does not tell."""
    if not Path("/proc/self/fd").is_dir():
        return True
    files = Path(f"/proc/{pid}/fd")
    return any(each.exists() and each.samefile(file) for each in files.iterdir())
