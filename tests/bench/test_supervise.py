"""What ``cnn-lab bench`` starts and writes for itself ends with it, whatever ends it."""

import fcntl
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cnn_tui.bench.supervise import LOCK, PREFIX, remove_stale_folders, run_supervised
from cnn_tui.errors import ExitCode, LabFault, UsageError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
FOR_BOTH = (signal.SIGINT, signal.SIGKILL)
"""One that a benchmark notices, and one that only what it has started can notice."""
LAB = """
import sys
from cnn_tui.__main__ import main
sys.argv = ["cnn-lab", "bench", "train"]
"""
STUBBORN = (
    LAB
    + """
import signal, subprocess, tempfile, time
from pathlib import Path
import cnn_tui.bench.catalogue as catalogue
import cnn_tui.bench.supervise as supervise

supervise.GRACE_SECONDS = 0.1
IGNORE = "import signal, time; signal.signal(signal.SIGHUP, signal.SIG_IGN); time.sleep(600)"

def run_benchmarks(*arguments, **options):
    folder = Path(tempfile.mkdtemp())
    subprocess.Popen([sys.executable, "-c", IGNORE], start_new_session=True)
    (folder / "started").touch()
    while True:
        try:
            time.sleep(600)
        except KeyboardInterrupt:
            pass

catalogue.run_benchmarks = run_benchmarks
sys.exit(main())
"""
)
WATCHED = (
    LAB
    + """
import cnn_tui.bench.catalogue as catalogue
import cnn_tui.bench.training.throughput as training
catalogue.WORKLOADS = (catalogue.Workload("lenet5", 64, steps=1, rounds=1, watched=50),)
training._measure = lambda *arguments, **options: []
sys.exit(main())
"""
)


@dataclass(frozen=True)
class Started:
    """A program whose temporary files are in ``folder``, and whose processes carry ``mark``."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    mark: bytes

    def pids(self) -> list[int]:
        """The program and all that descends from it, by the environment that they inherit."""
        pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [pid for pid in pids if self.mark in environment(pid)]

    def files(self) -> list[Path]:
        return list(self.folder.iterdir())


@contextmanager
def started(program: str, folder: Path) -> Iterator[Started]:
    mark = secrets.token_hex(8)
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | {"TMPDIR": str(folder), "CNN_LAB_TEST_MARK": mark},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    program_started = Started(process, folder, mark.encode())
    try:
        yield program_started
    finally:
        for pid in program_started.pids():
            os.kill(pid, signal.SIGKILL)
        process.wait()


def environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:  # it has ended, or is another user's
        return b""


def wait_until(condition: Callable[[], object], seconds: float, every: float = 0.02) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(every)


def end_and_find_nothing_left(bench: Started, number: signal.Signals) -> None:
    assert len(bench.pids()) > 3  # the command, keeper and worker, and what those have started
    assert bench.files()
    bench.process.send_signal(number)
    killed = number == signal.SIGKILL
    assert bench.process.wait(30) == (-number if killed else ExitCode.INTERRUPTED)
    if killed:  # the keeper only notices that the command is gone
        wait_until(lambda: not bench.pids(), 10)
    assert not bench.pids()
    assert not bench.files()


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
def test_a_stubborn_benchmark_leaves_nothing_behind(number: signal.Signals, tmp_path: Path) -> None:
    with started(STUBBORN, tmp_path) as bench:
        wait_until(lambda: list(tmp_path.glob(f"{PREFIX}*/*/started")), 20)
        end_and_find_nothing_left(bench, number)


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "number",
    [
        pytest.param(
            number, marks=pytest.mark.slow if number in FOR_BOTH else pytest.mark.exhaustive
        )
        for number in SIGNALS
    ],
)
def test_a_watched_run_ends_with_its_benchmark(number: signal.Signals, tmp_path: Path) -> None:
    with started(WATCHED, tmp_path) as bench:
        wait_until(lambda: list(tmp_path.glob(f"{PREFIX}*/*/runs/*/metrics.jsonl")), 60)
        # The TUI, which is stopped now and then, has opened and started its own first process.
        wait_until(lambda: len(bench.pids()) > 5, 60, every=0.2)
        end_and_find_nothing_left(bench, number)


def test_gives_back_what_the_work_returns_and_raises() -> None:
    assert run_supervised(lambda: [1, os.getpid() == os.getppid()]) == [1, False]
    with pytest.raises(UsageError, match="no such benchmark"):
        run_supervised(_refuse)
    with pytest.raises(LabFault, match="ended unexpectedly"):
        run_supervised(lambda: os._exit(7))


def _refuse() -> None:
    raise UsageError("There is no such benchmark.")


def test_removes_what_a_killed_keeper_left_and_nothing_that_is_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stale, used, unknown = (tmp_path / f"{PREFIX}{name}" for name in ("stale", "used", "unknown"))
    for folder in (stale, used, unknown):
        folder.mkdir()
        (folder / "file").touch()
    (stale / LOCK).touch()
    with (used / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        remove_stale_folders()
    assert sorted(tmp_path.iterdir()) == [unknown, used]
