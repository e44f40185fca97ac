"""What is remembered of a learner's reading."""

import json
import threading

import pytest

from cnn_tui.chapter.reading import ReadingMarks, load, remember
from cnn_tui.state_file import NewerStateError
from cnn_tui.workspace import Workspace


def file_of(workspace: Workspace):
    return workspace.state / "reading.json"


def test_remembers_what_was_read_and_looked_at_last(workspace):
    remember(workspace, "vgg", {"vgg": True, "alexnet": True})
    remember(workspace, "resnet", {"alexnet": False})
    assert load(workspace) == ReadingMarks(frozenset({"vgg"}), "resnet")


def test_begins_with_nothing(workspace):
    assert load(None) == load(workspace) == ReadingMarks()
    assert not workspace.state.exists(), "looking writes nothing"


def test_keeps_the_marks_of_sessions_that_write_at_once(workspace):
    slugs = [f"topic-{number}" for number in range(20)]
    writers = [
        threading.Thread(target=remember, args=(workspace, slug, {slug: True})) for slug in slugs
    ]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert load(workspace).read == set(slugs)
    assert not list(workspace.state.glob("*.tmp"))


@pytest.mark.parametrize(
    "damaged",
    [b"", b"{", b"[]", b'{"version": 1}', b'{"version": 1, "read": [1], "last": ""}', b"\xff"],
)
def test_keeps_a_damaged_file_aside(workspace, damaged):
    workspace.state.mkdir()
    file_of(workspace).write_bytes(damaged)
    assert load(workspace) == ReadingMarks()
    remember(workspace, "vgg", {"vgg": True})
    assert load(workspace) == ReadingMarks(frozenset({"vgg"}), "vgg")
    (kept,) = workspace.state.glob("reading.damaged-*.json")
    assert kept.read_bytes() == damaged


def test_leaves_the_file_of_a_newer_lab_alone(workspace):
    workspace.state.mkdir()
    text = json.dumps({"version": 2, "read": ["vgg"], "last": "vgg"})
    file_of(workspace).write_text(text)
    assert load(workspace) == ReadingMarks()
    with pytest.raises(NewerStateError, match="newer cnn-lab"):
        remember(workspace, "resnet", {})
    assert file_of(workspace).read_text() == text


def test_writes_only_what_has_changed(workspace):
    remember(workspace, "vgg", {"vgg": True})
    before = file_of(workspace).stat().st_mtime_ns
    remember(workspace, "vgg", {"vgg": True})
    assert file_of(workspace).stat().st_mtime_ns == before
