"""The experiments of the lab with their default settings, each run once for all tests.

They take a minute of CPU each: whichever worker of the tests asks first runs one, and the
others read what it gave. The slow tests take half of them, the other half at another commit.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cnn_tui.processes import taking_turns
from cnn_tui.training.studies.catalogue import names
from tests.turns import slow_by_turns

SHARE = 2
"""One of so many of them is among the slow tests of a commit."""


def mark_of(name: str) -> pytest.MarkDecorator:
    """The mark of a test that asks for the experiment ``name``: slow or exhaustive."""
    return slow_by_turns(names().index(name), SHARE)


def run_once(name: str, shared: Path) -> dict[str, Any]:
    """What ``cnn-lab experiment NAME --json`` prints, from ``shared`` where it is there already."""
    kept = shared / f"experiment-{name}.json"
    with taking_turns(kept.with_suffix(".lock")):
        if not kept.exists():
            kept.write_text(_run(name, shared / f"workspace-{name}"))
    document: dict[str, Any] = json.loads(kept.read_text())
    return document


def _run(name: str, workspace: Path) -> str:
    lab = [sys.executable, "-m", "cnn_tui"]
    subprocess.run([*lab, "init", str(workspace)], check=True, capture_output=True)
    command = [*lab, "experiment", name, "--json", "--device", "cpu"]
    command += ["--workspace", str(workspace)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
