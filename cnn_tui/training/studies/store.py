"""Which studies were asked for, and the process that conducts one, apart from all others.

A study keeps a small folder: what was asked for, a lock that its conductor holds
for as long as it lives, and the conductor's log. Its runs lie with all other runs.
"""

import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cnn_tui.errors import LabFault, RunError, UsageError
from cnn_tui.files import write_atomically
from cnn_tui.processes import is_locked, keeps_no_locks, start_detached, take_lock
from cnn_tui.training.process import launcher
from cnn_tui.training.process.requirements import validate_resources
from cnn_tui.training.store.listing import logged_error
from cnn_tui.training.studies.plan import planned_by, runs_of, settled
from cnn_tui.training.studies.records import StudyOrder
from cnn_tui.workspace import Workspace

if TYPE_CHECKING:
    import subprocess

STOP_SECONDS = 90.0
"""How long a conductor may take to end: first the run that it is at does."""

POLL_SECONDS = 0.05
DIGITS_OF_KEY = 8

RUNNING_ALREADY = (
    "This study is running already: follow it in the Training pane (key e), "
    "or give the same command when it has ended."
)


@dataclass(frozen=True)
class StudyFolder:
    """Where one study keeps its files."""

    workspace: Workspace
    key: str

    @property
    def path(self) -> Path:
        """The study's folder."""
        return _studies(self.workspace) / self.key

    @property
    def order_file(self) -> Path:
        """What was asked for."""
        return self.path / "order.json"

    @property
    def lock_file(self) -> Path:
        """Locked for as long as the conductor lives, whose number stands in it."""
        return self.path / "study.lock"

    @property
    def log_file(self) -> Path:
        """What the conductor printed."""
        return self.path / "log.txt"


def folder_of(workspace: Workspace, order: StudyOrder) -> StudyFolder:
    """Where a study is kept: the same folder for any number of seeds."""
    order = settled(order)
    told = json.dumps([order.name, order.data, order.epochs, order.device])
    digits = hashlib.sha256(told.encode()).hexdigest()[:DIGITS_OF_KEY]
    return StudyFolder(workspace, f"{order.name}-{digits}")


def keep(workspace: Workspace, order: StudyOrder) -> StudyFolder:
    """Write down what is asked for, for whoever looks or goes on.

    Raises UsageError, before anything is written, for what cannot be used or had,
    where the study is running, and where the workspace cannot be written to.
    """
    planned = planned_by(order)
    if len(runs_of(workspace, planned)) < len(planned):
        validate_resources(planned[0].config, data_dir_of(order))
    folder = folder_of(workspace, order)
    if is_running(folder):
        raise UsageError(RUNNING_ALREADY)
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(settled(order)), indent=2)
        write_atomically(folder.order_file, lambda path: path.write_text(text))
    except OSError as error:
        raise UsageError(
            f"No study can be kept in {folder.path}: {error.strerror}. "
            "Name a workspace that you may write to.",
            fields=("workspace",),
        ) from error
    return folder


def read(folder: StudyFolder) -> StudyOrder:
    """What was asked for; raises UsageError where that cannot be read."""
    try:
        order = StudyOrder(**json.loads(folder.order_file.read_bytes()))
        planned_by(order)
        return order
    except (OSError, ValueError, TypeError, AttributeError, UsageError) as error:
        raise UsageError(f"{folder.order_file} cannot be used: {error}") from error


def orders(workspace: Workspace) -> list[StudyOrder]:
    """Every study that was asked for in the workspace, the last one first; damaged ones are not."""
    try:
        files = [(each.stat().st_mtime, each) for each in _studies(workspace).glob("*/order.json")]
    except OSError:
        return []
    found = []
    for _, file in sorted(files, reverse=True):
        try:
            found.append(read(StudyFolder(workspace, file.parent.name)))
        except UsageError:
            continue
    return found


def data_dir_of(order: StudyOrder) -> Path | None:
    """Where data sets are cached; None where nothing was said of it."""
    return None if order.data_dir is None else Path(order.data_dir)


def is_running(folder: StudyFolder) -> bool:
    """Whether a process conducts the study."""
    return is_locked(folder.lock_file)


@contextmanager
def conducting(folder: StudyFolder, lock: int | None = None) -> Iterator[None]:
    """Be the one process that conducts the study; ``lock`` is an open file that holds its lock.

    Raises UsageError where another one does.
    """
    lock = _acquire(folder) if lock is None else lock
    try:
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        folder.log_file.write_text("")
        yield
    finally:
        os.close(lock)


def launch(workspace: Workspace, order: StudyOrder) -> StudyFolder:
    """Begin a study, or go on with it, in a process that outlives this one and its terminal.

    Raises what ``keep`` raises, UsageError where the study is running already, and
    LabFault where no process can be started.
    """
    folder = keep(workspace, order)
    lock = _acquire(folder)
    try:
        conductor = _spawn(folder, lock)
    except OSError as error:
        raise LabFault(f"The study could not be started: {error.strerror}.") from error
    finally:
        os.close(lock)
    # Reaps the conductor if it ends while this process still lives.
    threading.Thread(target=conductor.wait, daemon=True).start()
    return folder


def stop(folder: StudyFolder) -> None:
    """Stop the study, and the run that it is at, at a checkpoint; harmless where it is not running.

    Raises RunError where its process does not end in time, or is another user's.
    """
    deadline = time.monotonic() + STOP_SECONDS
    asked = None
    while is_running(folder):
        try:
            asked = asked or launcher.signal_worker(folder.lock_file, folder.lock_file)
        except PermissionError as error:
            raise RunError("The study cannot be stopped: it is another user's.") from error
        if time.monotonic() > deadline:
            raise RunError(f"The study has not stopped after {STOP_SECONDS:g} seconds.")
        time.sleep(POLL_SECONDS)
    # Where the conductor was killed, the run that it was at goes on without it.
    for run in runs_of(folder.workspace, planned_by(read(folder))).values():
        launcher.stop(run)


def last_words(folder: StudyFolder) -> str:
    """The sentence with which the conductor ended, if it did so with an error."""
    return logged_error(folder.log_file)


def _studies(workspace: Workspace) -> Path:
    return workspace.state / "studies"


def _acquire(folder: StudyFolder) -> int:
    try:
        return take_lock(folder.lock_file)
    except BlockingIOError:
        raise UsageError(RUNNING_ALREADY) from None
    except OSError as error:
        way_out = (
            "; take a workspace on another one, such as a local disk"
            if keeps_no_locks(error)
            else ""
        )
        raise UsageError(
            f"{folder.lock_file} cannot be written: {error.strerror}{way_out}."
        ) from error


def _spawn(folder: StudyFolder, lock: int) -> "subprocess.Popen[bytes]":
    conductor = "cnn_tui.training.studies.conductor"
    arguments = (folder.workspace.root.resolve(), folder.key, lock)
    with folder.log_file.open("ab") as log:
        return start_detached(conductor, *arguments, log=log.fileno(), inherited=(lock,))
