"""What the loop does between steps: tell its numbers, and keep checkpoints."""

import math
import time

from cnn_tui.errors import RunError
from cnn_tui.training.device.gpu import usage
from cnn_tui.training.loop.optimizers import gradient_norm
from cnn_tui.training.loop.running_metrics import MetricsWindow
from cnn_tui.training.loop.session import Stopped, TrainingSession
from cnn_tui.training.records import LOSS_IS_NAN, Note, StepMetrics

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
    _tell_skipped(session)
    asked = session.ranks.takes_checkpoint_request()
    if session.ranks.first(time.monotonic() > session.checkpoint_due) or asked:
        keep(session)
        if asked:
            message = (
                f"A checkpoint was written after step {progress.step:,}, as asked by a signal."
            )
            session.recorder.tell(Note, message=message)
        session.meter.restart_clock()
    elif session.waiting_best is not None and time.monotonic() > session.best_due:
        write_waiting_best(session)
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
    """Write the ``last`` checkpoint, and settle when the next one is due.

    The best weights so far are written before it: a run that goes on from there has them.
    """
    started = time.monotonic()
    write_waiting_best(session)
    session.checkpoints.save_last(
        session.net, session.optimizer, session.progress, session.scaler, session.average
    )
    now = time.monotonic()
    session.best_due = now + CHECKPOINT_SHARE * (now - started)
    session.checkpoint_due = max(now + session.config.checkpoint_seconds, session.best_due)


def keep_best(session: TrainingSession) -> None:
    """Keep the weights that are to be judged: on disk, or in memory where that is not due.

    They are due as checkpoints are, by what the last writing took: of short epochs, each
    of which may be the best so far, all but a few would wait for the disk.
    """
    if not session.checkpoints.writes:
        return
    weights = session.net.state_dict()
    is_due = time.monotonic() > session.best_due
    if not is_due:
        weights = {name: value.clone() for name, value in weights.items()}
    session.waiting_best = session.progress.epoch, weights
    if is_due:
        write_waiting_best(session)


def write_waiting_best(session: TrainingSession) -> None:
    """Write the best weights that no file has yet, if there are any."""
    if session.waiting_best is None:
        return
    started = time.monotonic()
    epoch, weights = session.waiting_best
    session.checkpoints.save_best(weights, epoch)
    session.waiting_best = None
    now = time.monotonic()
    session.best_due = now + CHECKPOINT_SHARE * (now - started)
    session.checkpoint_due = max(session.checkpoint_due, session.best_due)


def refuse_nan(reading: MetricsWindow, session: TrainingSession, step: int) -> None:
    """Raise RunError where the loss is not a number since ``step``: none leads back from there."""
    if not math.isfinite(reading.loss_sum):
        narrow = session.config.precision == "fp16"  # whose largest number is 65,504
        raise RunError(
            f"{LOSS_IS_NAN} (since step {step:,}): "
            f"train again with a lower learning rate than {session.config.lr:g}"
            f"{', or with the precision fp32' if narrow else ''}.",
            fields=("lr", "precision") if narrow else ("lr",),
        )


def _tell_skipped(session: TrainingSession) -> None:
    """Log the steps that an overflow in fp16 has cost; the first of them are noted as well."""
    skipped = session.skipped.read()
    if not skipped:
        return
    steps = "1 step was" if skipped == 1 else f"{skipped:,} steps were"
    sentence = (
        f"{steps} skipped up to step {session.progress.step:,}, because gradients overflowed in "
        f"fp16; the loss scale is {session.scaler.get_scale():g} now."
    )
    if not session.told_of_skipped:
        session.told_of_skipped = True
        session.recorder.tell(Note, message=f"{sentence} The log has later ones.")
    elif session.ranks.writes:
        print(sentence, flush=True)


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
