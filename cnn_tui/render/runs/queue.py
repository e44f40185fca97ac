"""Runs that wait for their turn, on the plain terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.next_steps import Action, step
from cnn_tui.render.draw.columns import ColumnTable, names, numbers
from cnn_tui.render.draw.commands import with_steps
from cnn_tui.render.draw.styles import QUIET
from cnn_tui.training.records import RunStatus

OUTLIVES = "The queue needs no terminal; only after a restart of the machine it has to be started."
LONGEST_ID = 60


def queued_words(status: RunStatus) -> str:
    """When a run starts that was queued just now, and how the queue outlives what happens."""
    said = f"Run {status.run} is queued. {status.message}"
    if not status.queue_runs:
        return with_steps(said, status.next_steps)
    return with_steps(f"{said} {OUTLIVES}", (step(Action.START_QUEUE),))


def left_queue(status: RunStatus) -> str:
    """What is said of a run that was taken out of its queue."""
    said = f"Run {status.run} has left its queue: it is {status.state}."
    return with_steps(said, (step(Action.RESUME, status.run),))


def started_queues(names: Sequence[str]) -> str:
    """Which queues were started."""
    if not names:
        return "Every queue with waiting runs is running already."
    return f"Started the queue on {', on '.join(names)}."


def queue_table(statuses: Sequence[RunStatus]) -> RenderableType:
    """The runs in the order in which they start; what keeps a queue from running stands below."""
    if not statuses:
        return Text("No run is queued.")
    table = ColumnTable(
        [
            numbers("#", 0, [str(each.queue_place or "?") for each in statuses]),
            names("Run", 0, [each.run for each in statuses], at_least=LONGEST_ID),
            names("Queue", 1, [each.queue for each in statuses], at_least=len("cuda:0")),
            numbers("Epochs", 2, [f"{each.epoch}/{each.epochs}" for each in statuses]),
        ],
        [QUIET if not each.queue_runs else "" for each in statuses],
    )
    stopped = {
        with_steps(each.message, each.next_steps): None for each in statuses if not each.queue_runs
    }
    return Group(table, *map(Text, stopped))
