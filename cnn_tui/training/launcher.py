"""Starting, stopping and resuming runs: processes of their own that outlive whoever starts them.

The lock that says "running" is taken here, before the worker exists, and handed
to it as an open file: at no moment is a run started and not locked.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from cnn_tui.data.available import refuse_unusable
from cnn_tui.data.catalogue import parse
from cnn_tui.errors import LabFault, RunError, UsageError
from cnn_tui.training import runs
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.records import RunStatus
from cnn_tui.training.runs import RunFolder
from cnn_tui.workspace import Workspace
from cnn_tui.workspace import data_dir as find_data_dir

LOCK_SECONDS = 1.0
"""How long to try for the lock: whoever asks whether a run lives holds it for an instant."""

STOP_SECONDS = 60.0
"""How long a worker may take from SIGTERM to its end; it first finishes a step."""

POLL_SECONDS = 0.05


def launch(
    workspace: Workspace,
    config: TrainConfig,
    name: str | None = None,
    data_dir: Path | None = None,
) -> RunFolder:
    """Make a new run and start it.

    Raises UsageError, before anything is made, for a data set that cannot be
    used or had, and for a name that is taken.
    """
    refuse_unusable(parse(config.data), find_data_dir(data_dir))
    run = runs.create(workspace, config, name, data_dir)
    start(run)
    return run


def start(run: RunFolder) -> None:
    """Start the run's worker, detached from this process and its terminal.

    Raises UsageError where the run is running already, LabFault where no
    process can be started.
    """
    lock = acquire_lock(run)
    try:
        run.pid_file.unlink(missing_ok=True)
        worker = _spawn(run, lock)
    except OSError as error:
        raise LabFault(f"Run {run.run} could not be started: {error.strerror}.") from error
    finally:
        os.close(lock)
    # Reaps the worker if it ends while this process still lives.
    threading.Thread(target=worker.wait, daemon=True).start()


def resume(run: RunFolder) -> None:
    """Go on with a run from its last checkpoint.

    Raises UsageError where it is running, has finished, or cannot be read.
    """
    runs.read_header(run)
    state = runs.status(run).state
    if state == "running":
        raise UsageError(f"Run {run.run} is running: follow it with cnn-lab attach {run.run}")
    if state == "finished":
        raise UsageError(
            f"Run {run.run} has finished, there is nothing to go on with: "
            "start a new one with cnn-lab train."
        )
    start(run)


def stop(run: RunFolder, timeout: float = STOP_SECONDS) -> RunStatus:
    """Ask the run to write a checkpoint and end, and wait until it has.

    Harmless where it is not running. Raises RunError where it does not end in time.
    """
    deadline = time.monotonic() + timeout
    signalled = False
    while runs.is_alive(run):
        pid = _pid(run)
        if pid is not None and not signalled:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            signalled = True
        if time.monotonic() > deadline:
            raise RunError(
                f"Run {run.run} has not stopped after {timeout:g} seconds: "
                + (f"end it with kill -9 {pid}" if pid else f"see {run.log_file}")
            )
        time.sleep(POLL_SECONDS)
    return runs.status(run)


def acquire_lock(run: RunFolder) -> int:
    """An open file that holds the run's lock; raises UsageError where another holds it."""
    lock = os.open(run.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(lock)
                raise UsageError(
                    f"Run {run.run} is running already: follow it with cnn-lab attach {run.run}"
                ) from None
            time.sleep(POLL_SECONDS)


def _spawn(run: RunFolder, lock: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "cnn_tui.training.worker"]
    with run.log_file.open("ab") as log:
        return subprocess.Popen(
            [*command, str(run.path), "--lock-fd", str(lock)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=run.path,
            pass_fds=(lock,),
            start_new_session=True,
        )


def _pid(run: RunFolder) -> int | None:
    """The worker's process, trusted only while the lock is held; None until it says so."""
    try:
        return int(run.pid_file.read_text())
    except (OSError, ValueError):
        return None
