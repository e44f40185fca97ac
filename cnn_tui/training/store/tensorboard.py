"""Event files for TensorBoard: a run's numbers once more, beside its own metrics.

Free of torch until a run writes its first event. Every curve is drawn over the
run's steps, so that validation lies over training, and so that what a resumed run
tells again can replace what was told before: TensorBoard forgets by whole steps, so
what holds of the checkpoint's own step is written once more.
"""

from collections.abc import Callable
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cnn_tui.errors import UsageError
from cnn_tui.training.records import Ended, EpochMetrics, Event, Resumed, Started, StepMetrics
from cnn_tui.training.store.metrics import RunEvents, read_events

GROUPS: dict[type[Event], str] = {StepMetrics: "step", EpochMetrics: "epoch", Ended: "end"}
"""The events whose numbers become curves, and what their names begin with."""

FLUSH_SECONDS = 10
"""How old what TensorBoard shows of a live run may be."""


def refuse_missing_tensorboard() -> None:
    """Raise UsageError where the package that writes event files is not installed."""
    if find_spec("tensorboard") is None:
        raise UsageError(
            "Files for TensorBoard need a package that is not installed: pip install tensorboard",
            fields=("tensorboard",),
        )


class EventFiles:
    """Writes one run's events into ``folder``; to be called with each of them.

    ``metrics`` are the run's own, which tell what a resumed run began from. A disk
    that does not take the files ends them, not the run: ``complain`` is called once,
    with a sentence.
    """

    def __init__(self, folder: Path, metrics: Path, complain: Callable[[str], None]) -> None:
        self._folder = folder
        self._metrics = metrics
        self._complain = complain
        self._writer: Any = None
        self._broken = False

    def __call__(self, event: Event) -> None:
        """Write the event's numbers, if it has any."""
        if self._broken:
            return
        try:
            self._write(event)
        except Exception as error:  # Of the disk, of a thread that writes, or no package.
            self._broken = True
            self._complain(
                f"Event files for TensorBoard cannot be written ({type(error).__name__}: "
                f"{error}): training goes on without them."
            )

    def _write(self, event: Event) -> None:
        if isinstance(event, Started):
            self._open(event)
        if self._writer is None:
            return
        self._add(event)
        if isinstance(event, Ended):
            self._writer.close()

    def _open(self, event: Started) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(
            str(self._folder),
            purge_step=event.step if isinstance(event, Resumed) else None,
            flush_secs=FLUSH_SECONDS,
        )
        if isinstance(event, Resumed):
            for each in self._held_at(event):
                self._add(each)

    def _held_at(self, resumed: Resumed) -> list[Event]:
        """What was recorded of the checkpoint's step, and will not be recorded again."""
        events = RunEvents((*read_events(self._metrics), resumed))
        return [event for event in events.valid[:-1] if event.step == resumed.step]

    def _add(self, event: Event) -> None:
        for name, value in _numbers(event).items():
            self._writer.add_scalar(name, value, event.step, event.time)


def _numbers(event: Event) -> dict[str, float]:
    """What is particular to one event, by the names of its curves."""
    group = GROUPS.get(type(event))
    if group is None:
        return {}
    common = {field.name for field in fields(Event)}
    values = {each.name: getattr(event, each.name) for each in fields(event)}
    return {
        f"{group}/{name}": value
        for name, value in values.items()
        if name not in common and type(value) in (int, float)
    }
