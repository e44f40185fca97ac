"""What a process that runs a learner's code may use: the ``limits`` rung.

Resource limits stop accidents: a loop without end, an array that does not fit,
a file that grows and grows. They are no boundary against malice: such a process
still reads files and opens sockets.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

RUNG = "limits"
MIB = 1 << 20
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Limits:
    """How much of each resource a submission may use beyond an idle process with torch."""

    memory_mib: int = 3072
    cpu_seconds: int = 300
    file_mib: int = 64
    open_files: int = 256
    processes: int = 128


def confine(limits: Limits) -> None:
    """Confine this process, for good, to ``limits``."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, limits.cpu_seconds)
    _lower(resource.RLIMIT_FSIZE, limits.file_mib * MIB)
    _lower(resource.RLIMIT_NOFILE, limits.open_files)
    if sys.platform == "linux":
        _lower(resource.RLIMIT_AS, _address_space() + limits.memory_mib * MIB)
        # The kernel counts all tasks of this user, and never limits root.
        _lower(resource.RLIMIT_NPROC, _tasks_of_user() + limits.processes)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when ``parent`` ends (Linux)."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parents end, so that none escapes (Linux)."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def _lower(which: int, wanted: int) -> None:
    _, hard = resource.getrlimit(which)
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(which, (value, value))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _tasks_of_user() -> int:
    tasks = 0
    for entry in os.scandir("/proc"):
        # A process may end between the listing and the look at it.
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == os.getuid():
                tasks += sum(1 for _ in Path(entry, "task").iterdir())
    return tasks


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
