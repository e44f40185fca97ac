"""Steps that are too large, and gradients that vanish or explode."""

import math
import re

from cnn_tui.training.advice.changes import CLIPPED, advice, lower_lr
from cnn_tui.training.advice.evidence import NORMS, Run, last_norms
from cnn_tui.training.records import LOSS_IS_NAN, Advice

DIVERGED, DIVERGED_BY = 1.25, 0.2
"""A training loss so many times its best, and so much above it, is not noise: restarts of a
constant rate were seen to rise by less, or for one epoch only."""

EXPLODED = 3.0
"""Within the first epoch: so many times the first loss, in flush after flush."""

VANISHED_NORM, EXPLODED_NORM = 1e-4, 100.0
"""Gradient norms of networks that learn were seen from 0.1 to 20."""


def loss_is_nan(run: Run) -> Advice | None:
    """The loss is no longer a number."""
    if run.end is None or not run.end.message.startswith(LOSS_IS_NAN):
        return None
    change = lower_lr(run.config)
    if not run.config.clip_grad:
        change = change.together_with(CLIPPED)
    since = re.search(r"since step [\d,]+", run.end.message)
    return advice(
        run,
        "nan",
        f"The loss is NaN {since[0] if since else 'now'}: the steps were too large and training "
        f"diverged; try {change}.",
        run.end.epoch,
        "training-loop",
        change,
    )


def diverging(run: Run) -> Advice | None:
    """Training loss has come back up, and stays there."""
    if len(run.epochs) < 3:
        return _exploding_loss(run)
    best = min(run.epochs[:-2], key=lambda epoch: epoch.train_loss)
    limit = max(DIVERGED * best.train_loss, best.train_loss + DIVERGED_BY)
    if any(epoch.train_loss < limit for epoch in run.epochs[-2:]):
        return None
    change = lower_lr(run.config)
    return advice(
        run,
        "diverging",
        f"Training loss went back up from {best.train_loss:.3g} in epoch {best.epoch} to "
        f"{run.epochs[-1].train_loss:.3g}: the steps are too large (divergence); "
        f"try {change}.",
        best.epoch,
        "training-loop",
        change,
    )


def vanishing_gradient(run: Run) -> Advice | None:
    """Next to nothing of the gradient is left, although much is wrong."""
    norms = last_norms(run)
    if not norms or max(norms) > VANISHED_NORM or run.steps[-1].accuracy > 0.5:
        return None
    return advice(
        run,
        "vanishing-gradient",
        f"Gradient norm is {norms[-1]:.1g} at loss {run.steps[-1].loss:.2g}: the gradient "
        "vanishes; try a network with skip connections or batch norm.",
        run.steps[-1].epoch,
        "skip-connections",
    )


def exploding_gradient(run: Run) -> Advice | None:
    """Gradients are huge, and the loss is above where it began."""
    norms = last_norms(run)
    if run.config.clip_grad or not norms or min(norms) < EXPLODED_NORM:
        return None
    if run.steps[-1].loss <= run.steps[0].loss:
        return None
    change = lower_lr(run.config)
    return advice(
        run,
        "exploding-gradient",
        f"Gradient norm is {norms[-1]:,.0f} and loss {run.steps[-1].loss:.3g}: gradients "
        f"explode; try {CLIPPED}, or {change}.",
        run.steps[-1].epoch,
        "training-loop",
        CLIPPED,
        change,
    )


def _exploding_loss(run: Run) -> Advice | None:
    """What ``diverging`` says before there are epochs enough."""
    if len(run.steps) <= NORMS:
        return None
    first, recent = run.steps[0].loss, run.steps[-NORMS:]
    start = max(first, math.log(run.classes)) if run.classes else first
    if any(step.loss < EXPLODED * start for step in recent):
        return None
    change = lower_lr(run.config)
    return advice(
        run,
        "diverging",
        f"Loss went up from {first:.3g} to {recent[-1].loss:.3g} by step {recent[-1].step:,}: the "
        f"steps are too large (divergence); try {change}.",
        recent[-1].epoch,
        "training-loop",
        change,
    )
