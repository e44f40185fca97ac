"""A run that could not be resumed stands as it did before, with the reason: torch-free.

Nothing was trained, so nothing that was recorded is lost: the state, the message, how far it had
come and how long that took stay; what was in the way is added.
"""

import time
from dataclasses import replace

from cnn_tui.training.records import NOT_RESUMED, Ended, Event, Reason


def has_come_far(before: Event | None) -> bool:
    """Whether a run has something to keep: it has trained, or has ended in some way."""
    return before is not None and (before.step > 0 or isinstance(before, Ended))


def as_before(before: Event, reason: Reason, *, refused: bool) -> Ended:
    """The last event of a run that ``before`` was the last event of, and that was not resumed.

    ``refused`` is as in ``Ended``.
    """
    ended = before if isinstance(before, Ended) else _interrupted(before)
    message = f"{ended.message.partition(NOT_RESUMED)[0].strip()} {NOT_RESUMED}{reason.sentence}"
    return replace(
        ended,
        time=time.time(),
        message=message.strip(),
        refused=refused,
        not_resumed=True,
        fields=reason.fields,
        next_steps=reason.next_steps,
    )


def _interrupted(before: Event) -> Ended:
    return Ended(
        time=before.time,
        step=before.step,
        epoch=before.epoch,
        epochs=before.epochs,
        best_val_accuracy=before.best_val_accuracy,
        trained_seconds=before.trained_seconds,
        state="interrupted",
        message="",
        test_loss=None,
        test_accuracy=None,
        images_per_second=None,
        seconds=before.trained_seconds or 0.0,
    )
