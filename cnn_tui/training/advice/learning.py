"""Runs that learn nothing, too little, no more, or not yet enough."""

import math
from collections.abc import Sequence
from statistics import median

from cnn_tui.training.advice.changes import (
    FAR_OFF,
    Change,
    advice,
    faster,
    longer,
    lower_lr,
    usual_lr,
)
from cnn_tui.training.advice.evidence import SOLVED, Run
from cnn_tui.training.config import MOST_EPOCHS
from cnn_tui.training.records import Advice, EpochMetrics

GUESSING_LOSS = 0.97
"""A loss above this part of ln(classes) is that of guessing."""

THROWN_ABOUT = 0.02
"""Untrained networks start within so much of ln(classes); steps that are too large leave it."""

CLIPPED_TO_NOTHING = 20.0
"""Gradients so many times longer than clipping lets through leave SGD no step to speak of."""

PLATEAU_EPOCHS, PLATEAU = 6, 0.01
"""Epochs in which neither loss fell by more than this part."""

LOSSES = ("train_loss", "val_loss")

STILL_FALLING, LEFT_TO_GAIN = 0.1, 0.97
"""Validation loss that fell by this part over the last two epochs, at an accuracy below."""

UNDERFIT_TRAIN, UNDERFIT_VAL = 0.75, 0.80
"""Accuracies below which a finished run has not even learned its training images."""


def not_learning(run: Run) -> Advice | None:
    """After two epochs the network does no better than guessing."""
    if run.classes is None or len(run.epochs) < 2:
        return None
    latest, guessing = run.epochs[-1], math.log(run.classes)
    if latest.train_loss < GUESSING_LOSS * guessing or not run.is_guessing:
        return None
    why, change = _why_not_learning(run, guessing)
    return advice(
        run,
        "not-learning",
        f"Training loss was {latest.train_loss:.3g} in epoch {latest.epoch}, no better than "
        f"guessing among {run.classes} classes ({guessing:.2f}): {why}.",
        latest.epoch,
        "training-loop",
        change,
    )


def at_baseline(run: Run) -> Advice | None:
    """It has ended no better than whoever always names the largest class."""
    if not run.is_finished or not run.is_uneven or not run.is_guessing:
        return None
    best = max(run.epochs, key=lambda epoch: epoch.val_accuracy)
    return advice(
        run,
        "at-baseline",
        f"Validation accuracy of {100 * best.val_accuracy:.0f} % is no better than always naming "
        f"the largest class ({_share(run.baseline)}): more images of the others help, more epochs "
        "alone do not.",
        best.epoch,
        "predictions",
    )


def underfitting(run: Run) -> Advice | None:
    """It has ended without learning even its training images."""
    if not run.is_finished or not run.epochs:
        return None
    latest = run.epochs[-1]
    if latest.train_accuracy > UNDERFIT_TRAIN or latest.val_accuracy > UNDERFIT_VAL:
        return None
    config = run.config
    changes = [longer(config)]
    if run.stopped_early and config.patience is not None:
        patience = min(2 * config.patience, MOST_EPOCHS)
        changes = [Change(f"a patience of {patience} epochs", {"patience": patience})]
    if config.lr * FAR_OFF < usual_lr(config):
        changes.insert(0, faster(config))
    return advice(
        run,
        "underfitting",
        f"Training accuracy is {100 * latest.train_accuracy:.0f} % at the end: underfitting; try "
        f"{', '.join(map(str, changes))} or a larger network.",
        latest.epoch,
        "choosing-an-architecture",
        *changes,
    )


def still_improving(run: Run) -> Advice | None:
    """It has ended, and not for lack of patience, while validation loss still fell."""
    if not run.is_finished or len(run.epochs) < 3 or run.stopped_early:
        return None
    first, middle, latest = (epoch.val_loss for epoch in run.epochs[-3:])
    if not first > middle > latest > 0 or latest > (1 - STILL_FALLING) * first:
        return None
    if run.epochs[-1].val_accuracy > LEFT_TO_GAIN:
        return None
    change = longer(run.config)
    return advice(
        run,
        "still-improving",
        f"Validation loss still fell from {first:.2g} to {latest:.2g} in the last 2 epochs: it "
        f"was not done; try {change}.",
        run.epochs[-1].epoch,
        "training-loop",
        change,
    )


def plateau(run: Run) -> Advice | None:
    """Neither loss falls any more, and the rate is not going to."""
    if run.config.schedule not in ("constant", "step") or len(run.epochs) <= PLATEAU_EPOCHS:
        return None
    recent, before = run.epochs[-PLATEAU_EPOCHS:], run.epochs[:-PLATEAU_EPOCHS]
    latest = recent[-1]
    fell = any(_lowest(recent, loss) < (1 - PLATEAU) * _lowest(before, loss) for loss in LOSSES)
    if fell or latest.val_accuracy > SOLVED:
        return None
    half = float(f"{run.config.lr / 2:.2g}")
    cosine = Change("the schedule cosine", {"schedule": "cosine"})
    slower = Change(f"a learning rate of {half:g}", {"lr": half})
    return advice(
        run,
        "plateau",
        f"No loss has fallen for {PLATEAU_EPOCHS} epochs (validation {latest.val_loss:.2g}): a "
        f"plateau; try {cosine}, or {slower}.",
        latest.epoch - PLATEAU_EPOCHS,
        "training-loop",
        cosine,
        slower,
    )


def _why_not_learning(run: Run, guessing: float) -> tuple[str, Change]:
    """(what keeps it from learning and what to try, the same as a change)."""
    config = run.config
    norms = [step.gradient_norm for step in run.steps if step.gradient_norm is not None]
    clip = config.clip_grad
    if config.optimizer == "sgd" and clip and norms and median(norms) > CLIPPED_TO_NOTHING * clip:
        norm = float(f"{median(norms):.2g}")
        weaker = Change(f"gradient clipping at {norm:g}", {"clip_grad": norm})
        return f"clipping at {clip:g} cuts gradients to nothing; try {weaker}, their norm", weaker
    if config.lr * FAR_OFF < usual_lr(config):
        larger = faster(config)
        return f"the steps are too small; try {larger}", larger
    lower = lower_lr(config)
    if max(epoch.train_loss for epoch in run.epochs) > (1 + THROWN_ABOUT) * guessing:
        return f"the steps were too large; try {lower}", lower
    return f"try {lower}, and see whether the labels are right", lower


def _share(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def _lowest(epochs: Sequence[EpochMetrics], name: str) -> float:
    return min(float(getattr(epoch, name)) for epoch in epochs)
