"""``cnn-lab experiment`` as a user meets it: real runs, broken off, and gone on with."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import pytest

from cnn_tui.cli import main
from cnn_tui.grading.catalogue import starters
from cnn_tui.training.records import EpochMetrics, Resumed, RunStatus
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import RunFolder, create_run, read_header
from cnn_tui.training.store.metrics import read_events
from cnn_tui.training.studies.catalogue import find_study, names
from cnn_tui.workspace import Workspace, create
from tests.shipped_experiments import mark_of, run_once
from tests.subprocesses import cnn_lab

SECONDS = 120
TINY = ("experiment", "batchnorm", "--epochs", "3", "--seeds", "2", "--device", "cpu")


@dataclass(frozen=True)
class BrokenOff:
    """An experiment that was interrupted, then left by its conductor, and then came to its end."""

    space: Workspace
    interrupted: subprocess.CompletedProcess[str]
    after_interruption: Sequence[RunStatus]
    metrics_of_first: bytes
    finished: subprocess.CompletedProcess[str]

    def run(self, name: str) -> RunFolder:
        return listing.find_run(self.space, name)

    def words(self, *more: str) -> tuple[str, ...]:
        return *TINY, *more, "--workspace", str(self.space.root)


@pytest.fixture(scope="module")
def broken_off(tmp_path_factory: pytest.TempPathFactory) -> BrokenOff:
    """Interrupted in its second run, gone on with, its conductor killed in the last."""
    space, _ = create(tmp_path_factory.mktemp("experiment") / "workspace", starters())
    words = (*TINY, "--workspace", str(space.root))
    with _started(words) as process:
        _wait_until(lambda: _epochs(space, "batchnorm-with-s0") > 0)
        process.send_signal(signal.SIGINT)
        interrupted = _ended(process)
    after_interruption = listing.list_runs(space)
    first = listing.find_run(space, "batchnorm-without-s0").metrics_file.read_bytes()
    with _started(words) as process:
        worker = _paused_worker(space, "batchnorm-with-s1")
        process.kill()
    try:
        with _started(words) as process:
            lock = next(space.state.glob("studies/*/study.lock"))
            _wait_until(lambda: lock.read_text() == str(process.pid))
            os.kill(worker, signal.SIGCONT)
            finished = _ended(process)
    finally:
        with suppress(ProcessLookupError):  # it has ended, and whoever adopted it has reaped it
            os.kill(worker, signal.SIGCONT)
    return BrokenOff(space, interrupted, after_interruption, first, finished)


def _started(words: Sequence[str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "cnn_tui", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True)


def _ended(process: "subprocess.Popen[str]") -> subprocess.CompletedProcess[str]:
    out, err = process.communicate(timeout=SECONDS)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def _epochs(space: Workspace, name: str) -> int:
    return next((run.epoch for run in listing.list_runs(space) if run.name == name), 0)


def _paused_worker(space: Workspace, name: str) -> int:
    """The process that trains a run, made to wait as soon as there is one."""
    _wait_until(lambda: name in [run.name for run in listing.list_runs(space)])
    run = listing.find_run(space, name)
    _wait_until(run.pid_file.exists)
    worker = int(run.pid_file.read_text())
    os.kill(worker, signal.SIGSTOP)
    return worker


def _wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the experiment did not get there"
        time.sleep(0.02)


@pytest.mark.slow
def test_an_interruption_stops_at_a_checkpoint_and_says_how_to_go_on(
    broken_off: BrokenOff,
) -> None:
    done = broken_off.interrupted
    assert done.returncode == 130
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == (
        "Stopped at a checkpoint. The same command goes on from there."
    )
    states = {run.name: run.state for run in broken_off.after_interruption}
    assert states == {"batchnorm-without-s0": "finished", "batchnorm-with-s0": "stopped"}


@pytest.mark.slow
def test_an_experiment_that_was_broken_off_repeats_no_run(broken_off: BrokenOff) -> None:
    assert broken_off.finished.returncode == 0, broken_off.finished.stderr
    listed = {run.name: run.state for run in listing.list_runs(broken_off.space)}
    assert listed == {
        f"batchnorm-{arm}-s{seed}": "finished" for arm in ("with", "without") for seed in (0, 1)
    }
    first = broken_off.run("batchnorm-without-s0").metrics_file
    assert first.read_bytes() == broken_off.metrics_of_first
    for name in ("batchnorm-with-s0", "batchnorm-with-s1"):
        events = read_events(broken_off.run(name).metrics_file)
        is_resumed = any(isinstance(event, Resumed) for event in events)
        assert is_resumed == (name == "batchnorm-with-s0"), "the other was waited for"
        epochs = [event.epoch for event in events if isinstance(event, EpochMetrics)]
        assert epochs == [1, 2, 3]


@pytest.mark.slow
def test_an_experiment_shows_curves_a_table_and_a_sentence(broken_off: BrokenOff) -> None:
    shown = broken_off.finished.stdout
    assert "Validation accuracy" in shown
    assert "283,386" in shown
    assert "\x1b" not in shown + broken_off.finished.stderr
    told = broken_off.finished.stderr.splitlines()
    assert told[0] == "Batch norm, and the same network without it: 4 runs."
    assert [line.split(" of ")[0] for line in told[1:]] == ["1", "2", "3", "4"]
    assert all(len(line) <= 80 for line in told)
    assert told[-1].endswith("(batchnorm-with-s1)")
    assert "cnn-lab topics batchnorm-effects" in " ".join(shown.split())


@pytest.mark.slow
def test_the_runs_of_an_experiment_are_runs_like_all_others(broken_off: BrokenOff) -> None:
    assert {run.net for run in listing.list_runs(broken_off.space)} == {
        "cifar10net,width=16,batch_norm=false",
        "cifar10net,width=16",
    }


@pytest.mark.slow
def test_a_finished_experiment_answers_as_one_document_without_training(
    broken_off: BrokenOff, capfd: pytest.CaptureFixture[str]
) -> None:
    before = [run.updated for run in listing.list_runs(broken_off.space)]
    assert main(list(broken_off.words("--json"))) == 0
    out, err = capfd.readouterr()
    assert err == ("Batch norm, and the same network without it: all 4 runs are there already.\n")
    document = json.loads(out)
    assert {"name", "seeds", "arms", "finding", "agreed"} <= document.keys()
    assert (document["name"], document["seeds"]) == ("batchnorm", [0, 1])
    assert isinstance(document["agreed"], bool)
    assert [arm["name"] for arm in document["arms"]] == ["without", "with"]
    for arm in document["arms"]:
        per_seed = ("accuracy", "loss_gap", "seconds_per_epoch", "epochs_to_convergence", "runs")
        assert {len(arm[key]) for key in per_seed} == {2}
        assert all(0 <= accuracy <= 1 for accuracy in arm["accuracy"])
        assert [len(curve) for curve in arm["val_accuracy"]] == [3, 3]
    assert [run.updated for run in listing.list_runs(broken_off.space)] == before


@pytest.mark.slow
def test_a_run_that_went_on_in_another_process_has_the_same_weights(
    broken_off: BrokenOff, tmp_path: Path
) -> None:
    """What the series trained, in two parts, is what a run of its own trains in one."""
    run = broken_off.run("batchnorm-with-s0")
    space, _ = create(tmp_path / "workspace", starters())
    again = create_run(space, read_header(run).config)
    resumed = cnn_lab("resume", again.run, "--workspace", space.root)
    assert resumed.returncode == 0, resumed.stderr
    weights = [each.checkpoints / "last.safetensors" for each in (run, again)]
    from safetensors.numpy import load_file

    ours, theirs = map(load_file, weights)
    assert all((ours[name] == theirs[name]).all() for name in ours | theirs)


def test_without_a_name_the_experiments_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiment"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in names())
    assert main(["experiment", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [study["name"] for study in listed] == list(names())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("batchnrom",), "did you mean batchnorm?"),
        (("skip", "--seeds", "0"), "seeds must be a whole number from 1 to 100, not 0 (--seeds)."),
        (("skip", "--data", "folder:/nowhere"), "/nowhere"),
    ],
)
def test_wrong_use_is_answered_with_a_sentence_and_leaves_no_run(
    words: Sequence[str],
    sentence: str,
    workspace: Workspace,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["experiment", *words, "--workspace", str(workspace.root)]) == 2
    assert sentence in capsys.readouterr().err
    assert listing.list_runs(workspace) == []


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", [pytest.param(name, marks=mark_of(name)) for name in names()])
def test_the_default_settings_show_the_effect_on_every_seed(
    name: str, shared_by_workers: Path
) -> None:
    document = run_once(name, shared_by_workers)
    assert document["agreed"], document["finding"]
    accuracy = {arm["name"]: arm["accuracy"] for arm in document["arms"]}
    first, *rest = accuracy
    study = find_study(name)
    for better, worse in study.pairs or [(each, first) for each in rest]:
        pairs = zip(accuracy[better], accuracy[worse], strict=True)
        assert all(ours > theirs for ours, theirs in pairs)
        assert fmean(accuracy[better]) > fmean(accuracy[worse]) + 0.02
    if name == "dropout":
        assert "every seed has the order p=0 < p=0.3 < p=0.5 < p=0.7" in document["finding"]
        learned = [arm["wrong_labels_learned"] for arm in document["arms"]]
        assert all(more > less for more, less in pairwise(map(fmean, learned)))
    assert study.arms[0].name == document["arms"][0]["name"]
