"""The run store: one folder per run under ``runs/``, the same for whoever looks.

A run lives as long as its worker holds the lock on ``run.lock``; no process
number is ever trusted for that. Everything else about it is read from
``config.json`` and the last line of ``metrics.jsonl``.
"""

import shlex
import time
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from cnn_tui.errors import RunError, UsageError
from cnn_tui.nets.specs import NetSpec, parse
from cnn_tui.next_steps import Action, step
from cnn_tui.processes import final_message
from cnn_tui.training.config_json import NewerVersionError, NotInstalledError
from cnn_tui.training.kept import kept_epoch
from cnn_tui.training.records import (
    Ended,
    EpochMetrics,
    Event,
    Reason,
    RunState,
    RunStatus,
    StepMetrics,
    Trouble,
)
from cnn_tui.training.store.differences import settings_of
from cnn_tui.training.store.folder import (
    LAST,
    RunFolder,
    RunHeader,
    _folders,
    _name_of,
    read_header,
)
from cnn_tui.training.store.locks import is_alive
from cnn_tui.training.store.metrics import last_event, read_events
from cnn_tui.training.store.notes import notes_of
from cnn_tui.training.store.queue_entry import entry_of
from cnn_tui.training.store.queue_places import with_places
from cnn_tui.workspace import Workspace

LOGGED_ERROR = "Error: "
"""How the sentence begins with which a worker ends its log."""

LOCKS_SECONDS = 10.0
"""How often the locks of all runs are looked at."""

_FileStamp = tuple[int, int, int]
_Stamp = tuple[_FileStamp, ...]


def status(run: RunFolder) -> RunStatus:
    """Where the run stands; one that cannot be used says so in ``trouble`` and ``message``."""
    # The lock is looked at first: a worker writes its last event before it lets go.
    now = _status(run, is_alive(run))
    if now.state != "queued":
        return now
    runs = Workspace(run.path.parent.parent)
    return next((each for each in list_runs(runs) if each.run == run.run), now)


def kept_of(run: RunFolder) -> EpochMetrics | None:
    """The epoch whose weights a run keeps; None where none has ended yet."""
    return kept_epoch(read_events(run.metrics_file), judged=read_header(run).config.judged)


def refuse_failed(now: RunStatus) -> None:
    """Raise what a run failed with, or could not be resumed for.

    UsageError where that was asked for what cannot be had or cannot be used here, RunError
    where it failed or was killed.
    """
    if now.state in ("failed", "interrupted") or now.not_resumed:
        kind = UsageError if now.refused or now.trouble else RunError
        raise kind(now.why_not_resumed or now.message, fields=now.fields, next_steps=now.next_steps)


class RunLister:
    """Lists the runs of a workspace again and again, and reads only those that have changed.

    Whether a run that has ended is running again is looked at where something in its folder has
    changed: whoever takes its lock replaces the file that names the process. A shared disk may
    show that late, so all locks are looked at from time to time.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._ended: dict[str, tuple[_Stamp, RunStatus]] = {}
        self._headers: dict[str, tuple[_FileStamp, RunHeader]] = {}
        self._locks_due = 0.0

    def list(self) -> list[RunStatus]:
        """Every run of the workspace, newest first."""
        statuses: list[RunStatus] = []
        ended, headers = self._ended, self._headers
        self._ended, self._headers = {}, {}
        are_locks_due = time.monotonic() >= self._locks_due
        if are_locks_due:
            self._locks_due = time.monotonic() + LOCKS_SECONDS
        for run in _folders(self._workspace):
            stamp = _stamp(run)
            known = ended.get(run.run)
            is_known = known is not None and known[0] == stamp
            alive = is_alive(run) if are_locks_due or not is_known else False
            if known is not None and is_known and not alive:
                self._ended[run.run] = known
                statuses.append(known[1])
                continue
            status = _status(run, alive, partial(self._header, known=headers.get(run.run)))
            if status.trouble and not run.config_file.exists():
                continue  # It was deleted while it was looked at.
            if not alive:
                self._ended[run.run] = stamp, status
            statuses.append(status)
        placed = with_places(self._workspace, statuses)
        return sorted(placed, key=lambda each: (each.created, each.run), reverse=True)

    def _header(self, run: RunFolder, known: tuple[_FileStamp, RunHeader] | None) -> RunHeader:
        """The header of a run that is read at every listing, as long as it stays as it is."""
        stamp = _file_stamp(run.config_file)
        if known is None or known[0] != stamp:
            known = stamp, read_header(run)
        self._headers[run.run] = known
        return known[1]


def list_runs(workspace: Workspace) -> list[RunStatus]:
    """Every run of the workspace, newest first."""
    return RunLister(workspace).list()


def find_run(workspace: Workspace, name: str) -> RunFolder:
    """The run that ``name`` means: ``last``, its name, its id, or a part of the id.

    A part is of exactly one id, or the beginning or the end of exactly one. Raises
    UsageError with the nearest run where there is none, and with the candidates
    where there are several.
    """
    runs = _folders(workspace)
    if not runs:
        raise UsageError(
            f"There are no runs in {workspace.runs}.", next_steps=(step(Action.TRAIN, "lenet5"),)
        )
    if name == LAST:
        return RunFolder(workspace.runs / list_runs(workspace)[0].run)
    for run in runs:
        if run.run == name:
            return run
    named = [run for run in runs if name and _name_of(run) == name]
    ends = [run for run in runs if name and (run.run.startswith(name) or run.run.endswith(name))]
    found = named or ends or [run for run in runs if name and name in run.run]
    if len(found) == 1:
        return found[0]
    raise _not_found(name, found, runs)


def of_net(statuses: Iterable[RunStatus], name: str) -> list[RunStatus]:
    """The runs that train the catalogue's network of this name, with whatever options."""
    return [each for each in statuses if not each.trouble and _is_net(parse(each.net), name)]


def _is_net(spec: NetSpec, name: str) -> bool:
    return not spec.is_own and spec.name == name


def _status(
    run: RunFolder, alive: bool, header_of: Callable[[RunFolder], RunHeader] = read_header
) -> RunStatus:
    try:
        event = last_event(run.metrics_file)
        header = header_of(run)
    except OSError as error:
        return _unusable(run, alive, None, f"{error.filename} cannot be read: {error.strerror}.")
    except UsageError as error:
        return _unusable(run, alive, event, str(error), _trouble(error))
    entry = None if alive else entry_of(run)
    state: RunState = "queued" if entry else _state(alive, event)
    end = event if isinstance(event, Ended) and not alive and not entry else None
    why = Reason()
    if end is not None:
        why = Reason(end.message, end.fields, end.next_steps)
    elif state == "interrupted":
        why = _last_words(run, event)
    return RunStatus(
        run=run.run,
        name=header.name,
        net=str(header.config.net),
        data=str(header.config.data),
        state=state,
        epoch=event.epoch if event else 0,
        epochs=header.config.epochs,
        step=event.step if event else 0,
        best_val_accuracy=event.best_val_accuracy if event else None,
        test_accuracy=end.test_accuracy if end else None,
        test_loss=end.test_loss if end else None,
        images_per_second=end.images_per_second if end else None,
        message=why.sentence,
        created=header.created,
        updated=event.time if event else header.created,
        seconds=end.seconds if end else event.trained_seconds if event else None,
        seconds_left=_seconds_left(alive, event),
        refused=end.refused if end else False,
        fields=why.fields,
        next_steps=why.next_steps,
        settings=settings_of(header.config),
        baseline_accuracy=end.baseline_accuracy if end else None,
        balanced_accuracy=end.balanced_accuracy if end else None,
        is_uneven=end.is_uneven if end else False,
        uneven_val_baseline=end.uneven_val_baseline if end else None,
        not_resumed=end.not_resumed if end else False,
        queue=entry.queue if entry else "",
        notes=tuple(each.text for each in notes_of(run)),
    )


def _trouble(error: UsageError) -> Trouble:
    if isinstance(error, NewerVersionError):
        return "newer"
    return "not installed" if isinstance(error, NotInstalledError) else "damaged"


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


def logged_error(log_file: Path) -> str:
    """The sentence with which a process ended, if it did so with an error; else empty."""
    try:
        with log_file.open("rb") as log:
            last = final_message(log.fileno())
    except OSError:
        return ""
    return last.removeprefix(LOGGED_ERROR) if last.startswith(LOGGED_ERROR) else ""


def _last_words(run: RunFolder, event: Event | None) -> Reason:
    """Why there is no last event: what the log still took where the disk was full, or nothing."""
    has_log, resume = run.log_file.exists(), (step(Action.RESUME, run.run),)
    if event is None and not has_log:
        return Reason(
            "It has not been started yet: resume it, or start it with torchrun "
            f"(-m cnn_tui.training.worker {shlex.quote(str(run.path))}).",
            next_steps=resume,
        )
    logged = logged_error(run.log_file)
    if logged:
        return Reason(logged, next_steps=resume)
    where = f" (its log is {run.log_file})" if has_log else ""
    return Reason(
        "Its worker ended without a last word, as when it is killed or the machine restarts"
        f"{where}.",
        next_steps=resume,
    )


def _stamp(run: RunFolder) -> _Stamp:
    """What changes whenever the run is started, and with its configuration, metrics and notes."""
    files = run.config_file, run.metrics_file, run.pid_file, run.queue_file, run.notes_file
    return tuple(map(_file_stamp, files))


def _file_stamp(file: Path) -> _FileStamp:
    try:
        stat = file.stat()
    except OSError:
        return 0, 0, 0
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _state(alive: bool, event: Event | None) -> RunState:
    if alive:
        return "running"
    return event.state if isinstance(event, Ended) else "interrupted"


def _seconds_left(alive: bool, event: Event | None) -> float | None:
    return event.seconds_left if alive and isinstance(event, StepMetrics | EpochMetrics) else None


def _not_found(name: str, found: list[RunFolder], runs: list[RunFolder]) -> UsageError:
    if found:
        ids = ", ".join([run.run for run in found[:3]] + ["…"] * (len(found) > 3))
        return UsageError(f"{name!r} fits {len(found)} runs ({ids}): give more of the id.")
    near = get_close_matches(name, [run.run for run in runs], n=1, cutoff=0.3)
    hint = f": did you mean {near[0]}?" if near else "."
    return UsageError(f"There is no run named {name!r}{hint}", next_steps=(step(Action.LIST_RUNS),))
