"""Commands that are signaled, by a user or by a batch system, and what becomes of their runs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.training.process import foreground, launcher
from cnn_tui.training.process.foreground import batch_system, ends_with_command
from cnn_tui.training.records import Note
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.locks import is_alive
from cnn_tui.training.store.metrics import last_event, read_events
from cnn_tui.workspace import Workspace
from tests.subprocesses import cnn_lab

SECONDS = 60
JOB = {"SLURM_JOB_ID": "7"}


@pytest.fixture
def space(workspace: Workspace) -> Iterator[Workspace]:
    """A workspace in which no run is left behind."""
    yield workspace
    for status in listing.list_runs(workspace):
        launcher.stop(RunFolder(workspace.runs / status.run))


def command(space: Workspace, *words: str, **environment: str) -> "subprocess.Popen[str]":
    """A command that trains for long, or what ``words`` say, and is followed."""
    words = words or ("train", "lenet5", "--epochs", "5000", "--device", "cpu")
    return subprocess.Popen(
        [sys.executable, "-m", "cnn_tui", *words, "--workspace", str(space.root)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def training(space: Workspace, beyond: int = 0) -> RunFolder:
    """The run of ``space``, once it has taken a step more."""

    def step() -> int:
        event = last_event(run_of(space).metrics_file) if listing.list_runs(space) else None
        return event.step if event else 0

    wait_until(lambda: step() > beyond)
    return run_of(space)


def run_of(space: Workspace) -> RunFolder:
    return RunFolder(space.runs / listing.list_runs(space)[0].run)


def notes(run: RunFolder) -> list[str]:
    return [each.message for each in read_events(run.metrics_file) if isinstance(each, Note)]


@pytest.mark.parametrize(
    ("variables", "at_terminal", "name"),
    [
        ({}, False, None),
        ({"SLURM_JOB_ID": "7"}, True, "Slurm"),
        ({"PBS_JOBID": "7.host"}, False, "PBS"),
        ({"LSB_JOBID": "7"}, False, "LSF"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, False, "Kubernetes"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, True, None),
        ({"SLURM_JOB_ID": ""}, False, None),
    ],
)
def test_variables_tell_in_which_jobs_everything_is_ended(
    variables: dict[str, str], at_terminal: bool, name: str | None
) -> None:
    assert batch_system(variables, at_terminal=at_terminal) == name


def test_what_is_asked_for_comes_before_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not ends_with_command(None, detach=False)
    assert ends_with_command(True, detach=False)
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    assert ends_with_command(None, detach=False)
    assert not ends_with_command(None, detach=True)
    assert not ends_with_command(False, detach=False)
    with pytest.raises(UsageError, match="cannot both end with this command and go on"):
        ends_with_command(True, detach=True)


def test_a_contradiction_is_refused_before_a_run_is_made(space: Workspace) -> None:
    done = cnn_lab("train", "lenet5", "--foreground", "--detach", "--workspace", space.root)
    assert (done.returncode, listing.list_runs(space)) == (2, [])
    assert "cannot both end with this command and go on" in done.stderr


@pytest.mark.slow
def test_sigterm_leaves_a_run_and_says_how_to_stop_it(space: Workspace) -> None:
    with command(space) as process:
        run = training(space)
        process.terminate()
        _, stderr = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert "The run goes on without this command." in stderr
    assert f"cnn-lab stop {run.run}" in stderr
    assert is_alive(run)


@pytest.mark.slow
def test_in_a_job_sigusr1_keeps_a_checkpoint_and_sigterm_ends_the_run(space: Workspace) -> None:
    with command(space, **JOB) as process:
        run = training(space)
        process.send_signal(signal.SIGUSR1)
        wait_until(lambda: any("checkpoint was written" in each for each in notes(run)))
        assert (run.checkpoints / "last.safetensors").exists()
        training(space, beyond=listing.status(run).step)
        process.terminate()
        _, stderr = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert "The run ends with this command" in stderr
    assert "writes a checkpoint and stops" in stderr
    assert f"cnn-lab resume {run.run}" in stderr
    assert listing.status(run).state == "stopped"

    with command(space, "resume", "last", "--foreground", "--json") as process:
        training(space, beyond=listing.status(run).step)
        process.send_signal(signal.SIGINT)
        stdout, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert json.loads(stdout)["state"] == "stopped"


@pytest.mark.slow
def test_a_run_in_the_foreground_survives_no_command_that_is_killed(space: Workspace) -> None:
    words = ("train", "lenet5", "--foreground", "--epochs", "5000", "--device", "cpu")
    with command(space, *words) as process:
        run = training(space)
        process.kill()
        process.communicate(timeout=SECONDS)
    wait_until(lambda: not is_alive(run))
    assert listing.status(run).state == "stopped"
    assert (run.checkpoints / "last.safetensors").exists()


@pytest.mark.slow
def test_of_several_processes_the_one_that_writes_is_asked(space: Workspace) -> None:
    words = ("train", "lenet5", "--epochs", "5000", "--nproc", "2", "--device", "cpu")
    with command(space, *words, "--foreground") as process:
        run = training(space)
        process.send_signal(signal.SIGUSR1)
        wait_until(lambda: any("checkpoint was written" in each for each in notes(run)))
        training(space, beyond=listing.status(run).step)
        process.terminate()
        process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert listing.status(run).state == "stopped"


def test_signals_wait_for_a_worker_that_is_starting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ready = iter([None, None, 7, 7])
    sent: list[tuple[int | None, int]] = []

    def signaled(_pid: Path, _lock: Path, number: signal.Signals) -> int | None:
        sent.append((next(ready), number))
        return sent[-1][0]

    monkeypatch.setattr(foreground, "signal_worker", signaled)
    monkeypatch.setattr(foreground, "follow", lambda run: iter([()] * 4))
    told: list[str] = []
    signals = foreground.PassedOn(RunFolder(tmp_path), ends=True)
    before = signal.getsignal(signal.SIGTERM)
    with signals.caught(lambda: told.append("stops")):
        os.kill(os.getpid(), signal.SIGTERM)
        polls = len(list(signals.follow()))
    assert (polls, told, signals.stopping) == (4, ["stops"], True)
    assert sent == [(None, signal.SIGTERM), (None, signal.SIGTERM), (7, signal.SIGTERM)]
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    with (
        foreground.PassedOn(RunFolder(tmp_path), ends=True).caught(lambda: None),
        pytest.raises(KeyboardInterrupt),
    ):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
