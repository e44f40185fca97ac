"""What a list of many runs costs: once by the whole command, and again and again in the TUI."""

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from cnn_tui.bench.catalogue import MANY_RUNS, RUNS_AGAIN
from cnn_tui.bench.estimate import ROUNDS
from cnn_tui.bench.records import BenchResult, compared
from cnn_tui.bench.turns import command_seconds, seconds_of, take_turns
from cnn_tui.training.config import default_config
from cnn_tui.training.records import Ended, EpochMetrics, Event, StepMetrics
from cnn_tui.training.store.folder import create_run
from cnn_tui.training.store.listing import RunLister, list_runs
from cnn_tui.training.store.metrics import encode
from cnn_tui.workspace import Workspace

RUNS = 500
EPOCHS = 40
FLUSHES = 25
"""Per epoch: with EPOCHS, a file of about 300 KB."""


def measure() -> list[BenchResult]:
    """``cnn-lab runs`` with many runs against one run; listing them again against from scratch."""
    with tempfile.TemporaryDirectory() as folder:
        many, one = (_made_up(Path(folder) / str(count), count) for count in (RUNS, 1))
        commands = take_turns(
            lambda: command_seconds(_command(many)),
            lambda: command_seconds(_command(one)),
            MANY_RUNS,
            ROUNDS,
        )
        lister = RunLister(many)
        listings = take_turns(
            lambda: 1000 * seconds_of(lister.list),
            lambda: 1000 * seconds_of(lambda: list_runs(many)),
            RUNS_AGAIN,
            ROUNDS,
        )
    return [
        compared(f"cnn-lab runs, {RUNS} runs (reference: one)", "s", commands, MANY_RUNS),
        compared(
            f"listing {RUNS} runs again (reference: from scratch)", "ms", listings, RUNS_AGAIN
        ),
    ]


def _made_up(root: Path, count: int) -> Workspace:
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


def _command(space: Workspace) -> list[str]:
    return [sys.executable, "-m", "cnn_tui", "runs", "--workspace", str(space.root)]
