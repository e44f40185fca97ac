"""How the loop tells what happens: events with the run's progress filled in."""

import time
from dataclasses import dataclass
from typing import Any

from cnn_tui.training.meter import Reading
from cnn_tui.training.metrics import MetricsWriter
from cnn_tui.training.progress import Progress
from cnn_tui.training.records import Ended, EndState, Event


@dataclass
class Recorder:
    """Writes events of one run; ``progress`` is the loop's, so every event is up to date."""

    writer: MetricsWriter
    epochs: int
    progress: Progress

    def tell(self, kind: type[Event], **values: Any) -> None:
        """Write one event of ``kind`` with what is particular to it."""
        self.writer.write(
            kind(
                time=time.time(),
                step=self.progress.step,
                epoch=self.progress.epoch,
                epochs=self.epochs,
                best_val_accuracy=self.progress.best_val_accuracy,
                **values,
            )
        )

    def end(self, state: EndState, message: str, test: Reading | None = None) -> None:
        """Tell the run's last word, with its result on the test images where it has one."""
        self.tell(
            Ended,
            state=state,
            message=message,
            test_loss=test.loss if test else None,
            test_accuracy=test.accuracy if test else None,
            images_per_second=self.progress.images_per_second,
            seconds=self.progress.seconds,
        )
