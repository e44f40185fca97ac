"""What the benchmark of the app's answers reports, from numbers that nobody measured."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnn_tui.bench import gaps
from cnn_tui.workspace import WORKSPACE_VARIABLE, Workspace

ACTIONS = [
    f"Exercises, {name}"
    for name in ("first visit", "c", "⏎", "? (a dialog)", "ctrl-p (a dialog)", "resize to 80×24")
]


def made_up(what: str, pane: str, root: Path) -> dict[str, list[float]]:
    if what == "visits":
        return {pane: [120.0 if pane != "Models" else 900.0, 40.0]}
    if what == "steps":
        return {"dropout-mask": [40.0, 20.0], "training-step": [140.0, 90.0]}
    keys = {f"{pane}, {key}": [float(cost), 3.0] for cost, key in enumerate("abcdefgh", start=10)}
    keys[f"{pane}, n (a dialog)"] = keys[f"{pane}, first visit"] = [5.0, 3.0]
    keys[f"{pane}, resize to 200×50"] = [300.0, 90.0]
    return {**keys, f"{pane}, keys lost in a resize": [0.0 if pane != "Models" else 5.0, 0.0]}


def test_reports_first_contents_slowest_actions_and_lost_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gaps, "_measured_inside", made_up)
    found = {result.name: result for result in gaps.measure()}
    assert found["Pooling: from its key to its content"].verdict == "within"
    assert found["Models: from its key to its content"].verdict == "missed"
    assert found["dropout-mask: from ← to its output"].verdict == "within"
    assert found["training-step: from ← to its output"].verdict == "missed"
    of_topics = [name for name in found if name.startswith("longest gap: Topics")]
    assert [name.partition("Topics, ")[2] for name in of_topics] == [
        "resize to 200×50",
        "h",
        "g",
        "f",
        "n (a dialog)",
        "first visit",
    ]
    slowest = found[of_topics[0]]
    assert slowest.name.endswith("resize to 200×50")
    assert (slowest.value, slowest.unit, slowest.budget) == (300.0, "ms", "<= 50 ms")
    assert slowest.note == "90 ms of it computing, and the slowest of 11 actions"
    assert found["Topics, keys lost in a resize"].within is True
    assert found["Models, keys lost in a resize"].within is False


@pytest.mark.slow
@pytest.mark.parametrize("what", ["visits", "actions"])
def test_measures_the_app_from_inside(workspace: Workspace, what: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", gaps.APP, what, "Exercises"],
        env={**os.environ, WORKSPACE_VARIABLE: str(workspace.root)},
        cwd=workspace.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    names = ["Exercises"] if what == "visits" else ACTIONS
    for name in names:
        held, computed = found[name]
        assert computed >= 0 and 0 < held < 10_000


@pytest.mark.slow
def test_measures_how_soon_each_live_demo_follows_its_numbers(workspace: Workspace) -> None:
    done = subprocess.run(
        [sys.executable, "-m", gaps.APP, "steps", "Topics"],
        env={**os.environ, WORKSPACE_VARIABLE: str(workspace.root)},
        cwd=workspace.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {"dropout-mask", "training-step", "compound-scaling"} <= found.keys()
    assert all(0 < held < 10_000 for held, _ in found.values())
