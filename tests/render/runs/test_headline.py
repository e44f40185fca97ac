"""A run in a few lines: the important first, and never more than there is room for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from cnn_tui.render.runs.headline import device_text, run_headline
from cnn_tui.render.runs.page import run_notes, run_pace
from cnn_tui.render.runs.settings import settings_line
from cnn_tui.training.defaults import default_config
from cnn_tui.training.records import EpochMetrics, Event, RunStatus, Started, StepMetrics
from tests.made_up_runs import CREATED, events

CONFIG = replace(default_config("lenet5", "digits"), augment="none")


def status(state: str, done: int, message: str = "") -> RunStatus:
    return RunStatus(
        run="20231114-221320-lenet5-digits-aaaa",
        name="",
        net="lenet5",
        data="digits",
        state=state,  # type: ignore[arg-type]
        epoch=done,
        epochs=10,
        step=10 * done,
        best_val_accuracy=0.9,
        test_accuracy=0.975 if state == "finished" else None,
        test_loss=None,
        images_per_second=None,
        message=message,
        created=CREATED,
        updated=CREATED,
    )


def overfitting() -> list[Event]:
    """Validation loss rises from the second of seven epochs on."""
    told: list[Event] = []
    for event in events(10, 7, None):
        if isinstance(event, EpochMetrics):
            loss = 0.2 + 0.05 * abs(event.epoch - 2)
            event = replace(event, val_loss=loss, train_loss=0.3 / event.epoch**2, val_accuracy=0.9)
        told.append(event)
    return told


def on_gpu(told: Sequence[Event]) -> list[Event]:
    seen: list[Event] = []
    for event in told:
        if isinstance(event, Started):
            event = replace(
                event,
                device="cuda",
                device_name="NVIDIA H100 80GB HBM3",
                device_memory=80 * 2**30,
                precision="bf16",
            )
        if isinstance(event, StepMetrics):
            event = replace(event, gpu_utilization=0.93, gpu_memory=12 * 2**30, gradient_norm=1.25)
        seen.append(event)
    return seen


def test_says_how_fast_a_running_run_is_and_how_long_it_will_take() -> None:
    line = run_headline(status("running", 4), list(events(10, 4, None))).plain
    assert "epoch 4/10" in line
    assert "12,345 images/s" in line
    assert "1.0 s/epoch" in line
    assert "lr 0.004" in line
    assert "6.0 s left" in line
    assert "cpu, 1 thread, fp32" in line


def test_writes_small_numbers_as_the_axes_do() -> None:
    told = [
        replace(each, lr=2.1e-7, gradient_norm=3e-6) if isinstance(each, StepMetrics) else each
        for each in events(10, 4, None)
    ]
    line = run_headline(status("running", 4), told).plain
    assert "lr 2.1·10⁻⁷" in line
    assert "3·10⁻⁶" in line
    assert "lr 2.1·10⁻⁷" in run_pace(status("running", 4), told)


def test_estimates_the_time_of_an_epoch_before_the_first_has_ended() -> None:
    line = run_headline(status("running", 0), list(events(10, 1, None))[:4]).plain
    assert "about 1.0 s/epoch" in line


@pytest.mark.parametrize(
    ("chosen", "begins"),
    [
        ({}, "Adam lr 0.006 · batch 8 · seed 0"),
        ({"lr": 0.02}, "Adam lr 0.02 · batch 8 · seed 0"),
        ({"dropout": 0.3, "seed": 4}, "seed 4 · dropout 0.3 · Adam lr 0.006 · batch 8"),
        ({"epochs": 1}, "1 epoch · Adam"),
        ({"epochs": 3, "patience": 2, "compile": True}, "3 epochs · patience 2 · compile · Adam"),
        ({"image_size": 40, "device": "cpu", "threads": 2}, "image size 40 · Adam lr 0.006"),
    ],
)
def test_names_first_what_was_chosen(chosen: dict[str, Any], begins: str) -> None:
    config = default_config("lenet5", "digits", **chosen)
    told = run_headline(status("running", 4), list(events(10, 4, None)), config=config)
    assert any(line.startswith(begins) for line in told.plain.splitlines())
    assert settings_line(config, ["44,426 parameters"], 200).plain.endswith("44,426 parameters")


def test_names_the_largest_class_beside_the_accuracy_where_classes_are_uneven() -> None:
    for share, named in ((0.95, True), (0.11, False), (None, False)):
        started, *rest = events(10, 4, None)
        assert isinstance(started, Started)
        told = [replace(started, val_baseline=share), *rest]
        assert ("largest class 95.0 %" in run_headline(status("running", 4), told).plain) is named
        notes = str(run_notes(status("running", 4), told, CONFIG, 80))
        assert ("right for 95.0 % of the validation images" in notes) is named
    uneven = {"is_uneven": True, "baseline_accuracy": 0.95, "balanced_accuracy": 0.5}
    done = replace(status("finished", 10), **uneven)  # type: ignore[arg-type]
    notes = run_notes(done, list(events(10, 10, "finished")), CONFIG, 80)
    said = " ".join(" ".join(line.plain for line in notes[0]).split())
    assert "largest class: 95.0 %; balanced accuracy: 50.0 %." in said
    headline = run_headline(done, list(events(10, 10, "finished"))).plain
    assert "Always naming the largest class: 95.0 %; balanced accuracy: 50.0 %." in headline


def test_names_the_gpu_its_memory_and_how_busy_it_is() -> None:
    told = on_gpu(list(events(10, 4, None)))
    line = run_headline(status("running", 4), told).plain
    assert "NVIDIA H100 80GB HBM3, 80.0 GiB, bf16" in line
    assert "GPU 93 % busy" in line
    assert "12.0 GiB in use" in line
    assert "gradient norm 1.2" in line


def test_names_processes_and_streaming() -> None:
    started = next(iter(events(10, 1, None)))
    assert isinstance(started, Started)
    assert device_text(replace(started, threads=2)) == "cpu, 2 threads, fp32"
    shared = replace(started, processes=4, placement="host")
    assert device_text(shared) == "cpu, 1 thread, fp32, 4 processes"  # they are there already
    gpu = device_text(replace(shared, device="cuda", device_name="NVIDIA H100"))
    assert gpu == "NVIDIA H100, fp32, 4 processes, images streamed from the host"


def test_tells_what_the_numbers_show() -> None:
    lines = run_headline(status("running", 7), overfitting(), config=CONFIG).plain.splitlines()
    assert lines[-1].startswith("▲ Validation loss has risen for 5 epochs, from 0.2 to 0.45")
    assert "▲" not in run_headline(status("running", 7), overfitting()).plain


@pytest.mark.parametrize("width", [30, 55, 80, 120, 200])
@pytest.mark.parametrize("lines", [1, 2, 3, 4, 6])
def test_keeps_to_its_room_and_gives_the_important_first(width: int, lines: int) -> None:
    told = on_gpu(overfitting())
    shown = run_headline(status("running", 7), told, config=CONFIG, width=width, lines=lines)
    rows = shown.plain.splitlines()
    assert 1 <= len(rows) <= lines
    assert all(len(row) <= width for row in rows)
    assert rows[0].startswith("▶ running")
    assert "epoch 7/10" in rows[0]


def test_fits_all_of_its_advice_beside_the_list_of_runs_on_80_columns() -> None:
    shown = run_headline(status("running", 7), overfitting(), config=CONFIG, width=55, lines=4)
    assert shown.plain.rstrip().endswith("a weight decay of 0.0001.")
    cut = run_headline(status("running", 7), overfitting(), config=CONFIG, width=55, lines=3)
    assert cut.plain.endswith("…")


def test_tells_an_interrupted_run_how_to_go_on() -> None:
    line = run_headline(status("interrupted", 4), list(events(10, 4, None))).plain
    assert "cnn-lab resume 20231114-221320-lenet5-digits-aaaa" in line


def test_says_why_a_run_failed_or_ended_early_but_not_that_it_finished() -> None:
    failed = run_headline(status("failed", 4, "The disk is full."), [])
    assert failed.plain.splitlines()[-1] == "The disk is full."
    early = run_headline(status("finished", 4, "Stopped early after 4 of 10 epochs."), [])
    assert "Stopped early" in early.plain
    whole = run_headline(status("finished", 10, "Finished."), [])
    assert whole.plain == "✓ finished   epoch 10/10   best validation 90.0 %   test 97.5 %"
