"""The run store: one folder per run under ``runs/``, the same for whoever looks.

A run lives as long as its worker holds the lock on ``run.lock``; no process
number is ever trusted for that. Everything else about it is read from
``config.json`` and the last line of ``metrics.jsonl``.
"""

import fcntl
import json
import math
import os
import re
import secrets
import shlex
import shutil
import time
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from cnn_tui.data.atomic import write_atomically
from cnn_tui.data.catalogue import parse
from cnn_tui.errors import UsageError
from cnn_tui.nets.catalogue import net_info
from cnn_tui.training.config import NewerVersionError, TrainConfig, from_json, to_json
from cnn_tui.training.metrics import last_event
from cnn_tui.training.records import (
    Ended,
    EpochMetrics,
    Event,
    RunState,
    RunStatus,
    StepMetrics,
    Trouble,
)
from cnn_tui.workspace import Workspace
from cnn_tui.workspace import data_dir as find_data_dir

LAST = "last"
ID_BYTES = 2
LOCK_SECONDS = 1.0
"""How long to try for the lock: whoever asks whether a run lives holds it for an instant."""

POLL_SECONDS = 0.05

LOGGED_ERROR = "Error: "
"""How the sentence begins with which a worker ends its log."""

DELETED_PREFIX = ".deleted-"
"""Folders named so are no runs any longer, but on their way out."""

LOG_TAIL_BYTES = 4_096
_Stamp = tuple[tuple[int, int, int], ...]
_NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@dataclass(frozen=True)
class RunFolder:
    """Where one run keeps its files."""

    path: Path

    @property
    def run(self) -> str:
        """The run's id, which is its folder's name."""
        return self.path.name

    @cached_property
    def config_file(self) -> Path:
        """What the run was asked to do."""
        return self.path / "config.json"

    @cached_property
    def metrics_file(self) -> Path:
        """What the run told so far."""
        return self.path / "metrics.jsonl"

    @property
    def log_file(self) -> Path:
        """What the worker printed."""
        return self.path / "log.txt"

    @property
    def checkpoints(self) -> Path:
        """The folder of its weights and optimizer states."""
        return self.path / "checkpoints"

    @property
    def event_files(self) -> Path:
        """The folder of what it writes for TensorBoard."""
        return self.path / "tensorboard"

    @property
    def lock_file(self) -> Path:
        """Locked for as long as the worker lives."""
        return self.path / "run.lock"

    @property
    def rank_lock_file(self) -> Path:
        """Locked by the process that writes, where it is not the one that was started."""
        return self.path / "rank.lock"

    @property
    def failure_file(self) -> Path:
        """Why the run failed, from a process that does not write its events."""
        return self.path / "failure.txt"

    @property
    def pid_file(self) -> Path:
        """Which process to signal; it means nothing once the lock is free."""
        return self.path / "worker.pid"


@dataclass(frozen=True)
class RunHeader:
    """What ``config.json`` holds."""

    name: str
    created: float
    data_dir: Path
    config: TrainConfig


def create(
    workspace: Workspace,
    config: TrainConfig,
    name: str | None = None,
    data_dir: Path | None = None,
) -> RunFolder:
    """Make the folder of a new run; nothing is started.

    ``name`` is what the user wants to call it, ``data_dir`` where data sets are
    cached. Raises UsageError for a name that is taken or unusable, and for a
    workspace that cannot be written to.
    """
    if name is not None:
        _refuse_name(workspace, name)
    created = time.time()
    run = None
    try:
        run = _new_folder(workspace, config, created)
        write_header(run, RunHeader(name or "", created, find_data_dir(data_dir), config))
    except OSError as error:
        if run is not None:
            shutil.rmtree(run.path, ignore_errors=True)
        raise UsageError(
            f"No run can be made in {workspace.runs}: {error.strerror}. "
            "Name a folder that you may write to with --workspace."
        ) from error
    return run


def read_header(run: RunFolder) -> RunHeader:
    """What the run was asked to do.

    Raises NewerVersionError where a newer lab made the run, UsageError where that
    cannot be read.
    """
    try:
        return _header(json.loads(run.config_file.read_bytes()))
    except NewerVersionError as error:
        raise NewerVersionError(f"Run {run.run} cannot be used: {error}") from error
    except OSError as error:
        reason = f"its config.json cannot be read ({error.strerror})"
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        reason = "its config.json is damaged"
    except UsageError as error:
        reason = str(error).rstrip(".")
    raise UsageError(f"Run {run.run} cannot be used: {reason}.")


def write_header(run: RunFolder, header: RunHeader) -> None:
    """Write ``config.json`` whole or not at all."""
    document = {
        "name": header.name,
        "created": header.created,
        "data_dir": str(header.data_dir),
        "config": to_json(header.config),
    }
    text = json.dumps(document, indent=2)
    write_atomically(run.config_file, lambda path: path.write_text(text))


def acquire_lock(run: RunFolder) -> int:
    """An open file that holds the run's lock.

    Raises UsageError where another process holds it, and where the folder cannot
    be written to.
    """
    lock = _acquire(run, run.lock_file)
    if is_locked(run.rank_lock_file):  # left behind by a process that was killed, and still ending
        try:
            os.close(_acquire(run, run.rank_lock_file))
        except UsageError:
            os.close(lock)
            raise
    return lock


def acquire_rank_lock(run: RunFolder) -> int:
    """An open file that holds the lock of the process that writes, which is named in it.

    Raises what ``acquire_lock`` raises.
    """
    lock = _acquire(run, run.rank_lock_file)
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    return lock


def take_lock(file: Path) -> int:
    """An open file that holds the lock on ``file``, which is made where it is not there.

    Raises BlockingIOError where another process holds it for longer than an instant,
    another OSError where the file cannot be written.
    """
    lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(lock)
                raise
            time.sleep(POLL_SECONDS)


def is_alive(run: RunFolder) -> bool:
    """Whether a worker holds one of the run's locks."""
    return is_locked(run.lock_file) or is_locked(run.rank_lock_file)


def is_locked(file: Path) -> bool:
    """Whether a process holds the lock on ``file``."""
    try:
        lock = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # There is none, or it may not be looked at: then nothing else may either.
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def status(run: RunFolder) -> RunStatus:
    """Where the run stands; one that cannot be used says so in ``trouble`` and ``message``."""
    # The lock is looked at first: a worker writes its last event before it lets go.
    return _status(run, is_alive(run))


class RunLister:
    """Lists the runs of a workspace again and again, and reads only those that have changed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._ended: dict[str, tuple[_Stamp, RunStatus]] = {}

    def list(self) -> list[RunStatus]:
        """Every run of the workspace, newest first."""
        statuses, ended = [], {}
        for run in _folders(self._workspace):
            alive = is_alive(run)
            stamp = None if alive else _stamp(run)
            known = self._ended.get(run.run)
            status = known[1] if known and known[0] == stamp else _status(run, alive)
            if status.trouble and not run.config_file.exists():
                continue  # It was deleted while it was looked at.
            if stamp is not None:
                ended[run.run] = stamp, status
            statuses.append(status)
        self._ended = ended
        return sorted(statuses, key=lambda each: (each.created, each.run), reverse=True)


def list_runs(workspace: Workspace) -> list[RunStatus]:
    """Every run of the workspace, newest first."""
    return RunLister(workspace).list()


def delete(run: RunFolder) -> None:
    """Remove a run with all its files; links in it are removed, never followed.

    Killed on the way, it leaves no half of a run in the list, and the next
    deletion removes what is left. Raises UsageError as ``refuse_deletion`` does,
    and for files that may not be removed.
    """
    refuse_deletion(run)
    aside = run.path.with_name(f"{DELETED_PREFIX}{run.run}-{secrets.token_hex(ID_BYTES)}")
    lock = acquire_lock(run)  # While it is held nothing can be started in the folder.
    try:
        run.path.rename(aside)
        shutil.rmtree(aside)
    except FileNotFoundError:  # Another deletion sweeps here, too; what it left is swept below.
        pass
    except OSError as error:
        if run.path.exists() or aside.exists():  # and nobody else has removed it meanwhile
            raise UsageError(
                f"Run {run.run} could not be deleted: {error.strerror} ({error.filename})."
            ) from error
    finally:
        os.close(lock)
        for left in run.path.parent.glob(f"{DELETED_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)


def refuse_deletion(run: RunFolder) -> None:
    """Raise UsageError for a run that is running, and for a folder that is not one of a run."""
    if run.path.is_symlink():
        raise UsageError(
            f"{run.path} is a link to a folder elsewhere, and is left as it is: "
            f"take it off the list with rm {shlex.quote(str(run.path))}, and delete "
            f"{run.path.readlink()} yourself."
        )
    if not run.config_file.is_file():
        raise UsageError(
            f"{run.path} is not the folder of a run, and is left as it is: "
            "cnn-lab runs lists what can be deleted."
        )
    if is_alive(run):
        raise UsageError(f"Run {run.run} is running: end it first with cnn-lab stop {run.run}")


def find_run(workspace: Workspace, name: str) -> RunFolder:
    """The run that ``name`` means: ``last``, its name, its id, or a part of the id.

    A part is the beginning or the end of exactly one id. Raises UsageError with
    the nearest run where there is none, and with the candidates where there are
    several.
    """
    runs = _folders(workspace)
    if not runs:
        raise UsageError(
            f"There are no runs in {workspace.runs}: start one with cnn-lab train lenet5"
        )
    if name == LAST:
        return RunFolder(workspace.runs / list_runs(workspace)[0].run)
    for run in runs:
        if run.run == name:
            return run
    named = [run for run in runs if name and _name_of(run) == name]
    parts = [run for run in runs if name and (run.run.startswith(name) or run.run.endswith(name))]
    found = named or parts
    if len(found) == 1:
        return found[0]
    raise UsageError(_not_found(name, found, runs))


def _acquire(run: RunFolder, file: Path) -> int:
    try:
        return take_lock(file)
    except BlockingIOError:
        raise UsageError(
            f"Run {run.run} is running already: follow it with cnn-lab attach {run.run}"
        ) from None
    except OSError as error:
        raise UsageError(
            f"Run {run.run} cannot be changed: nothing can be written to {run.path} "
            f"({error.strerror})."
        ) from error


def _header(document: Any) -> RunHeader:
    name, created = str(document["name"]), float(document["created"])
    config = from_json(document["config"])
    if (name and not _NAME_PATTERN.fullmatch(name)) or not math.isfinite(created):
        raise ValueError("no name or time that the lab would write")
    return RunHeader(name, created, Path(document["data_dir"]), config)


def _new_folder(workspace: Workspace, config: TrainConfig, created: float) -> RunFolder:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(created))
    net, kind = net_info(config.net).name, parse(config.data).kind
    while True:
        run = RunFolder(workspace.runs / f"{stamp}-{net}-{kind}-{secrets.token_hex(ID_BYTES)}")
        workspace.runs.mkdir(parents=True, exist_ok=True)
        try:
            run.path.mkdir()
        except FileExistsError:
            continue  # another run of this very second drew the same digits
        run.checkpoints.mkdir()
        return run


def _refuse_name(workspace: Workspace, name: str) -> None:
    if not _NAME_PATTERN.fullmatch(name) or name == LAST:
        raise UsageError(
            f"--name {name!r} cannot be used: give 1 to 40 letters, digits, '.', '_' or '-', "
            "beginning with a letter or digit, and not 'last'."
        )
    if any(_name_of(run) == name for run in _folders(workspace)):
        raise UsageError(
            f"There is already a run named {name}: choose another --name; cnn-lab runs lists them."
        )


def _folders(workspace: Workspace) -> list[RunFolder]:
    try:
        with os.scandir(workspace.runs) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UsageError(f"{workspace.runs} cannot be read: {error.strerror}.") from error
    shown = [name for name in names if not name.startswith(".") and name.isprintable()]
    folders = [RunFolder(workspace.runs / name) for name in shown]
    return [run for run in folders if run.config_file.is_file()]


def _name_of(run: RunFolder) -> str:
    try:
        return read_header(run).name
    except UsageError:
        return ""


def _status(run: RunFolder, alive: bool) -> RunStatus:
    try:
        event = last_event(run.metrics_file)
        header = read_header(run)
    except OSError as error:
        return _unusable(run, alive, None, f"{error.filename} cannot be read: {error.strerror}.")
    except UsageError as error:
        newer = isinstance(error, NewerVersionError)
        return _unusable(run, alive, event, str(error), "newer" if newer else "damaged")
    state = _state(alive, event)
    end = event if isinstance(event, Ended) and not alive else None
    return RunStatus(
        run=run.run,
        name=header.name,
        net=header.config.net,
        data=header.config.data,
        state=state,
        epoch=event.epoch if event else 0,
        epochs=header.config.epochs,
        step=event.step if event else 0,
        best_val_accuracy=event.best_val_accuracy if event else None,
        test_accuracy=end.test_accuracy if end else None,
        test_loss=end.test_loss if end else None,
        images_per_second=end.images_per_second if end else None,
        message=end.message if end else _last_words(run, event) if state == "interrupted" else "",
        created=header.created,
        updated=event.time if event else header.created,
        seconds=end.seconds if end else event.trained_seconds if event else None,
        seconds_left=_seconds_left(alive, event),
        refused=end.refused if end else False,
    )


def _unusable(
    run: RunFolder, alive: bool, event: Event | None, message: str, trouble: Trouble = "damaged"
) -> RunStatus:
    """What its folder and its metrics tell of a run that cannot be used here."""
    modified = run.config_file.stat().st_mtime if run.config_file.exists() else 0.0
    return RunStatus(
        run=run.run,
        name="",
        net="?",
        data="?",
        state=_state(alive, event),
        epoch=event.epoch if event else 0,
        epochs=event.epochs if event else 0,
        step=event.step if event else 0,
        best_val_accuracy=event.best_val_accuracy if event else None,
        test_accuracy=None,
        test_loss=None,
        images_per_second=None,
        message=message,
        created=modified,
        updated=modified,
        trouble=trouble,
    )


def _last_words(run: RunFolder, event: Event | None) -> str:
    """Why there is no last event: what the log still took where the disk was full, or nothing."""
    has_log = run.log_file.exists()
    if event is None and not has_log:
        return (
            f"It has not been started yet: start it with cnn-lab resume {run.run}, or with "
            f"torchrun -m cnn_tui.training.worker {shlex.quote(str(run.path))}"
        )
    try:
        with run.log_file.open("rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - LOG_TAIL_BYTES))
            last = log.read().decode(errors="replace").rstrip().rpartition("\n")[2]
    except OSError:
        last = ""
    if last.startswith(LOGGED_ERROR):
        return last.removeprefix(LOGGED_ERROR)
    where = f" (its log is {run.log_file})" if has_log else ""
    return (
        "Its worker ended without a last word, as when it is killed or the machine restarts"
        f"{where}: go on with cnn-lab resume {run.run}"
    )


def _stamp(run: RunFolder) -> _Stamp:
    """What changes whenever one of the files does that a status is read from."""
    facts = []
    for file in (run.config_file, run.metrics_file):
        try:
            stat = file.stat()
            facts.append((stat.st_mtime_ns, stat.st_size, stat.st_ino))
        except OSError:
            facts.append((0, 0, 0))
    return tuple(facts)


def _state(alive: bool, event: Event | None) -> RunState:
    if alive:
        return "running"
    return event.state if isinstance(event, Ended) else "interrupted"


def _seconds_left(alive: bool, event: Event | None) -> float | None:
    return event.seconds_left if alive and isinstance(event, StepMetrics | EpochMetrics) else None


def _not_found(name: str, found: list[RunFolder], runs: list[RunFolder]) -> str:
    if found:
        ids = ", ".join(run.run for run in found[:3])
        return f"{name!r} fits {len(found)} runs ({ids}, …): give more of the id."
    near = get_close_matches(name, [run.run for run in runs], n=1, cutoff=0.3)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"There is no run named {name!r}: {hint}cnn-lab runs lists them all."
