"""What the runs of a study show, stated from their numbers alone; torch-free."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import fmean

from cnn_tui.errors import RunError
from cnn_tui.next_steps import Action, step
from cnn_tui.training.records import Ended, EpochMetrics, Started
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.metrics import read_events
from cnn_tui.training.studies.records import (
    CONVERGED,
    Arm,
    ArmResult,
    PlannedRun,
    Study,
    StudyResult,
)


def study_result(
    study: Study,
    planned: Sequence[PlannedRun],
    found: Mapping[str, RunFolder],
    *,
    is_all: bool = True,
) -> StudyResult:
    """The result of a study whose runs, by their planned names, have all finished.

    ``is_all`` says that no further seeds are to come. Raises RunError where a run
    has not finished.
    """
    arms = tuple(
        _arm_result(arm, [found[each.name] for each in planned if each.arm == arm])
        for arm in study.arms
    )
    sentence, agreed = finding(arms, study.pairs, is_all=is_all)
    *_, end = _read(found[planned[0].name])  # all runs are tested on the same images
    return StudyResult(
        name=study.name,
        data=str(planned[0].config.data),
        epochs=planned[0].config.epochs,
        seeds=tuple(dict.fromkeys(each.seed for each in planned)),
        arms=arms,
        finding=sentence,
        agreed=agreed,
        baseline_accuracy=end.baseline_accuracy,
        is_uneven=end.is_uneven,
        ranking=_ranking(arms, study.ranking) if study.ranking else "",
    )


def finding(
    arms: Sequence[ArmResult], pairs: Sequence[tuple[str, str]] = (), *, is_all: bool = True
) -> tuple[str, bool]:
    """One sentence on the arms' test accuracies, and whether it is a claim.

    It is one only where every arm differs from the first, or from its partner in
    ``pairs``, in the same direction on all of several seeds; else the sentence says
    what speaks against it.
    """
    base, *others = arms
    seeds = len(base.accuracy)
    if seeds < 2:
        advice = "; ask for 3 seeds or more" if is_all else ""
        return (
            f"One seed cannot tell an effect from chance: it gave {_means(arms)}{advice}."
        ), False
    named = {arm.name: arm for arm in arms}
    held = [(named[base], named[other]) for other, base in pairs]
    held = held or [(base, other) for other in others]
    unsure = [pair for pair in held if not _agree(_margins(*pair))]
    if unsure:
        differ = any(margin for pair in unsure for margin in _margins(*pair))
        why = "The seeds disagree" if differ else "No difference"
        return f"{why}: {_counts(unsure)} of {seeds} seeds; nothing is claimed.", False
    if pairs:
        return f"On {seeds} of {seeds} seeds, test accuracy is {_paired(held)}.", True
    better = [arm for arm in others if min(_margins(base, arm)) > 0]
    worse = [arm for arm in others if arm not in better]
    told = [
        f"{word} with {listed([f'{arm.label} ({_range(_margins(base, arm))})' for arm in group])}"
        for word, group in (("higher", better), ("lower", worse))
        if group
    ]
    return (
        f"On {seeds} of {seeds} seeds, test accuracy is {' and '.join(told)} than with "
        f"{base.label} ({100 * fmean(base.accuracy):.1f} % on average){_order(arms)}."
    ), True


def _arm_result(arm: Arm, runs: Sequence[RunFolder]) -> ArmResult:
    told = [_read(run) for run in runs]
    curves = [epochs for _, epochs, _ in told]
    return ArmResult(
        name=arm.name,
        label=arm.label,
        net=arm.net,
        runs=tuple(run.run for run in runs),
        accuracy=tuple(end.test_accuracy or 0.0 for _, _, end in told),
        loss_gap=tuple(_gap(end) for _, _, end in told),
        parameters=told[0][0].parameters,
        seconds_per_epoch=tuple(fmean(each.seconds for each in epochs) for epochs in curves),
        epochs_to_convergence=tuple(
            converged([each.val_accuracy for each in epochs]) for epochs in curves
        ),
        val_accuracy=tuple(tuple(each.val_accuracy for each in epochs) for epochs in curves),
        train_loss=tuple(tuple(each.train_loss for each in epochs) for epochs in curves),
        balanced_accuracy=tuple(end.balanced_accuracy for _, _, end in told),
        uneven_val_baseline=shared_baseline(started for started, _, _ in told),
        wrong_labels_learned=tuple(end.wrong_labels_learned for _, _, end in told),
    )


def _gap(end: Ended) -> float | None:
    """By how much the loss is higher on test images than on training images with right labels."""
    if end.test_loss is None or end.right_label_loss is None:
        return None
    return end.test_loss - end.right_label_loss


def shared_baseline(told: Iterable[Started]) -> float | None:
    """The baseline of uneven validation images on which all runs agree; else None."""
    baselines = {each.uneven_val_baseline for each in told}
    return baselines.pop() if len(baselines) == 1 else None


def converged(accuracies: Sequence[float]) -> int:
    """The first epoch, from 1, whose accuracy is within CONVERGED of the best of all."""
    near = max(accuracies) - CONVERGED
    return next(epoch for epoch, each in enumerate(accuracies, 1) if each >= near)


def _read(run: RunFolder) -> tuple[Started, list[EpochMetrics], Ended]:
    events = read_events(run.metrics_file)
    started = next((each for each in events if isinstance(each, Started)), None)
    epochs = [each for each in events if isinstance(each, EpochMetrics)]
    end = events[-1] if events else None
    if started is None or not epochs or not isinstance(end, Ended) or end.test_accuracy is None:
        raise RunError(
            f"The metrics of run {run.run} are not whole: delete it, and give the same command "
            "again.",
            next_steps=(step(Action.DELETE_RUN, run.run),),
        )
    return started, epochs, end


def _margins(base: ArmResult, arm: ArmResult) -> list[float]:
    """By how much the arm is above the base, seed by seed."""
    return [ours - theirs for ours, theirs in zip(arm.accuracy, base.accuracy, strict=True)]


def _agree(margins: Sequence[float]) -> bool:
    return min(margins) > 0 or max(margins) < 0


def _range(margins: Sequence[float]) -> str:
    """Margins in points: ``+7.0 to +9.2 points``; one that is none at one decimal gets two."""
    digits = 1 if min(map(abs, margins)) >= 0.0005 else 2
    low, high = (f"{100 * margin:+.{digits}f}" for margin in (min(margins), max(margins)))
    return f"{low} points" if low == high else f"{low} to {high} points"


def _paired(held: Sequence[tuple[ArmResult, ArmResult]]) -> str:
    """What each arm does better or worse than the one that it is held against."""
    told = []
    for base, arm in held:
        margins = _margins(base, arm)
        word = "higher" if min(margins) > 0 else "lower"
        told.append(f"{word} with {arm.label} than with {base.label} ({_range(margins)})")
    return listed(told)


def _counts(unsure: Sequence[tuple[ArmResult, ArmResult]]) -> str:
    """On how many seeds each arm was better, under the name of what it is held against."""
    by_base: dict[str, list[str]] = {}
    for base, arm in unsure:
        by_base.setdefault(base.label, []).append(_count(base, arm))
    told = [
        f"against {base}, test accuracy {', and '.join(counts)}" for base, counts in by_base.items()
    ]
    return "; ".join(told)


def _ranking(arms: Sequence[ArmResult], why: str) -> str:
    """The arms by their mean test accuracy, and why their order is no finding."""
    ranked = sorted(arms, key=lambda arm: fmean(arm.accuracy), reverse=True)
    told = ", ".join(f"{arm.label} {100 * fmean(arm.accuracy):.1f} %" for arm in ranked)
    return f"By mean test accuracy: {told}. {why}"


def _count(base: ArmResult, arm: ArmResult) -> str:
    margins = _margins(base, arm)
    counts = {
        "higher": sum(margin > 0 for margin in margins),
        "lower": sum(margin < 0 for margin in margins),
        "the same": sum(margin == 0 for margin in margins),
    }
    told = [f"{word} on {count}" for word, count in counts.items() if count]
    return f"with {arm.label} is {listed(told)}"


def _order(arms: Sequence[ArmResult]) -> str:
    """The order of all arms where there are more than two, if it is the same on every seed."""
    if len(arms) < 3:
        return ""
    ranked = sorted(arms, key=lambda arm: fmean(arm.accuracy))
    if all(min(_margins(lower, higher)) > 0 for lower, higher in pairwise(ranked)):
        return f"; every seed has the order {' < '.join(arm.label for arm in ranked)}"
    return "; the order of the others differs between the seeds"


def _means(arms: Sequence[ArmResult]) -> str:
    return listed([f"{100 * fmean(arm.accuracy):.1f} % with {arm.label}" for arm in arms])


def listed(words: Sequence[str]) -> str:
    """Words in a sentence: ``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
