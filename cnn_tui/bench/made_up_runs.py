"""Finished runs that nobody trained, for what lists and shows them."""

import os
import time
from pathlib import Path
from typing import Any

from cnn_tui.training.defaults import default_config
from cnn_tui.training.records import Ended, EpochMetrics, Event, StepMetrics
from cnn_tui.training.store.folder import create_run
from cnn_tui.training.store.metrics import encode
from cnn_tui.workspace import Workspace

EPOCHS = 40
FLUSHES = 25
"""Per epoch: with EPOCHS, a file of about 300 KB."""


def made_up_runs(root: Path, count: int) -> Workspace:
    """A workspace of finished runs, whose metrics are one file under many names."""
    space = Workspace(root)
    space.exercises.mkdir(parents=True)
    metrics = root / "metrics.jsonl"
    metrics.write_text("".join(f"{encode(event)}\n" for event in _events()))
    config = default_config("lenet5", "digits", epochs=EPOCHS)
    for _ in range(count):
        run = create_run(space, config, data_dir=root)
        os.link(metrics, run.metrics_file)
        run.lock_file.touch()
    return space


def _events() -> list[Event]:
    events: list[Event] = []
    step = 0
    for epoch in range(EPOCHS):
        for step in range(epoch * FLUSHES, (epoch + 1) * FLUSHES):
            events.append(_step(_standing(step, epoch), step))
        events.append(_epoch(_standing(step, epoch + 1)))
    return [*events, _end(_standing(step, EPOCHS))]


def _standing(step: int, epoch: int) -> dict[str, Any]:
    """What every event tells."""
    return {
        "time": time.time(),
        "step": step,
        "epoch": epoch,
        "epochs": EPOCHS,
        "best_val_accuracy": 2 / 3,
    }


def _step(standing: dict[str, Any], step: int) -> StepMetrics:
    return StepMetrics(
        **standing,
        loss=1 / (step + 3),
        accuracy=2 / 3,
        lr=1e-3 / 3,
        images_per_second=1e5 / 3,
        gradient_norm=1 / 3,
        seconds_left=100 / 3,
    )


def _epoch(standing: dict[str, Any]) -> EpochMetrics:
    return EpochMetrics(
        **standing,
        train_loss=1 / 3,
        train_accuracy=2 / 3,
        val_loss=1 / 3,
        val_accuracy=2 / 3,
        lr=1e-3 / 3,
        images_per_second=1e5 / 3,
        seconds=10 / 3,
    )


def _end(standing: dict[str, Any]) -> Ended:
    return Ended(
        **standing,
        state="finished",
        message="Finished.",
        test_loss=1 / 3,
        test_accuracy=2 / 3,
        images_per_second=1e5 / 3,
        seconds=1e3 / 3,
    )
