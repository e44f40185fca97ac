"""What the loop does between steps: tell its numbers, and keep checkpoints."""

import math
import time

from cnn_tui.errors import RunError
from cnn_tui.training.device.gpu import usage
from cnn_tui.training.loop.optimizers import gradient_norm
from cnn_tui.training.loop.running_metrics import MetricsWindow
from cnn_tui.training.loop.session import Stopped, TrainingSession
from cnn_tui.training.records import LOSS_IS_NAN, StepMetrics

FLUSH_SECONDS = 0.25
"""How often metrics are read from the device; reading waits until it has caught up."""

SHORTEST_READING = FLUSH_SECONDS / 5
"""The last steps of an epoch that took less are not told apart: of few images, they only jump."""

CHECKPOINT_SHARE = 20
"""A checkpoint is due again after this many times the seconds that the last one took."""


def flush(session: TrainingSession) -> None:
    """Read the device's sums, tell them, and keep a checkpoint where one is due.

    Raises Stopped where the run was asked to stop, RunError where the loss is no number.
    """
    progress = session.progress
    reading = session.meter.read()
    if reading.seen:
        # Of several processes another one may have seen it first.
        sound = min(reading.sound, reading.steps - 1)
        refuse_nan(reading, session, progress.step - reading.steps + sound + 1)
        progress.add(reading)
        is_first = progress.seen == reading.seen
        if is_first or reading.seconds > SHORTEST_READING:
            _tell_steps(session, reading)
    if session.ranks.first(time.monotonic() > session.checkpoint_due):
        keep(session)
        session.meter.restart_clock()
    if session.should_stop():
        raise Stopped


def last_gradient_norm(session: TrainingSession) -> float | None:
    """The norm of the last step's gradients, before they were clipped; None if not finite.

    Taken at a flush, from gradients that are still there, it costs the steps
    between two flushes nothing.
    """
    clipped = session.gradient_norm
    norm = float(gradient_norm(session.optimizer) if clipped is None else clipped)
    return norm if math.isfinite(norm) else None


def keep(session: TrainingSession) -> None:
    """Write the ``last`` checkpoint, and settle when the next one is due."""
    started = time.monotonic()
    session.checkpoints.save_last(session.net, session.optimizer, session.progress)
    now = time.monotonic()
    wait = max(session.config.checkpoint_seconds, CHECKPOINT_SHARE * (now - started))
    session.checkpoint_due = now + wait


def refuse_nan(reading: MetricsWindow, session: TrainingSession, step: int) -> None:
    """Raise RunError where the loss is not a number since ``step``: none leads back from there."""
    if not math.isfinite(reading.loss_sum):
        raise RunError(
            f"{LOSS_IS_NAN} (since step {step:,}): "
            f"train again with a lower learning rate than {session.config.lr:g}.",
            fields=("lr",),
        )


def _tell_steps(session: TrainingSession, reading: MetricsWindow) -> None:
    used = usage(session.device)
    session.recorder.tell(
        StepMetrics,
        loss=reading.loss,
        accuracy=reading.accuracy,
        lr=session.optimizer.param_groups[0]["lr"],
        images_per_second=reading.seen / reading.seconds,
        gradient_norm=last_gradient_norm(session),
        seconds_left=session.progress.seconds_left(session.config.epochs * len(session.train)),
        gpu_utilization=used.utilization,
        gpu_memory=used.memory,
    )
