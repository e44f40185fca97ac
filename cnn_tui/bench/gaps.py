"""How soon the TUI answers: content of a pane, output of a demo, and how long a key holds the app.

Its engine takes longer to start than the measurement lasts, as torch does on the network
file system of a cluster. The app is measured from inside, in a fresh process each time.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cnn_tui import workspace
from cnn_tui.bench.catalogue import FIRST_CONTENT, LIVE_OUTPUT, LONGEST_GAP, NOTHING
from cnn_tui.bench.estimate import Budget
from cnn_tui.bench.made_up_runs import made_up_runs
from cnn_tui.bench.records import BenchResult, measured
from cnn_tui.errors import LabFault
from cnn_tui.grading.catalogue import starters
from cnn_tui.workspace import WORKSPACE_VARIABLE

APP = "cnn_tui.tui.measuring"
FIRST, *OTHERS = ("Topics", "Models", "Pooling", "Training", "Exercises")
"""The panes; the first one is there from the start."""
ROUNDS = 3
RUNS = 5
MAIN = ("first visit", "(a dialog)", "resize to", ", ⏎")
"""What names the actions that are listed however short their gaps are."""
SLOWEST = 3
"""Other actions of a pane that are listed, those with the longest gaps."""
LOST = "keys lost"
Gap = tuple[float, float]
HELD, COMPUTED = 0, 1
"""Milliseconds on the clock, and those that were not waiting for a processor."""
GIVE_UP_SECONDS = 300.0


def measure() -> list[BenchResult]:
    """Milliseconds to a pane's content and a demo's output, each pane's longest gaps, keys lost."""
    with tempfile.TemporaryDirectory() as folder:
        space = made_up_runs(Path(folder) / "workspace", RUNS)
        workspace.create(space.root, starters())
        visits = _rounds("visits", OTHERS, space.root)
        steps = _rounds("steps", (FIRST,), space.root)
        gaps = _rounds("actions", (FIRST, *OTHERS), space.root)
    return [*_first_contents(visits), *_live_outputs(steps), *_longest_gaps(gaps)]


def _rounds(what: str, panes: Sequence[str], root: Path) -> dict[str, list[Gap]]:
    """Name → one gap per round; the panes take turns."""
    found: dict[str, list[Gap]] = defaultdict(list)
    for _ in range(ROUNDS):
        for pane in panes:
            for name, value in _measured_inside(what, pane, root).items():
                found[name].append((value[0], value[1]))
    return found


def _measured_inside(what: str, pane: str, root: Path) -> Mapping[str, Sequence[float]]:
    done = subprocess.run(
        [sys.executable, "-m", APP, what, pane],
        cwd=root,
        env={**os.environ, WORKSPACE_VARIABLE: str(root)},
        capture_output=True,
        text=True,
        timeout=GIVE_UP_SECONDS,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise LabFault(f"The app could not be measured: {last}.")
    numbers: Mapping[str, Sequence[float]] = json.loads(done.stdout)
    return numbers


def _first_contents(visits: Mapping[str, Sequence[Gap]]) -> Iterator[BenchResult]:
    for pane, found in visits.items():
        yield _result(f"{pane}: from its key to its content", found, FIRST_CONTENT)


def _live_outputs(steps: Mapping[str, Sequence[Gap]]) -> Iterator[BenchResult]:
    for demo, found in steps.items():
        yield _result(f"{demo}: from ← to its output", found, LIVE_OUTPUT)


def _longest_gaps(gaps: Mapping[str, Sequence[Gap]]) -> Iterator[BenchResult]:
    """Of each pane the main actions and the slowest others, and after them what was lost."""
    lost = {name: found for name, found in gaps.items() if LOST in name}
    for pane in (FIRST, *OTHERS):
        of_pane = [name for name in gaps if name.startswith(f"{pane},") and name not in lost]
        ranked = sorted(of_pane, key=lambda name: -_median(gaps[name], HELD))
        others = [name for name in ranked if not _is_main(name)]
        for name in ranked:
            about = f", and the slowest of {len(of_pane)} actions" if name == ranked[0] else ""
            if name not in others[SLOWEST:]:
                yield _result(f"longest gap: {name}", gaps[name], LONGEST_GAP, about)
    for name, found in lost.items():
        yield measured(name, "", [each[HELD] for each in found], NOTHING)


def _is_main(name: str) -> bool:
    return any(words in name for words in MAIN)


def _result(name: str, found: Sequence[Gap], budget: Budget, about: str = "") -> BenchResult:
    computed = f"{_median(found, COMPUTED):.0f} ms of it computing{about}"
    return measured(name, "ms", [each[HELD] for each in found], budget, computed)


def _median(found: Sequence[Gap], which: int) -> float:
    return statistics.median(each[which] for each in found)
