"""A run's folder: its files, its header, and how a new one is made; torch-free."""

import json
import math
import os
import re
import secrets
import shutil
import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from cnn_tui.errors import UsageError
from cnn_tui.files import write_atomically
from cnn_tui.nets.own_files import RECORD, gather, keep, located, parsed
from cnn_tui.nets.own_options import refuse_wrong
from cnn_tui.next_steps import Action, step
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.config_json import NewerVersionError, NotInstalledError, from_json, to_json
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

    @cached_property
    def config_file(self) -> Path:
        """What the run was asked to do."""
        return self.path / "config.json"

    @cached_property
    def metrics_file(self) -> Path:
        """What the run told so far."""
        return self.path / "metrics.jsonl"

    @property
    def data_file(self) -> Path:
        """Which data it trains on."""
        return self.path / "data.json"

    @property
    def file_lists(self) -> Path:
        """The folder, shared by all runs beside it, of which files their data sets consist of."""
        return self.path.parent / ".data"

    @property
    def inspection_file(self) -> Path:
        """What it recorded of the inside of its network."""
        return self.path / "inspection.jsonl"

    @property
    def log_file(self) -> Path:
        """What the worker printed."""
        return self.path / "log.txt"

    @property
    def checkpoints(self) -> Path:
        """The folder of its weights and optimizer states."""
        return self.path / "checkpoints"

    @property
    def source(self) -> Path:
        """The folder of its own copy of a network of the user's own."""
        return self.path / "source"

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

    @cached_property
    def queue_file(self) -> Path:
        """There while the run waits in a queue."""
        return self.path / "queued.json"

    @cached_property
    def notes_file(self) -> Path:
        """What the user has noted about it."""
        return self.path / "notes.jsonl"

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


def create_run(
    workspace: Workspace,
    config: TrainConfig,
    name: str | None = None,
    data_dir: Path | None = None,
) -> RunFolder:
    """Make the folder of a new run; nothing is started.

    ``name`` is what the user wants to call it, ``data_dir`` where data sets are
    cached. A network of the user's own is copied into the folder. Raises UsageError for a name
    that is taken or unusable, for a network that is not there or has other options, and for a
    workspace that cannot be written to.
    """
    if name is not None:
        refuse_name(workspace, name)
    files = None
    if config.net.is_own:
        config = replace(config, net=located(config.net, workspace.root))
        files = gather(config.net, workspace.root)
        if files is not None:
            refuse_wrong(config.net, parsed(files.root / files.entry))
    created = time.time()
    run = None
    try:
        run = _new_folder(workspace, config, created)
        if files is not None:
            keep(files, run.source, workspace.root)
        write_header(run, RunHeader(name or "", created, find_data_dir(data_dir), config))
    except OSError as error:
        if run is not None:
            shutil.rmtree(run.path, ignore_errors=True)
        raise UsageError(
            f"No run can be made in {workspace.runs}: {error.strerror}. "
            "Name a workspace that you may write to.",
            fields=("workspace",),
        ) from error
    return run


def read_header(run: RunFolder) -> RunHeader:
    """What the run was asked to do.

    Raises NewerVersionError where a newer lab made the run, NotInstalledError where its
    network or its data set is not here, UsageError where that
    cannot be read.
    """
    try:
        return _with_source(run, _header(json.loads(run.config_file.read_bytes())))
    except (NewerVersionError, NotInstalledError) as error:
        raise type(error)(f"Run {run.run} cannot be used: {error}.") from error
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


def _header(document: Any) -> RunHeader:
    name, created = str(document["name"]), float(document["created"])
    config = from_json(document["config"])
    if (name and not _NAME_PATTERN.fullmatch(name)) or not math.isfinite(created):
        raise ValueError("no name or time that the lab would write")
    return RunHeader(name, created, Path(document["data_dir"]), config)


def _with_source(run: RunFolder, header: RunHeader) -> RunHeader:
    """The same, its network made from the run's own copy of its source, which a file always has."""
    own = header.config.net
    if not own.is_own or not (own.is_file or (run.source / RECORD).is_file()):
        return header
    net = replace(header.config.net, kept=run.source)
    return replace(header, config=replace(header.config, net=net))


def _new_folder(workspace: Workspace, config: TrainConfig, created: float) -> RunFolder:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(created))
    net, kind = config.net.short_name, config.data.kind
    while True:
        run = RunFolder(workspace.runs / f"{stamp}-{net}-{kind}-{secrets.token_hex(ID_BYTES)}")
        workspace.runs.mkdir(parents=True, exist_ok=True)
        try:
            run.path.mkdir()
        except FileExistsError:
            continue  # another run of this very second drew the same digits
        run.checkpoints.mkdir()
        return run


def refuse_name(workspace: Workspace, name: str) -> None:
    """Raise UsageError for a name that no run can have, or that another run has."""
    if not _NAME_PATTERN.fullmatch(name) or name == LAST:
        raise UsageError(
            f"The name {name!r} cannot be used: give 1 to 40 letters, digits, '.', '_' or '-', "
            "beginning with a letter or digit, and not 'last'.",
            fields=("name",),
        )
    if any(_name_of(run) == name for run in _folders(workspace)):
        raise UsageError(
            f"There is already a run named {name}: choose another name.",
            fields=("name",),
            next_steps=(step(Action.LIST_RUNS),),
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
