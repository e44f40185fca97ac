"""A run's panels: which are drawn, how they are laid out, and what they cost."""

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from rich.console import Console

from cnn_tui.render.draw.view import ALL_PANELS, AxisWindow, View
from cnn_tui.render.runs.history import RunHistory
from cnn_tui.render.runs.training import charts
from cnn_tui.training.records import Event, Started, StepMetrics
from tests.made_up_runs import events

ALL = View(panels=ALL_PANELS)
SIZES = ((55, 17), (55, 12), (76, 18), (92, 33), (160, 43), (200, 50))


def history(label: str = "run", told: Sequence[Event] = ()) -> RunHistory:
    return RunHistory(label, told or list(events(10, 5, None)))


def on_gpu(told: Sequence[Event]) -> list[Event]:
    seen: list[Event] = []
    for event in told:
        if isinstance(event, Started):
            event = replace(event, device_memory=80 * 2**30)
        if isinstance(event, StepMetrics):
            norm = 0.5 + event.step % 3
            event = replace(event, gpu_utilization=0.9, gpu_memory=16 * 2**30, gradient_norm=norm)
        seen.append(event)
    return seen


def drawn(
    runs: Sequence[RunHistory], width: int, height: int, view: View = ALL, colour: bool = False
) -> list[str]:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(charts(runs, width=width, height=height, colour=colour, view=view))
    return capture.get().splitlines()


def titles(lines: list[str]) -> list[list[str]]:
    """The panels of each row."""
    known = ("Loss", "Accuracy %", "Learning rate", "Images/s", "Gradient norm", "GPU %")
    rows = [[title for title in known if title in line] for line in lines]
    return [row for row in rows if row]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_fills_its_room_and_no_more(width: int, height: int) -> None:
    for view in (View(), ALL, View(panels=("loss",)), View(panels=("rate", "speed"))):
        lines = drawn([history(told=on_gpu(list(events(10, 5, None))))], width, height, view)
        assert len(lines) == height
        assert max(map(len, lines)) <= width


def test_puts_two_panels_side_by_side_where_there_is_room() -> None:
    assert titles(drawn([history()], 80, 24, View())) == [["Loss"], ["Accuracy %"]]
    assert titles(drawn([history()], 120, 24, View())) == [["Loss", "Accuracy %"]]


def test_lays_many_panels_out_in_a_grid() -> None:
    told = on_gpu(list(events(10, 5, None)))
    pairs = [["Loss", "Accuracy %"], ["Learning rate", "Images/s"], ["Gradient norm", "GPU %"]]
    assert titles(drawn([history(told=told)], 92, 33)) == pairs
    assert titles(drawn([history(told=told)], 55, 17)) == pairs[:2]
    wide = titles(drawn([history(told=told)], 200, 50))
    assert wide == [[*pairs[0], "Learning rate"], ["Images/s", *pairs[2]]]


def test_leaves_out_panels_without_data() -> None:
    assert titles(drawn([history()], 92, 33)) == [
        ["Loss", "Accuracy %"],
        ["Learning rate", "Images/s"],
    ]
    lines = drawn([history()], 92, 33, View(panels=("gpu",)))
    assert lines[0].startswith("GPU %")
    assert lines[1].startswith("no points yet")


def test_says_that_nothing_was_told_yet() -> None:
    for runs in ([], [RunHistory("new")], [RunHistory("new"), RunHistory("other")]):
        lines = [line.rstrip() for line in drawn(runs, 80, 24, View())]
        assert lines.count("no points yet") == 2


def test_lays_the_curves_of_several_runs_over_each_other() -> None:
    runs = [history("first"), history("second")]
    lines = drawn(runs, 80, 24, View())
    assert lines[0].rstrip() == "Loss, validation  ▚ first  • second"
    assert lines[12].rstrip() == "Accuracy %, validation  ▚ first  • second"
    for title in ("Learning rate", "Images/s"):
        assert any(f"{title}  ▚ first  • second" in line for line in drawn(runs, 160, 33))


def test_says_which_epoch_was_the_best() -> None:
    lines = drawn([history()], 80, 24, View())
    assert lines[0].rstrip().endswith("validation  best at epoch 5")
    assert lines[12].rstrip().endswith("validation  best at epoch 5")


def test_tells_the_latest_value_of_a_panel_with_one_curve() -> None:
    lines = drawn([history()], 80, 24, View(panels=("rate", "speed")))
    assert lines[0].rstrip() == "Learning rate  0.004"
    assert lines[12].rstrip() == "Images/s  12,345"


@pytest.mark.parametrize(
    ("axis", "ticks", "word"),
    [
        ("epoch", ["1", "2", "3", "4", "5"], ""),
        ("step", ["10", "20", "30", "40", "50"], "by step"),
        ("time", ["1 s", "2 s", "3 s", "4 s", "5 s"], "by time"),
    ],
)
def test_labels_each_axis_in_its_unit(axis: str, ticks: list[str], word: str) -> None:
    lines = drawn([history()], 80, 12, replace(View(panels=("loss",)), axis=axis))
    assert " ".join(lines[-1].split()) == " ".join(ticks)
    assert lines[0].rstrip().endswith(word)


def test_labels_long_times_in_minutes_and_hours() -> None:
    slow = [replace(event, time=event.time * 1800) for event in events(10, 5, None, created=0.0)]
    lines = drawn([history(told=slow)], 80, 12, View(panels=("loss",), axis="time"))
    assert lines[-1].split() == ["30", "min", "1", "h", "1.5", "h", "2", "h", "2.5", "h"]


def test_zooms_in_on_a_part_and_adapts_the_height_to_it() -> None:
    whole = drawn([history()], 80, 20, View(panels=("loss",)))
    end = drawn([history()], 80, 20, View(panels=("loss",), window=AxisWindow(last=1.0)))
    assert end[-1].split()[0] == "4"
    assert "1.5" in "".join(whole[1:-1])
    assert "1.5" not in "".join(end[1:-1])


def test_draws_a_line_that_only_crosses_the_window() -> None:
    between = View(panels=("rate",), window=AxisWindow(2.05, 2.15))
    assert any(set(line) & set("▀▄▚▞▐▌▖▗▘▝█") for line in drawn([history()], 60, 12, between)[1:])


def test_draws_the_loss_and_the_gradient_on_a_logarithmic_scale() -> None:
    told = on_gpu(list(events(10, 5, None)))
    lines = "\n".join(drawn([history(told=told)], 160, 43, replace(ALL, log_y=True)))
    assert "Loss (log)" in lines
    assert "Gradient norm (log)" in lines
    assert "Accuracy % (log)" not in lines
    assert "Images/s (log)" not in lines


def test_smooths_what_is_told_by_step_only() -> None:
    rough = [
        replace(event, loss=event.loss + event.step % 4)
        if isinstance(event, StepMetrics)
        else event
        for event in events(10, 5, None)
    ]
    plain = drawn([history(told=rough)], 80, 12, View(panels=("loss",)))
    smooth = drawn([history(told=rough)], 80, 12, View(panels=("loss",), smoothing=0.9))
    assert plain != smooth
    rate = View(panels=("rate",))
    assert drawn([history()], 80, 12, rate) == drawn(
        [history()], 80, 12, replace(rate, smoothing=0.9)
    )


def test_redraws_a_long_run_within_the_time_of_a_frame() -> None:
    """Four panels of ten thousand flushes: 14 ms of this thread on 2 cores, 50 ms allowed."""
    told = on_gpu(list(events(2000, 2000, None)))
    assert sum(isinstance(event, StepMetrics) for event in told) == 10_000
    run = history(told=told)
    spent = []
    for _ in range(5):
        started = time.thread_time()
        run.take(tuple(told))
        drawn([run], 92, 33, replace(ALL, panels=ALL_PANELS[:4], smoothing=0.6))
        spent.append(time.thread_time() - started)
    assert min(spent) < 0.05
