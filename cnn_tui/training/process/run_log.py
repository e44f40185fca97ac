"""What the worker writes to its log beside its metrics: a line per epoch, warnings, the result."""

import time
from collections.abc import Sequence
from contextlib import suppress

from cnn_tui.training.advice.adviser import advise
from cnn_tui.training.advice.evidence import LATEST_STEPS
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.records import (
    Advice,
    Ended,
    EpochMetrics,
    Event,
    Note,
    Resumed,
    Started,
    StepMetrics,
)
from cnn_tui.training.store.metrics import RunEvents

DAY, HOUR = "%Y-%m-%d", "%H:%M:%S"


class RunLog:
    """Observes a run's events and prints what somebody who reads its log wants to know.

    ``before`` are the events of a run that is resumed.
    """

    def __init__(self, config: TrainConfig, before: RunEvents) -> None:
        self._config = config
        self._events = before
        self._warned: set[str] = set()

    def __call__(self, event: Event) -> None:
        """Print the lines of one event; a full disk has no room for them, and needs none."""
        self._events.add([event])
        with suppress(OSError):
            for line in self._lines(event):
                when = time.strftime(HOUR, time.localtime(event.time))
                print(f"{when}  {line}", flush=True)

    def _lines(self, event: Event) -> list[str]:
        if isinstance(event, Started):
            return [_started(event)]
        if isinstance(event, Note):
            return [event.message]
        if isinstance(event, EpochMetrics):
            return [_epoch(event), *self._warnings()]
        if isinstance(event, Ended) and event.state != "failed" and not event.not_resumed:
            return [*self._warnings(), _ended(event)]
        return []

    def _warnings(self) -> list[str]:
        """What has become true, and was not said before."""
        self._forget_old_steps()
        found: Sequence[Advice] = ()
        try:
            found = advise(self._config, self._events.valid)
        except Exception as error:  # a remark on a run must not end it
            return [f"no warnings: {type(error).__name__}: {error}"]
        news = [each for each in found if each.rule not in self._warned]
        self._warned |= {each.rule for each in news}
        return [f"warning: {each.sentence}" for each in news]

    def _forget_old_steps(self) -> None:
        """Keep what the advice looks at: a long run tells more than memory is for."""
        events = self._events.valid
        steps = [event for event in events if isinstance(event, StepMetrics)]
        if len(steps) > 2 * LATEST_STEPS:
            gone = set(map(id, steps[1:-LATEST_STEPS]))
            self._events = RunEvents(event for event in events if id(event) not in gone)


def _started(event: Started) -> str:
    began = f"resumed at step {event.step:,}" if isinstance(event, Resumed) else "started"
    day = time.strftime(DAY, time.localtime(event.time))
    return (
        f"{began} on {day}: {event.parameters:,} parameters, {event.train_images:,} training, "
        f"{event.val_images:,} validation and {event.test_images:,} test images, "
        f"{event.steps_per_epoch:,} steps per epoch"
    )


def _epoch(event: EpochMetrics) -> str:
    width = len(str(event.epochs))
    return (
        f"epoch {event.epoch:{width}}/{event.epochs}"
        f"  loss {event.train_loss:.4f} val {event.val_loss:.4f}"
        f"  accuracy {_percent(event.train_accuracy)} val {_percent(event.val_accuracy)}"
        f"  lr {event.lr:.1e}  {event.images_per_second:,.0f} images/s"
    )


def _ended(event: Ended) -> str:
    best = event.best_val_accuracy
    words = [event.message.rstrip(".")]
    if event.test_accuracy is not None and event.test_loss is not None:
        words.append(f"test loss {event.test_loss:.4f} accuracy {_percent(event.test_accuracy)}")
    elif event.state == "finished":
        words.append("no test set")
    if best is not None:
        words.append(f"best validation accuracy {_percent(best).strip()}")
    return ", ".join([*words, f"{event.seconds:.1f} s of training"])


def _percent(share: float) -> str:
    return f"{100 * share:5.1f} %"
