"""Studies in a process of their own: started, stopped, killed, and gone on with."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.studies import store
from cnn_tui.training.studies.conduct import conduct
from cnn_tui.training.studies.plan import planned_by, settled
from cnn_tui.training.studies.records import StudyOrder, StudyProgress
from cnn_tui.training.studies.watch import StudyWatch
from cnn_tui.workspace import Workspace
from tests.made_up_studies import ORDER, finish, make_study

SECONDS = 120


def test_keeps_what_was_asked_for(workspace: Workspace) -> None:
    folder = store.keep(workspace, ORDER)
    more_seeds = StudyOrder(ORDER.name, ORDER.data, seeds=5, epochs=ORDER.epochs)
    assert store.keep(workspace, more_seeds) == folder
    assert store.orders(workspace) == [more_seeds]
    folder.order_file.write_text("{")
    assert store.orders(workspace) == []


@pytest.mark.parametrize("data", ["folder:images", "folder:./images", "Digits"])
def test_knows_a_study_however_it_is_spelled(
    data: str, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    whole = "digits" if data == "Digits" else f"folder:{tmp_path / 'images'}"
    spelled = StudyOrder("Batch-Norm", data, seeds=2, device="auto")
    known = StudyOrder("batchnorm", whole, seeds=2)
    assert store.folder_of(workspace, spelled) == store.folder_of(workspace, known)
    assert settled(spelled) == known


def test_leaves_what_was_asked_for_of_a_study_that_is_running(workspace: Workspace) -> None:
    folder = store.keep(workspace, ORDER)
    with store.conducting(folder), pytest.raises(UsageError, match="running already"):
        store.keep(workspace, replace(ORDER, seeds=50))
    assert store.orders(workspace) == [ORDER]


def test_goes_on_with_a_run_that_was_killed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = replace(ORDER, seeds=1)
    _, killed = made = make_study(workspace, done=1, order=order)
    started = []

    class Trainer:
        def start(self, run: RunFolder) -> None:
            started.append(run)
            finish(run)

        def close(self) -> None:
            pass

    monkeypatch.setattr("cnn_tui.training.studies.conduct.RunSeries", Trainer)
    assert [run for _, run in conduct(workspace, planned_by(order))] == made
    assert started == [killed]


def test_keeps_nothing_that_cannot_be_had(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="/nowhere"):
        store.keep(workspace, StudyOrder("skip", "folder:/nowhere", 1))
    assert store.orders(workspace) == []


def test_finds_with_the_seeds_that_are_whole(workspace: Workspace) -> None:
    make_study(workspace, done=3)
    progress = StudyWatch(workspace, ORDER).look()
    assert (progress.state, progress.done, progress.total) == ("stopped", 3, 4)
    assert progress.result is not None
    assert progress.result.seeds == (0,)
    assert [len(arm.val_accuracy) for arm in progress.curves] == [2, 2]


@pytest.mark.slow
def test_conducts_a_study_apart_whatever_befalls_it(workspace: Workspace) -> None:
    order = StudyOrder("batchnorm", "digits", seeds=2, epochs=3, device="cpu")
    folder, watch = store.launch(workspace, order), StudyWatch(workspace, order)
    _wait_until(watch, lambda now: now.done >= 1)
    store.stop(folder)
    assert watch.look().state == "stopped"
    store.launch(workspace, order)
    _wait_until(watch, lambda now: now.done >= 2)
    os.kill(int(folder.lock_file.read_text()), signal.SIGKILL)
    _wait_until(watch, lambda now: not store.is_running(folder))
    store.stop(folder)
    store.launch(workspace, order)
    _wait_until(watch, lambda now: now.state == "finished")
    assert len(watch.look().runs) == 4


def _wait_until(watch: StudyWatch, reached: Callable[[StudyProgress], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not reached(watch.look()):
        assert time.monotonic() < deadline, "the study did not get there"
        time.sleep(0.1)
