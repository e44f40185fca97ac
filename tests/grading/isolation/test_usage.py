"""How long a submission computed and waited is read from the system."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cnn_tui.grading.isolation import usage
from cnn_tui.grading.isolation.usage import (
    ProcessorUsage,
    ProcReader,
    PsReader,
    TaskUsage,
    pid_behind,
    seconds_of,
    waited_for_others,
)

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
NOTHING = ProcessorUsage()


def used(*threads: tuple[float, float], ended: float = 0.0) -> ProcessorUsage:
    """Threads with their seconds of computing and of waiting, and what ended ones computed."""
    tasks = {(1, number): TaskUsage(*each) for number, each in enumerate(threads)}
    return ProcessorUsage(sum(cpu for cpu, _ in threads) + ended, tasks)


@pytest.mark.parametrize(
    ("after", "waited"),
    [
        (used((2, 8)), 8),
        (used((2, 0)), 0),
        (used(), 0),
        # Four threads on two processors, in each other's way only.
        (used((5, 5), (5, 5), (5, 5), (5, 5)), 0),
        # A hundred of them, and a main thread that gets next to nothing.
        (used((0.2, 9.8), *[(0.2, 9.8)] * 99), 0),
        # Threads that have ended took the processor just as well.
        (used((1, 9), ended=12), 0),
        # One thread that computes while another one is blocked.
        (used((0, 0), (2, 8)), 8),
        # Two threads, and eight processes of others, on two processors.
        (used((2, 8), (2, 8)), 6),
    ],
)
def test_takes_off_what_its_own_threads_computed(after: ProcessorUsage, waited: float) -> None:
    assert max(0.0, waited_for_others(NOTHING, after)) == pytest.approx(waited)


def test_counts_from_the_reading_before() -> None:
    assert waited_for_others(used((1, 5)), used((2, 8))) == pytest.approx(3)


def test_knows_no_waits_where_the_system_does_not_tell() -> None:
    assert waited_for_others(ProcessorUsage(1, None), ProcessorUsage(2, None)) == 0


@LINUX
def test_reads_what_a_process_computes_and_no_other() -> None:
    spins = "import sys, time\nwhile time.process_time() < 0.2: pass\nprint(flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", spins], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        meter = ProcReader(process.pid)
        process.stdout.readline()
        read = meter.read()
        process.kill()
    assert read is not None and read.tasks is not None
    assert read.cpu >= 0.18  # in ticks of 10 ms
    assert sum(each.cpu for each in read.tasks.values()) >= 0.2
    assert meter.read() is None


@LINUX
def test_reads_every_thread() -> None:
    leave = threading.Event()
    thread = threading.Thread(target=leave.wait)
    thread.start()
    tasks = usage._tasks(os.getpid())
    leave.set()
    thread.join()
    assert {(os.getpid(), os.getpid()), (os.getpid(), thread.native_id)} <= tasks.keys()


def test_a_process_has_waited_as_long_as_that_thread_of_it_which_waited_longest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(usage, "PROC", tmp_path)
    assert usage.seconds_waited(7) == 0
    for thread, line in {"7": "9000000000 1000000000 5", "8": "0 2500000000 5"}.items():
        (tmp_path / "7" / "task" / thread).mkdir(parents=True)
        (tmp_path / "7" / "task" / thread / "schedstat").write_text(f"{line}\n")
    assert usage.seconds_waited(7) == 2.5


@LINUX
def test_reads_no_waits_on_a_kernel_that_does_not_measure_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert usage._tells_waits()
    (tmp_path / "self").mkdir()
    monkeypatch.setattr(usage, "PROC", tmp_path)
    assert not usage._tells_waits()
    (tmp_path / "self" / "schedstat").write_text("0 0 0\n")
    assert not usage._tells_waits()


@LINUX
def test_finds_a_process_behind_its_descriptor() -> None:
    descriptor = os.pidfd_open(os.getpid())
    assert pid_behind(descriptor) == os.getpid()
    os.close(descriptor)
    assert pid_behind(descriptor) is None


@LINUX
def test_asks_ps_where_there_is_no_proc() -> None:
    begun = time.process_time()
    read = PsReader(os.getpid()).read()
    assert read is not None and read.tasks is None
    assert read.cpu >= int(begun)
    assert PsReader(2**22 + 1).read() is None


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("0:01.50\n", 1.5), ("00:00:07", 7), (" 12:34:56 ", 45_296), ("1-00:00:01", 86_401)],
)
def test_reads_a_time_as_ps_writes_it(told: str, seconds: float) -> None:
    assert seconds_of(told) == seconds
