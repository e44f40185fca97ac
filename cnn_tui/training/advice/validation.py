"""Accuracies that differ for another reason than overfitting: dropout, batch norm, the sets."""

import math

from cnn_tui.training.advice.changes import Change, advice
from cnn_tui.training.advice.evidence import LARGE_GAP, SETTLED_STEPS, Run
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.records import Advice

FEW_STEPS = 10
"""Steps per epoch: batch norm's running averages move by a tenth a step and lag behind."""

STRONG_DROPOUT, HELD_BACK = 0.5, 0.2
"""Dropout above its usual p, and training accuracy so far below validation's."""

MADE_HARDER = 0.05
"""Validation accuracy this far above training's makes learners look for a bug."""

STILL_LEARNING = 0.02
"""Training accuracy is the mean over an epoch: while it moves by more from one to the next,
it is below validation's for that reason alone."""

TEST_BELOW = 0.05

STANDARD_ERRORS = 3.0
"""Test accuracy this far below the best validation's, and beyond what chance explains."""


def too_much_dropout(run: Run) -> Advice | None:
    """Dropout keeps the network from learning its training images."""
    p, latest = run.config.dropout, run.epochs[-1:]
    if p is None or p <= STRONG_DROPOUT or len(run.epochs) < 3:
        return None
    if latest[0].val_accuracy - latest[0].train_accuracy < HELD_BACK:
        return None
    change = Change(f"a dropout of {STRONG_DROPOUT:g} or less", {"dropout": STRONG_DROPOUT})
    return advice(
        run,
        "too-much-dropout",
        f"Training accuracy is {100 * latest[0].train_accuracy:.0f} %, validation "
        f"{100 * latest[0].val_accuracy:.0f} %: dropout {p:g} holds the network back; "
        f"try {change}.",
        latest[0].epoch,
        "dropout-why",
        change,
    )


def batch_norm_lags(run: Run) -> Advice | None:
    """With few steps, batch norm's running averages are behind the weights."""
    if run.started is None or not run.epochs or not run.config.net.has_batch_norm:
        return None
    latest, per_epoch = run.epochs[-1], run.started.steps_per_epoch
    if per_epoch > FEW_STEPS or latest.step >= SETTLED_STEPS:
        return None
    if latest.train_accuracy - latest.val_accuracy < LARGE_GAP:
        return None
    steps = "1 step" if per_epoch == 1 else f"{per_epoch} steps"
    smaller = max(2, run.config.batch_size // 8)
    change = Change(f"a batch size of {smaller}", {"batch_size": smaller})
    return advice(
        run,
        "batch-norm-lags",
        f"With {steps} per epoch batch norm's running averages lag, so validation "
        f"({100 * latest.val_accuracy:.0f} %) looks worse than it is; "
        f"try {change}.",
        latest.epoch,
        "batchnorm-what",
        change,
    )


def validation_above(run: Run) -> Advice | None:
    """Validation is better than training, which is no bug."""
    config, recent = run.config, run.epochs[-2:]
    harder = _what_is_harder(config)
    if len(recent) < 2 or not harder:
        return None
    if any(each.val_accuracy - each.train_accuracy < MADE_HARDER for each in recent):
        return None
    before, latest = recent
    if abs(latest.train_accuracy - before.train_accuracy) > STILL_LEARNING:
        return None
    return advice(
        run,
        "validation-above",
        f"Validation accuracy {100 * latest.val_accuracy:.0f} % is above training's "
        f"{100 * latest.train_accuracy:.0f} %: no bug, {' and '.join(harder)} "
        f"{'act' if len(harder) > 1 else 'acts'} only while training.",
        latest.epoch,
        "dropout-what" if "dropout" in harder else "data-pipeline",
    )


def epoch_mean(run: Run) -> Advice | None:
    """Validation is better than training because that is the mean of an epoch of learning."""
    if not run.epochs:
        return None
    latest, before = run.epochs[-1], run.epochs[-2:-1]
    if latest.val_accuracy - latest.train_accuracy < MADE_HARDER:
        return None
    if before and latest.train_accuracy - before[0].train_accuracy <= STILL_LEARNING:
        return None
    harder = _what_is_harder(run.config)
    also = f", with {' and '.join(harder)}" if harder else ""
    return advice(
        run,
        "epoch-mean",
        f"Validation accuracy {100 * latest.val_accuracy:.0f} % is above training's "
        f"{100 * latest.train_accuracy:.0f} %: no bug, validation is measured after the "
        f"epoch, training during it{also}.",
        latest.epoch,
        "training-loop",
    )


def test_below(run: Run) -> Advice | None:
    """The test images are much harder than those that chose the weights."""
    end, started = run.end, run.started
    if end is None or started is None or end.test_accuracy is None:
        return None
    best, test = end.best_val_accuracy, end.test_accuracy
    images = min(started.val_images, started.test_images)
    if best is None or images < 1 or not (0 <= test <= 1 and 0 <= best <= 1):
        return None
    error = math.sqrt(max(test * (1 - test), 0.01) * 2 / images)
    if best - test < max(TEST_BELOW, STANDARD_ERRORS * error):
        return None
    return advice(
        run,
        "test-below",
        f"Test accuracy {100 * test:.1f} % is {100 * (best - test):.0f} points below the best "
        f"validation ({100 * best:.1f} %): the two sets differ, or the best epoch was luck.",
        None,
        "training-loop",
    )


def untested(run: Run) -> Advice | None:
    """The images that chose the weights are the only ones that they were judged on."""
    end, started = run.end, run.started
    if end is None or started is None or end.state != "finished" or started.test_images:
        return None
    return advice(
        run,
        "untested",
        "There is no test set: validation accuracy has chosen the weights, and is a little higher "
        "than what new images will show.",
        None,
        "training-loop",
    )


def _what_is_harder(config: TrainConfig) -> list[str]:
    """What makes an image harder for the network while it trains."""
    causes = []
    if config.net.has_dropout and config.dropout != 0:
        causes.append("dropout")
    if config.augment != "none" or config.cutout:
        causes.append("augmentation")
    return causes
