"""How long an epoch of a run takes, from what the run told."""

import math
from collections.abc import Sequence
from statistics import median

from cnn_tui.training.records import EpochMetrics, Event, Started, StepMetrics

RECENT_EPOCHS = 5
"""Epochs that the pace is the median of: one that was disturbed does not count."""
FORWARD_SHARE = 1 / 3
"""What a validation image costs of a training image: it only goes forward, not back."""


def epoch_seconds(events: Sequence[Event]) -> float | None:
    """Seconds per epoch: measured, or, before the first one ends, estimated from its steps.

    None before the first steps have been told.
    """
    seconds = _seconds(events)
    return seconds if seconds is not None and math.isfinite(seconds) else None


def _seconds(events: Sequence[Event]) -> float | None:
    seconds: list[float] = []
    latest: StepMetrics | None = None
    for event in reversed(events):
        if isinstance(event, EpochMetrics):
            seconds.append(event.seconds)
        elif isinstance(event, StepMetrics):
            latest = latest or event
        elif isinstance(event, Started) and not seconds:
            return None if latest is None else _estimate(event, latest)
        if len(seconds) == RECENT_EPOCHS:
            break
    return median(seconds) if seconds else None


def _estimate(started: Started, latest: StepMetrics) -> float | None:
    """From the time left, so that both agree; from the latest speed where that is not told."""
    steps_left = started.total_steps - latest.step
    if latest.seconds_left is not None and steps_left > 0:
        return latest.seconds_left / steps_left * started.steps_per_epoch
    if not latest.images_per_second > 0:
        return None
    images = started.train_images + FORWARD_SHARE * started.val_images
    return images / latest.images_per_second
