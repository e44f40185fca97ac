"""Networks that know their training images better than any others."""

from itertools import pairwise

from cnn_tui.training.advice.changes import MORE_DATA, advice, any_of, regularizers
from cnn_tui.training.advice.evidence import LARGE_GAP, SETTLED_STEPS, SOLVED, Run
from cnn_tui.training.records import Advice

RISEN = 1.1
"""Validation loss so many times its best, in every one of the last epochs."""

RISEN_EPOCHS = 4
"""While the rate is high, validation jumps for an epoch, or for three."""

FALLEN, WORSE = 0.9, 1.5
"""Training loss below this part of what it was, and validation loss so many times above it."""

GAP_EPOCHS = 3
"""Epochs in a row with a large gap."""

ALL_RIGHT = 0.9995

MEMORIZED_EPOCHS = 4
"""Epochs with nearly every training image right, after which the loss has nothing to teach."""


def overfitting(run: Run) -> Advice | None:
    """Validation loss rises while training loss falls."""
    if len(run.epochs) <= RISEN_EPOCHS:
        return None
    best, latest, recent = run.best_loss, run.epochs[-1], run.epochs[-RISEN_EPOCHS:]
    before = run.epochs[:-RISEN_EPOCHS]
    if any(epoch.val_loss <= RISEN * best.val_loss for epoch in recent):
        return None
    if latest.train_loss > min(FALLEN * best.train_loss, latest.val_loss / WORSE):
        return None
    if max(e.val_accuracy for e in recent) > max(e.val_accuracy for e in before):
        return None
    changes = regularizers(run.config)
    return advice(
        run,
        "overfitting",
        f"Validation loss {_how_it_rose(run)} while training loss fell: overfitting; "
        f"try {any_of(changes) or MORE_DATA}.",
        best.epoch,
        "dropout-why",
        *changes,
    )


def large_gap(run: Run) -> Advice | None:
    """Training images are known far better than validation images, for epochs now."""
    if len(run.epochs) < GAP_EPOCHS or run.epochs[-1].step < SETTLED_STEPS:
        return None
    recent = run.epochs[-GAP_EPOCHS:]
    if any(each.train_accuracy - each.val_accuracy < LARGE_GAP for each in recent):
        return None
    latest = recent[-1]
    points = 100 * (latest.train_accuracy - latest.val_accuracy)
    changes = regularizers(run.config)
    return advice(
        run,
        "large-gap",
        f"Training accuracy is {100 * latest.train_accuracy:.0f} %, validation "
        f"{100 * latest.val_accuracy:.0f} %: a generalization gap of {points:.0f} points; try "
        f"{any_of(changes) or MORE_DATA}.",
        latest.epoch,
        "data-pipeline",
        *changes,
    )


def memorized(run: Run) -> Advice | None:
    """Nearly every training image is right, epoch after epoch."""
    right = 0
    for epoch in reversed(run.epochs):
        if epoch.train_accuracy < ALL_RIGHT:
            break
        right += 1
    if right < MEMORIZED_EPOCHS or run.epochs[-1].val_accuracy > SOLVED:
        return None
    since = run.epochs[-right].epoch
    every = "Every" if all(e.train_accuracy == 1 for e in run.epochs[-right:]) else "Nearly every"
    changes = regularizers(run.config)
    return advice(
        run,
        "memorized",
        f"{every} training image has been right since epoch {since}: the network knows them by "
        f"heart; try {any_of(changes) or MORE_DATA}.",
        since,
        "data-pipeline",
        *changes,
    )


def _how_it_rose(run: Run) -> str:
    """What validation loss has done since its best epoch."""
    best, latest = run.best_loss, run.epochs[-1]
    since = [epoch.val_loss for epoch in run.epochs if epoch.epoch >= best.epoch]
    for_epochs = f"for {latest.epoch - best.epoch} epochs"
    if all(before < after for before, after in pairwise(since)):
        return f"has risen {for_epochs}, from {best.val_loss:.2g} to {latest.val_loss:.2g},"
    return f"has been above its best (epoch {best.epoch}, {best.val_loss:.2g}) {for_epochs}"
