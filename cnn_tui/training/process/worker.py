"""The process that trains one run: ``python -m cnn_tui.training.worker RUN_FOLDER``.

Under torchrun it is one of several; a run that is to be shared by several and was
started without it starts torchrun itself.

It holds the run's lock for as long as it lives. SIGTERM and SIGINT mean: write
a checkpoint and end; SIGUSR1: write one and go on. Torch is imported only after
all that is in place, and not here, because the processes that decode images
import this module again.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from cnn_tui.errors import LabError
from cnn_tui.files import sweep, write_atomically
from cnn_tui.processes import die_with_parent
from cnn_tui.training.process.supervise import supervise
from cnn_tui.training.store.folder import RunFolder, read_header
from cnn_tui.training.store.listing import LOGGED_ERROR
from cnn_tui.training.store.locks import acquire_lock, acquire_rank_lock

RANK_VARIABLE = "RANK"
"""Where torchrun tells a process which one it is."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the run of one folder; returns the process's exit code."""
    parser = argparse.ArgumentParser(description="Train one run of the run store.")
    parser.add_argument("run", type=Path, help="the run's folder")
    parser.add_argument("--lock-fd", type=int, help="an open file that holds the run's lock")
    parser.add_argument("--supervised", action="store_true", help="the lab itself started torchrun")
    parser.add_argument("--ends-with", type=int, help="the process whose end stops the run")
    options = parser.parse_args(arguments)
    stop = StopRequest(options.ends_with)
    run = RunFolder(options.run.resolve())
    try:
        if options.lock_fd is None and RANK_VARIABLE in os.environ:
            return _be_one_of_several(run, stop, supervised=options.supervised)
        lock = acquire_lock(run) if options.lock_fd is None else options.lock_fd
        take_over(run, lock)
        config = read_header(run).config
        if config.nproc * config.nnodes > 1:
            return supervise(run, config, stop, stop.for_checkpoint)
        from cnn_tui.training.process.execute import execute

        return execute(run, stop, checkpoint_asked=stop.for_checkpoint)
    except (LabError, OSError) as error:
        with suppress(OSError):
            print(f"{LOGGED_ERROR}{sentence(error)}", file=sys.stderr)
        return 1


def take_over(run: RunFolder, lock: int) -> None:
    """Be the process that the run's lock and ``stop`` know."""
    os.set_inheritable(lock, False)
    sweep(run.path)
    run.failure_file.unlink(missing_ok=True)
    write_atomically(run.pid_file, lambda path: path.write_text(str(os.getpid())))


def _be_one_of_several(run: RunFolder, stop: "StopRequest", *, supervised: bool) -> int:
    """Train as the process whose rank torchrun has put into the environment.

    Where torchrun was started by hand, nobody else holds the run's lock, and the
    hosts share its folder: the first of all processes is the run's.
    """
    die_with_parent()
    first = int(os.environ["LOCAL_RANK" if supervised else RANK_VARIABLE]) == 0
    if first and supervised:
        acquire_rank_lock(run)
    elif first:
        take_over(run, acquire_lock(run))
    from cnn_tui.training.loop.ranks import join
    from cnn_tui.training.process.execute import execute

    return execute(run, stop, join(stop, stop.for_checkpoint, one_writer=not supervised))


def sentence(error: LabError | OSError) -> str:
    """What to tell of an error that kept a run from being trained."""
    if isinstance(error, LabError):
        return str(error)
    return f"The system refused: {error.strerror} ({error.filename})."


class StopRequest:
    """What this process was asked for by signals; asking for the same again changes nothing.

    The end of the process ``ends_with``, which has started this one, is a request to stop.
    """

    def __init__(self, ends_with: int | None = None) -> None:
        self._asked = False
        self._for_checkpoint = False
        self._ends_with = ends_with
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)
        signal.signal(signal.SIGUSR1, self._ask_for_checkpoint)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def __call__(self) -> bool:
        """Whether to stop; the loop asks between steps."""
        if self._ends_with is not None and os.getppid() != self._ends_with:
            self._asked = True
        return self._asked

    def for_checkpoint(self) -> bool:
        """Whether a checkpoint was asked for since this was last asked."""
        asked, self._for_checkpoint = self._for_checkpoint, False
        return asked

    def _ask(self, number: int, frame: object) -> None:
        self._asked = True

    def _ask_for_checkpoint(self, number: int, frame: object) -> None:
        self._for_checkpoint = True


def run_as_program() -> NoReturn:
    """Do what ``main`` does, and end this process."""
    code = main()
    with suppress(OSError):  # The log may be on a full disk.
        sys.stdout.flush()
        sys.stderr.flush()
    # Tearing torch down takes a second, in which the run would still look alive.
    os._exit(code)


if __name__ == "__main__":
    run_as_program()
