"""How a ``cnn-lab`` command ends when a signal asks it to."""

import gc
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from cnn_tui.cli import main

DOCTOR = """
import signal, sys, tempfile, time
from cnn_tui import doctor
from cnn_tui.__main__ import main

def examine(data_dir):
    with tempfile.TemporaryDirectory():
        print("ready", flush=True)
        time.sleep(60)

if sys.argv[1:] == ["--ignore-hang-up"]:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
doctor.examine = examine
sys.argv = ["cnn-lab", "doctor"]
sys.exit(main())
"""


def doctor(folder: Path, *words: str) -> "subprocess.Popen[str]":
    """A command that is at work on a temporary file in ``folder``."""
    process = subprocess.Popen(
        [sys.executable, "-c", DOCTOR, *words],
        env={"TMPDIR": str(folder), "HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    assert list(folder.iterdir())
    return process


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_removes_its_files_whatever_signal_ends_it(number: signal.Signals, tmp_path: Path) -> None:
    with doctor(tmp_path) as process:
        process.send_signal(number)
        assert process.wait(10) == 130
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_goes_on_after_a_hang_up_that_it_was_started_to_ignore(tmp_path: Path) -> None:
    with doctor(tmp_path, "--ignore-hang-up") as process:
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
        process.kill()


@pytest.mark.parametrize("words", [["--help"], ["topics"], ["topics", "no-such-topic"], ["nope"]])
def test_collects_garbage_while_a_command_runs_and_afterwards(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    collects: list[bool] = []

    def console() -> Console:
        collects.append(gc.isenabled())
        return Console()

    monkeypatch.setattr("cnn_tui.render.draw.console.stdout", console)
    main(words)
    assert gc.isenabled()
    assert collects == ([True] if words == ["topics"] else [])
    assert capsys.readouterr()


@pytest.mark.parametrize("redirections", [">&-", "<&- >&- 2>&-"])
def test_does_without_a_stream_that_it_was_not_given(redirections: str, tmp_path: Path) -> None:
    command = f"{sys.executable} -m cnn_tui --version {redirections}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_prints_the_overview_where_nobody_can_type(tmp_path: Path) -> None:
    command = f"{sys.executable} -m cnn_tui <&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Open the lab: cnn-lab in a terminal." in done.stdout
