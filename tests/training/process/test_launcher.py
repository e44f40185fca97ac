"""Real workers. They are few: each imports torch anew."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action, step
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.defaults import default_config
from cnn_tui.training.process import launcher
from cnn_tui.training.records import EpochMetrics
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import RunFolder, create_run, read_header
from cnn_tui.training.store.locks import is_alive
from cnn_tui.training.store.metrics import follow, last_event, read_events
from cnn_tui.workspace import Workspace

PATIENCE = 60.0


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace in which no run is left behind."""
    space = Workspace(tmp_path)
    yield space
    for status in listing.list_runs(space):
        launcher.stop(RunFolder(space.runs / status.run))


def config(**overrides: object) -> TrainConfig:
    return default_config("lenet5", "digits", device="cpu", **overrides)


def wait_for_step(run: RunFolder, beyond: int = 0) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and is_alive(run):
        event = last_event(run.metrics_file)
        if event is not None and event.step > beyond:
            return
        time.sleep(0.01)
    pytest.fail(f"no step beyond {beyond}: {run.log_file.read_text()}")


def wait_for_end(run: RunFolder) -> None:
    for _ in follow(run, poll_seconds=0.02):
        pass


def kill(run: RunFolder) -> None:
    os.kill(int(run.pid_file.read_text()), signal.SIGKILL)
    wait_for_end(run)


def last_weights(run: RunFolder) -> dict[str, torch.Tensor]:
    return load_file(run.checkpoints / "last.safetensors")


@pytest.mark.slow
def test_a_run_stops_with_a_checkpoint_and_goes_on(space: Workspace) -> None:
    run = launcher.launch(space, config(epochs=2000))
    assert listing.status(run).state == "running"
    with pytest.raises(UsageError, match="running already"):
        launcher.start(run)
    with pytest.raises(UsageError, match="is running") as error:
        launcher.resume(run)
    assert error.value.next_steps == (step(Action.ATTACH, run.run),)
    wait_for_step(run)
    stopped = launcher.stop(run)
    assert stopped.state == "stopped"
    assert stopped.step > 0
    assert launcher.stop(run) == stopped
    launcher.resume(run)
    wait_for_step(run, beyond=stopped.step)
    assert read_header(run).config.threads == 1
    assert ", 1 thread\n" in run.log_file.read_text()
    assert os.getsid(int(run.pid_file.read_text())) != os.getsid(0)


def killed_and_resumed(space: Workspace, settings: TrainConfig, kills: int, seed: int) -> RunFolder:
    moments = random.Random(seed)
    run = launcher.launch(space, settings)
    for _ in range(kills):
        told = last_event(run.metrics_file)
        wait_for_step(run, beyond=told.step if told else 0)
        time.sleep(moments.uniform(0, 0.4))
        kill(run)
        assert listing.status(run).state == "interrupted", "finished too soon to be killed"
        launcher.resume(run)
    wait_for_end(run)
    return run


def check_same_bits(space: Workspace, settings: TrainConfig, kills: int, seed: int) -> None:
    whole = launcher.launch(space, settings)
    wait_for_end(whole)
    parts = killed_and_resumed(space, settings, kills, seed)
    assert [listing.status(run).state for run in (whole, parts)] == ["finished"] * 2
    for name, weights in last_weights(whole).items():
        assert torch.equal(weights, last_weights(parts)[name]), name
    assert listing.status(whole).test_loss == listing.status(parts).test_loss
    events = read_events(parts.metrics_file)
    epochs = [event.epoch for event in events if isinstance(event, EpochMetrics)]
    assert epochs == list(range(1, settings.epochs + 1))


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_bits(space: Workspace) -> None:
    settings = config(epochs=12, checkpoint_seconds=0.0, cutout=8, clip_grad=1.0, patience=12)
    check_same_bits(space, settings, kills=2, seed=0)


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)
def test_a_run_killed_at_many_moments_goes_on_to_the_same_bits(space: Workspace) -> None:
    check_same_bits(space, config(epochs=120, checkpoint_seconds=0.0), kills=40, seed=1)


def test_a_folder_that_cannot_be_used_makes_no_run(space: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        launcher.launch(space, default_config("lenet5", f"folder:{tmp_path / 'nowhere'}"))
    assert listing.list_runs(space) == []


@pytest.mark.slow
def test_a_run_outlives_whoever_started_it(space: Workspace) -> None:
    run = create_run(space, config(epochs=2000))
    code = (
        "import os, signal; from pathlib import Path\n"
        "from cnn_tui.training.process import launcher\n"
        "from cnn_tui.training.store.folder import RunFolder\n"
        f"launcher.start(RunFolder(Path({str(run.path)!r})))\n"
        "os.killpg(0, signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], start_new_session=True, check=False)
    os.kill(wait_for_pid(run), signal.SIGHUP)
    wait_for_step(run)
    assert listing.status(run).state == "running"


def wait_for_pid(run: RunFolder) -> int:
    deadline = time.monotonic() + PATIENCE
    while not run.pid_file.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return int(run.pid_file.read_text())
