"""Asks every rule about a run, and keeps the two things that are worth saying most.

A rule is a function that looks at one run and says one sentence or nothing. One
that is not sure is silent: the thresholds were set on runs that learn, about
which there is nothing to say, and on runs that were broken on purpose.
"""

from collections.abc import Callable, Sequence

from cnn_tui.training.advice.divergence import (
    diverging,
    exploding_gradient,
    loss_is_nan,
    vanishing_gradient,
)
from cnn_tui.training.advice.evidence import Run, is_sound, steps_that_matter
from cnn_tui.training.advice.learning import (
    at_baseline,
    not_learning,
    plateau,
    still_improving,
    underfitting,
)
from cnn_tui.training.advice.overfitting import large_gap, memorized, overfitting
from cnn_tui.training.advice.throughput import gpu_waits, slower
from cnn_tui.training.advice.validation import (
    batch_norm_lags,
    epoch_mean,
    test_below,
    too_much_dropout,
    untested,
    validation_above,
)
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.records import (
    NO_CUDA_GRAPHS,
    Advice,
    Ended,
    EpochMetrics,
    Event,
    Note,
    RunStatus,
    Started,
)

MOST = 2
"""More than two sentences at once are not read."""

Rule = Callable[[Run], Advice | None]

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
        at_baseline,
        underfitting,
        still_improving,
        plateau,
        memorized,
        validation_above,
        epoch_mean,
    ),
    (test_below, untested),
    (slower, gpu_waits),
)
"""Of each family the first rule that speaks is heard: the later ones follow from it."""


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
        [event for event in events if isinstance(event, EpochMetrics) and is_sound(event)],
        steps_that_matter(events),
        end,
        any(isinstance(e, Note) and e.message.startswith(NO_CUDA_GRAPHS) for e in events),
    )
    found = (_first(rules, run) for rules in _families(run))
    return tuple(advice for advice in found if advice is not None)[:MOST]


def _families(run: Run) -> tuple[tuple[Rule, ...], ...]:
    """The rules for which there is evidence enough.

    Of little evidence only what no chance explains remains, and what comes of few steps.
    """
    if run.has_images and run.has_steps:
        return FAMILIES
    return ((loss_is_nan, batch_norm_lags) if run.has_images else (loss_is_nan,), (untested,))


def _first(rules: Sequence[Rule], run: Run) -> Advice | None:
    return next((advice for rule in rules if (advice := rule(run)) is not None), None)
