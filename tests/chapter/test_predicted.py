"""What is remembered of a learner's predictions."""

import json
import threading
from pathlib import Path

import pytest

from cnn_tui.chapter.predicted import load, remember, tally
from cnn_tui.chapter.questions import DemoPrediction
from cnn_tui.state_file import NewerStateError
from cnn_tui.workspace import Workspace

RIGHT = DemoPrediction("about half", "4 of 7 (57 %)", True)
WRONG = DemoPrediction("all", "4 of 7 (57 %)", False)


def file_of(workspace: Workspace) -> Path:
    return workspace.state / "predictions.json"


def test_remembers_the_latest_answer_of_each_demo(workspace: Workspace) -> None:
    remember(workspace, "dropout-mask", RIGHT)
    remember(workspace, "translation-invariance", WRONG)
    assert tally(load(workspace)) == "1/2"
    remember(workspace, "translation-invariance", RIGHT)
    assert load(workspace) == {"dropout-mask": RIGHT, "translation-invariance": RIGHT}
    assert tally(load(workspace)) == "2/2"


def test_begins_with_nothing(workspace: Workspace) -> None:
    assert load(None) == load(workspace) == {}
    assert tally({}) == ""
    assert not workspace.state.exists(), "looking writes nothing"


def test_keeps_the_answers_of_sessions_that_write_at_once(workspace: Workspace) -> None:
    names = [f"demo-{number}" for number in range(10)]
    writers = [threading.Thread(target=remember, args=(workspace, name, RIGHT)) for name in names]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert load(workspace).keys() == set(names)


@pytest.mark.parametrize(
    "damaged",
    [
        b"{",
        b'{"version": 1}',
        b'{"version": 1, "predictions": [1]}',
        b'{"version": 1, "predictions": {"a": {"answer": "b", "outcome": "c", "right": 1}}}',
        b'{"version": 1, "predictions": {"a": {"answer": 1, "outcome": "c", "right": true}}}',
    ],
)
def test_keeps_a_damaged_file_aside(workspace: Workspace, damaged: bytes) -> None:
    workspace.state.mkdir()
    file_of(workspace).write_bytes(damaged)
    assert load(workspace) == {}
    remember(workspace, "dropout-mask", RIGHT)
    assert load(workspace) == {"dropout-mask": RIGHT}
    (kept,) = workspace.state.glob("predictions.damaged-*.json")
    assert kept.read_bytes() == damaged


def test_leaves_the_file_of_a_newer_lab_alone(workspace: Workspace) -> None:
    workspace.state.mkdir()
    text = json.dumps({"version": 2, "predictions": {}})
    file_of(workspace).write_text(text)
    assert load(workspace) == {}
    with pytest.raises(NewerStateError, match="newer cnn-lab"):
        remember(workspace, "dropout-mask", RIGHT)
    assert file_of(workspace).read_text() == text
