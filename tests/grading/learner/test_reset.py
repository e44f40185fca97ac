"""The lab puts an exercise back to its starter, and loses nothing on the way."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercises, in_workspace, starter
from cnn_tui.grading.learner import progress
from cnn_tui.grading.learner.reset import reset
from cnn_tui.workspace import Workspace

FIRST = exercises()[0]
MINE = b"# hours of work\n"


@pytest.fixture
def path(workspace: Workspace) -> Path:
    path = workspace.exercises / FIRST.file_name
    path.write_bytes(MINE)
    return path


def test_brings_the_starter_back_and_keeps_what_was_there(workspace: Workspace, path: Path) -> None:
    listed = in_workspace(workspace)
    backup = reset(workspace, FIRST)
    assert path.read_bytes() == starter(FIRST).read_bytes()
    assert backup is not None
    assert backup.parent == path.parent
    assert backup.read_bytes() == MINE
    assert in_workspace(workspace) == listed, "the backup is no exercise"
    path.write_bytes(b"# written over, not replaced\n")
    assert backup.read_bytes() == MINE


def test_never_writes_over_a_backup(workspace: Workspace, path: Path) -> None:
    contents = [f"# attempt {number}\n".encode() for number in range(4)]
    backups = []
    for content in contents:
        path.write_bytes(content)
        backups.append(reset(workspace, FIRST))
    assert [backup.read_bytes() for backup in backups if backup] == contents
    assert len(set(backups)) == len(contents)


def test_keeps_a_copy_where_the_file_system_knows_no_links(
    workspace: Workspace, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    first = reset(workspace, FIRST)
    path.write_bytes(b"# again\n")
    second = reset(workspace, FIRST)
    assert first is not None
    assert second is not None
    assert (first.read_bytes(), second.read_bytes()) == (MINE, b"# again\n")


def test_keeps_nothing_of_what_equals_the_starter_or_is_missing(
    workspace: Workspace, path: Path
) -> None:
    path.write_bytes(starter(FIRST).read_bytes())
    before = path.stat()
    assert reset(workspace, FIRST) is None
    assert path.stat().st_ino == before.st_ino
    path.unlink()
    assert reset(workspace, FIRST) is None
    assert path.read_bytes() == starter(FIRST).read_bytes()
    names = {each.name for each in workspace.exercises.iterdir()}
    assert names == {exercise.file_name for exercise in exercises()}


def test_keeps_a_file_that_is_too_large_to_be_checked(workspace: Workspace, path: Path) -> None:
    path.write_bytes(b"#" * (1 << 20) + b"\n#\n")
    backup = reset(workspace, FIRST)
    assert backup is not None
    assert backup.stat().st_size > 1 << 20


def test_remembers_which_starter_the_learner_begins_with(workspace: Workspace, path: Path) -> None:
    reset(workspace, FIRST)
    assert progress.load(workspace)[FIRST.name].starter == progress.starter_digest(FIRST.name)


@pytest.mark.parametrize("kind", ["folder", "link", "dangling link", "pipe"])
def test_refuses_what_is_no_regular_file(workspace: Workspace, path: Path, kind: str) -> None:
    elsewhere = workspace.root / "elsewhere.py"
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(elsewhere)
        if kind == "link":
            elsewhere.write_bytes(MINE)
    with pytest.raises(UsageError, match="not a regular file: move it away"):
        reset(workspace, FIRST)
    assert len(list(workspace.exercises.iterdir())) == len(exercises())
    assert kind != "link" or elsewhere.read_bytes() == MINE


@pytest.mark.parametrize("protected", ["the file", "the folder"])
def test_refuses_where_it_may_not_write(
    workspace: Workspace, path: Path, monkeypatch: pytest.MonkeyPatch, protected: str
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    if protected == "the file":  # root may write to anything, so that no mode would stop it
        monkeypatch.setattr(os, "access", lambda *_: False)
    else:
        monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(UsageError, match="cannot be put back to its starter"):
        reset(workspace, FIRST)
    assert path.read_bytes() == MINE
    assert len(list(workspace.exercises.iterdir())) == len(exercises())


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", ["os.link", "os.fsync", "pathlib.Path.replace"])
def test_loses_nothing_when_it_is_killed(
    workspace: Workspace, path: Path, step: str, moment: str
) -> None:
    code = f"""
import os, pathlib, signal
from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.learner.reset import reset
from cnn_tui.workspace import Workspace
step = {step}
def killed(*arguments):
    if {moment == "after"}:
        step(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
{step} = killed
reset(Workspace(pathlib.Path({str(workspace.root)!r})), exercises()[0])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    pristine = starter(FIRST).read_bytes()
    assert path.read_bytes() in (MINE, pristine)
    kept = [each.read_bytes() for each in path.parent.glob("exercise1.py*")]
    assert MINE in kept
    reset(workspace, FIRST)
    assert path.read_bytes() == pristine
    assert MINE in [each.read_bytes() for each in path.parent.glob("exercise1.py.backup-*")]
