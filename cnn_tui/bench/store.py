"""What a list of many runs costs: once by the whole command, and again and again in the TUI."""

import sys
import tempfile
from pathlib import Path

from cnn_tui.bench.catalogue import MANY_RUNS, RUNS_AGAIN
from cnn_tui.bench.estimate import ROUNDS
from cnn_tui.bench.made_up_runs import made_up_runs
from cnn_tui.bench.records import BenchResult, compared
from cnn_tui.bench.turns import command_seconds, seconds_of, take_turns
from cnn_tui.training.store.listing import RunLister, list_runs
from cnn_tui.workspace import Workspace

RUNS = 500


def measure() -> list[BenchResult]:
    """``cnn-lab runs`` with many runs against one run; listing them again against from scratch."""
    with tempfile.TemporaryDirectory() as folder:
        many, one = (made_up_runs(Path(folder) / str(count), count) for count in (RUNS, 1))
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


def _command(space: Workspace) -> list[str]:
    return [sys.executable, "-m", "cnn_tui", "runs", "--workspace", str(space.root)]
