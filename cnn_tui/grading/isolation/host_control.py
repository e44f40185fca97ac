"""The judge's hold on the host: it starts and stops the process of each submission."""

import os
import socket
import sys
from dataclasses import dataclass

from cnn_tui.errors import LabFault
from cnn_tui.grading.isolation.host import ORDER_BYTES, START, STOP
from cnn_tui.grading.isolation.usage import UsageReader, meter_of, pid_behind

HOST_SECONDS = 120.0
"""How long a host that has started may take to start or to end a child."""
HOST_GONE = "The process that runs submissions has ended, or does not answer."


@dataclass(frozen=True)
class StartedProcess:
    """A process of a submission: its channel, and what measures it where anything can."""

    channel: socket.socket
    meter: UsageReader | None


@dataclass(frozen=True)
class HostControl:
    """The control socket of the host: starts and stops submissions.

    Each may use ``cpu_seconds``: this only ends what escapes from the deadlines.
    """

    control: socket.socket
    cpu_seconds: int = 300

    def start(self, late_imports: int = 0, seconds: float = HOST_SECONDS) -> StartedProcess:
        """A fresh child of the host, with that group of LATE_IMPORTS.

        Raises LabFault where there is none after so many ``seconds``.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            order = b"%s %d %d" % (START, late_imports, self.cpu_seconds)
            number, descriptors = self._order(order, [theirs.fileno()], seconds)
        pid: int | None = number
        if descriptors:  # the number is one of the host's own name space
            pid = pid_behind(descriptors[0])
            os.close(descriptors[0])
        elif sys.platform == "linux":
            pid = None
        return StartedProcess(ours, None if pid is None else meter_of(pid))

    def stop(self) -> int:
        """End the child; returns its exit code, negative for a signal."""
        return self._order(STOP, [], HOST_SECONDS)[0]

    def _order(self, order: bytes, descriptors: list[int], seconds: float) -> tuple[int, list[int]]:
        self.control.settimeout(seconds)
        try:
            socket.send_fds(self.control, [order], descriptors)
            answer, received, _, _ = socket.recv_fds(
                self.control, ORDER_BYTES, 1, socket.MSG_WAITALL
            )
        except OSError as error:
            raise LabFault(HOST_GONE) from error
        if not answer:
            raise LabFault(HOST_GONE)
        return int(answer), received
