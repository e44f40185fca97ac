"""The lab checks a file in processes of their own, and cleans up after them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cnn_tui.errors import ExitCode, RunError
from cnn_tui.grading.catalogue import EXERCISES
from cnn_tui.grading.checker import check
from cnn_tui.grading.records import CheckReport
from tests.grading.attacks import FLOODS, KILLS_THE_HOST, LEAVES_A_DAEMON
from tests.grading.conftest import reference

POOLING = EXERCISES[0]


@pytest.fixture
def private_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where checks put their folders: an empty one, so that what they leave can be seen."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def check_source(folder: Path, source: str, **options: object) -> CheckReport:
    path = folder / "exercise1.py"
    path.write_text(source)
    return check(POOLING, path, **options)  # type: ignore[arg-type]


def assert_nothing_left(folder: Path) -> None:
    assert not list(folder.iterdir())
    assert not [
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if str(folder).encode() in _content(path)
    ]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_passes_the_reference_and_repeats_itself(tmp_path: Path, private_temp: Path) -> None:
    (tmp_path / "torch.py").write_text("raise SystemExit('imported from beside the file')")
    (tmp_path / "conftest.py").write_text("raise SystemExit('conftest was imported')")
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('sitecustomize was imported')")
    report = check_source(tmp_path, reference("exercise1") + "\nprint('hello')\n", seed=7)
    assert report.passed
    assert (report.score, report.max_score, report.seed) == (10, 10, 7)
    assert report.exit_code == ExitCode.DONE
    assert report.sandbox == "limits"
    assert report.output == "hello\n"
    document = json.loads(json.dumps(report.to_json()))
    assert {"exercise", "passed", "score", "max_score", "sandbox", "seed"} <= set(document)
    fields = {"id", "description", "status", "points", "message"}
    assert all(fields <= set(each) for each in document["checks"])
    assert_nothing_left(private_temp)


def test_leaves_no_process_and_no_file_behind(tmp_path: Path, private_temp: Path) -> None:
    check_source(tmp_path, LEAVES_A_DAEMON)
    assert_nothing_left(private_temp)


def test_shows_the_ends_of_a_flood_of_output(tmp_path: Path, private_temp: Path) -> None:
    report = check_source(tmp_path, FLOODS)
    assert report.passed
    assert report.output.startswith("the first line")
    assert report.output.endswith("the last line\n")
    assert "left out" in report.output
    assert "\x1b" not in report.output
    assert len(report.output) < 20_000


def test_does_not_pass_a_submission_that_kills_its_host(tmp_path: Path, private_temp: Path) -> None:
    report = check_source(tmp_path, KILLS_THE_HOST)
    assert not report.passed
    assert report.first_failure is not None
    assert "ended the process" in report.first_failure.message
    assert_nothing_left(private_temp)


def test_stops_an_endless_loop_at_the_deadline(tmp_path: Path, private_temp: Path) -> None:
    report = check_source(tmp_path, "while True: pass\n", timeout=1)
    assert report.exit_code == ExitCode.NOT_PASSED
    assert "did not finish within 1 s" in report.stopped
    assert {each.status for each in report.checks} == {"not reached"}
    assert_nothing_left(private_temp)


def test_reports_a_file_that_does_not_parse_at_once(tmp_path: Path) -> None:
    begun = time.monotonic()
    report = check_source(tmp_path, "def f(:\n")
    assert "syntax error in line 1" in report.unusable
    assert report.exit_code == ExitCode.UNUSABLE_INPUT
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_leaves_nothing_behind_when_it_is_itself_killed(
    tmp_path: Path, private_temp: Path, number: int
) -> None:
    path = tmp_path / "exercise1.py"
    path.write_text("open('loading', 'w')\nwhile True: pass\n")
    checker = subprocess.Popen(
        [sys.executable, "-m", "cnn_tui", "check", str(path)],
        env={**os.environ, "TMPDIR": str(private_temp)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _wait_until(lambda: bool(list(private_temp.rglob("loading"))))
    checker.send_signal(number)
    checker.wait(timeout=10)
    _wait_until(lambda: not list(private_temp.iterdir()))
    assert_nothing_left(private_temp)
    if number == signal.SIGINT:
        assert checker.returncode == ExitCode.INTERRUPTED


def _wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_can_be_called_off_from_another_thread(tmp_path: Path, private_temp: Path) -> None:
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    begun = time.monotonic()
    with pytest.raises(RunError, match="stopped"):
        check_source(tmp_path, reference("exercise1"), stop=stop)
    assert time.monotonic() - begun < 10
    assert_nothing_left(private_temp)
