"""A run's numbers in columns, which grow with the run."""

import math
from dataclasses import replace

import pytest

from cnn_tui.render.runs.history import Average, RunHistory, extent
from cnn_tui.training.records import Event, Resumed, Started, StepMetrics
from tests.made_up_runs import events


def test_puts_training_on_each_axis() -> None:
    history = RunHistory("run", list(events(10, 3, None)))
    xs, ys = history.column("step", "loss", "epoch")
    assert (xs[0], xs[-1]) == (0.2, 3.0)
    assert ys[0] == pytest.approx(2.3 / 1.25)
    assert history.column("step", "loss", "step")[0][-1] == 30
    assert history.column("step", "loss", "time")[0][-1] == pytest.approx(3.0)
    assert history.column("epoch", "val_accuracy", "epoch")[0] == [1.0, 2.0, 3.0]
    assert history.column("epoch", "val_accuracy", "step")[0] == [10.0, 20.0, 30.0]
    assert extent([history], "step") == (2.0, 30.0)
    assert extent([RunHistory("new")], "epoch") == (0.0, 0.0)


def test_grows_as_if_it_had_been_read_at_once() -> None:
    told = list(events(10, 4, "finished"))
    history = RunHistory("run")
    for length in range(len(told) + 1):
        history.take(tuple(told[:length]))
        history.column("step", "loss", "epoch", 0.6)
    for column in ("loss", "accuracy", "lr", "images_per_second"):
        for smoothing in (0.0, 0.6):
            whole = RunHistory("run", told).column("step", column, "time", smoothing)
            assert history.column("step", column, "time", smoothing) == whole


def test_begins_again_where_a_resumed_run_took_back_what_it_told() -> None:
    told: list[Event] = list(events(10, 4, None))
    history = RunHistory("run", told)
    kept = [event for event in told if event.step <= 20 and event.epoch <= 2]
    later = _resumed(kept[0], at=told[-1].time + 3600.0, step=20)
    others = [
        replace(event, loss=9.0) if isinstance(event, StepMetrics) else event
        for event in _moved(told[len(kept) :], by=3600.0)
    ]
    again = [*kept, later, *others]
    history.take(again)
    xs, losses = history.column("step", "loss", "step")
    assert list(xs) == sorted(set(xs))
    assert len(xs) == 20
    assert losses[-10:] == [9.0] * 10


def test_does_not_count_the_hours_between_a_stop_and_a_resume() -> None:
    told = list(events(10, 2, "stopped"))[:-1]
    resumed = _resumed(told[0], at=told[-1].time + 7200.0, step=20)
    after = [event for event in events(10, 4, None) if event.step > 20]
    history = RunHistory("run", [*told, resumed, *_moved(after, by=7200.0)])
    assert extent([history], "time")[1] == pytest.approx(4.0, abs=1.0)


def test_never_runs_backwards_where_a_clock_was_set_back() -> None:
    told = [replace(event, time=-event.time) for event in events(10, 2, None)]
    xs, _ = RunHistory("run", told).column("step", "loss", "time")
    assert list(xs) == sorted(xs)


def test_keeps_what_a_gpu_tells_in_percent() -> None:
    told = list(events(10, 1, None))
    started, first = told[0], told[1]
    assert isinstance(started, Started) and isinstance(first, StepMetrics)
    history = RunHistory("run", told)
    assert not history.told("step", "gpu_busy")
    on_gpu = [
        replace(started, device_memory=80 * 2**30),
        replace(first, gpu_utilization=0.93, gpu_memory=20 * 2**30),
    ]
    history = RunHistory("run", on_gpu)
    assert history.column("step", "gpu_busy", "step")[1] == [pytest.approx(93.0)]
    assert history.column("step", "gpu_memory", "step")[1] == [pytest.approx(25.0)]


def test_smooths_without_a_start_from_zero() -> None:
    assert _smoothed([4.0, 4.0, 4.0], 0.9) == pytest.approx([4.0, 4.0, 4.0])
    assert _smoothed([0.0, 1.0], 0.5) == pytest.approx([0.0, 2 / 3])
    gap = _smoothed([1.0, math.nan, 1.0], 0.5)
    assert math.isnan(gap[1]) and gap[2] == pytest.approx(1.0)


def _smoothed(values: list[float], weight: float) -> list[float]:
    average = Average(weight)
    average.take(values)
    return average.values


def _moved(told: list[Event], by: float) -> list[Event]:
    return [replace(event, time=event.time + by) for event in told]


def _resumed(started: Event, at: float, step: int) -> Resumed:
    assert isinstance(started, Started)
    return Resumed(**(vars(started) | {"time": at, "step": step, "epoch": step // 10}))
