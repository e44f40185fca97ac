"""A run's panels: which are drawn, how they are laid out, and what they cost."""

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.draw.view import ALL_PANELS, AxisWindow, View
from cnn_tui.render.runs.history import RunHistory
from cnn_tui.render.runs.training import Overlay, charts
from cnn_tui.training.records import Ended, EpochMetrics, Event, Started, StepMetrics
from cnn_tui.training.store.differences import Repeat
from tests.made_up_runs import events

BRAILLE = frozenset(map(chr, range(0x2801, 0x2900)))
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


def _stopped(last: Event) -> Event:
    shared = ("time", "step", "epoch", "epochs", "best_val_accuracy")
    return Ended(
        **{name: getattr(last, name) for name in shared},
        state="stopped",
        message="Stopped.",
        test_loss=None,
        test_accuracy=None,
        images_per_second=None,
        seconds=1.0,
    )


def drawn(
    runs: Sequence[RunHistory], width: int, height: int, view: View = ALL, **options: Any
) -> list[str]:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(charts(runs, width=width, height=height, view=view, **options))
    return capture.get().splitlines()


def titles(lines: list[str]) -> list[list[str]]:
    """The panels of each row."""
    known = ("Loss", "Accuracy", "Learning rate", "Images/s", "Gradient norm", "GPU")
    rows = [[title for title in known if title in line] for line in lines]
    return [row for row in rows if row]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_fills_its_room_and_no_more(width: int, height: int) -> None:
    for view in (View(), ALL, View(panels=("loss",)), View(panels=("rate", "speed"))):
        lines = drawn([history(told=on_gpu(list(events(10, 5, None))))], width, height, view)
        assert len(lines) == height
        assert max(map(len, lines)) <= width


def test_puts_two_panels_side_by_side_where_there_is_room() -> None:
    assert titles(drawn([history()], 80, 24, View())) == [["Loss"], ["Accuracy"]]
    assert titles(drawn([history()], 120, 24, View())) == [["Loss", "Accuracy"]]


def test_lays_many_panels_out_in_a_grid() -> None:
    told = on_gpu(list(events(10, 5, None)))
    pairs = [["Loss", "Accuracy"], ["Learning rate", "Images/s"], ["Gradient norm", "GPU"]]
    assert titles(drawn([history(told=told)], 92, 33)) == pairs
    assert titles(drawn([history(told=told)], 55, 12)) == pairs[:2]
    wide = titles(drawn([history(told=told)], 200, 50))
    assert wide == [[*pairs[0], "Learning rate"], ["Images/s", *pairs[2]]]


def test_leaves_out_panels_without_data() -> None:
    assert titles(drawn([history()], 92, 33)) == [
        ["Loss", "Accuracy"],
        ["Learning rate", "Images/s"],
    ]
    lines = drawn([history()], 92, 33, View(panels=("gpu",)))
    assert lines[0].startswith("GPU")
    assert lines[1].startswith("No points yet")


def test_says_that_nothing_was_told_yet() -> None:
    for runs in ([], [RunHistory("new")], [RunHistory("new"), RunHistory("other")]):
        lines = [line.rstrip() for line in drawn(runs, 80, 24, View())]
        assert lines.count("No points yet") == 2


def test_lays_the_curves_of_several_runs_over_each_other() -> None:
    runs = [history("first"), history("second")]
    lines = drawn(runs, 80, 24, View())
    assert lines[0].split("  ")[0] == "Loss, validation"
    assert lines[0].rstrip().endswith("first ━━━   second ━ ━")
    assert lines[12].rstrip() == "Accuracy, validation"
    page = "\n".join(lines)
    assert page.count(" 0.400\n") == page.count(" 91.8 %\n") == 2


def test_a_run_keeps_its_place_among_the_colors_and_dashes() -> None:
    runs = [history("first"), history("second")]
    lines = drawn(runs, 80, 24, View(), overlay=Overlay((1, 0)))
    assert lines[0].rstrip().endswith("first ━ ━   second ━━━")


@pytest.mark.parametrize(("judged", "kept"), [("best", 3), ("last", 5)])
def test_marks_the_epoch_whose_weights_are_kept(judged: str, kept: int) -> None:
    """By validation accuracy, not by the lowest loss, which is in epoch 5."""
    told = [
        replace(event, val_accuracy=0.9 if event.epoch == 3 else 0.8)
        if isinstance(event, EpochMetrics)
        else event
        for event in events(5, 5, "stopped")
    ]
    lines = drawn([RunHistory("run", told, judged=judged)], 80, 24, View())
    assert all(f"★ epoch {kept}" in lines[head] for head in (0, 12))
    stars = [line.index("★") for line in (*lines[1:11], *lines[13:]) if "★" in line]
    assert len(stars) == 2
    assert all(abs(star - lines[11].index(str(kept))) <= 1 for star in stars)


def test_tells_the_latest_value_of_a_panel_with_one_curve() -> None:
    lines = drawn([history()], 80, 24, View(panels=("rate", "speed")))
    assert lines[0].rstrip() == "Learning rate"
    assert lines[12].rstrip() == "Images/s"
    assert sum(line.rstrip().endswith(" 0.004") for line in lines) == 1
    assert sum(line.rstrip().endswith(" 12,345") for line in lines) == 1


@pytest.mark.parametrize(
    ("axis", "ticks"),
    [
        ("epoch", "1 2 3 4 5 epochs"),
        ("step", "10 20 30 40 50 steps"),
        ("time", "1 s 2 s 3 s 4 s 5 s"),
    ],
)
def test_labels_each_axis_in_its_unit(axis: str, ticks: str) -> None:
    ended = history(told=list(events(5, 5, "stopped")))
    lines = drawn([ended], 80, 12, replace(View(panels=("loss",)), axis=axis))
    assert x_labels(lines[-1]) == ticks


def x_labels(line: str) -> str:
    return " ".join(line.partition("┼")[2].replace("─", " ").split())


def test_labels_less_than_an_epoch_in_whole_steps() -> None:
    told = [each for each in events(10, 1, None) if each.step < 8]
    shown = "\n".join(drawn([history(told=[*told, _stopped(told[-1])])], 80, 24, View()))
    assert "steps" in shown
    assert "epochs" not in shown
    assert re.findall(r"\d\.\d+ steps", shown) == []
    first = [each for each in told if each.step < 3]
    assert " 2 steps" in "\n".join(drawn([history(told=[*first, _stopped(first[-1])])], 80, 24))
    whole = View(axis="epoch", window=AxisWindow(2.0, 2.6), cursor=2.5)
    zoomed = "\n".join(drawn([history()], 80, 24, whole))
    assert "at step 25" in zoomed
    assert " 22 ─" in zoomed


def test_draws_the_mean_of_seeds_in_a_ribbon_between_the_others() -> None:
    runs = []
    for seed, shift in enumerate((0.0, 0.3)):
        told = [
            replace(each, val_loss=each.val_loss + shift)
            if isinstance(each, EpochMetrics)
            else each
            for each in events(10, 5, None)
        ]
        run = history(f"seed {seed}", told)
        run.repeat, run.repeat_label = Repeat("the same", seed), "lenet5 on digits"
        run.repeat_short_label = "lenet5"
        runs.append(run)
    low, high = (run.column("epoch", "val_loss", "epoch")[1][-1] for run in runs)
    page = drawn([*runs, history("other")], 100, 24, View())
    assert "lenet5, 2 seeds ━━━" in page[0]
    assert f"{(low + high) / 2:.3f}" in "".join(page)
    assert "other •••" in "\n".join(page[:3])
    assert "lenet5 on digits, 2 seeds ━━━" in drawn(runs, 80, 24, View())[0]
    each = drawn(runs, 100, 24, View(each_seed=True))
    assert "seed 0" in each[0]
    pinned = drawn(runs, 100, 24, View(), overlay=Overlay(on_top=1))
    assert "seed 1" in " ".join(pinned[:3])
    for view in (View(log_y=True), View(window=AxisWindow(2, 4)), View(panels=ALL_PANELS)):
        assert len(drawn(runs, 100, 24, view)) == 24


def test_calls_curves_by_what_tells_them_apart() -> None:
    runs = []
    for words in (("3 epochs", "lr 50", "8dbc"), ("3 epochs", "lr 0.001", "fd26")):
        run = history("lenet5 3 epochs")
        run.words = words
        runs.append(run)
    legend = " ".join(drawn(runs, 90, 24)[:3])
    assert "lenet5 lr 50 ━━━" in legend
    assert "lenet5 lr 0.001 ━ ━" in legend
    seeds = []
    for number, words in enumerate([("width 16", "batch_norm false"), ("width 16",)] * 2):
        run = history(f"run {number}")
        run.repeat, run.repeat_short_label = Repeat(words, number // 2), "width 16"
        run.repeat_label = f"simpleresnet digits {' '.join(words)} on a folder of pictures"
        run.words = (*words, f"seed {number // 2}", f"{number}ab9")
        seeds.append(run)
    legend = " ".join(drawn(seeds, 62, 24, View())[:3])
    assert "batch_norm false, 2 seeds ━━━" in legend
    assert "width 16, 2 seeds ━ ━" in legend
    assert "seed 0" not in legend


def test_leaves_room_for_the_epochs_to_come_of_a_run_that_goes_on() -> None:
    lines = drawn([history()], 80, 12, View(panels=("loss",)))
    assert x_labels(lines[-1]) == "2 4 6 8 10 epochs"
    ended = drawn([history(told=list(events(10, 5, "stopped")))], 80, 12, View(panels=("loss",)))
    assert x_labels(ended[-1]) == "1 2 3 4 5 epochs"


def test_puts_the_other_panels_beside_loss_and_accuracy_where_there_is_room() -> None:
    told = on_gpu(list(events(10, 5, None)))
    lines = drawn([history(told=told)], 82, 30, View(), aside=True)
    assert len(lines) == 30
    assert titles(lines)[0] == ["Loss", "GPU"]
    rest = {title for row in titles(lines) for title in row}
    assert rest == {"Loss", "Accuracy", "GPU", "Learning rate", "Gradient norm", "Images/s"}
    narrow = titles(drawn([history(told=told)], 68, 30, View(), aside=True))
    assert narrow == [["Loss"], ["Accuracy"]]


def test_shows_one_panel_in_all_the_room() -> None:
    lines = drawn([history()], 80, 24, View(large="accuracy"))
    assert titles(lines) == [["Accuracy"]]
    assert len(lines) == 24


def test_reads_all_panels_off_at_one_step() -> None:
    lines = drawn([history()], 80, 24, View(cursor=2.0))
    assert lines[0].rstrip().endswith("train ━━━ 0.657   validation ━ ━ 0.800")
    assert lines[12].rstrip().endswith("train ━━━ 82.0 %   validation ━ ━ 82.0 %")
    assert "at epoch 2" in lines[0]


def test_names_the_step_that_is_read_off_as_the_axis_does() -> None:
    lines = drawn([history()], 80, 24, View(cursor=1.95))
    assert "at epoch 1.95 " in lines[0]
    assert any(" 1.95 ─" in line for line in lines)


def test_labels_long_times_in_minutes_and_hours() -> None:
    slow = [replace(event, time=event.time * 1800) for event in events(10, 5, None, created=0.0)]
    lines = drawn([history(told=slow)], 80, 12, View(panels=("loss",), axis="time"))
    assert x_labels(lines[-1]) == "30 min 1 h 1.5 h 2 h 2.5 h"


def test_zooms_in_on_a_part_and_adapts_the_height_to_it() -> None:
    whole = drawn([history()], 80, 20, View(panels=("loss",)))
    end = drawn([history()], 80, 20, View(panels=("loss",), window=AxisWindow(last=1.0)))
    assert x_labels(end[-1]).startswith("4 ")
    assert "1.5┤" in "".join(whole[1:-1])
    assert "1.5┤" not in "".join(end[1:-1])


def test_draws_a_line_that_only_crosses_the_window() -> None:
    between = View(panels=("rate",), window=AxisWindow(2.05, 2.15))
    assert any(BRAILLE & set(line) for line in drawn([history()], 60, 12, between)[1:])


def test_draws_the_loss_and_the_gradient_on_a_logarithmic_scale() -> None:
    told = on_gpu(list(events(10, 5, None)))
    lines = "\n".join(drawn([history(told=told)], 160, 43, replace(ALL, log_y=True)))
    assert "Loss (log)" in lines
    assert "Gradient norm (log)" in lines
    assert "Accuracy (log)" not in lines
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


@pytest.mark.slow
def test_redraws_a_long_run_within_the_time_of_a_frame() -> None:
    """Four panels of ten thousand flushes: 12 ms of this thread on 2 cores, 50 ms allowed."""
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


@pytest.mark.parametrize("height", [10, 11, 14])
def test_leaves_no_run_of_a_small_overlay_out_of_the_legends(height: int) -> None:
    runs = [history("lr 0.01 · seed 3"), history("lr 0.02 · seed 3"), history("lr 0.03 · seed 3")]
    lines = drawn(runs, 42, height, View())
    assert titles(lines) == [["Loss"], ["Accuracy"]]
    assert not any("more" in line for line in lines[height // 2 :])


def uneven(share: float | None, label: str = "run", done: int = 5) -> RunHistory:
    started, *rest = events(10, done, None)
    assert isinstance(started, Started)
    return history(label, [replace(started, val_baseline=share), *rest])


def levels(runs: Sequence[RunHistory], width: int = 80) -> list[str]:
    """The lines of the page that a level is drawn or named in."""
    return [line for line in drawn(runs, width, 24, View()) if "╌╌╌" in line]


def test_draws_the_largest_class_across_the_accuracy_where_classes_are_uneven() -> None:
    named, across = levels([uneven(0.95)])
    assert "Accuracy" in named
    assert named.rstrip().endswith("largest class ╌╌╌")
    assert across.rstrip().endswith("95.0 %")
    assert "largest ╌╌╌" in "".join(levels([uneven(0.95)], 50))
    for even in (0.11, None):
        assert not levels([uneven(even)])
    assert not levels([uneven(0.95, done=0)])


def test_a_level_stays_apart_from_curves_and_axes_in_ascii() -> None:
    lines = [spelled_out(line) for line in drawn([uneven(0.95)], 80, 24, View())]
    assert sum("~~~" in line for line in lines) == 2
    assert not any("~" in spelled_out(line) for line in drawn([uneven(0.11)], 80, 24, View()))


def test_runs_over_each_other_share_a_level_where_all_agree_on_it() -> None:
    assert len(levels([uneven(0.95, "one"), uneven(0.95, "two")])) == 2
    for other in (0.9, 0.11, None):
        assert not levels([uneven(0.95, "one"), uneven(other, "two")])


def test_an_accuracy_is_never_labeled_above_100() -> None:
    constant: list[Event] = []
    for each in events(10, 5, None):
        if isinstance(each, EpochMetrics):
            constant.append(replace(each, train_accuracy=0.95, val_accuracy=0.95))
        else:
            is_step = isinstance(each, StepMetrics)
            constant.append(replace(each, accuracy=0.95) if is_step else each)
    lines = drawn([history(told=constant)], 80, 30, View(panels=("accuracy",)))
    labels = [int(line.split("┤")[0]) for line in lines if "┤" in line]
    assert labels
    assert max(labels) <= 100
