"""What a submission has used of the machine, read from the system and never from the submission.

How long its threads computed, and how long they waited for a processor ("run
delay"), is what the kernel says under ``/proc`` of the judge's own PID
namespace, where no submission writes. Elsewhere only the CPU time is known.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cnn_tui.processes import descendants

PROC = Path("/proc")
NANOSECONDS = 1e9
CPU_FIELDS = slice(11, 15)
"""Of ``/proc/PID/stat`` behind the name: user and system time, own and of ended children."""
PARENT_FIELD = 1
PS_SECONDS = 5.0

Task = tuple[int, int]
"""A process and one of its threads."""


@dataclass(frozen=True)
class TaskUsage:
    """Seconds that one thread has computed, and that it has waited for a processor."""

    cpu: float
    waited: float


@dataclass(frozen=True)
class ProcessorUsage:
    """What a submission has used since its process began, in seconds.

    ``cpu`` is that of all its threads and processes together, those that have ended
    too. ``tasks`` are those that live, or None where the system does not tell how long
    they wait.
    """

    cpu: float = 0.0
    tasks: Mapping[Task, TaskUsage] | None = field(default_factory=dict)


class UsageReader(Protocol):
    """What reads the usage of one submission."""

    def read(self) -> ProcessorUsage | None:
        """Its usage until now, or None where nothing can be read."""


def waited_for_others(before: ProcessorUsage, after: ProcessorUsage) -> float:
    """How long a submission was kept from computing between two readings, by others.

    While a thread waits for a processor, something else runs there. What the
    submission's other threads and processes computed meanwhile is taken off the
    wait, so that threads which are only in each other's way have waited for nobody.
    Of several threads the one that waited longest counts, never their sum.
    """
    if before.tasks is None or after.tasks is None:
        return 0.0
    begun = {task: before.tasks.get(task, TaskUsage(0.0, 0.0)) for task in after.tasks}
    computed = {task: each.cpu - begun[task].cpu for task, each in after.tasks.items()}
    together = max(after.cpu - before.cpu, sum(computed.values()))
    return max(
        (
            each.waited - begun[task].waited - (together - computed[task])
            for task, each in after.tasks.items()
        ),
        default=0.0,
    )


def meter_of(pid: int) -> UsageReader:
    """What reads the usage of the submission with the process ``pid``."""
    return ProcReader(pid) if sys.platform == "linux" else PsReader(pid)


def pid_behind(descriptor: int) -> int | None:
    """The process that a pidfd leads to, numbered as this process sees it; None where not told."""
    with suppress(OSError):
        for line in (PROC / "self" / "fdinfo" / str(descriptor)).read_text().splitlines():
            name, _, number = line.partition(":")
            if name == "Pid":
                return int(number) if int(number) > 0 else None
    return None


class ProcReader:
    """Reads ``/proc``: the submission's process, and whatever else runs below its host."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        fields = _stat(pid)
        self._host = int(fields[PARENT_FIELD]) if fields else None

    def read(self) -> ProcessorUsage | None:
        """The usage of every process and thread of the submission."""
        # Orphans become children of the host, which has no others.
        below = descendants(self._host) if self._host is not None else []
        stats = {pid: _stat(pid) for pid in {self._pid, *below}}
        if not stats[self._pid]:
            return None
        ticks = sum(int(each) for fields in stats.values() for each in fields[CPU_FIELDS])
        tasks: dict[Task, TaskUsage] = {}
        for pid in stats:
            tasks |= _tasks(pid)
        return ProcessorUsage(ticks / os.sysconf("SC_CLK_TCK"), tasks if _tells_waits() else None)


class PsReader:
    """Asks ``ps`` for the CPU time, on a system without ``/proc``."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def read(self) -> ProcessorUsage | None:
        """The CPU time of the process; how long it waited is not known."""
        try:
            done = subprocess.run(
                ["ps", "-o", "time=", "-p", str(self._pid)],
                capture_output=True,
                text=True,
                timeout=PS_SECONDS,
                check=True,
            )
            return ProcessorUsage(seconds_of(done.stdout), None)
        except (OSError, ValueError, subprocess.SubprocessError):
            return None


def seconds_of(time: str) -> float:
    """The seconds of ``[[days-]hours:]minutes:seconds``, as ``ps`` writes a time."""
    days, dash, rest = time.strip().rpartition("-")
    seconds = 0.0
    for part in rest.split(":"):
        seconds = 60 * seconds + float(part)
    return seconds + (86_400 * int(days) if dash else 0)


def seconds_waited(pid: int) -> float:
    """How long the threads of a process have waited for a processor, the longest of them.

    0 where the system does not tell.
    """
    return max((each.waited for each in _tasks(pid).values()), default=0.0)


def _tells_waits() -> bool:
    """Whether this kernel measures waits; one that does not writes zeros, or no such file."""
    try:
        return int((PROC / "self" / "schedstat").read_text().split()[2]) > 0
    except (OSError, ValueError, IndexError):
        return False


def _tasks(pid: int) -> dict[Task, TaskUsage]:
    found = {}
    # A thread or a process may end between the listing and the look at it.
    with suppress(OSError):
        for task in (PROC / str(pid) / "task").iterdir():
            with suppress(OSError, ValueError):
                cpu, waited, _ = (task / "schedstat").read_text().split()
                usage = TaskUsage(int(cpu) / NANOSECONDS, int(waited) / NANOSECONDS)
                found[pid, int(task.name)] = usage
    return found


def _stat(pid: int) -> list[str]:
    """The fields of a process behind its name, which may hold anything; [] where it has ended."""
    with suppress(OSError):
        return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    return []
