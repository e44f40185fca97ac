"""The training loop, on one page.

The data set is on the device already. A step makes a batch there, goes forward,
back, and down the gradient; its loss and its count of right answers stay on the
device until they are told, four times a second. After each epoch the validation
images choose the best weights; the test images are looked at once, at the end.
"""

import math
import time

import torch
from torch.nn import functional as F

from cnn_tui.data.loader import Loader
from cnn_tui.data.seeds import seed_draws, seed_for
from cnn_tui.errors import RunError
from cnn_tui.training.meter import Meter, Reading
from cnn_tui.training.optimizers import lr_at, set_lr
from cnn_tui.training.progress import Progress
from cnn_tui.training.records import EpochMetrics, StepMetrics
from cnn_tui.training.session import Session, Stopped
from cnn_tui.training.setup import autocast

FLUSH_SECONDS = 0.25
"""How often metrics are read from the device; reading waits until it has caught up."""

CHECKPOINT_SHARE = 20
"""A checkpoint is due again after this many times the seconds that the last one took."""


def train(session: Session) -> None:
    """Train to the end, or until asked to stop; a stopped run can be gone on with.

    Raises RunError where the loss is no longer a number.
    """
    try:
        while session.progress.epoch < session.config.epochs:
            train_epoch(session)
            validate(session)
        keep(session)
        test(session)
    except Stopped:
        keep(session)
        session.recorder.end("stopped", f"Stopped on request after step {session.progress.step:,}.")


def train_epoch(session: Session) -> None:
    """Every training image once, in an order drawn for this epoch."""
    config, progress, net = session.config, session.progress, session.net
    steps = len(session.train)
    first = progress.step - progress.epoch * steps
    net.train()
    session.meter.restart_clock()
    for images, labels in session.train.epoch(config.seed, progress.epoch, first):
        seed_draws(session.device, seed_for(config.seed, "dropout", progress.step))
        set_lr(session.optimizer, lr_at(config, progress.step, config.epochs * steps))
        with autocast(config):
            logits = net(images)
            loss = F.cross_entropy(logits, labels, label_smoothing=config.label_smoothing)
        session.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        session.optimizer.step()
        progress.step += 1
        if config.label_smoothing:  # Curves show the plain loss, as validation does.
            loss = F.cross_entropy(logits.detach(), labels)
        session.meter.add(loss, logits, labels)
        if session.meter.seconds > FLUSH_SECONDS or session.should_stop():
            flush(session)
    flush(session)


def validate(session: Session) -> None:
    """Judge the epoch on the held-out images, and keep the best weights so far."""
    progress = session.progress
    val = evaluate(session, session.val)
    progress.seconds += val.seconds
    progress.epoch += 1
    if is_better(val, progress):
        progress.best_val_accuracy, progress.best_val_loss = val.accuracy, val.loss
        session.checkpoints.save_best(session.net, progress.epoch)
    session.recorder.tell(
        EpochMetrics,
        train_loss=progress.loss_sum / progress.seen,
        train_accuracy=progress.correct / progress.seen,
        val_loss=val.loss,
        val_accuracy=val.accuracy,
        lr=session.optimizer.param_groups[0]["lr"],
        images_per_second=progress.seen / progress.epoch_seconds,
        seconds=progress.epoch_seconds + val.seconds,
    )
    progress.begin_epoch()


def test(session: Session) -> None:
    """Judge the best weights on the test images: once, when nothing is left to choose."""
    session.checkpoints.load_best(session.net)
    result = evaluate(session, session.test)
    session.progress.seconds += result.seconds
    session.recorder.end("finished", "Finished.", result)


@torch.inference_mode()
def evaluate(session: Session, loader: Loader) -> Reading:
    """Mean loss and accuracy over every image of ``loader``; raises Stopped, and as ``train``."""
    session.net.eval()
    meter = Meter(session.device)
    for images, labels in loader.in_order():
        if session.should_stop():
            raise Stopped
        with autocast(session.config):
            logits = session.net(images)
            loss = F.cross_entropy(logits, labels)
        meter.add(loss, logits, labels)
    reading = meter.read()
    refuse_nan(reading, session)
    return reading


def flush(session: Session) -> None:
    """Read the device's sums, tell them, and keep a checkpoint where one is due."""
    progress = session.progress
    reading = session.meter.read()
    if reading.seen:
        refuse_nan(reading, session)
        progress.add(reading)
        session.recorder.tell(
            StepMetrics,
            loss=reading.loss,
            accuracy=reading.accuracy,
            lr=session.optimizer.param_groups[0]["lr"],
            images_per_second=reading.seen / reading.seconds,
        )
    if time.monotonic() > session.checkpoint_due:
        keep(session)
        session.meter.restart_clock()
    if session.should_stop():
        raise Stopped


def keep(session: Session) -> None:
    """Write the ``last`` checkpoint, and settle when the next one is due."""
    started = time.monotonic()
    session.checkpoints.save_last(session.net, session.optimizer, session.progress)
    now = time.monotonic()
    wait = max(session.config.checkpoint_seconds, CHECKPOINT_SHARE * (now - started))
    session.checkpoint_due = now + wait


def refuse_nan(reading: Reading, session: Session) -> None:
    """Raise RunError where the loss is not a number: no step from there leads back."""
    if not math.isfinite(reading.loss_sum):
        raise RunError(
            f"The loss was no longer a number by step {session.progress.step:,}: "
            f"train again with a lower --lr than {session.config.lr:g}."
        )


def is_better(val: Reading, progress: Progress) -> bool:
    """Whether ``val`` is the best so far: by accuracy, and by loss where that is equal."""
    if progress.best_val_accuracy is None or progress.best_val_loss is None:
        return True
    best = (progress.best_val_accuracy, -progress.best_val_loss)
    return (val.accuracy, -val.loss) > best
