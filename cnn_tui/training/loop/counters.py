"""The counters of a run: what a checkpoint holds beside tensors."""

from dataclasses import dataclass

from cnn_tui.training.kept import is_better
from cnn_tui.training.loop.running_metrics import MetricsWindow


@dataclass
class RunCounters:
    """Counts of the whole run, and of the epoch that is under way.

    ``epoch`` counts completed epochs, ``step`` optimizer steps. ``loss_sum``,
    ``correct``, ``seen`` and ``epoch_seconds`` are of the epoch under way;
    ``images``, ``train_seconds`` and ``seconds`` (validation included) of the run.
    ``train_images`` is the size of the training split, by which a changed data
    set is noticed; ``risen_at`` the epoch in which validation accuracy last rose;
    ``steps_per_epoch`` depends on how many processes share a batch (0: not known).
    """

    epoch: int = 0
    step: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    seen: int = 0
    epoch_seconds: float = 0.0
    images: int = 0
    train_seconds: float = 0.0
    seconds: float = 0.0
    best_val_accuracy: float | None = None
    best_val_loss: float | None = None
    train_images: int = 0
    risen_at: int = 0
    steps_per_epoch: int = 0

    def add(self, reading: MetricsWindow) -> None:
        """Count the training steps of one reading."""
        self.loss_sum += reading.loss_sum
        self.correct += reading.correct
        self.seen += reading.seen
        self.epoch_seconds += reading.seconds
        self.images += reading.seen
        self.train_seconds += reading.seconds
        self.seconds += reading.seconds

    def improves(self, val: MetricsWindow) -> bool:
        """Whether ``val`` is the best so far, which is then remembered.

        By accuracy, and by loss where that is equal.
        """
        if self.best_val_accuracy is None or val.accuracy > self.best_val_accuracy:
            self.risen_at = self.epoch
        if self.best_val_accuracy is not None and self.best_val_loss is not None:
            best = self.best_val_accuracy, self.best_val_loss
            if not is_better(val.accuracy, val.loss, *best):
                return False
        self.best_val_accuracy, self.best_val_loss = val.accuracy, val.loss
        return True

    def stalled(self, patience: int | None, warm_up: int = 0) -> bool:
        """Whether validation accuracy has not risen for ``patience`` epochs (None: never).

        The first ``warm_up`` epochs do not count: with so small a rate nothing need rise.
        """
        return patience is not None and self.epoch - max(self.risen_at, warm_up) >= patience

    def seconds_left(self, total_steps: int) -> float | None:
        """Seconds to the last step at the pace so far, validation included."""
        return self.seconds / self.step * (total_steps - self.step) if self.step else None

    def begin_epoch(self) -> None:
        """Forget the sums of the epoch that has been told."""
        self.loss_sum, self.correct, self.seen, self.epoch_seconds = 0.0, 0, 0, 0.0

    @property
    def images_per_second(self) -> float | None:
        """Training images per second of training steps; None before the first."""
        return self.images / self.train_seconds if self.train_seconds else None
