"""Putting a run into the queue of its device, and starting what empties the queue; torch-free."""

import os
import platform
import sys
import threading
import time
from pathlib import Path

from cnn_tui.errors import LabFault, UsageError
from cnn_tui.processes import is_locked, start_detached, take_lock
from cnn_tui.training.config import AUTO, TrainConfig
from cnn_tui.training.process.launcher import make
from cnn_tui.training.process.requirements import has_gpu
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import RunFolder, read_header
from cnn_tui.training.store.queue_entry import QueueEntry, enter, queue_lock
from cnn_tui.workspace import Workspace

VISIBLE_GPUS = "CUDA_VISIBLE_DEVICES"


def launch_queued(
    workspace: Workspace,
    config: TrainConfig,
    name: str | None = None,
    data_dir: Path | None = None,
) -> RunFolder:
    """Make a new run and queue it; raises what ``launcher.make`` and ``enqueue`` raise."""
    run = make(workspace, config, name, data_dir)
    enqueue(workspace, run)
    return run


def enqueue(workspace: Workspace, run: RunFolder) -> RunStatus:
    """Let a run start once those before it have ended; returns where it stands.

    Raises UsageError for a run that is running, has finished or cannot be used, and
    where the workspace cannot be written to; LabFault where no process can be started.
    """
    header, now = read_header(run), listing.status(run)
    if now.state in ("running", "finished"):
        raise UsageError(f"Run {run.run} is {now.state}, and needs no queue.")
    if now.state != "queued":
        visible = os.environ.get(VISIBLE_GPUS)
        entry = QueueEntry(queue_of(header.config, visible), time.time(), visible)
        try:
            enter(run, entry)
        except OSError as error:
            raise UsageError(
                f"Run {run.run} cannot be queued: nothing can be written to {run.path} "
                f"({error.strerror})."
            ) from error
        start_queue(workspace, entry.queue)
    return listing.status(run)


def in_queues(workspace: Workspace) -> list[RunStatus]:
    """The runs that wait, queue by queue, in the order in which they start."""
    waiting = [each for each in listing.list_runs(workspace) if each.state == "queued"]
    return sorted(waiting, key=lambda each: (each.queue, each.queue_place or 0))


def start_queues(workspace: Workspace) -> tuple[str, ...]:
    """Start every queue in which runs wait and that is not running; returns their names.

    Raises what ``start_queue`` raises.
    """
    names = sorted({each.queue for each in listing.list_runs(workspace) if each.queue})
    return tuple(name for name in names if start_queue(workspace, name))


def start_queue(workspace: Workspace, queue: str) -> bool:
    """Start the process that empties a queue; returns False where there is one already.

    Raises UsageError where the workspace cannot be written to, LabFault where no
    process can be started.
    """
    file = queue_lock(workspace, queue)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if is_locked(file):
            return False
        lock = take_lock(file)
    except BlockingIOError:
        return False
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from error
    try:
        _spawn(workspace, queue, lock)
    except OSError as error:
        raise LabFault(f"The queue could not be started: {error.strerror}.") from error
    finally:
        os.close(lock)
    return True


def queue_of(config: TrainConfig, visible_gpus: str | None = None) -> str:
    """The name of the queue in which a run waits: its device, and which GPUs it may see.

    ``auto`` is resolved without torch, from the driver that is installed.
    """
    device = _best_device() if config.device == AUTO else config.device
    is_narrowed = device.startswith("cuda") and visible_gpus
    return f"{device} of GPUs {visible_gpus}" if is_narrowed else device


def queue_log(workspace: Workspace, queue: str) -> Path:
    """What the process of a queue printed."""
    return queue_lock(workspace, queue).with_suffix(".log")


def _best_device() -> str:
    if has_gpu():
        return "cuda"
    is_apple = sys.platform == "darwin" and platform.machine() == "arm64"
    return "mps" if is_apple else "cpu"


def _spawn(workspace: Workspace, queue: str, lock: int) -> None:
    arguments = (workspace.root.resolve(), queue, lock)
    with queue_log(workspace, queue).open("wb") as log:
        spooler = start_detached(
            "cnn_tui.training.queue.spooler", *arguments, log=log.fileno(), inherited=(lock,)
        )
    # Reaps the spooler if it ends while this process still lives.
    threading.Thread(target=spooler.wait, daemon=True).start()
