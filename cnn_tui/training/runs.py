"""The run store: one folder per run under ``runs/``, the same for whoever looks.

A run lives as long as its worker holds the lock on ``run.lock``; no process
number is ever trusted for that. Everything else about it is read from
``config.json`` and the last line of ``metrics.jsonl``.
"""

import fcntl
import json
import os
import re
import secrets
import time
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from cnn_tui.data.atomic import write_atomically
from cnn_tui.data.catalogue import parse
from cnn_tui.errors import UsageError
from cnn_tui.nets.catalogue import net_info
from cnn_tui.training.config import TrainConfig, from_json, to_json
from cnn_tui.training.metrics import last_event
from cnn_tui.training.records import Ended, EpochMetrics, Event, RunState, RunStatus, StepMetrics
from cnn_tui.workspace import Workspace
from cnn_tui.workspace import data_dir as find_data_dir

LAST = "last"
ID_BYTES = 2
_NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@dataclass(frozen=True)
class RunFolder:
    """Where one run keeps its files."""

    path: Path

    @property
    def run(self) -> str:
        """The run's id, which is its folder's name."""
        return self.path.name

    @property
    def config_file(self) -> Path:
        """What the run was asked to do."""
        return self.path / "config.json"

    @property
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
    def lock_file(self) -> Path:
        """Locked for as long as the worker lives."""
        return self.path / "run.lock"

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
    try:
        run = _new_folder(workspace, config, created)
        write_header(run, RunHeader(name or "", created, find_data_dir(data_dir), config))
    except OSError as error:
        raise UsageError(
            f"No run can be made in {workspace.runs}: {error.strerror}. "
            "Name a folder that you may write to with --workspace."
        ) from error
    return run


def read_header(run: RunFolder) -> RunHeader:
    """What the run was asked to do; raises UsageError where that cannot be read."""
    try:
        document = json.loads(run.config_file.read_bytes())
        return RunHeader(
            name=str(document["name"]),
            created=float(document["created"]),
            data_dir=Path(document["data_dir"]),
            config=from_json(document["config"]),
        )
    except OSError as error:
        reason = f"its config.json cannot be read ({error.strerror})"
    except (ValueError, KeyError, TypeError):
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


def is_alive(run: RunFolder) -> bool:
    """Whether a worker holds the run's lock."""
    try:
        lock = os.open(run.lock_file, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def status(run: RunFolder) -> RunStatus:
    """Where the run stands; a folder that cannot be read says so in ``message``."""
    # The lock is looked at first: a worker writes its last event before it lets go.
    alive = is_alive(run)
    event = last_event(run.metrics_file)
    try:
        header = read_header(run)
    except UsageError as error:
        return _unreadable(run, alive, str(error))
    end = event if isinstance(event, Ended) and not alive else None
    return RunStatus(
        run=run.run,
        name=header.name,
        net=header.config.net,
        data=header.config.data,
        state=_state(alive, event),
        epoch=event.epoch if event else 0,
        epochs=header.config.epochs,
        step=event.step if event else 0,
        best_val_accuracy=event.best_val_accuracy if event else None,
        test_accuracy=end.test_accuracy if end else None,
        test_loss=end.test_loss if end else None,
        images_per_second=end.images_per_second if end else None,
        message=end.message if end else "",
        created=header.created,
        updated=event.time if event else header.created,
        seconds_left=_seconds_left(alive, event),
    )


def list_runs(workspace: Workspace) -> list[RunStatus]:
    """Every run of the workspace, newest first."""
    statuses = [status(run) for run in _folders(workspace)]
    return sorted(statuses, key=lambda each: (each.created, each.run), reverse=True)


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
    folders = [RunFolder(workspace.runs / name) for name in names if not name.startswith(".")]
    return [run for run in folders if run.config_file.exists()]


def _name_of(run: RunFolder) -> str:
    try:
        return read_header(run).name
    except UsageError:
        return ""


def _state(alive: bool, event: Event | None) -> RunState:
    if alive:
        return "running"
    return event.state if isinstance(event, Ended) else "interrupted"


def _seconds_left(alive: bool, event: Event | None) -> float | None:
    return event.seconds_left if alive and isinstance(event, StepMetrics | EpochMetrics) else None


def _unreadable(run: RunFolder, alive: bool, message: str) -> RunStatus:
    modified = run.config_file.stat().st_mtime if run.config_file.exists() else 0.0
    return RunStatus(
        run=run.run,
        name="",
        net="?",
        data="?",
        state="running" if alive else "interrupted",
        epoch=0,
        epochs=0,
        step=0,
        best_val_accuracy=None,
        test_accuracy=None,
        test_loss=None,
        images_per_second=None,
        message=message,
        created=modified,
        updated=modified,
    )


def _not_found(name: str, found: list[RunFolder], runs: list[RunFolder]) -> str:
    if found:
        ids = ", ".join(run.run for run in found[:3])
        return f"{name!r} fits {len(found)} runs ({ids}, …): give more of the id."
    near = get_close_matches(name, [run.run for run in runs], n=1, cutoff=0.3)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"There is no run named {name!r}: {hint}cnn-lab runs lists them all."
