"""A run live on a pipe or a terminal, and what is said once it has ended."""

import io
from dataclasses import replace

from rich.console import Console

from cnn_tui.render.runs.live import epoch_line, result_line, show_live, started_line
from cnn_tui.render.runs.table import runs_table
from cnn_tui.training.defaults import default_config
from cnn_tui.training.records import (
    EpochMetrics,
    Event,
    Note,
    Preparing,
    Resumed,
    Started,
    StepMetrics,
)
from tests.made_up_runs import events
from tests.render.runs.test_table import STATUS, shown

COMMON = {"time": 0.0, "epoch": 1, "epochs": 2, "best_val_accuracy": 0.5}
EVENTS: tuple[Event, ...] = (
    Preparing(step=0, done=30, total=60, **COMMON),
    Note(step=0, message="1 unreadable file was skipped: a.jpg (truncated).", **COMMON),
    StepMetrics(step=5, loss=1.5, accuracy=0.5, lr=0.1, images_per_second=10.0, **COMMON),
    EpochMetrics(
        step=5,
        train_loss=1.5,
        train_accuracy=0.5,
        val_loss=1e21,
        val_accuracy=0.5,
        lr=0.1,
        images_per_second=10.0,
        seconds=1.0,
        **COMMON,
    ),
)


def test_a_result_names_accuracy_loss_and_speed() -> None:
    assert result_line(STATUS) == (
        "Test accuracy 98.77 %, best validation 100.00 %, test loss 0.01230, "
        "after 1000 epochs, 1,234 images/s"
    )
    uneven = replace(STATUS, is_uneven=True, baseline_accuracy=0.95, balanced_accuracy=0.5)
    assert result_line(uneven).endswith(
        "\nAlways naming the largest class: 95.0 %; balanced accuracy: 50.0 %."
    )
    untested = replace(STATUS, test_accuracy=None, uneven_val_baseline=0.9)
    assert result_line(untested).endswith("\nAlways naming the largest class: 90.0 %.")
    stopped = replace(STATUS, state="stopped", epoch=3, test_accuracy=None)
    assert result_line(stopped).startswith("Stopped after 3 of 1000 epochs, best validation")


def test_a_pipe_gets_data_and_talk_apart() -> None:
    talk, data = (Console(file=io.StringIO(), width=40) for _ in range(2))
    show_live([EVENTS], talk, data)
    assert data.file.getvalue().splitlines() == [
        "epoch 1/2  train loss 1.500 accuracy 50.00 %  val loss 1.000e+21 accuracy 50.00 %"
        "  10 images/s"
    ]
    assert talk.file.getvalue().splitlines() == [
        "reading the data set: 30 of 60 files",
        "1 unreadable file was skipped: a.jpg (truncated).",
    ]


def test_a_terminal_gets_one_bar_that_ends_where_the_run_does() -> None:
    talk = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    show_live([EVENTS[:1], EVENTS[1:]], talk, None)
    text = talk.file.getvalue()
    assert "reading" in text
    assert "loss 1.50  best val 50.00 %  10 img/s" in text.splitlines()[-2]
    assert "train loss" not in text


def test_the_time_left_stands_at_the_run_in_its_lines_and_beside_its_bar() -> None:
    running = replace(STATUS, state="running", seconds_left=185.0)
    running = replace(running, epoch=1, epochs=2)
    bar = f"  {10 * '█'}{10 * '░'}  3 min 05 s left"
    assert shown(runs_table([running])).splitlines()[2].startswith(bar)
    named = shown(runs_table([replace(running, name="mine")])).splitlines()
    assert named[2].startswith("  mine")
    assert named[3].startswith(bar)
    epoch = replace(EVENTS[3], seconds_left=5.0)
    assert epoch_line(epoch).endswith("10 images/s  5.0 s left")
    fast = replace(EVENTS[2], loss=0.0312, images_per_second=12345.0, seconds_left=185.0)
    talk = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    show_live([[replace(fast, epoch=99, epochs=100)]], talk, None)
    assert "12,345 img/s  3 min 05 s left" in talk.file.getvalue()


def test_a_run_that_stopped_early_says_so() -> None:
    early = replace(STATUS, epoch=7, message="Stopped early after 7 of 1000 epochs: …")
    assert "after 7 epochs, 1,234 images/s\nStopped early after 7" in result_line(early)


def slow_run() -> list[Event]:
    """Eight flushes of a run whose epochs take 13 s, and two epochs no better than luck."""
    (started, *rest) = events(3, 2, "stopped")
    steps = [each for each in rest if isinstance(each, StepMetrics)]
    slow = replace(steps[0], images_per_second=100.0, seconds_left=None)
    slowed = [replace(slow, step=step) for step in range(1, 9)]
    guesses = [
        replace(each, train_loss=2.303, val_loss=2.303, val_accuracy=0.1, train_accuracy=0.1)
        for each in rest
        if isinstance(each, EpochMetrics)
    ]
    return [started, *slowed, *guesses, rest[-1]]


def test_a_live_run_tells_its_pace_and_what_its_numbers_show_once_each() -> None:
    config = replace(default_config("lenet5", "digits"), lr=1e-6)
    for talk in (
        Console(file=io.StringIO(), width=80),
        Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None),
    ):
        show_live(([event] for event in slow_run()), talk, Console(file=io.StringIO()), config)
        text = talk.file.getvalue()
        assert text.count("→ An epoch takes about 13 s, all 3 of them 40 s.") == 1
        assert text.count("→ Training loss was 2.3 in epoch 2, no better than guessing") == 1
        assert text.count("try a learning rate of 0.002 (--lr 0.002).") == 1


def test_what_a_resumed_run_took_back_is_no_divergence() -> None:
    (started, *rest) = events(6, 6, None)
    told = [each for each in rest if isinstance(each, EpochMetrics)]
    resumed = Resumed(**(vars(started) | {"step": 20, "epoch": 2}))
    again = [replace(each, train_loss=1.2 * each.train_loss + 0.3) for each in told[2:4]]
    talk = Console(file=io.StringIO(), width=80)
    config = default_config("lenet5", "digits")
    show_live([[started, *told], [resumed], again], talk, None, config)
    assert "divergence" not in talk.file.getvalue()


def test_a_fast_run_is_not_told_its_pace() -> None:
    talk = Console(file=io.StringIO(), width=80)
    show_live([list(events(3, 2, "stopped"))], talk, None)
    assert "An epoch takes" not in talk.file.getvalue()


def test_what_is_trained_names_the_device() -> None:
    started = next(iter(events(3, 2, None)))
    assert isinstance(started, Started)
    assert started_line(started).endswith("images of 28×28, cpu, 1 thread, fp32")
