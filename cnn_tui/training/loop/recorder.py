"""How the loop tells what happens: events with the run's progress filled in."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from cnn_tui.data.baseline import balanced_accuracy, is_uneven, largest_share
from cnn_tui.training.loop.counters import RunCounters
from cnn_tui.training.loop.running_metrics import Learned, MetricsWindow
from cnn_tui.training.records import Ended, EndState, Event, Reason, Started
from cnn_tui.training.store.metrics import MetricsWriter


class Silence:
    """The writer of a process whose events another one tells."""

    def write(self, event: Event) -> None:
        """Forget it."""

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Recorder:
    """Writes events of one run; ``progress`` is the loop's, so every event is up to date.

    ``observers`` are called with each event before it is written: what they tell
    themselves must not come after the run's last word. ``has_begun`` says whether it was told
    that training begins or goes on.
    """

    writer: MetricsWriter | Silence
    epochs: int
    progress: RunCounters
    observers: list[Callable[[Event], None]] = field(default_factory=list)
    uneven_val_baseline: float | None = None
    has_begun: bool = False

    def tell(self, kind: type[Event], **values: Any) -> None:
        """Write one event of ``kind`` with what is particular to it."""
        self.write(
            kind(
                time=time.time(),
                step=self.progress.step,
                epoch=self.progress.epoch,
                epochs=self.epochs,
                best_val_accuracy=self.progress.best_val_accuracy,
                trained_seconds=self.progress.seconds,
                **values,
            )
        )

    def write(self, event: Event) -> None:
        """Write an event as it is."""
        if isinstance(event, Started):
            self.has_begun, self.uneven_val_baseline = True, event.uneven_val_baseline
        for observer in self.observers:
            observer(event)
        self.writer.write(event)

    def fail(self, reason: Reason, *, refused: bool = False) -> None:
        """Tell the last word of a run that failed; ``refused`` as in Ended."""
        self._end(
            "failed",
            reason.sentence,
            refused=refused,
            fields=reason.fields,
            next_steps=reason.next_steps,
        )

    def end(
        self,
        state: EndState,
        message: str,
        test: MetricsWindow | None = None,
        learned: Learned | None = None,
    ) -> None:
        """Tell the run's last word, with its results on test and training images, if it has any."""
        self._end(state, message, test, **(asdict(learned) if learned else {}))

    def _end(
        self, state: EndState, message: str, test: MetricsWindow | None = None, **more: Any
    ) -> None:
        baseline = largest_share(test.images) if test else None
        self.tell(
            Ended,
            state=state,
            message=message,
            test_loss=test.loss if test else None,
            test_accuracy=test.accuracy if test else None,
            images_per_second=self.progress.images_per_second,
            seconds=self.progress.seconds,
            baseline_accuracy=baseline,
            balanced_accuracy=balanced_accuracy(test.right, test.images) if test else None,
            is_uneven=is_uneven(baseline, sum(map(bool, test.images))) if test else False,
            uneven_val_baseline=self.uneven_val_baseline,
            **more,
        )
