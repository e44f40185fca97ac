"""A lock lasts as long as the process that holds it; what is tied to a process ends with it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cnn_tui import processes
from cnn_tui.processes import alone, final_message, is_locked, take_lock, taking_turns

HOLD = """
import sys, time
from pathlib import Path
from cnn_tui.processes import take_lock
take_lock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""
PARENT = """
import os, sys, time
from cnn_tui.processes import die_with_parent
parent = os.getpid()
if os.fork() == 0:
    die_with_parent(parent)
    print(os.getpid(), flush=True)
    time.sleep(600)
time.sleep(600)
"""


@contextmanager
def running(code: str, *words: str | Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A program, and the first line that it tells."""
    command = [sys.executable, "-c", code, *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def test_a_lock_ends_with_the_process_that_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "INSTANT_SECONDS", 0.0)
    lock = tmp_path / "lock"
    with running(HOLD, lock) as (process, told):
        assert told == "held"
        assert is_locked(lock)
        with pytest.raises(BlockingIOError):
            take_lock(lock)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not is_locked(lock)
    os.close(take_lock(lock))


def test_is_not_locked_where_there_is_no_file(tmp_path: Path) -> None:
    assert not is_locked(tmp_path / "lock")
    assert not (tmp_path / "lock").exists()


def test_asking_for_a_lock_leaves_what_the_file_holds(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("4711")
    os.close(take_lock(lock))
    with taking_turns(lock):
        assert is_locked(lock)
    assert lock.read_text() == "4711"


def test_tells_again_and_again_that_it_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "WAITING_SECONDS", 0.01)
    held = [take_lock(tmp_path / "lock")]
    told = []

    def waiting() -> None:
        told.append(len(told))
        if len(told) == 3:
            os.close(held.pop())

    with alone(tmp_path / "lock", waiting):
        assert is_locked(tmp_path / "lock")
    assert told == [0, 1, 2]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux does it")
def test_what_is_tied_to_its_parent_ends_with_it() -> None:
    with running(PARENT) as (parent, told):
        child = int(told)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        deadline = time.monotonic() + 10
        while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
            state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
            if state == "Z":
                break
            time.sleep(0.01)
        else:
            assert not Path(f"/proc/{child}").exists()


@pytest.mark.parametrize(
    ("log", "last"),
    [
        (b"", ""),
        (b" \n\n", ""),
        (b"first\nError: the last\n\n", "Error: the last"),
        (b"x" * 100_000 + b"\nthe end", "the end"),
        (b"\xff broken", "\ufffd broken"),
    ],
)
def test_reads_the_last_line_of_a_log(tmp_path: Path, log: bytes, last: str) -> None:
    file = tmp_path / "log"
    file.write_bytes(log)
    with file.open("rb") as opened:
        assert final_message(opened.fileno()) == last
