"""The process that starts the runs of one queue, one after another.

``python -m cnn_tui.training.queue.spooler WORKSPACE QUEUE LOCK``, where LOCK is an open file
that holds the queue's lock. It ends once nobody waits; SIGTERM ends it at once, and leaves
the run that it has started, and those that wait, as they are.
"""

import os
import sys
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from urllib.parse import quote

from cnn_tui.errors import LabError
from cnn_tui.processes import alone, take_lock
from cnn_tui.training.process.launcher import start_queued
from cnn_tui.training.queue.waiting import VISIBLE_GPUS
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.listing import LOGGED_ERROR, RunLister
from cnn_tui.training.store.locks import is_alive
from cnn_tui.training.store.queue_entry import entry_of, in_order, leave, queue_lock
from cnn_tui.workspace import Workspace, user_folder

POLL_SECONDS = 0.5


def main(root: str, queue: str, lock: str) -> int:
    """Empty the queue; returns the process's exit code."""
    workspace, held = Workspace(Path(root)), int(lock)
    os.set_inheritable(held, False)
    while True:
        os.ftruncate(held, 0)
        os.pwrite(held, str(os.getpid()).encode(), 0)
        spool(workspace, queue)
        os.close(held)
        # Whoever put a run in while the lock was still held has started no process for it.
        if not _waiting(workspace, queue):
            return 0
        try:
            held = take_lock(queue_lock(workspace, queue))
        except OSError:
            return 0


def spool(workspace: Workspace, queue: str) -> None:
    """Start one run after another, until none waits."""
    runs = RunLister(workspace)
    while waiting := _waiting(workspace, queue):
        if is_busy(runs.list(), queue):
            time.sleep(POLL_SECONDS)
            continue
        with _device_alone(queue):
            _train(waiting[0])


def is_busy(runs: Iterable[RunStatus], queue: str) -> bool:
    """Whether one of the runs, however it was started, uses the device of the queue."""
    device = queue.split()[0]
    return any(
        each.state == "running" and _overlap(device, str(each.settings.get("device", "")))
        for each in runs
    )


def _train(run: RunFolder) -> None:
    """Start a run, and wait for its end; why it could not be started goes to its own log."""
    entry = entry_of(run)
    if entry is None:
        return
    if entry.visible_gpus is None:
        os.environ.pop(VISIBLE_GPUS, None)
    else:
        os.environ[VISIBLE_GPUS] = entry.visible_gpus
    try:
        if not start_queued(run):
            return
    except LabError as error:
        leave(run)
        with suppress(OSError), run.log_file.open("a") as log:
            log.write(f"{LOGGED_ERROR}{error}\n")
        print(f"{LOGGED_ERROR}{error}", file=sys.stderr, flush=True)
        time.sleep(POLL_SECONDS)  # Where nothing can be written, it is still the first to wait.
        return
    print(run.run, flush=True)
    while is_alive(run):
        time.sleep(POLL_SECONDS)


def _waiting(workspace: Workspace, queue: str) -> list[RunFolder]:
    folders = (RunFolder(each.parent) for each in workspace.runs.glob("*/queued.json"))
    return in_order(folders, queue)


def _overlap(one: str, other: str) -> bool:
    """Whether two devices may be the same; of several GPUs, two with numbers tell."""
    (kind, _, index), (other_kind, _, other_index) = one.partition(":"), other.partition(":")
    same_kind = kind == other_kind or "auto" in (kind, other_kind)
    return same_kind and (not index or not other_index or index == other_index)


def _device_alone(queue: str) -> AbstractContextManager[None]:
    """Hold what the queues of other workspaces wait for, where the user has a home."""
    folder = user_folder("state")
    if folder is None:
        return nullcontext()
    file = folder / "queue" / f"{quote(queue, safe='')}.lock"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    except OSError:
        return nullcontext()
    return alone(file, lambda: None)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
