"""At which place each run waits in its queue, and whether something will start it; torch-free."""

from collections.abc import Sequence
from dataclasses import replace

from cnn_tui.next_steps import Action, step
from cnn_tui.processes import is_locked
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.queue_entry import in_order, queue_lock
from cnn_tui.workspace import Workspace


def with_places(workspace: Workspace, statuses: Sequence[RunStatus]) -> list[RunStatus]:
    """The same runs; those that are queued with their places and what they wait for."""
    places: dict[str, RunStatus] = {}
    for queue in {each.queue for each in statuses if each.queue}:
        waiting = [each for each in statuses if each.queue == queue]
        order = [run.run for run in in_order(_folders(workspace, waiting), queue)]
        runs = is_locked(queue_lock(workspace, queue))
        for each in waiting:
            if each.run in order:
                places[each.run] = _placed(each, order.index(each.run) + 1, runs=runs)
    return [places.get(each.run, each) for each in statuses]


def _folders(workspace: Workspace, statuses: Sequence[RunStatus]) -> list[RunFolder]:
    return [RunFolder(workspace.runs / each.run) for each in statuses]


def _placed(status: RunStatus, place: int, *, runs: bool) -> RunStatus:
    message = f"Its queue on {status.queue} is not running, as after a restart of the machine."
    steps = [step(Action.START_QUEUE)]
    if runs:
        message, steps = f"It starts by itself, {_when(status.queue, place - 1)}.", []
    return replace(
        status, queue_place=place, queue_runs=runs, message=message, next_steps=tuple(steps)
    )


def _when(queue: str, before: int) -> str:
    if before == 0:
        return f"as soon as {queue} is free"
    runs = "run" if before == 1 else f"{before} runs"
    return f"after the {runs} queued before it"
