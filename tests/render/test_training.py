"""A run as curves and as a line, from what it told."""

import math

import pytest
from rich.console import Console

from cnn_tui.render.training import charts, run_curves, run_headline, smoothed
from cnn_tui.training.records import RunStatus
from tests.made_up_runs import CREATED, events


def status(state: str, done: int) -> RunStatus:
    return RunStatus(
        run="20231114-221320-lenet5-digits-aaaa",
        name="",
        net="lenet5",
        data="digits",
        state=state,
        epoch=done,
        epochs=10,
        step=10 * done,
        best_val_accuracy=0.9,
        test_accuracy=0.975 if state == "finished" else None,
        test_loss=None,
        images_per_second=None,
        message="",
        created=CREATED,
        updated=CREATED,
    )


def drawn(*parts: object, width: int = 80) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    return capture.get()


def test_puts_training_on_the_axis_of_epochs() -> None:
    curves = run_curves("run", list(events(10, 3, None)))
    assert curves.train_loss.xs[0] == 0.2
    assert curves.train_loss.xs[-1] == 3.0
    assert curves.val_loss.xs == (1.0, 2.0, 3.0)
    assert curves.val_accuracy.ys[-1] > 80


def test_says_how_long_a_running_run_will_take() -> None:
    line = drawn(run_headline(status("running", 4), list(events(10, 4, None))))
    assert "epoch 4/10" in line
    assert "12,345 images/s" in line
    assert "6.0 s left" in line


def test_tells_an_interrupted_run_how_to_go_on() -> None:
    line = drawn(run_headline(status("interrupted", 4), list(events(10, 4, None))))
    assert "cnn-lab resume 20231114-221320-lenet5-digits-aaaa" in " ".join(line.split())


def test_puts_the_charts_side_by_side_where_there_is_room() -> None:
    curves = [run_curves("run", list(events(10, 3, None)))]
    narrow = drawn(charts(curves, width=80, height=24, colour=False))
    wide = drawn(charts(curves, width=120, height=24, colour=False), width=120)
    assert "Accuracy" not in narrow.splitlines()[0]
    assert "Loss" in wide.splitlines()[0]
    assert "Accuracy" in wide.splitlines()[0]


def test_lays_the_validation_curves_of_several_runs_over_each_other() -> None:
    curves = [run_curves(name, list(events(10, 5, None))) for name in ("first", "second")]
    picture = drawn(charts(curves, width=80, height=24, colour=False))
    assert "▚ first" in picture
    assert "• second" in picture
    assert "train" not in picture


def test_smooths_without_a_start_from_zero() -> None:
    assert smoothed([4.0, 4.0, 4.0], 0.9) == pytest.approx([4.0, 4.0, 4.0])
    assert smoothed([0.0, 1.0], 0.5) == pytest.approx([0.0, 2 / 3])
    assert smoothed([2.0, 5.0], 0.0) == (2.0, 5.0)
    gap = smoothed([1.0, math.nan, 1.0], 0.5)
    assert math.isnan(gap[1]) and gap[2] == pytest.approx(1.0)
