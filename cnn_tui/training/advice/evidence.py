"""What the rules look at: a configuration, and the events whose numbers can be right."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnn_tui.training.config import TrainConfig
from cnn_tui.training.records import Ended, EpochMetrics, Event, Started, StepMetrics

LATEST_STEPS = 400
"""Flushes that are looked at, besides the first: the last two minutes or so."""

NORMS = 3
"""Flushes in a row: one batch may be an outlier."""

LARGE_GAP = 0.10
"""Training minus validation accuracy; augmentation and dropout make it look smaller, not larger."""

SETTLED_STEPS = 100
"""From so many steps on, batch norm's running averages have caught up with the weights."""

FEWEST_STEPS = 20
"""Momentum and Adam's mean of gradients look back over ten steps: before twice as many, what
the numbers do is the start's own."""

FEWEST_IMAGES = 10
"""With fewer, one image more or less moves an accuracy by as much as the gaps that rules look
for."""

BETTER = 0.5
"""What tells from guessing is better by this part of guessing's accuracy, or of what is left to 1,
whichever is less."""

SOLVED = 0.99
"""From this validation accuracy on, there is nothing left to gain."""


@dataclass(frozen=True)
class Run:
    """What the rules look at; ``steps`` are the first flush and the latest."""

    config: TrainConfig
    is_live: bool
    started: Started | None
    epochs: Sequence[EpochMetrics]
    steps: Sequence[StepMetrics]
    end: Ended | None
    has_no_graphs: bool
    """Whether CUDA graphs were asked for, and do not work."""

    @property
    def is_finished(self) -> bool:
        """Whether it has trained to its end."""
        return self.end is not None and self.end.state == "finished"

    @property
    def stopped_early(self) -> bool:
        """Whether it has lost its patience before its last epoch."""
        return self.is_finished and self.epochs[-1].epoch < self.config.epochs

    @property
    def steps_here(self) -> list[StepMetrics]:
        """The steps since it was started or resumed: before that, it may have been elsewhere."""
        start = -1 if self.started is None else self.started.step
        return [step for step in self.steps if step.step > start]

    @property
    def classes(self) -> int | None:
        """How many classes are told apart; None before that is told."""
        classes = None if self.started is None else self.started.classes
        return classes if classes is not None and classes > 1 else None

    @property
    def has_steps(self) -> bool:
        """Whether there were steps enough to read anything from its numbers."""
        return max((each.step for each in (*self.epochs, *self.steps)), default=0) >= FEWEST_STEPS

    @property
    def has_images(self) -> bool:
        """Whether it has images enough, as far as that is known."""
        started = self.started
        return started is None or min(started.train_images, started.val_images) >= FEWEST_IMAGES

    @property
    def is_uneven(self) -> bool:
        """Whether one class has so many of the images that guessing means naming that."""
        return self.started is not None and self.started.uneven_val_baseline is not None

    @property
    def baseline(self) -> float | None:
        """The validation accuracy of guessing: of the largest class where classes are uneven."""
        if self.classes is None or self.started is None:
            return None
        known = self.started.uneven_val_baseline
        return 1 / self.classes if known is None else known

    @property
    def is_guessing(self) -> bool:
        """Whether no epoch's validation accuracy tells anything from guessing."""
        share = self.baseline
        if share is None or not self.epochs:
            return False
        best = max(epoch.val_accuracy for epoch in self.epochs)
        return best <= share + BETTER * min(share, 1 - share)

    @property
    def best_loss(self) -> EpochMetrics:
        """The epoch with the lowest validation loss."""
        return min(self.epochs, key=lambda epoch: epoch.val_loss)


def steps_that_matter(events: Sequence[Event]) -> list[StepMetrics]:
    """The first flush and the latest, of those whose numbers can be right."""
    steps = [event for event in events if isinstance(event, StepMetrics)]
    if len(steps) > LATEST_STEPS:
        steps = steps[:1] + steps[-LATEST_STEPS:]
    return [step for step in steps if is_sound(step)]


def is_sound(event: StepMetrics | EpochMetrics) -> bool:
    """Whether its numbers can be what they say; files are written by others, too."""
    if isinstance(event, StepMetrics):
        sizes, shares = [event.loss, event.images_per_second], [event.accuracy]
    else:
        sizes = [event.train_loss, event.val_loss]
        shares = [event.train_accuracy, event.val_accuracy]
    return all(0 <= size < math.inf for size in sizes) and all(0 <= each <= 1 for each in shares)


def last_norms(run: Run) -> list[float]:
    """The gradient norms of the last flushes; empty where one is not known."""
    norms = [step.gradient_norm for step in run.steps[-NORMS:]]
    known = [norm for norm in norms if norm is not None and math.isfinite(norm)]
    return known if len(known) == NORMS else []
