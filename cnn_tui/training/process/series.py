"""Many short runs, one after another, in one process that imports torch only once.

``RunSeries`` is the side that asks for them. Each run's lock and log are opened
there and sent along with its folder, so that, as with ``launcher``, no run is at
any moment started and not locked. The process outlives whoever started it by
the run that it is at: where nobody can ask for more, it ends.
"""

import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from cnn_tui.errors import LabError, LabFault
from cnn_tui.processes import start_detached
from cnn_tui.training.process.worker import StopRequest, sentence, take_over
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.listing import LOGGED_ERROR
from cnn_tui.training.store.locks import acquire_lock

LAST_SECONDS = 5.0
"""How long to wait for the process's end, once it has nothing left to do."""

LONGEST_PATH = 4_096
END_OF_PATH = b"\0"
"""No path holds it."""


class RunSeries:
    """A process that trains one run after another; close it, and it ends with the one it is at."""

    def __init__(self) -> None:
        self._connection: socket.socket | None = None
        self._worker: subprocess.Popen[bytes] | None = None

    def start(self, run: RunFolder) -> None:
        """Let the process train ``run``, or go on with it, once it has ended the one before.

        Raises UsageError where the run is running already or its folder cannot be
        written to, LabFault where no process can be started.
        """
        lock = acquire_lock(run)
        try:
            run.pid_file.unlink(missing_ok=True)
            with run.log_file.open("ab") as log:
                self._send(run, lock, log.fileno())
        except OSError as error:
            raise LabFault(f"Run {run.run} could not be started: {error.strerror}.") from error
        finally:
            os.close(lock)

    def close(self) -> None:
        """Ask for no more runs, and wait for the end of the process if it has none."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._worker is not None:
            with suppress(subprocess.TimeoutExpired):
                self._worker.wait(LAST_SECONDS)
            self._worker = None

    def _send(self, run: RunFolder, lock: int, log: int) -> None:
        message = [os.fsencode(run.path) + END_OF_PATH]
        if self._connection is not None:
            with suppress(BrokenPipeError, ConnectionResetError):
                socket.send_fds(self._connection, message, [lock, log])
                return
            self.close()  # It was killed, or stopped with the run before: a new one goes on.
        self._connection, self._worker = _spawn(log)
        socket.send_fds(self._connection, message, [lock, log])


def _spawn(log: int) -> tuple[socket.socket, "subprocess.Popen[bytes]"]:
    """Start the process; what it says before its first run goes to that run's log."""
    ours, theirs = socket.socketpair()
    with theirs:
        number = theirs.fileno()
        series = "cnn_tui.training.process.series"
        return ours, start_detached(series, number, log=log, inherited=(number,))


class _Task(NamedTuple):
    """A run, and the open files that hold its lock and its log."""

    run: RunFolder
    lock: int
    log: int


def main() -> None:
    """Train what is asked for until nobody asks any more, or until asked to stop."""
    stop = StopRequest()
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        while not stop() and (task := _receive(connection)) is not None:
            _train(task, stop)


def _receive(connection: socket.socket) -> _Task | None:
    """The next run; None where nobody can ask for one any longer."""
    message, files = b"", []
    while not message.endswith(END_OF_PATH):
        part, received, _, _ = socket.recv_fds(connection, LONGEST_PATH, 2)
        if not part:
            return None
        message += part
        files += received
    lock, log = files
    return _Task(RunFolder(Path(os.fsdecode(message.removesuffix(END_OF_PATH)))), lock, log)


def _train(task: _Task, stop: StopRequest) -> None:
    _write_to(task.log)
    try:
        take_over(task.run, task.lock)
        from cnn_tui.training.process.execute import execute

        execute(task.run, stop, checkpoint_asked=stop.for_checkpoint)
    except (LabError, OSError) as error:
        with suppress(OSError):
            print(f"{LOGGED_ERROR}{sentence(error)}", file=sys.stderr)
    finally:
        with suppress(OSError):  # The log may be on a full disk.
            sys.stdout.flush()
            sys.stderr.flush()
        os.close(task.lock)


def _write_to(log: int) -> None:
    """Let this process print to ``log`` from now on."""
    for stream in (sys.stdout, sys.stderr):
        os.dup2(log, stream.fileno())
    os.close(log)


if __name__ == "__main__":
    main()
    # Tearing torch down takes a second, for nothing.
    os._exit(0)
