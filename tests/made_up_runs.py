"""Runs that nobody trained: a run store with known numbers, for tests that show it."""

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from cnn_tui.files import write_atomically
from cnn_tui.training.defaults import default_config
from cnn_tui.training.records import (
    Ended,
    EndState,
    EpochMetrics,
    Event,
    Resumed,
    Started,
    StepMetrics,
)
from cnn_tui.training.store.folder import RunFolder, RunHeader, write_header
from cnn_tui.training.store.metrics import MetricsWriter
from cnn_tui.workspace import Workspace

CREATED = 1_700_000_000.0
STEPS_PER_EPOCH = 10


def make_run(
    workspace: Workspace,
    run: str,
    *,
    net: str = "lenet5",
    epochs: int = 10,
    done: int = 10,
    end: str | None = "finished",
    created: float = CREATED,
    name: str = "",
    **settings: Any,
) -> RunFolder:
    """A run that did ``done`` of ``epochs`` epochs, and ended as ``end`` says, or not at all."""
    folder = RunFolder(workspace.runs / run)
    folder.path.mkdir(parents=True)
    folder.checkpoints.mkdir()
    config = default_config(net, "digits", epochs=epochs, **settings)
    write_header(folder, RunHeader(name, created, workspace.root, config))
    write_metrics(folder, events(epochs, done, end, created))
    return folder


def add_epoch(run: RunFolder, epoch: int, *, epochs: int = 10) -> None:
    """Let a made-up run go on by one epoch."""
    write_metrics(run, _epoch(epoch, epochs, CREATED), append=True)


def add_ending(run: RunFolder, end: EndState, message: str, *, done: int = 2) -> None:
    """Let a made-up run end, and say why."""
    ended = Ended(
        time=CREATED + done + 1,
        step=STEPS_PER_EPOCH * done,
        epoch=done,
        epochs=10,
        best_val_accuracy=_accuracy(done),
        state=end,
        message=message,
        test_loss=None,
        test_accuracy=None,
        images_per_second=12_000.0,
        seconds=float(done),
    )
    write_metrics(run, [ended], append=True)


def killed_and_resumed(told: Sequence[Event], checkpoint: int = 2) -> tuple[list[Event], ...]:
    """The same run, killed two epochs after its last checkpoint: what it recorded until then,
    which went badly, and what it recorded once it was resumed.
    """
    until = STEPS_PER_EPOCH * checkpoint
    kept = [each for each in told if each.step <= until]
    lost = [_gone_badly(each) for each in told if until < each.step <= until + 2 * STEPS_PER_EPOCH]
    start = told[0]
    assert isinstance(start, Started)
    changes = {"time": start.time + checkpoint, "step": until, "epoch": checkpoint}
    resumed = Resumed(**(vars(start) | changes))
    return [*kept, *lost], [resumed, *(each for each in told if each.step > until)]


def _gone_badly(event: Event) -> Event:
    if isinstance(event, StepMetrics):
        return replace(event, loss=90.0 + event.step, accuracy=0.01)
    if isinstance(event, EpochMetrics):
        return replace(event, train_loss=90.0, val_loss=90.0, val_accuracy=0.01, seconds=500.0)
    return event


def write_metrics(run: RunFolder, told: Iterable[Event], *, append: bool = False) -> None:
    """Make these events the run's metrics, or add them."""
    if not append:
        run.metrics_file.unlink(missing_ok=True)
    writer = MetricsWriter(run.metrics_file)
    for event in told:
        writer.write(event)
    writer.close()


@contextmanager
def alive(run: RunFolder) -> Iterator[None]:
    """Hold the run's lock and be named as the process that does, as its worker would."""
    lock = os.open(run.lock_file, os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    write_atomically(run.pid_file, lambda path: path.write_text(str(os.getpid())))
    try:
        yield
    finally:
        os.close(lock)


def events(epochs: int, done: int, end: str | None, created: float = CREATED) -> Iterator[Event]:
    """Everything such a run would have told."""
    common = {"epochs": epochs, "best_val_accuracy": None}
    yield Started(
        time=created,
        step=0,
        epoch=0,
        **common,
        device="cpu",
        precision="fp32",
        threads=1,
        image_size=28,
        parameters=44_426,
        train_images=1_294,
        val_images=144,
        test_images=359,
        skipped_files=0,
        steps_per_epoch=STEPS_PER_EPOCH,
        total_steps=STEPS_PER_EPOCH * epochs,
        classes=10,
    )
    for epoch in range(1, done + 1):
        yield from _epoch(epoch, epochs, created)
    if end is not None:
        finished = end == "finished"
        yield Ended(
            time=created + done + 1,
            step=STEPS_PER_EPOCH * done,
            epoch=done,
            epochs=epochs,
            best_val_accuracy=_accuracy(done),
            state=end,
            message=f"{end.capitalize()}.",
            test_loss=0.08 if finished else None,
            test_accuracy=0.975 if finished else None,
            images_per_second=12_000.0,
            seconds=float(done),
        )


def _epoch(epoch: int, epochs: int, created: float) -> Iterator[Event]:
    before = _accuracy(epoch - 1) if epoch > 1 else None
    for step in range(STEPS_PER_EPOCH * (epoch - 1) + 2, STEPS_PER_EPOCH * epoch + 1, 2):
        yield StepMetrics(
            time=created + step / STEPS_PER_EPOCH,
            step=step,
            epoch=epoch - 1,
            epochs=epochs,
            best_val_accuracy=before,
            loss=2.3 / (1 + step / 8),
            accuracy=_accuracy(step / STEPS_PER_EPOCH),
            lr=0.004,
            seconds_left=epochs - step / STEPS_PER_EPOCH,
            images_per_second=12_345.0,
        )
    yield EpochMetrics(
        time=created + epoch,
        step=STEPS_PER_EPOCH * epoch,
        epoch=epoch,
        epochs=epochs,
        best_val_accuracy=_accuracy(epoch),
        train_loss=2.3 / (1 + epoch),
        train_accuracy=_accuracy(epoch),
        val_loss=2.4 / (1 + epoch),
        val_accuracy=_accuracy(epoch),
        lr=0.004,
        images_per_second=12_345.0,
        seconds=1.0,
    )


def _accuracy(epoch: float) -> float:
    return 1 - 0.9 / (1 + 2 * epoch)
