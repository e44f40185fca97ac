"""The lab adds to an older file what it lacks, and changes nothing else."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercises, starter
from cnn_tui.grading.learner import progress
from cnn_tui.grading.learner.status import older_file, standings
from cnn_tui.grading.learner.versions import add_missing, missing_functions, version_of
from cnn_tui.next_steps import Action
from cnn_tui.workspace import Workspace

FIRST = exercises()[0]
MINE = """\
import torch.nn.functional as F


def max_pool(x, kernel_size, stride):
    return F.max_pool2d(x, kernel_size, stride)  # mine


def avg_pool(x, kernel_size, stride): ...
def difference(x, kernel_size, stride): ...
def peak_retention(x, pooled): ...
noise_gain = lambda noise_in, noise_out: 1.0


def which_pooling(feature):
    return "max"


# My experiments.
if __name__ == "__main__":
    print(max_pool)
"""
ADDED = ("agreement", "better_pooling")


@pytest.fixture
def path(workspace: Workspace) -> Path:
    path = workspace.exercises / FIRST.file_name
    path.write_text(MINE)
    return path


def test_names_the_functions_that_an_older_file_lacks(workspace: Workspace, path: Path) -> None:
    assert missing_functions(workspace, FIRST) == ADDED
    sentence, (action,) = older_file(workspace, FIRST)
    assert sentence.startswith("exercise1.py lacks agreement and better_pooling of version 2")
    assert action.action is Action.ADD_MISSING
    assert standings(workspace)[0].missing == ADDED
    path.write_text(f"# cnn-lab exercise1, version 2\n{MINE}")
    assert not missing_functions(workspace, FIRST), "today's version: the check names them"


@pytest.mark.parametrize(
    "source", ["def max_pool(:", "", "\0", b"\xff\xfe", "from mine import *", None]
)
def test_says_nothing_of_what_it_cannot_read(
    workspace: Workspace, path: Path, source: str | bytes | None
) -> None:
    if source is None:
        path.unlink()
    else:
        path.write_bytes(source.encode() if isinstance(source, str) else source)
    if source == "":
        assert "max_pool" in missing_functions(workspace, FIRST)
    else:
        assert missing_functions(workspace, FIRST) == ()


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("head", ["", "#!/usr/bin/env python3\n", "\ufeff"], ids=ascii)
def test_adds_them_above_the_experiments_and_keeps_every_line(
    workspace: Workspace, path: Path, head: str, ends: str
) -> None:
    before = f"{head}{MINE}".replace("\n", ends).encode()
    path.write_bytes(before)
    assert missing_functions(workspace, FIRST) == ADDED
    added, backup = add_missing(workspace, FIRST)
    assert added == ADDED
    assert backup is not None
    assert backup.read_bytes() == before
    after = path.read_bytes().decode()
    lines = after.split(ends)
    assert "\n" not in "".join(lines) or ends == "\n"
    kept = iter(lines)
    assert all(line in kept for line in before.decode().removeprefix("\ufeff").split(ends) if line)
    assert after.startswith(head.strip())
    assert version_of(after) == version_of(starter(FIRST).read_text())
    assert not missing_functions(workspace, FIRST)
    module = ast.parse(path.read_bytes())
    assert isinstance(module.body[-1], ast.If), "the experiments stay last"
    assert lines[module.body[-1].lineno - 2] == "# My experiments."
    assert add_missing(workspace, FIRST) == ((), None)


def test_adds_what_the_functions_themselves_need(workspace: Workspace, path: Path) -> None:
    add_missing(workspace, FIRST)
    code = "import runpy, sys; runpy.run_path(sys.argv[1])"
    replaced = path.read_text().replace("from torch import Tensor", "Tensor = object")
    assert replaced != path.read_text(), "its annotations name Tensor"
    path.write_text(replaced.replace("import torch.nn.functional as F", ""))
    subprocess.run([sys.executable, "-c", code, path], check=True)


def test_adds_nothing_to_what_is_no_python(workspace: Workspace, path: Path) -> None:
    path.write_text("def max_pool(:\n")
    with pytest.raises(UsageError, match="syntax error"):
        add_missing(workspace, FIRST)
    assert path.read_text() == "def max_pool(:\n"


def test_knows_that_the_file_is_of_todays_starter_then(workspace: Workspace, path: Path) -> None:
    add_missing(workspace, FIRST)
    assert progress.load(workspace)[FIRST.name].starter == progress.starter_digest(FIRST.name)


@pytest.mark.parametrize("exercise", exercises(), ids=lambda each: each.name)
def test_names_the_exercise_in_the_version_of_its_starter(exercise) -> None:
    source = starter(exercise).read_text()
    if "version" in source.partition("\n")[0]:
        assert source.startswith(f"# cnn-lab {exercise.name}, version {version_of(source)}\n")
    else:
        assert version_of(source) == 1
