"""What a process that runs a learner's code may use, and how it gives up the rest.

Resource limits stop accidents: a loop without end, an array that does not fit,
a file that grows and grows. Walls stop malice: another user's rights, Landlock
for files and the network, seccomp for everything that reaches other processes.
Neither can be taken back. Standard library only: it also runs to probe them.
"""

import contextlib
import ctypes
import errno
import os
import resource
import secrets
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cnn_tui.grading.sandbox import landlock, seccomp
from cnn_tui.processes import prctl

MIB = 1 << 20
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_NO_NEW_PRIVS = 38
CAPABILITY_VERSION = 0x20080522
CAP_DAC_READ_SEARCH = 1 << 2

PROCESS_FILES = ("/proc/self/maps", "/proc/self/statm", "/proc/cpuinfo")
"""What torch and the C library ask about this process; mounts and the network are not for it."""
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


@dataclass(frozen=True)
class Limits:
    """How much of each resource a submission may use beyond an idle process with torch."""

    memory_mib: int = 3072
    cpu_seconds: int = 300
    file_mib: int = 16
    open_files: int = 64
    processes: int = 128


@dataclass(frozen=True)
class Walls:
    """What a submission may still reach: ``readable`` paths, and its own folder.

    ``uid`` is whom root becomes; None where this is not root, or where root
    stands for an ordinary user of the machine and can become nobody else.
    """

    readable: tuple[str, ...]
    uid: int | None = None


def confine(limits: Limits, walls: Walls | None, folder: str) -> None:
    """Confine this process, for good: to ``limits``, and within ``walls`` and its ``folder``.

    Raises OSError where the kernel cannot.
    """
    _limit(limits, os.getuid() if walls is None or walls.uid is None else walls.uid)
    if walls is None:
        return
    if walls.uid is None:
        _keep_capabilities(0)
    else:
        _become(walls.uid)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    if landlock.version():
        landlock.restrict((*walls.readable, *PROCESS_FILES, *DEVICES), (folder, "/dev/null"))
    seccomp.install()


def probe(level: str, folder: str, uid: str, *readable: str) -> None:
    """Confine this process, try what must not work, and print what is wrong, if anything.

    The arguments are words of a command line: ``levels`` runs this as a program.
    """
    walls = Walls(readable, int(uid) if uid else None)
    sys.stdout.write(_try_out(walls, folder, needs_landlock=level == "landlock"))


def hide_memory() -> None:
    """Keep other processes of the same user from reading or tracing this one (Linux)."""
    prctl(PR_SET_DUMPABLE, 0)


def _try_out(walls: Walls, folder: str, *, needs_landlock: bool) -> str:
    if needs_landlock and not landlock.version():
        return "this kernel has no Landlock, or it is switched off"
    try:
        confine(Limits(), walls, folder)
    except OSError as error:
        return error.strerror or str(error)
    return next((name for name, attempt in FORBIDDEN.items() if _works(attempt)), "")


def _limit(limits: Limits, uid: int) -> None:
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, limits.cpu_seconds)
    _lower(resource.RLIMIT_FSIZE, limits.file_mib * MIB)
    _lower(resource.RLIMIT_NOFILE, limits.open_files)
    if sys.platform == "linux":
        _lower(resource.RLIMIT_AS, _address_space() + limits.memory_mib * MIB)
        # The kernel counts all tasks of a user, and never limits root.
        _lower(resource.RLIMIT_NPROC, _tasks_of(uid) + limits.processes)


def _lower(which: int, wanted: int) -> None:
    _, hard = resource.getrlimit(which)
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(which, (value, value))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _tasks_of(uid: int) -> int:
    tasks = 0
    for entry in os.scandir("/proc"):
        # A process may end between the listing and the look at it.
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == uid:
                tasks += sum(1 for _ in Path(entry, "task").iterdir())
    return tasks


def _become(uid: int) -> None:
    """Give up root, but for reading: the Python in use may lie where no other user can enter.

    Which files may be read is for the other walls to say.
    """
    prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    _keep_capabilities(CAP_DAC_READ_SEARCH)


def _keep_capabilities(kept: int) -> None:
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    # Effective, permitted and inheritable, and the same again for those above 31.
    sets = (ctypes.c_uint32 * 6)(kept, kept)
    if ctypes.CDLL(None, use_errno=True).capset(header, sets):
        raise OSError(ctypes.get_errno(), "capabilities cannot be given up")


def _works(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError as error:
        return error.errno not in (errno.EPERM, errno.EACCES, errno.EROFS, errno.ENOENT)
    return True


def _make_file(folder: str) -> None:
    path = Path(folder, f"cnn-lab-probe-{secrets.token_hex(8)}")
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    path.unlink()


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


FORBIDDEN: dict[str, Callable[[], object]] = {
    "files stay readable": lambda: os.open("/etc/passwd", os.O_RDONLY),
    **{
        f"{folder} stays writable": partial(_make_file, folder)
        for folder in ("/", "/tmp", "/dev/shm", "/run")
    },
    "processes can be started": _fork,
    "the network can be reached": socket.socket,
    "other processes can be signaled": lambda: os.kill(os.getppid(), 0),
    "it keeps rights of root": lambda: os.setgroups([]),
}
"""What goes wrong where an attempt works → the attempt."""
