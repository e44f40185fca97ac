"""The experiments of the lab with their default settings, each run once for all tests.

They take a minute of CPU each: whichever worker of the tests asks first runs one, and the
others read what it gave. The slow tests take half of them, the other half at another commit.
"""

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cnn_tui.processes import taking_turns
from cnn_tui.training.studies.catalogue import names
from tests.turns import slow_by_turns

SHARE = 2
"""One of so many of them is among the slow tests of a commit."""


@dataclass(frozen=True)
class Experiment:
    """What ``cnn-lab experiment NAME --json`` printed, and the CPU seconds that it took."""

    document: dict[str, Any]
    seconds: float


def mark_of(name: str) -> pytest.MarkDecorator:
    """The mark of a test that asks for the experiment ``name``: slow or exhaustive."""
    return slow_by_turns(names().index(name), SHARE)


def run_once(name: str, shared: Path) -> Experiment:
    """The experiment ``name``, from the folder ``shared`` where it is there already."""
    kept = shared / f"experiment-{name}.json"
    with taking_turns(kept.with_suffix(".lock")):
        if not kept.exists():
            found = _run(name, shared / f"workspace-{name}")
            kept.write_text(json.dumps([found.document, found.seconds]))
    return Experiment(*json.loads(kept.read_text()))


def _run(name: str, workspace: Path) -> Experiment:
    lab = [sys.executable, "-m", "cnn_tui"]
    subprocess.run([*lab, "init", str(workspace)], check=True, capture_output=True)
    command = [*lab, "experiment", name, "--json", "--device", "cpu"]
    command += ["--workspace", str(workspace)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Experiment(json.loads(done.stdout), seconds)
