"""The training loop, on one page.

The data set is on the device already. A step makes a batch there, goes forward,
back, and down the gradient; its loss and its count of right answers stay on the
device until they are told, four times a second. After each epoch the validation
images choose the best weights; the test images are looked at once, at the end.
"""

from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

from cnn_tui.data.loading.loader import Loader, seed_draws, seed_for
from cnn_tui.training.config import warm_up_epochs
from cnn_tui.training.device.setup import autocast
from cnn_tui.training.loop.averaging import averaged
from cnn_tui.training.loop.bookkeeping import (
    FLUSH_SECONDS,
    flush,
    keep,
    keep_best,
    refuse_nan,
    write_waiting_best,
)
from cnn_tui.training.loop.losses import loss_of, split_outputs
from cnn_tui.training.loop.optimizers import clip_gradients, lr_at, set_lr
from cnn_tui.training.loop.parts import back_in_parts
from cnn_tui.training.loop.running_metrics import Meter, MetricsWindow
from cnn_tui.training.loop.session import Stopped, TrainingSession
from cnn_tui.training.loop.training_images import what_was_learned
from cnn_tui.training.records import EpochMetrics

if TYPE_CHECKING:
    from cnn_tui.training.loop.inspector import Inspector


def train(session: TrainingSession) -> None:
    """Train to the end and tell the result.

    Raises Stopped, with a checkpoint written, where it was asked to stop, and
    RunError where the loss is no longer a number.
    """
    try:
        while not over(session):
            train_epoch(session)
            validate(session)
    except Stopped:
        keep(session)
        raise
    except Exception:
        with suppress(Exception):  # that one matters, whatever it leaves undone
            write_waiting_best(session)
        raise
    keep(session)
    test(session)


def over(session: TrainingSession) -> bool:
    """Whether every epoch is done, or the run has lost its patience."""
    config, progress = session.config, session.progress
    warm_up = warm_up_epochs(config)
    return progress.epoch >= config.epochs or progress.stalled(config.patience, warm_up)


def train_epoch(session: TrainingSession) -> None:
    """Every training image once, in an order drawn for this epoch."""
    config, progress, net = session.config, session.progress, session.net
    steps = len(session.train)
    first = progress.step - progress.epoch * steps
    net.train()
    masks = session.ranks.own("dropout")
    session.meter.restart_clock()
    for images, labels in session.train.epoch(config.seed, progress.epoch, first):
        seed_draws(session.device, seed_for(config.seed, masks, progress.step))
        set_lr(session.optimizer, lr_at(config, progress.step, config.epochs * steps))
        scaler = session.scaler  # which passes all on unchanged but in fp16
        is_plain = config.accumulate == 1 and not config.mixup
        if is_plain:
            with autocast(config):
                logits, auxiliary = split_outputs(session.forward(images))
                loss = loss_of(logits, auxiliary, labels, config.label_smoothing)
            session.optimizer.zero_grad()
            share = session.train.weight(progress.step)  # 1 where one process takes whole batches
            scaler.scale(loss if share == 1 else loss * share).backward()  # type: ignore[no-untyped-call]
        else:
            logits, auxiliary = back_in_parts(session, images, labels), ()
        scaler.unscale_(session.optimizer)
        inspector = due_inspector(session)
        if inspector is not None:
            inspector.before_update()
        if config.clip_grad is not None:
            session.gradient_norm = clip_gradients(session.optimizer, config.clip_grad)
        scaler.step(session.optimizer)
        scaler.update()
        progress.step += 1
        if inspector is not None:
            inspector.after_update(session)
        if session.average is not None:
            session.average.update(progress.step)
        # Curves show the plain loss, as validation does.
        if not is_plain or config.label_smoothing or auxiliary:
            loss = F.cross_entropy(logits.detach().float(), labels)
        session.meter.add(loss, logits, labels)
        if session.meter.is_due(FLUSH_SECONDS) or session.should_stop():
            flush(session)
    flush(session)


def due_inspector(session: TrainingSession) -> "Inspector | None":
    """What looks inside the network at this step, if anything does."""
    inspector = session.inspector
    return inspector if inspector is not None and inspector.is_due(session) else None


def validate(session: TrainingSession) -> None:
    """Judge the epoch on the held-out images, and keep the weights that are to be tested."""
    config, progress = session.config, session.progress
    inspector = session.inspector
    with averaged(session), nullcontext() if inspector is None else inspector.watching(session.net):
        val = evaluate(session, session.val)
    progress.seconds += val.seconds
    progress.epoch += 1
    if progress.improves(val) or config.judged == "last":
        with averaged(session):
            keep_best(session)
    session.recorder.tell(
        EpochMetrics,
        train_loss=progress.loss_sum / progress.seen,
        train_accuracy=progress.correct / progress.seen,
        val_loss=val.loss,
        val_accuracy=val.accuracy,
        lr=session.optimizer.param_groups[0]["lr"],
        images_per_second=progress.seen / progress.epoch_seconds,
        seconds=progress.epoch_seconds + val.seconds,
        seconds_left=progress.seconds_left(config.epochs * len(session.train)),
    )
    if inspector is not None:
        with averaged(session):  # as validation saw the network
            inspector.end_epoch(session)
    progress.begin_epoch()


def test(session: TrainingSession) -> None:
    """Judge the chosen weights on the test images, if there are any.

    Once, when nothing is left to choose.
    """
    session.ranks.wait()  # until those weights have been written
    session.checkpoints.load_best(session.net)
    tested = session.test.size > 0
    result = evaluate(session, session.test, session.classes) if tested else None
    session.progress.seconds += result.seconds if result else 0
    learned = what_was_learned(session)
    session.recorder.end("finished", last_word(session), result, learned)


def last_word(session: TrainingSession) -> str:
    """How the training came to its end."""
    config, epoch = session.config, session.progress.epoch
    if epoch >= config.epochs:
        return "Finished."
    epochs = "1 epoch" if config.patience == 1 else f"{config.patience} epochs"
    return (
        f"Stopped early after {epoch} of {config.epochs} epochs: "
        f"validation accuracy had not risen for {epochs}."
    )


@torch.inference_mode()
def evaluate(session: TrainingSession, loader: Loader, classes: int = 0) -> MetricsWindow:
    """Loss and accuracy over every image of ``loader``, with ``classes`` by class as well.

    Raises what ``train`` raises.
    """
    session.net.eval()
    meter = Meter(session.ranks, classes)
    for images, labels in loader.in_order():
        if session.should_stop():
            raise Stopped
        with autocast(session.config):
            logits = session.net(images)
            loss = F.cross_entropy(logits, labels)
        meter.add(loss, logits, labels)
    reading = meter.read()
    refuse_nan(reading, session, session.progress.step)
    return reading
