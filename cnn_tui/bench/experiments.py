"""What the lab's experiments cost with their default settings, beside what the lab says of them."""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from cnn_tui.bench.catalogue import EXPERIMENT
from cnn_tui.bench.records import BenchResult, compared
from cnn_tui.grading.catalogue import starters
from cnn_tui.training.studies.catalogue import find_study, names
from cnn_tui.workspace import create


def measure() -> list[BenchResult]:
    """The CPU time of each experiment, all of its runs together; the reference is its own claim."""
    return [_of_one(name) for name in names()]


def _of_one(name: str) -> BenchResult:
    pair = (_cpu_seconds(name), float(find_study(name).cpu_seconds))
    title = f"cnn-lab experiment {name} (reference: what it says of itself)"
    return compared(title, "s of CPU", [pair], EXPERIMENT)


def _cpu_seconds(name: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        space, _ = create(Path(folder) / "workspace", starters())
        command = [sys.executable, "-m", "cnn_tui", "experiment", name, "--device", "cpu"]
        before = _of_children()
        subprocess.run([*command, "--workspace", str(space.root)], check=True, capture_output=True)
        return _of_children() - before


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
