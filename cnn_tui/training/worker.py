"""The process that trains one run: ``python -m cnn_tui.training.worker RUN_FOLDER``.

It holds the run's lock for as long as it lives. SIGTERM and SIGINT mean: write
a checkpoint and end. Torch is imported only after all that is in place, and not
here, because the processes that decode images import this module again.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from cnn_tui.data.atomic import write_atomically
from cnn_tui.errors import LabError
from cnn_tui.training.launcher import acquire_lock
from cnn_tui.training.runs import RunFolder


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the run of one folder; returns the process's exit code."""
    parser = argparse.ArgumentParser(description="Train one run of the run store.")
    parser.add_argument("run", type=Path, help="the run's folder")
    parser.add_argument("--lock-fd", type=int, help="an open file that holds the run's lock")
    options = parser.parse_args(arguments)
    stop = StopRequest()
    run = RunFolder(options.run.resolve())
    try:
        lock = acquire_lock(run) if options.lock_fd is None else options.lock_fd
        os.set_inheritable(lock, False)
        write_atomically(run.pid_file, lambda path: path.write_text(str(os.getpid())))
        from cnn_tui.training.execute import execute

        return execute(run, stop)
    except (LabError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


class StopRequest:
    """Whether this process was asked to stop; asking again changes nothing."""

    def __init__(self) -> None:
        self._asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def __call__(self) -> bool:
        """Whether to stop; the loop asks between steps."""
        return self._asked

    def _ask(self, number: int, frame: object) -> None:
        self._asked = True


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Tearing torch down takes a second, in which the run would still look alive.
    os._exit(code)
