"""Annotations that teach: what a run's numbers show, what that is called, what to try.

Each rule is a function that looks at one run and says one sentence or nothing.
A rule that is not sure is silent: the thresholds were set on runs that learn,
about which there is nothing to say, and on runs that were broken on purpose.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from cnn_tui.training.config import (
    LARGEST_BATCH,
    MOST_EPOCHS,
    TrainConfig,
)
from cnn_tui.training.records import (
    LOSS_IS_NAN,
    NO_CUDA_GRAPHS,
    Advice,
    Ended,
    EpochMetrics,
    Event,
    Note,
    RunStatus,
    Started,
    StepMetrics,
)

MOST = 2
"""More than two sentences at once are not read."""
LATEST_STEPS = 400
"""Flushes that are looked at, besides the first: the last two minutes or so."""

USUAL_LR = {"sgd": 0.05, "adam": 1e-3, "adamw": 1e-3}
USUAL_LR_WITHOUT_NORM = {"sgd": 0.01, "adam": 3e-4, "adamw": 3e-4}
"""Peak rates that are a fair first try, the smaller ones for deep networks without batch norm."""
FAR_OFF = 5.0
"""A rate so many times above or below the usual one is far from it."""

AT_CHANCE = 1.5
"""Validation accuracy below so many times that of guessing tells nothing from guessing."""
GUESSING_LOSS = 0.97
"""A loss above this part of ln(classes) is that of guessing."""
THROWN_ABOUT = 0.02
"""Untrained networks start within so much of ln(classes); steps that are too large leave it."""

DIVERGED, DIVERGED_BY = 1.25, 0.2
"""A training loss so many times its best, and so much above it, is not noise: restarts of a
constant rate were seen to rise by less, or for one epoch only."""
EXPLODED = 3.0
"""Within the first epoch: so many times the first loss, in flush after flush."""

RISEN = 1.1
"""Validation loss so many times its best, in every one of the last epochs."""
RISEN_EPOCHS = 4
"""While the rate is high, validation jumps for an epoch, or for three."""
FALLEN, WORSE = 0.9, 1.5
"""Training loss below this part of what it was, and validation loss so many times above it."""

LARGE_GAP, GAP_EPOCHS = 0.10, 3
"""Training minus validation accuracy; augmentation and dropout make it look smaller, not larger."""
FEW_STEPS = 10
"""Steps per epoch: batch norm's running averages move by a tenth a step and lag behind."""
SETTLED_STEPS = 100
"""From so many steps on, they have caught up."""

STRONG_DROPOUT, HELD_BACK = 0.5, 0.2
"""Dropout above its usual p, and training accuracy so far below validation's."""
MADE_HARDER = 0.05
"""Validation accuracy this far above training's makes learners look for a bug."""
STILL_LEARNING = 0.02
"""Training accuracy is the mean over an epoch: while it moves by more from one to the next,
it is below validation's for that reason alone."""

PLATEAU_EPOCHS, PLATEAU = 6, 0.01
"""Epochs in which neither loss fell by more than this part."""
LOSSES = ("train_loss", "val_loss")
SOLVED = 0.99
"""From this validation accuracy on, there is nothing left to gain."""
STILL_FALLING, LEFT_TO_GAIN = 0.1, 0.97
"""Validation loss that fell by this part over the last two epochs, at an accuracy below."""
UNDERFIT_TRAIN, UNDERFIT_VAL = 0.75, 0.80
"""Accuracies below which a finished run has not even learnt its training images."""
ALL_RIGHT = 0.9995
MEMORISED_EPOCHS = 4
"""Epochs with nearly every training image right, after which the loss has nothing to teach."""

TEST_BELOW = 0.05
STANDARD_ERRORS = 3.0
"""Test accuracy this far below the best validation's, and beyond what chance explains."""

VANISHED_NORM, EXPLODED_NORM = 1e-4, 100.0
"""Gradient norms of networks that learn were seen from 0.1 to 20."""
NORMS = 3
"""Flushes in a row: one batch may be an outlier."""
CLIPPED_TO_NOTHING = 20.0
"""Gradients so many times longer than --clip-grad lets through leave SGD no step to speak of."""

PACE_FLUSHES, SLOWER = 8, 0.5
"""Two seconds' throughput against what it was: a busy disk or a validation is shorter."""
IDLE_FLUSHES, IDLE = 20, 0.5
"""A GPU that computes less than half of the time waits for the CPU."""


@dataclass(frozen=True)
class Run:
    """What the rules look at; ``steps`` are the first flush and the latest."""

    config: TrainConfig
    is_live: bool
    started: Started | None
    epochs: Sequence[EpochMetrics]
    steps: Sequence[StepMetrics]
    end: Ended | None
    has_no_graphs: bool
    """Whether CUDA graphs were asked for, and do not work."""

    @property
    def is_finished(self) -> bool:
        """Whether it has trained to its end."""
        return self.end is not None and self.end.state == "finished"

    @property
    def stopped_early(self) -> bool:
        """Whether it has lost its patience before its last epoch."""
        return self.is_finished and self.epochs[-1].epoch < self.config.epochs

    @property
    def steps_here(self) -> list[StepMetrics]:
        """The steps since it was started or resumed: before that, it may have been elsewhere."""
        start = -1 if self.started is None else self.started.step
        return [step for step in self.steps if step.step > start]

    @property
    def classes(self) -> int | None:
        """How many classes are told apart; None before that is told."""
        classes = None if self.started is None else self.started.classes
        return classes if classes is not None and classes > 1 else None

    @property
    def best_loss(self) -> EpochMetrics:
        """The epoch with the lowest validation loss."""
        return min(self.epochs, key=lambda epoch: epoch.val_loss)


Rule = Callable[[Run], Advice | None]


def advise(
    config: TrainConfig, events: Sequence[Event], status: RunStatus | None = None
) -> tuple[Advice, ...]:
    """What the numbers of a run show, most important first, at most two sentences.

    ``events`` are all that still hold, in order. ``status`` tells a run that was
    interrupted from one that is live; without it, a run without a last word is live.
    """
    end = events[-1] if events and isinstance(events[-1], Ended) else None
    run = Run(
        config,
        end is None and (status is None or status.state == "running"),
        next((event for event in reversed(events) if isinstance(event, Started)), None),
        [event for event in events if isinstance(event, EpochMetrics) and _is_sound(event)],
        _steps_that_matter(events),
        end,
        any(isinstance(e, Note) and e.message.startswith(NO_CUDA_GRAPHS) for e in events),
    )
    found = (_first(rules, run) for rules in FAMILIES)
    return tuple(advice for advice in found if advice is not None)[:MOST]


def loss_is_nan(run: Run) -> Advice | None:
    """The loss is no longer a number."""
    if run.end is None or not run.end.message.startswith(LOSS_IS_NAN):
        return None
    clip = "" if run.config.clip_grad else " and --clip-grad 1"
    since = re.search(r"since step [\d,]+", run.end.message)
    return Advice(
        "nan",
        f"The loss is NaN {since[0] if since else 'now'}: the steps were too large and training "
        f"diverged; try {_lower_lr(run.config)}{clip}.",
        run.end.epoch,
        "training-loop",
    )


def diverging(run: Run) -> Advice | None:
    """Training loss has come back up, and stays there."""
    if len(run.epochs) < 3:
        return _exploding_loss(run)
    best = min(run.epochs[:-2], key=lambda epoch: epoch.train_loss)
    limit = max(DIVERGED * best.train_loss, best.train_loss + DIVERGED_BY)
    if any(epoch.train_loss < limit for epoch in run.epochs[-2:]):
        return None
    return Advice(
        "diverging",
        f"Training loss went back up from {best.train_loss:.3g} in epoch {best.epoch} to "
        f"{run.epochs[-1].train_loss:.3g}: the steps are too large (divergence); "
        f"try {_lower_lr(run.config)}.",
        best.epoch,
        "training-loop",
    )


def not_learning(run: Run) -> Advice | None:
    """After two epochs the network does no better than guessing."""
    if run.classes is None or len(run.epochs) < 2:
        return None
    latest, guessing = run.epochs[-1], math.log(run.classes)
    if latest.train_loss < GUESSING_LOSS * guessing:
        return None
    if max(epoch.val_accuracy for epoch in run.epochs) > AT_CHANCE / run.classes:
        return None
    return Advice(
        "not-learning",
        f"Loss is {latest.train_loss:.3g} after {latest.epoch} epochs, no better than guessing "
        f"among {run.classes} classes ({guessing:.2f}): {_why_not_learning(run, guessing)}.",
        latest.epoch,
        "training-loop",
    )


def vanishing_gradient(run: Run) -> Advice | None:
    """Next to nothing of the gradient is left, although much is wrong."""
    norms = _last_norms(run)
    if not norms or max(norms) > VANISHED_NORM or run.steps[-1].accuracy > 0.5:
        return None
    return Advice(
        "vanishing-gradient",
        f"Gradient norm is {norms[-1]:.1g} at loss {run.steps[-1].loss:.2g}: the gradient "
        "vanishes; try a network with skip connections or batch norm.",
        run.steps[-1].epoch,
        "skip-connections",
    )


def exploding_gradient(run: Run) -> Advice | None:
    """Gradients are huge, and the loss is above where it began."""
    norms = _last_norms(run)
    if run.config.clip_grad or not norms or min(norms) < EXPLODED_NORM:
        return None
    if run.steps[-1].loss <= run.steps[0].loss:
        return None
    return Advice(
        "exploding-gradient",
        f"Gradient norm is {norms[-1]:,.0f} and loss {run.steps[-1].loss:.3g}: gradients "
        f"explode; try --clip-grad 1, or {_lower_lr(run.config)}.",
        run.steps[-1].epoch,
        "training-loop",
    )


def too_much_dropout(run: Run) -> Advice | None:
    """Dropout keeps the network from learning its training images."""
    p, latest = run.config.dropout, run.epochs[-1:]
    if p is None or p <= STRONG_DROPOUT or len(run.epochs) < 3:
        return None
    if latest[0].val_accuracy - latest[0].train_accuracy < HELD_BACK:
        return None
    return Advice(
        "too-much-dropout",
        f"Training accuracy is {latest[0].train_accuracy:.0%}, validation "
        f"{latest[0].val_accuracy:.0%}: dropout {p:g} holds the network back; try --dropout "
        f"{STRONG_DROPOUT:g} or less.",
        latest[0].epoch,
        "dropout-why",
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
    return Advice(
        "batch-norm-lags",
        f"With {steps} per epoch batch norm's running averages lag, so validation "
        f"({latest.val_accuracy:.0%}) looks worse than it is; try --batch-size "
        f"{max(2, run.config.batch_size // 8)}.",
        latest.epoch,
        "batchnorm-what",
    )


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
    return Advice(
        "overfitting",
        f"Validation loss {_how_it_rose(run)} while training loss fell: overfitting; "
        f"try {_regularisers(run.config)}.",
        best.epoch,
        "dropout-why",
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
    return Advice(
        "large-gap",
        f"Training accuracy is {latest.train_accuracy:.0%}, validation "
        f"{latest.val_accuracy:.0%}: a generalisation gap of {points:.0f} points; try "
        f"{_regularisers(run.config)}.",
        latest.epoch,
        "data-pipeline",
    )


def underfitting(run: Run) -> Advice | None:
    """It has ended without learning even its training images."""
    if not run.is_finished or not run.epochs:
        return None
    latest = run.epochs[-1]
    if latest.train_accuracy > UNDERFIT_TRAIN or latest.val_accuracy > UNDERFIT_VAL:
        return None
    config = run.config
    lr = f"--lr {usual_lr(config):g}, " if config.lr * FAR_OFF < usual_lr(config) else ""
    longer = f"--epochs {min(2 * config.epochs, MOST_EPOCHS)}"
    if run.stopped_early and config.patience is not None:
        longer = f"--patience {min(2 * config.patience, MOST_EPOCHS)}"
    return Advice(
        "underfitting",
        f"Training accuracy is {latest.train_accuracy:.0%} at the end: underfitting; try "
        f"{lr}{longer} or a larger network.",
        latest.epoch,
        "choosing-an-architecture",
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
    return Advice(
        "still-improving",
        f"Validation loss still fell from {first:.2g} to {latest:.2g} in the last 2 epochs: it "
        f"was not done; try --epochs {min(2 * run.config.epochs, MOST_EPOCHS)}.",
        run.epochs[-1].epoch,
        "training-loop",
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
    return Advice(
        "plateau",
        f"No loss has fallen for {PLATEAU_EPOCHS} epochs (validation {latest.val_loss:.2g}): a "
        f"plateau; try --schedule cosine, or --lr {run.config.lr / 2:.2g}.",
        latest.epoch - PLATEAU_EPOCHS,
        "training-loop",
    )


def memorised(run: Run) -> Advice | None:
    """Nearly every training image is right, epoch after epoch."""
    right = 0
    for epoch in reversed(run.epochs):
        if epoch.train_accuracy < ALL_RIGHT:
            break
        right += 1
    if right < MEMORISED_EPOCHS or run.epochs[-1].val_accuracy > SOLVED:
        return None
    since = run.epochs[-right].epoch
    every = "Every" if all(e.train_accuracy == 1 for e in run.epochs[-right:]) else "Nearly every"
    return Advice(
        "memorised",
        f"{every} training image has been right since epoch {since}: the network knows them by "
        f"heart; try {_regularisers(run.config)}.",
        since,
        "data-pipeline",
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
    return Advice(
        "validation-above",
        f"Validation accuracy {latest.val_accuracy:.0%} is above training's "
        f"{latest.train_accuracy:.0%}: no bug, {' and '.join(harder)} "
        f"{'act' if len(harder) > 1 else 'acts'} only while training.",
        latest.epoch,
        "dropout-what" if "dropout" in harder else "data-pipeline",
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
    return Advice(
        "test-below",
        f"Test accuracy {test:.1%} is {100 * (best - test):.0f} points below the best validation "
        f"({best:.1%}): the two sets differ, or the best epoch was luck.",
        None,
        "training-loop",
    )


def slower(run: Run) -> Advice | None:
    """It trains at less than half the speed that it had."""
    speeds = [step.images_per_second for step in run.steps_here]
    if not run.is_live or len(speeds) < 2 * PACE_FLUSHES:
        return None
    before, now = median(speeds[:-PACE_FLUSHES]), median(speeds[-PACE_FLUSHES:])
    if now > SLOWER * before:
        return None
    return Advice(
        "slower",
        f"Throughput fell from {before:,.0f} to {now:,.0f} images/s: another process may be "
        "using this machine; look with top or nvidia-smi.",
        run.steps[-1].epoch,
    )


def gpu_waits(run: Run) -> Advice | None:
    """The GPU has nothing to do for more than half of the time."""
    busy = [step.gpu_utilization for step in run.steps_here[-IDLE_FLUSHES:]]
    known = [share for share in busy if share is not None]
    if not run.is_live or len(known) < IDLE_FLUSHES or median(known) > IDLE:
        return None
    ways = _ways_to_keep_a_gpu_busy(run)
    if not ways:
        return None
    return Advice(
        "gpu-waits",
        f"The GPU is busy only {median(known):.0%} of the time: it waits for the CPU; try "
        f"{' or '.join(ways)}.",
        run.steps[-1].epoch,
        "training-loop",
    )


FAMILIES: tuple[tuple[Rule, ...], ...] = (
    (
        loss_is_nan,
        diverging,
        vanishing_gradient,
        not_learning,
        exploding_gradient,
        too_much_dropout,
        batch_norm_lags,
        overfitting,
        large_gap,
        underfitting,
        still_improving,
        plateau,
        memorised,
        validation_above,
    ),
    (test_below,),
    (slower, gpu_waits),
)
"""Of each family the first rule that speaks is heard: the later ones follow from it."""


def usual_lr(config: TrainConfig) -> float:
    """A peak learning rate with which most networks of this kind learn."""
    delicate = config.net.info.needs_small_lr and not config.net.has_batch_norm
    return (USUAL_LR_WITHOUT_NORM if delicate else USUAL_LR)[config.optimizer]


def _first(rules: Sequence[Rule], run: Run) -> Advice | None:
    return next((advice for rule in rules if (advice := rule(run)) is not None), None)


def _steps_that_matter(events: Sequence[Event]) -> list[StepMetrics]:
    steps = [event for event in events if isinstance(event, StepMetrics)]
    if len(steps) > LATEST_STEPS:
        steps = steps[:1] + steps[-LATEST_STEPS:]
    return [step for step in steps if _is_sound(step)]


def _is_sound(event: StepMetrics | EpochMetrics) -> bool:
    """Whether its numbers can be what they say; files are written by others, too."""
    if isinstance(event, StepMetrics):
        sizes, shares = [event.loss, event.images_per_second], [event.accuracy]
    else:
        sizes = [event.train_loss, event.val_loss]
        shares = [event.train_accuracy, event.val_accuracy]
    return all(0 <= size < math.inf for size in sizes) and all(0 <= each <= 1 for each in shares)


def _exploding_loss(run: Run) -> Advice | None:
    """What ``diverging`` says before there are epochs enough."""
    if len(run.steps) <= NORMS:
        return None
    first, recent = run.steps[0].loss, run.steps[-NORMS:]
    start = max(first, math.log(run.classes)) if run.classes else first
    if any(step.loss < EXPLODED * start for step in recent):
        return None
    return Advice(
        "diverging",
        f"Loss went up from {first:.3g} to {recent[-1].loss:.3g} by step {recent[-1].step:,}: the "
        f"steps are too large (divergence); try {_lower_lr(run.config)}.",
        recent[-1].epoch,
        "training-loop",
    )


def _why_not_learning(run: Run, guessing: float) -> str:
    config = run.config
    norms = [step.gradient_norm for step in run.steps if step.gradient_norm is not None]
    clip = config.clip_grad
    if config.optimizer == "sgd" and clip and norms and median(norms) > CLIPPED_TO_NOTHING * clip:
        return (
            f"--clip-grad {clip:g} cuts gradients of norm {median(norms):.2g} to nothing; raise it"
        )
    if config.lr * FAR_OFF < usual_lr(config):
        return f"the steps are too small; try --lr {usual_lr(config):g}"
    if max(epoch.train_loss for epoch in run.epochs) > (1 + THROWN_ABOUT) * guessing:
        return f"the steps were too large; try {_lower_lr(config)}"
    return f"try {_lower_lr(config)}, and see whether the labels are right"


def _lower_lr(config: TrainConfig) -> str:
    """A tenth of the rate, or the usual one where even that would be far too much."""
    tenth, usual = config.lr / 10, usual_lr(config)
    lower = usual if tenth > FAR_OFF * usual else tenth
    return f"--lr {lower:.2g} (now {config.lr:g})"


def _last_norms(run: Run) -> list[float]:
    """The gradient norms of the last flushes; empty where one is not known."""
    norms = [step.gradient_norm for step in run.steps[-NORMS:]]
    known = [norm for norm in norms if norm is not None and math.isfinite(norm)]
    return known if len(known) == NORMS else []


def _regularisers(config: TrainConfig) -> str:
    """The first two of the ways against overfitting that the run does not use yet."""
    ways = []
    if config.augment == "none":
        ways.append("--augment crop")
    if config.net.info.has_dropout and not config.dropout:
        ways.append("--dropout 0.5")
    if config.weight_decay == 0:
        ways.append("--weight-decay 1e-4")
    if config.patience is None:
        ways.append("--patience 3")
    if not config.label_smoothing:
        ways.append("--label-smoothing 0.1")
    return " or ".join(ways[:2]) or "more training images or a smaller network"


def _how_it_rose(run: Run) -> str:
    """What validation loss has done since its best epoch."""
    best, latest = run.best_loss, run.epochs[-1]
    since = [epoch.val_loss for epoch in run.epochs if epoch.epoch >= best.epoch]
    for_epochs = f"for {latest.epoch - best.epoch} epochs"
    if all(before < after for before, after in pairwise(since)):
        return f"has risen {for_epochs}, from {best.val_loss:.2g} to {latest.val_loss:.2g},"
    return f"has been above its best (epoch {best.epoch}, {best.val_loss:.2g}) {for_epochs}"


def _ways_to_keep_a_gpu_busy(run: Run) -> list[str]:
    """What gives a GPU more to do for each call from Python, of what this run accepts."""
    config, images = run.config, LARGEST_BATCH
    processes = config.nproc * config.nnodes
    if run.started is not None:
        images, processes = run.started.train_images, max(processes, run.started.processes)
    larger = min(4 * config.batch_size, LARGEST_BATCH, images)
    ways = [f"--batch-size {larger}"] if larger > config.batch_size else []
    if processes == 1 and not config.cuda_graphs and not run.has_no_graphs:
        ways.append("--cuda-graphs")
    return ways


def _what_is_harder(config: TrainConfig) -> list[str]:
    """What makes an image harder for the network while it trains."""
    causes = []
    if config.net.info.has_dropout and config.dropout != 0:
        causes.append("dropout")
    if config.augment != "none" or config.cutout:
        causes.append("augmentation")
    return causes


def _lowest(epochs: Sequence[EpochMetrics], name: str) -> float:
    return min(float(getattr(epoch, name)) for epoch in epochs)
