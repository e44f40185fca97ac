"""How long an epoch takes: estimated from the first steps, then measured."""

from dataclasses import replace

import pytest

from cnn_tui.training.records import EpochMetrics, StepMetrics
from cnn_tui.training.store.metrics import epoch_seconds
from tests.made_up_runs import events


def test_estimates_an_epoch_from_its_first_steps() -> None:
    told = list(events(10, 1, None))[:3]
    latest = told[-1]
    assert isinstance(latest, StepMetrics)
    assert epoch_seconds(told) == pytest.approx(1.0)
    assert epoch_seconds([told[0], replace(latest, seconds_left=1.92)]) == pytest.approx(0.2)
    assert epoch_seconds(told[:1]) is None
    assert epoch_seconds([]) is None


def test_estimates_it_from_the_speed_of_a_run_that_does_not_tell_the_time_left() -> None:
    started, latest = list(events(10, 1, None))[:2]
    assert isinstance(latest, StepMetrics)
    told = [started, replace(latest, seconds_left=None)]
    assert epoch_seconds(told) == pytest.approx((1_294 + 144 / 3) / 12_345)
    assert epoch_seconds([started, replace(told[1], images_per_second=0.0)]) is None


def test_measures_it_from_the_first_epoch_on_and_overlooks_one_that_was_disturbed() -> None:
    told = list(events(10, 4, None))
    assert epoch_seconds(told) == 1.0
    disturbed = [
        replace(event, seconds=60.0)
        if isinstance(event, EpochMetrics) and event.epoch == 3
        else event
        for event in told
    ]
    assert epoch_seconds(disturbed) == 1.0
