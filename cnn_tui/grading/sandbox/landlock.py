"""Landlock: the kernel lets a process give up files, connections and signals for good.

Only what a rule allows stays open to it, whoever it runs as. Linux 5.13 and
later; what newer kernels can restrict as well is restricted where it is there.
See https://docs.kernel.org/userspace-api/landlock.html.
"""

import ctypes
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

# The same numbers on every architecture.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION = 1
BENEATH_PATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_DIR, MAKE_REGULAR = 1 << 7, 1 << 8
TRUNCATE = 1 << 14
RIGHTS_OF_VERSION = ((1, (1 << 13) - 1), (2, 1 << 13), (3, TRUNCATE), (5, 1 << 15))
"""Kernel interface version → the rights to files that it brought."""
TCP_VERSION, TCP = 4, 0b11
SCOPES_VERSION, SCOPES = 6, 0b11
"""Signals, and abstract Unix sockets, of processes outside."""

READING = READ_FILE | READ_DIR
WRITING = READING | WRITE_FILE | TRUNCATE | MAKE_DIR | MAKE_REGULAR
"""Not to remove: a file without a name takes room that nobody who measures a folder can see."""
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
"""The rights that a rule about a file, not a folder, may name."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The kernel's Landlock version; 0 where it has none, or where it is switched off."""
    return max(0, _syscall(CREATE_RULESET, None, 0, ASK_VERSION, check=False))


def restrict(readable: Iterable[str | Path], writable: Iterable[str | Path]) -> None:
    """Leave this process nothing but to read ``readable`` and write ``writable``, with all below.

    Needs ``no_new_privs``. Paths that are not there are passed over. Raises OSError.
    """
    here = version()
    handled = sum(rights for since, rights in RIGHTS_OF_VERSION if since <= here)
    ruleset = _Ruleset(
        handled, TCP if here >= TCP_VERSION else 0, SCOPES if here >= SCOPES_VERSION else 0
    )
    # Each version knows one more field, and refuses what it does not know.
    size = 8 * (1 + (here >= TCP_VERSION) + (here >= SCOPES_VERSION))
    descriptor = _syscall(CREATE_RULESET, ctypes.byref(ruleset), size, 0)
    try:
        for paths, rights in ((readable, READING), (writable, WRITING)):
            for path in paths:
                _allow(descriptor, path, rights & handled)
        _syscall(RESTRICT_SELF, descriptor, 0)
    finally:
        os.close(descriptor)


def _allow(ruleset: int, path: str | Path, rights: int) -> None:
    with suppress(FileNotFoundError, PermissionError):
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(parent).st_mode):
                rights &= ON_FILES
            rule = _Beneath(rights, parent)
            _syscall(ADD_RULE, ruleset, BENEATH_PATH, ctypes.byref(rule), 0)
        finally:
            os.close(parent)


def _syscall(number: int, *arguments: object, check: bool = True) -> int:
    result: int = _LIBC.syscall(ctypes.c_long(number), *arguments)
    if result < 0 and check:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result


_LIBC = ctypes.CDLL(None, use_errno=True)
