"""What the lab claims of made-up numbers, and where it refuses to."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_tui.training.records import Ended, Event, Started
from cnn_tui.training.store.metrics import read_events
from cnn_tui.training.studies.records import ArmResult
from cnn_tui.training.studies.results import converged, finding
from cnn_tui.training.studies.watch import StudyWatch
from cnn_tui.workspace import Workspace
from tests.made_up_runs import write_metrics
from tests.made_up_studies import ORDER, make_study


def arm(label: str, accuracy: Sequence[float]) -> ArmResult:
    n = len(accuracy)
    return ArmResult(
        name=label,
        label=label,
        net="lenet5",
        runs=("run",) * n,
        accuracy=tuple(accuracy),
        loss_gap=(0.1,) * n,
        parameters=10,
        seconds_per_epoch=(1.0,) * n,
        epochs_to_convergence=(1,) * n,
        val_accuracy=((0.5, 0.9),) * n,
        train_loss=((2.0, 1.0),) * n,
    )


def arms(*accuracies: Sequence[float]) -> list[ArmResult]:
    return [arm(label, each) for label, each in zip("ABCD", accuracies, strict=False)]


@st.composite
def made_up(draw: st.DrawFn) -> list[ArmResult]:
    seeds = draw(st.integers(1, 5))
    accuracy = st.integers(0, 12).map(lambda correct: correct / 12)
    row = st.lists(accuracy, min_size=seeds, max_size=seeds)
    return arms(*draw(st.lists(row, min_size=2, max_size=4)))


def same_direction(base: ArmResult, other: ArmResult) -> bool:
    pairs = list(zip(base.accuracy, other.accuracy, strict=True))
    return all(a < b for a, b in pairs) or all(a > b for a, b in pairs)


@given(made_up())
def test_claims_only_what_every_one_of_several_seeds_says(results: list[ArmResult]) -> None:
    sentence, agreed = finding(results)
    base, *others = results
    several = len(base.accuracy) > 1
    assert agreed == (several and all(same_direction(base, each) for each in others))
    assert sentence.startswith("On ") is agreed
    assert sentence.endswith(".") and "\n" not in sentence


@given(made_up())
def test_tells_an_order_only_where_every_seed_has_it(results: list[ArmResult]) -> None:
    sentence, _ = finding(results)
    _, told, order = sentence.rstrip(".").partition("every seed has the order ")
    if told:
        place = {each.label: each for each in results}
        ranked = [place[label].accuracy for label in order.split(" < ")]
        for of_seed in zip(*ranked, strict=True):
            assert list(of_seed) == sorted(set(of_seed))


def test_tells_the_margins_of_two_arms() -> None:
    sentence, agreed = finding(arms((0.90, 0.91, 0.92), (0.99, 0.98, 0.97)))
    assert agreed
    assert sentence == (
        "On 3 of 3 seeds, test accuracy is higher with B (+5.0 to +9.0 points) "
        "than with A (91.0 % on average)."
    )


def test_tells_what_is_better_and_what_is_worse() -> None:
    sentence, agreed = finding(arms((0.5, 0.6), (0.6, 0.7), (0.4, 0.5), (0.8, 0.65)))
    assert agreed
    assert "higher with B (+10.0 points) and D (+5.0 to +30.0 points)" in sentence
    assert "lower with C (-10.0 points) than with A" in sentence
    assert "the order of the others differs" in sentence


PAIRS = (("B", "A"), ("D", "C"))


def test_holds_each_arm_against_its_partner_and_no_other() -> None:
    sentence, agreed = finding(arms((0.5, 0.6), (0.6, 0.7), (0.9, 0.8), (0.7, 0.75)), PAIRS)
    assert agreed
    assert sentence == (
        "On 2 of 2 seeds, test accuracy is higher with B than with A (+10.0 points) and "
        "lower with D than with C (-20.0 to -5.0 points)."
    )


def test_says_of_which_pairs_nothing_is_claimed() -> None:
    sentence, agreed = finding(arms((0.5, 0.6), (0.6, 0.7), (0.9, 0.8), (0.7, 0.85)), PAIRS)
    assert not agreed
    assert sentence == (
        "The seeds disagree: against C, test accuracy with D is higher on 1 and lower on 1 "
        "of 2 seeds; nothing is claimed."
    )


def test_only_ranks_arms_that_differ_in_more_than_one_thing(workspace: Workspace) -> None:
    order = replace(ORDER, name="architectures", seeds=2)
    make_study(workspace, 14, order)
    result = StudyWatch(workspace, order).look().result
    assert result is not None
    assert result.ranking.startswith("By mean test accuracy: LeNet-5 90.5 %, LeNet-5 + BN 90.5 %")
    assert "none of these alone explains a difference" in result.ranking


def test_tells_no_loss_gap_of_runs_that_did_not_measure_it(workspace: Workspace) -> None:
    runs = make_study(workspace, 4)
    first = [_as_before(event) for event in read_events(runs[0].metrics_file)]
    write_metrics(runs[0], first)
    result = StudyWatch(workspace, ORDER).look().result
    assert result is not None
    assert [arm.loss_gap for arm in result.arms] == [(None, GAP), (GAP, GAP)]
    assert {arm.wrong_labels_learned for arm in result.arms} == {(None, None)}
    assert result.ranking == ""


GAP = pytest.approx(0.03)
"""A made-up run's test loss of 0.08 minus its loss of 0.05 on the training images."""


def _as_before(event: Event) -> Event:
    return replace(event, right_label_loss=None) if isinstance(event, Ended) else event


def test_counts_the_seeds_where_they_disagree() -> None:
    sentence, agreed = finding(arms((0.5, 0.5, 0.5), (0.6, 0.5, 0.4), (0.6, 0.6, 0.6)))
    assert not agreed
    assert "with B is higher on 1, lower on 1 and the same on 1 of 3 seeds" in sentence
    assert "with C" not in sentence


def test_does_not_call_it_a_disagreement_where_no_seed_shows_a_difference() -> None:
    sentence, agreed = finding(arms((0.1, 0.5), (0.1, 0.5)))
    assert not agreed
    assert sentence == (
        "No difference: against A, test accuracy with B is the same on 2 of 2 seeds; "
        "nothing is claimed."
    )


def test_tells_no_margin_of_nothing() -> None:
    sentence, _ = finding(arms((0.5, 0.5), (0.5001, 0.6)))
    assert "(+0.01 to +10.00 points)" in sentence


def test_says_that_one_seed_is_too_few() -> None:
    sentence, agreed = finding(arms((0.5,), (0.9,)))
    assert not agreed
    assert "50.0 % with A and 90.0 % with B" in sentence
    assert "ask for 3 seeds or more" in sentence
    assert "ask for" not in finding(arms((0.5,), (0.9,)), is_all=False)[0]


@pytest.mark.parametrize(
    ("accuracies", "epoch"),
    [([0.5], 1), ([0.1, 0.9, 0.95, 0.955], 3), ([0.9, 0.2, 0.3], 1), ([0.2, 0.3, 0.9], 3)],
)
def test_counts_the_epochs_to_convergence(accuracies: list[float], epoch: int) -> None:
    assert converged(accuracies) == epoch


def _on_uneven_classes(event: Event) -> Event:
    if isinstance(event, Started):
        return replace(event, val_baseline=0.9)
    if isinstance(event, Ended):
        return replace(event, baseline_accuracy=0.95, balanced_accuracy=0.5, is_uneven=True)
    return event


def test_tells_what_the_largest_class_is_worth_where_all_runs_agree(workspace: Workspace) -> None:
    runs = make_study(workspace, 4)
    for run in runs:
        write_metrics(run, map(_on_uneven_classes, list(read_events(run.metrics_file))))
    progress = StudyWatch(workspace, ORDER).look()
    assert progress.result is not None
    assert (progress.result.baseline_accuracy, progress.result.is_uneven) == (0.95, True)
    assert [arm.balanced_accuracy for arm in progress.result.arms] == [(0.5, 0.5), (0.5, 0.5)]
    for arms in (progress.result.arms, progress.curves):
        assert [arm.uneven_val_baseline for arm in arms] == [0.9, 0.9]
    started, *rest = read_events(runs[0].metrics_file)
    assert isinstance(started, Started)
    write_metrics(runs[0], [replace(started, val_baseline=0.8), *rest])
    curves = StudyWatch(workspace, ORDER).look().curves
    assert [arm.uneven_val_baseline for arm in curves] == [None, 0.9]
