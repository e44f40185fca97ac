"""Studies in a process of their own: started, stopped, killed, and gone on with."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.training.studies import store
from cnn_tui.training.studies.progress import StudyWatch
from cnn_tui.training.studies.records import StudyOrder, StudyProgress
from cnn_tui.workspace import Workspace
from tests.made_up_studies import ORDER, make_study

SECONDS = 120


def test_keeps_what_was_asked_for(workspace: Workspace) -> None:
    folder = store.keep(workspace, ORDER)
    more_seeds = StudyOrder(ORDER.name, ORDER.data, seeds=5, epochs=ORDER.epochs)
    assert store.keep(workspace, more_seeds) == folder
    assert store.orders(workspace) == [more_seeds]
    folder.order_file.write_text("{")
    assert store.orders(workspace) == []


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
