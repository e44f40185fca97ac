"""Ending processes so that nothing of them is left."""

import contextlib
import os
import signal
import time
from pathlib import Path

ROUNDS = 200
PAUSE_SECONDS = 0.005


def descendants(pid: int) -> list[int]:
    """The processes below ``pid``, as far as they have not moved away from it."""
    found = _children(pid)
    for child in found:
        # Grows while it is walked, so that all generations are visited.
        found += _children(child)
    return found


def kill_descendants(pid: int) -> None:
    """Kill every descendant of ``pid``, again and again until none is left.

    Relies on ``/proc``; elsewhere only process groups can be killed. Descendants
    that moved to sessions of their own are found as long as ``pid`` lives and
    adopts orphans.
    """
    for _ in range(ROUNDS):
        found = [each for each in descendants(pid) if _is_alive(each)]
        if not found:
            return
        # Stopped first, so that none can fork while the others are killed.
        for each in found:
            _signal(each, signal.SIGSTOP)
        for each in found:
            _signal(each, signal.SIGKILL)
        time.sleep(PAUSE_SECONDS)


def kill_group(pid: int) -> None:
    """Kill a process, and the group that it leads if it leads one."""
    _signal(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    # A thread or process that has ended in between has no children left.
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found


def _is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
