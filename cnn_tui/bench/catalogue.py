"""Which benchmarks there are."""

import os
from collections.abc import Sequence
from importlib import import_module

from cnn_tui.bench.records import BenchResult
from cnn_tui.names import match

BENCHMARKS = {
    "startup": "the help page and the first paint of the TUI",
    "summary": "a layer table against torchinfo",
    "train": "the training loop against the chapter's, and against the compute limit",
    "check": "a check against plain pytest of the same asserts",
}
"""Name → what it measures; each is a module of this room with ``measure()``."""
MODULES = {"train": "training", "check": "grading"}
"""Benchmarks whose module is named for its room instead."""


def run_benchmark(name: str) -> Sequence[BenchResult]:
    """Measure one benchmark; raises UsageError for a name that is not in BENCHMARKS."""
    found = match(name, BENCHMARKS, "benchmark", "cnn-lab bench --help")
    # The references come compiled from an installer: the lab may keep its bytecode as well.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    results: Sequence[BenchResult] = import_module(
        f"cnn_tui.bench.{MODULES.get(found, found)}"
    ).measure()
    return results
