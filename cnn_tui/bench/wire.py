"""How many bytes the TUI sends to its terminal, as over SSH, in true color.

A key in a list and a switch of panes are counted until the app is quiet again, live curves
and an app that nobody touches per second.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from cnn_tui import workspace
from cnn_tui.bench.catalogue import IDLE_BYTES, KEY_BYTES, LIVE_BYTES, SWITCH_BYTES
from cnn_tui.bench.estimate import Budget
from cnn_tui.bench.made_up_runs import EPOCHS, made_up_runs
from cnn_tui.bench.records import BenchResult, measured
from cnn_tui.bench.terminal import Terminal
from cnn_tui.errors import LabFault
from cnn_tui.grading.catalogue import starters
from cnn_tui.training.defaults import default_config
from cnn_tui.training.store.folder import create_run
from cnn_tui.training.store.locks import acquire_lock
from cnn_tui.workspace import WORKSPACE_VARIABLE, Workspace

SIZES = ((80, 24), (120, 40))
PANES = {"2": "Models", "3": "Pooling", "4": "Training", "5": "Exercises", "1": "Topics"}
TRAINING = "4"
DOWN, UP = "\x1b[B", "\x1b[A"
RUNS = 5
ROUNDS = 3
QUIET_SECONDS = 0.7
"""An answer is over once nothing was written for so long."""
SETTLED_SECONDS = 2.5
"""So is a start, during which the header counts the seconds that torch takes."""
GIVE_UP_SECONDS = 120.0
IDLE_SECONDS = 5.0
LIVE_SECONDS, TOLD_SECONDS = 8.0, 0.25
"""For how long a run is watched, and how often it tells something."""

Found = dict[str, int]
"""What was done → bytes."""


def measure() -> list[BenchResult]:
    """For each size the costliest key in a list and switch of panes, live curves, and idleness."""
    with tempfile.TemporaryDirectory() as folder:
        space = made_up_runs(Path(folder) / "workspace", RUNS)
        workspace.create(space.root, starters())
        quiet = {size: _quiet_session(space, size) for size in SIZES}
        live = {size: _live_session(space, size) for size in SIZES}
    return list(chain.from_iterable(_results(size, *quiet[size], live[size]) for size in SIZES))


def _results(
    size: tuple[int, int], keys: list[Found], switches: list[Found], idle: float, live: float
) -> Iterator[BenchResult]:
    where = f"{size[0]}×{size[1]}"
    yield _dearest(f"{where}: a key in a list", keys, KEY_BYTES)
    yield _dearest(f"{where}: a switch of panes", switches, SWITCH_BYTES)
    yield measured(f"{where}: live curves", "bytes/s", [live], LIVE_BYTES)
    yield measured(f"{where}: nothing happens", "bytes/s", [idle], IDLE_BYTES)


def _dearest(name: str, rounds: list[Found], budget: Budget) -> BenchResult:
    most = max(rounds[0], key=lambda what: rounds[0][what])
    return measured(name, "bytes", [found[most] for found in rounds], budget, f"most: {most}")


def _quiet_session(
    space: Workspace, size: tuple[int, int]
) -> tuple[list[Found], list[Found], float]:
    """Per round what keys and switches cost, and what is written where nothing happens."""
    with _app(space, size) as terminal:
        for key in PANES:
            _answer(terminal, key)
        keys, switches = [], []
        for _ in range(ROUNDS):
            moved: Found = {}
            switched: Found = {}
            for key, pane in PANES.items():
                switched[pane] = _answer(terminal, key)
                moved[f"{pane}, down"] = _answer(terminal, DOWN)
                moved[f"{pane}, up"] = _answer(terminal, UP)
            keys.append(moved)
            switches.append(switched)
        terminal.press("")
        time.sleep(IDLE_SECONDS)
        return keys, switches, len(terminal.written) / IDLE_SECONDS


def _live_session(space: Workspace, size: tuple[int, int]) -> float:
    """What is written per second while the run in sight tells of its steps."""
    lines = (space.root / "metrics.jsonl").read_text().splitlines(keepends=True)
    config = default_config("lenet5", "digits", epochs=EPOCHS)
    run = create_run(space, config, data_dir=space.root)
    lock = acquire_lock(run)
    half = len(lines) // 2
    try:
        run.metrics_file.write_text("".join(lines[:half]))
        with _app(space, size) as terminal, run.metrics_file.open("a", buffering=1) as metrics:
            _answer(terminal, TRAINING)
            terminal.press("")
            began = time.monotonic()
            for line in lines[half:-1]:
                if time.monotonic() > began + LIVE_SECONDS:
                    break
                metrics.write(line)
                time.sleep(TOLD_SECONDS)
            return len(terminal.written) / (time.monotonic() - began)
    finally:
        os.close(lock)


@contextmanager
def _app(space: Workspace, size: tuple[int, int]) -> Iterator[Terminal]:
    variables = {WORKSPACE_VARIABLE: str(space.root), "COLORTERM": "truecolor"}
    command = [sys.executable, "-m", "cnn_tui"]
    columns, rows = size
    with Terminal(command, space.root, variables, size=(rows, columns)) as terminal:
        terminal.wait_for(["Quit"], GIVE_UP_SECONDS)
        _wait_until_quiet(terminal, SETTLED_SECONDS)
        yield terminal


def _answer(terminal: Terminal, keys: str) -> int:
    """Bytes that the app writes for ``keys``."""
    terminal.press(keys)
    _wait_until_quiet(terminal, QUIET_SECONDS)
    return len(terminal.written)


def _wait_until_quiet(terminal: Terminal, seconds: float) -> None:
    deadline = time.monotonic() + GIVE_UP_SECONDS
    before = -1
    while before != len(terminal.written):
        if time.monotonic() > deadline:
            raise LabFault(f"The app was not quiet within {GIVE_UP_SECONDS:.0f} s.")
        before = len(terminal.written)
        time.sleep(seconds)
