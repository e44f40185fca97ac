"""Runs that end with the command that started them, and the signals that such a command passes on.

A command notes a signal where it arrives, and passes it on when it next looks at
the run: the worker may still be starting, and has no handlers before it has said
which process it is.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType

from cnn_tui.errors import UsageError
from cnn_tui.training.process.launcher import signal_worker
from cnn_tui.training.records import Event
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.metrics import follow

JOB_VARIABLES = {"SLURM_JOB_ID": "Slurm", "PBS_JOBID": "PBS", "LSB_JOBID": "LSF"}
"""What a batch system sets in its jobs, whose processes it all ends with the job."""

KUBERNETES_VARIABLE = "KUBERNETES_SERVICE_HOST"
"""Set in every container of a pod, also in one that somebody works in at a terminal."""

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def batch_system(environment: Mapping[str, str], *, at_terminal: bool) -> str | None:
    """The batch system that ends whatever was started here together with its job; None: none."""
    for variable, name in JOB_VARIABLES.items():
        if environment.get(variable):
            return name
    return "Kubernetes" if environment.get(KUBERNETES_VARIABLE) and not at_terminal else None


def ends_with_command(asked: bool | None, *, detach: bool) -> bool:
    """Whether a run is to end with its command; ``asked`` is None where nobody said.

    Raises UsageError where it is to end with a command that does not wait for it.
    """
    if asked and detach:
        raise UsageError(
            "A run cannot both end with this command and go on without it: choose one of the two."
        )
    if asked is None:
        at_terminal = sys.stdin is not None and sys.stdin.isatty()
        asked = batch_system(os.environ, at_terminal=at_terminal) is not None
    return asked and not detach


class PassedOn:
    """The signals that this command gets, on their way to the worker of the run that it follows.

    SIGUSR1 asks for a checkpoint. Where the run ``ends`` with the command, whatever
    would end the command asks the run to stop instead, and a second Ctrl-C ends
    the command without waiting; one that is ignored stays so.
    """

    def __init__(self, run: RunFolder, *, ends: bool) -> None:
        self.stopping = False
        self._run = run
        self._ends = ends
        self._waiting: set[signal.Signals] = set()
        self._told: Callable[[], None] = lambda: None

    @contextmanager
    def caught(self, told: Callable[[], None]) -> Iterator["PassedOn"]:
        """Catch the signals inside; ``told`` is called once the run was asked to stop."""
        self._told = told
        numbers = (signal.SIGUSR1, *(ENDING if self._ends else ()))
        before = {number: signal.getsignal(number) for number in numbers}
        for number, handler in before.items():
            if handler != signal.SIG_IGN:
                signal.signal(number, self._note)
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def starting(self, start: Callable[[], None]) -> None:
        """Do ``start``, whose processes are not ended by an early request for a checkpoint.

        A batch system may signal every process of a job. What is ignored stays so in a
        program that is started, until that sets a handler.
        """
        handler = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        try:
            start()
        finally:
            signal.signal(signal.SIGUSR1, handler)

    def follow(self) -> Iterator[tuple[Event, ...]]:
        """What ``metrics.follow`` yields, while signals are passed on."""
        for events in follow(self._run):
            self._pass_on()
            yield events

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGUSR1:
            self._waiting.add(signal.SIGUSR1)
            return
        if number == signal.SIGINT and self.stopping:
            raise KeyboardInterrupt
        self.stopping = True
        self._waiting.add(signal.SIGTERM)

    def _pass_on(self) -> None:
        for number in list(self._waiting):
            with suppress(PermissionError):
                if signal_worker(self._run.pid_file, self._run.lock_file, number) is None:
                    continue  # not ready for it yet, or gone, which ``follow`` sees
            self._waiting.discard(number)
            if number == signal.SIGTERM:
                self._told()
