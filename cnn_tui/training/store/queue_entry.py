"""A run that waits for its turn: the file in its folder that says so; torch-free.

Whoever removes that file has taken the run out of the queue: to start it, or to drop it.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from cnn_tui.files import write_atomically
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.workspace import Workspace

QUEUES = ".queue"
"""The folder, among the runs, of the queues' locks and logs."""


@dataclass(frozen=True)
class QueueEntry:
    """In which queue a run waits, and since when (Unix seconds).

    ``queue`` names the device, ``visible_gpus`` is the CUDA_VISIBLE_DEVICES with which
    it was queued; None where there was none.
    """

    queue: str
    since: float
    visible_gpus: str | None = None


def enter(run: RunFolder, entry: QueueEntry) -> None:
    """Let a run wait; raises OSError where its folder cannot be written to."""
    text = json.dumps(asdict(entry))
    write_atomically(run.queue_file, lambda path: path.write_text(text))


def leave(run: RunFolder) -> bool:
    """Take a run out of its queue; returns whether it was this process that did."""
    try:
        run.queue_file.unlink()
    except OSError:
        return False
    return True


def entry_of(run: RunFolder) -> QueueEntry | None:
    """How a run waits; None where it does not, or its file cannot be read as one."""
    try:
        document = json.loads(run.queue_file.read_bytes())
        queue, since = document["queue"], float(document["since"])
        visible = document["visible_gpus"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(queue, str) or not isinstance(visible, str | None):
        return None
    return QueueEntry(queue, since, visible) if math.isfinite(since) else None


def queue_lock(workspace: Workspace, queue: str) -> Path:
    """Locked for as long as a process starts the runs of that queue."""
    return workspace.runs / QUEUES / f"{quote(queue, safe='')}.lock"


def in_order(runs: Iterable[RunFolder], queue: str) -> list[RunFolder]:
    """Those of the runs that wait in the queue of that name, the next one first."""
    waiting = [(entry, run) for run in runs if (entry := entry_of(run)) and entry.queue == queue]
    waiting.sort(key=lambda each: (each[0].since, each[1].run))
    return [run for _, run in waiting]
