"""What the snapshots of a network's inside show, layer by layer, and what to read about it.

As with the advice from a run's numbers, a rule that is not sure is silent: the thresholds were
set on runs that learn, of which nothing is said.
"""

from collections.abc import Callable, Iterator, Sequence

from cnn_tui.next_steps import Action, step
from cnn_tui.training.records import Advice
from cnn_tui.training.store.inspection_records import Inspection, Inspections, LayerInspection

ENOUGH_IMAGES = 512
DEAD = 0.25
"""A few channels that are 0 for all images are usual; from this part on, a layer loses much."""
FALL = 1e-4
"""The first layer's gradient, relative to its weights, as a part of the last one's."""
LEAST_UPDATE, LARGEST_UPDATE = 1e-6, 0.3
"""Of the weights, in one step: about 1e-3 is usual (a rule of thumb), from 1e-5 to 1e-1 were seen
in runs that learn."""
HIGH_RATE = 0.5
"""Above this part of its peak, the learning rate is high enough to judge updates by."""
OFF, NARROW, WIDE = 0.5, 0.5, 2.0
"""Standard deviations by which a running mean, and factors by which a running standard deviation,
may be off what the validation images have."""
NAMED = 3

_Found = Iterator[tuple[str, str, str]]
"""Of each thing that was found: the rule, the sentence, the topic."""


def advise_inside(found: Inspections) -> tuple[Advice, ...]:
    """What the snapshots show, most important first; each sentence names the layers."""
    return tuple(
        Advice(rule, sentence, _epoch(found), topic, (step(Action.READ_TOPIC, topic),))
        for rules in RULES
        for rule, sentence, topic in rules(found.snapshots)
    )


def not_finite(snapshots: Sequence[Inspection]) -> _Found:
    """Weights or gradients that are no numbers."""
    if not snapshots:
        return
    named = [
        each.name
        for each in snapshots[-1].layers
        if not abs(each.weight_norm) + abs(each.gradient_norm) < float("inf")
    ]
    if named:
        yield (
            "inside-not-finite",
            f"Weights or gradients of {_listed(named)} are no longer numbers: training diverged.",
            "optimizers",
        )


def dead_channels(snapshots: Sequence[Inspection]) -> _Found:
    """Channels that are 0 at every position of enough images."""
    last = _last(snapshots, lambda each: each.images >= ENOUGH_IMAGES)
    if last is None:
        return
    dead = [each for each in last.layers if (each.dead or 0.0) >= DEAD]
    if dead:
        worst = max(dead, key=lambda each: each.dead or 0.0)
        yield (
            "dead-channels",
            f"{100 * (worst.dead or 0.0):.0f} % of the channels behind {worst.name} are 0 at every "
            f"position of {last.images} validation images"
            f"{_also([each.name for each in dead if each is not worst])}: dead ReLUs, which learn "
            "no more; try a lower learning rate, or batch norm before the ReLU.",
            "batchnorm-effects",
        )


def gradients_by_depth(snapshots: Sequence[Inspection]) -> _Found:
    """Gradients that shrink or grow by orders of magnitude from the last layer to the first."""
    recent = snapshots[-2:]
    ratios = [ratio for each in recent if (ratio := _first_to_last(each)) is not None]
    if len(ratios) < 2:
        return
    first = next(each.name for each in recent[-1].layers if each.is_matrix)
    if max(ratios) < FALL:
        yield (
            "vanishing-inside",
            f"The gradient of {first}, relative to its weights, is {ratios[-1]:.0e} of that of "
            "the last layer: it vanishes on the way back; try skip connections or batch norm.",
            "skip-connections",
        )
    elif min(ratios) > 1 / FALL:
        yield (
            "exploding-inside",
            f"The gradient of {first}, relative to its weights, is {ratios[-1]:.0e} times that "
            "of the last layer: it explodes on the way back; try gradient clipping, or batch norm.",
            "optimizers",
        )


def updates(snapshots: Sequence[Inspection]) -> _Found:
    """Steps that change a layer's weights by far too much, or by next to nothing."""
    judged = [each for each in snapshots if each.rate_part >= HIGH_RATE][-2:]
    if len(judged) < 2:
        return
    for rule, is_off, what in (
        ("large-updates", _is_large, "changes by more than {:.0%} in one step: lower the rate"),
        (
            "small-updates",
            _is_small,
            "hardly changes (less than {:.0e} of its weights in one "
            "step): it learns next to nothing; raise the rate, or see whether its gradient "
            "arrives",
        ),
    ):
        named = [
            layer.name
            for layer in judged[-1].layers
            if is_off(layer) and any(is_off(o) for o in judged[0].layers if o.name == layer.name)
        ]
        if named:
            limit = LARGEST_UPDATE if rule == "large-updates" else LEAST_UPDATE
            yield rule, f"{_listed(named)} {what.format(limit)}.", "optimizers"


def batch_norm_behind(snapshots: Sequence[Inspection]) -> _Found:
    """Running averages that are not those of the images."""
    last = _last(snapshots, lambda each: each.images > 0)
    behind = [] if last is None else [each for each in last.layers if _is_behind(each)]
    if behind:
        yield (
            "batch-norm-behind",
            f"The running averages of {_listed([each.name for each in behind])} are not those of "
            f"the validation images ({_how_far(behind[0])}): they lag behind, or training images "
            "differ; train longer, or with a smaller batch.",
            "batchnorm-train-eval",
        )


RULES: tuple[Callable[[Sequence[Inspection]], _Found], ...] = (
    not_finite,
    gradients_by_depth,
    dead_channels,
    updates,
    batch_norm_behind,
)


def _first_to_last(snapshot: Inspection) -> float | None:
    """The first layer's gradient relative to its weights, as a part of the last one's."""
    relative = [
        each.gradient_norm / each.weight_norm
        for each in snapshot.layers
        if each.is_matrix and each.weight_norm
    ]
    return relative[0] / relative[-1] if len(relative) > 1 and relative[-1] else None


def _is_large(layer: LayerInspection) -> bool:
    return layer.is_matrix and (layer.update_ratio or 0.0) > LARGEST_UPDATE


def _is_small(layer: LayerInspection) -> bool:
    ratio = layer.update_ratio
    return layer.is_matrix and ratio is not None and ratio < LEAST_UPDATE


def _is_behind(layer: LayerInspection) -> bool:
    off = layer.mean_gap is not None and layer.mean_gap > OFF
    return off or (layer.std_ratio is not None and not NARROW <= layer.std_ratio <= WIDE)


def _how_far(layer: LayerInspection) -> str:
    """By how much a batch norm's averages are off, in what is off."""
    if layer.mean_gap is not None and layer.mean_gap > OFF:
        return f"means of {layer.name} are off by {layer.mean_gap:.1f} standard deviations"
    return f"standard deviations of {layer.name} are {layer.std_ratio or 0.0:.2g} times theirs"


def _last(snapshots: Sequence[Inspection], fits: Callable[[Inspection], bool]) -> Inspection | None:
    return next((each for each in reversed(snapshots) if fits(each)), None)


def _epoch(found: Inspections) -> int | None:
    return found.snapshots[-1].epoch if found.snapshots else None


def _listed(names: Sequence[str]) -> str:
    """``a, b and c``, or ``a, b, c and 4 more layers``."""
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more layers"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _also(names: Sequence[str]) -> str:
    return f", and so it is behind {_listed(names)}" if names else ""
