"""File systems that keep no locks: each command says so, and where to put its files."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from cnn_tui.chapter.reading import remember
from cnn_tui.data.preparation.cache import kept
from cnn_tui.data.records import silent
from cnn_tui.errors import LabFault, UsageError
from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.learner.progress import record_hint
from cnn_tui.processes import alone, is_locked, keeps_no_locks, take_lock, taking_turns
from cnn_tui.training.defaults import default_config
from cnn_tui.training.process import launcher
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import create_run
from cnn_tui.training.store.locks import is_alive
from cnn_tui.workspace import Workspace


@pytest.fixture(params=["ENOLCK", "ENOSYS", "EOPNOTSUPP"])
def no_locks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that keeps no locks."""
    number = getattr(errno, request.param)

    def flock(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)


@pytest.mark.usefixtures("no_locks")
def test_a_file_system_without_locks_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with pytest.raises(OSError, match="its file system keeps no file locks") as error:
        take_lock(lock)
    assert keeps_no_locks(error.value)
    for hold in (taking_turns(lock), alone(lock, lambda: None)):
        with pytest.raises(OSError, match="its file system keeps no file locks"), hold:
            pytest.fail("held")
    assert not is_locked(lock)


@pytest.mark.usefixtures("no_locks")
def test_what_needs_locks_says_where_it_could_be(tmp_path: Path) -> None:
    space = Workspace(tmp_path)
    run = create_run(space, default_config("lenet5", "digits"))
    assert not is_alive(run)
    with pytest.raises(UsageError, match=r"runs keeps no file locks.* Take a workspace on another"):
        launcher.start(run)
    assert listing.status(run).state != "running"
    with pytest.raises(LabFault, match=r"keeps no file locks\): put the workspace on another one"):
        remember(space, "padding", {})
    with pytest.raises(LabFault, match=r"keeps no file locks\): put the workspace on another one"):
        record_hint(space, exercises()[0], 3)
    with pytest.raises(UsageError, match=r"keeps no file locks.* or set CNN_LAB_DATA") as error:
        kept(tmp_path / "pets.safetensors", "pets", "f", lambda: pytest.fail("made"), silent)
    assert error.value.fields == ("data_dir",)
