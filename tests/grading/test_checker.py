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
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest

from cnn_tui.errors import ExitCode, LabFault, RunError, UsageError
from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.checker import Checker, check
from cnn_tui.grading.classroom.teacher_tests import exercise_from
from cnn_tui.grading.isolation.source import UNREADABLE, digest_of_file
from cnn_tui.grading.records import CheckReport
from cnn_tui.grading.sandbox import levels
from tests.grading.attacks import (
    FLOODS,
    FOLDERS_WITHOUT_END,
    FORGES_LATER,
    KILLS_THE_HOST,
    LEAVES_A_DAEMON,
    PRINTS_A_LOT,
    PRINTS_LATE,
    SPOILS_THE_PIPE,
)
from tests.grading.conftest import reference

POOLING = exercises()[0]
BEST, *OTHERS = [level.name for level in levels.probe() if level.works]
LEVELS_HERE = [BEST, *(pytest.param(level, marks=pytest.mark.slow) for level in OTHERS)]


@pytest.fixture
def private_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where checks put their folders: an empty one, so that what they leave can be seen.

    Every process of theirs carries its name in the environment.
    """
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def check_source(folder: Path, source: str, **options: object) -> CheckReport:
    path = folder / "exercise1.py"
    path.write_text(source)
    return check(POOLING, path, **options)  # type: ignore[arg-type]


def processes_of(folder: Path, word: str = "") -> list[int]:
    """The processes that carry the folder in their environment, and a word in their command."""
    mark = f"{folder}{os.pathsep}".encode()
    return [
        int(process.name)
        for process in Path("/proc").glob("[0-9]*")
        if mark in _content(process / "environ") and word.encode() in _content(process / "cmdline")
    ]


def assert_nothing_left(folder: Path) -> None:
    assert not list(folder.iterdir())
    assert not processes_of(folder)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.slow
def test_passes_the_reference_and_repeats_itself(tmp_path: Path, private_temp: Path) -> None:
    (tmp_path / "torch.py").write_text("raise SystemExit('imported from beside the file')")
    (tmp_path / "conftest.py").write_text("raise SystemExit('conftest was imported')")
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('sitecustomize was imported')")
    report = check_source(tmp_path, reference("exercise1") + "\nprint('hello')\n", seed=7)
    assert report.passed
    assert (report.score, report.max_score, report.seed) == (10, 10, 7)
    assert report.exit_code == ExitCode.DONE
    assert report.sandbox == levels.choose()
    assert report.gaps == levels.GAPS[report.sandbox]
    assert report.output == "hello\n"
    document = json.loads(json.dumps(report.to_json()))
    assert {"exercise", "passed", "score", "max_score", "sandbox", "seed"} <= set(document)
    fields = {"id", "description", "status", "points", "message"}
    assert all(fields <= set(each) for each in document["checks"])
    assert_nothing_left(private_temp)


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS_HERE)
def test_is_unharmed_by_hostile_submissions_on_every_level(
    tmp_path: Path, private_temp: Path, level: str
) -> None:
    path = tmp_path / "exercise1.py"
    with Checker(level) as checker:
        for source in (KILLS_THE_HOST, LEAVES_A_DAEMON, FORGES_LATER, FOLDERS_WITHOUT_END):
            path.write_text(source)
            report = checker.check(POOLING, path)
            assert report.sandbox == level
            assert level == "limits" or not report.passed
        path.write_text(reference("exercise1"))
        assert checker.check(POOLING, path).passed
    assert_nothing_left(private_temp)
    assert {each.name for each in tmp_path.iterdir()} == {"exercise1.py", "temporary"}


@pytest.mark.slow
def test_does_not_mix_what_submissions_print_or_set(tmp_path: Path) -> None:
    path = tmp_path / "exercise1.py"
    with Checker() as checker:
        path.write_text(SPOILS_THE_PIPE)
        assert not checker.check(POOLING, path).passed
        path.write_text(PRINTS_A_LOT)
        assert checker.check(POOLING, path).passed
        for _ in range(5):
            path.write_text(PRINTS_LATE)
            assert "from another learner" in checker.check(POOLING, path).output
            path.write_text(reference("exercise1"))
            assert checker.check(POOLING, path).output == ""


@pytest.mark.slow
def test_takes_a_fraction_of_a_second_for_another_check(tmp_path: Path) -> None:
    path = tmp_path / "exercise1.py"
    path.write_text(reference("exercise1"))
    with Checker() as checker:
        first, second = (checker.check(POOLING, path, seed=seed) for seed in (1, 2))
    assert first.passed and second.passed
    assert second.seconds < first.seconds / 2


@pytest.mark.slow
def test_checks_on_after_its_processes_were_killed(tmp_path: Path, private_temp: Path) -> None:
    path = tmp_path / "exercise1.py"
    path.write_text(reference("exercise1"))
    with Checker() as checker:
        assert checker.check(POOLING, path).passed
        for process in processes_of(private_temp):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        assert checker.check(POOLING, path).passed
    assert_nothing_left(private_temp)


@pytest.mark.slow
def test_ends_a_check_that_nobody_waits_for_and_can_check_again(tmp_path: Path) -> None:
    path = tmp_path / "exercise1.py"
    path.write_text("while True: pass\n")
    with Checker() as checker:
        with pytest.raises(RunError, match="stopped"):
            checker.check(POOLING, path, is_dropped=lambda: True)
        path.write_text(reference("exercise1"))
        assert checker.check(POOLING, path).passed


def test_refuses_a_sandbox_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name one of bwrap, landlock, limits"):
        Checker("chroot")


@pytest.mark.slow
def test_shows_the_ends_of_a_flood_of_output(tmp_path: Path, private_temp: Path) -> None:
    report = check_source(tmp_path, FLOODS)
    assert report.passed
    assert report.output.startswith("the first line")
    assert report.output.endswith("the last line\n")
    assert "left out" in report.output
    assert "\x1b" not in report.output
    assert len(report.output) < 20_000


@pytest.mark.slow
def test_does_not_pass_a_submission_that_kills_its_host(tmp_path: Path, private_temp: Path) -> None:
    report = check_source(tmp_path, KILLS_THE_HOST, sandbox="limits")
    assert not report.passed
    assert report.first_failure is not None
    assert "ended the process" in report.first_failure.message
    assert_nothing_left(private_temp)


@pytest.mark.slow
def test_stops_an_endless_loop_at_the_deadline(tmp_path: Path, private_temp: Path) -> None:
    report = check_source(tmp_path, "while True: pass\n", timeout=1)
    assert report.exit_code == ExitCode.NOT_PASSED
    assert "did not finish within 1 s" in report.stopped
    assert {each.status for each in report.checks} == {"not reached"}
    assert_nothing_left(private_temp)


def test_reports_a_file_that_does_not_parse_without_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Checker, "_processes", None)
    report = check_source(tmp_path, "def f(:\n")
    assert "syntax error in line 1" in report.unusable
    assert report.exit_code == ExitCode.UNUSABLE_INPUT


@pytest.mark.parametrize("source", ["def max_pool(:\n", ""])
def test_says_what_the_file_held_that_it_reports_on(tmp_path: Path, source: str) -> None:
    report = check_source(tmp_path, source)
    path = tmp_path / "exercise1.py"
    assert report.digest == digest_of_file(path) == sha256(source.encode()).hexdigest()
    path.unlink()
    assert check(POOLING, path).digest == digest_of_file(path) == UNREADABLE


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("level", LEVELS_HERE)
def test_leaves_nothing_behind_when_it_is_itself_killed(
    tmp_path: Path, private_temp: Path, level: str, number: int
) -> None:
    path = tmp_path / "exercise1.py"
    path.write_text("import time\nwhile True: time.sleep(1)\n")
    checker = subprocess.Popen(
        [sys.executable, "-m", "cnn_tui", "check", str(path), "--sandbox", level],
        env={**os.environ, "TMPDIR": str(private_temp)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    running = 4 if level == levels.BWRAP else 2
    _wait_until(lambda: len(processes_of(private_temp, "isolation.host")) == running)
    checker.send_signal(number)
    checker.wait(timeout=10)
    _wait_until(lambda: not processes_of(private_temp))
    assert_nothing_left(private_temp)
    if number == signal.SIGINT:
        assert checker.returncode == ExitCode.INTERRUPTED


def _wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_can_be_called_off_from_another_thread(tmp_path: Path, private_temp: Path) -> None:
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    begun = time.monotonic()
    with pytest.raises(RunError, match="stopped"):
        check_source(tmp_path, reference("exercise1"), stop=stop)
    assert time.monotonic() - begun < 10
    assert_nothing_left(private_temp)


@pytest.mark.slow
def test_a_mistake_in_the_tests_costs_nobody_a_point(tmp_path: Path) -> None:
    tests, work = tmp_path / "tests" / "homework1.py", tmp_path / "homework1.py"
    tests.parent.mkdir()
    tests.write_text("def test_a(submission):\n    assert wanted == 1\n")
    work.write_text("x = 1\n")
    report = check(exercise_from(tests), work)
    assert (report.status, report.exit_code) == ("not graded", ExitCode.LAB_FAULT)
    assert "homework1.py, line 2: NameError: name 'wanted' is not defined" in report.not_graded
    tests.write_text("import torch\nwanted\ndef test_a(submission):\n    pass\n")
    with pytest.raises(LabFault, match=r"\(homework1\.py, line 2: NameError"):
        check(exercise_from(tests), work)
