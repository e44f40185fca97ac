import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.next_steps import Action, NextStep
from cnn_tui.training.records import Ended, EpochMetrics, Event, Note, Resumed, StepMetrics
from cnn_tui.training.store.metrics import (
    TAIL_BYTES,
    MetricsReader,
    MetricsWriter,
    decode,
    encode,
    last_event,
)

COMMON = {"time": 1.5, "epochs": 3, "best_val_accuracy": None}
COUNTS = (
    "threads",
    "image_size",
    "parameters",
    "train_images",
    "val_images",
    "test_images",
    "skipped_files",
    "steps_per_epoch",
    "total_steps",
)
NUMBERS = {"lr": 0.1, "images_per_second": 10.0}


def step(number: int, epoch: int = 0) -> StepMetrics:
    return StepMetrics(step=number, epoch=epoch, loss=0.5, accuracy=0.75, **NUMBERS, **COMMON)


def epoch(number: int, at_step: int) -> EpochMetrics:
    losses = {"train_loss": 1.0, "train_accuracy": 0.5, "val_loss": 1.0, "val_accuracy": 0.5}
    return EpochMetrics(step=at_step, epoch=number, seconds=1.0, **losses, **NUMBERS, **COMMON)


def resumed(at_step: int, epochs_done: int) -> Resumed:
    counts = dict.fromkeys(COUNTS, 1)
    names = {"device": "cpu", "precision": "fp32"}
    return Resumed(step=at_step, epoch=epochs_done, **counts, **names, **COMMON)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


def write(path: Path, *events: Event) -> None:
    writer = MetricsWriter(path)
    for event in events:
        writer.write(event)
    writer.close()


def test_events_survive_the_file(path: Path) -> None:
    events = (step(1), epoch(1, 1), Note(step=1, epoch=1, message="ä\n", **COMMON), resumed(1, 1))
    write(path, *events)
    reader = MetricsReader(path)
    assert reader.poll() == events
    assert reader.events == events
    assert len(path.read_bytes().splitlines()) == len(events)


def test_a_reader_reads_on_where_it_stopped(path: Path) -> None:
    reader = MetricsReader(path)
    assert reader.poll() == ()
    write(path, step(1))
    assert reader.poll() == (step(1),)
    assert reader.poll() == ()
    write(path, step(2))
    assert reader.poll() == (step(2),)
    assert reader.events == (step(1), step(2))


def test_half_a_line_is_read_once_it_is_whole(path: Path) -> None:
    line = encode(step(2)).encode() + b"\n"
    write(path, step(1))
    reader = MetricsReader(path)
    reader.poll()
    with path.open("ab", buffering=0) as file:
        file.write(line[:30])
        assert reader.poll() == ()
        assert last_event(path) == step(1)
        file.write(line[30:])
    assert reader.poll() == (step(2),)


def test_a_line_that_a_killed_worker_left_is_dropped_by_the_next(path: Path) -> None:
    write(path, step(1))
    with path.open("ab") as file:
        file.write(b'{"event": "step", "ti')
    write(path, step(2))
    reader = MetricsReader(path)
    reader.poll()
    assert reader.events == (step(1), step(2))


def test_damaged_lines_and_unknown_events_are_passed_over(path: Path) -> None:
    path.write_bytes(b'garbage\n\xff\xfe\n[]\n{"event": "future"}\n{"event": "step"}\n')
    write(path, step(1))
    reader = MetricsReader(path)
    assert reader.poll() == (step(1),)


def test_a_resume_takes_back_what_will_be_told_again(path: Path) -> None:
    told = (step(5), epoch(1, 10), step(15, 1), epoch(2, 20), step(21, 2))
    write(path, *told, resumed(15, 1))
    reader = MetricsReader(path)
    reader.poll()
    assert reader.events == (*told[:3], resumed(15, 1))


def test_a_resume_takes_back_the_epoch_that_ends_on_its_step(path: Path) -> None:
    write(path, step(10), epoch(1, 10), resumed(10, 0))
    reader = MetricsReader(path)
    reader.poll()
    assert reader.events == (step(10), resumed(10, 0))


def test_the_last_event_is_read_from_the_tail(path: Path) -> None:
    assert last_event(path) is None
    write(path, *(step(number) for number in range(200)))
    assert path.stat().st_size > 2 * TAIL_BYTES
    assert last_event(path) == step(199)


def test_a_file_that_became_shorter_is_read_anew(path: Path) -> None:
    write(path, step(1), step(2))
    reader = MetricsReader(path)
    reader.poll()
    path.unlink()
    write(path, step(7))
    reader.poll()
    assert reader.events == (step(7),)


def test_a_full_disk_leaves_no_half_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = MetricsWriter(path)
    writer.write(step(1))
    whole_write = os.write

    def write_some(file: int, line: bytes) -> int:
        monkeypatch.setattr(os, "write", no_space)
        return whole_write(file, line[:20])

    def no_space(file: int, line: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", write_some)
    with pytest.raises(OSError, match="No space left"):
        writer.write(step(2))
    monkeypatch.undo()
    writer.write(step(3))
    writer.close()
    reader = MetricsReader(path)
    reader.poll()
    assert reader.events == (step(1), step(3))


def test_a_number_that_json_cannot_hold_is_never_written(path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write(path, replace(step(1), loss=float("nan")))
    assert path.read_bytes() == b""


def test_the_last_word_of_a_run_is_an_event_like_the_others() -> None:
    end = Ended(
        step=3,
        epoch=3,
        state="finished",
        message="Finished.",
        test_loss=0.1,
        test_accuracy=0.98,
        images_per_second=5.0,
        seconds=2.0,
        **COMMON,
    )
    assert decode(encode(end).encode()) == end


def test_a_failure_keeps_what_it_is_about_and_what_to_do() -> None:
    end = Ended(
        step=3,
        epoch=0,
        state="failed",
        message="The disk is full.",
        test_loss=None,
        test_accuracy=None,
        images_per_second=None,
        seconds=2.0,
        fields=("device",),
        next_steps=(NextStep(Action.RESUME, "a-run", {"lr": 0.1}),),
        **COMMON,
    )
    assert decode(encode(end).encode()) == end
    document = json.loads(encode(end))
    strange = document | {"fields": [1, "lr"], "next_steps": [{"action": "teleport"}]}
    assert decode(json.dumps(strange).encode()) == replace(end, fields=("lr",), next_steps=())
    older = {key: document[key] for key in document if key not in ("fields", "next_steps")}
    assert decode(json.dumps(older).encode()) == replace(end, fields=(), next_steps=())


def test_events_of_older_versions_lack_what_came_since() -> None:
    since = {"gradient_norm", "seconds_left"}
    document = json.loads(encode(replace(step(1), gradient_norm=2.0, seconds_left=3.0)))
    older = {key: value for key, value in document.items() if key not in since}
    assert decode(json.dumps(older).encode()) == step(1)
