"""The lab adds to an older file what it lacks, and changes nothing else."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercises, starter
from cnn_tui.grading.learner import progress, versions
from cnn_tui.grading.learner.status import older_file, remember, standings
from cnn_tui.grading.learner.versions import add_missing, missing_functions, version_of
from cnn_tui.next_steps import Action
from cnn_tui.workspace import Workspace
from tests.tui.made_up_reports import made_up_report

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
    assert missing_functions(path, FIRST) == ADDED
    sentence, (action,) = older_file(workspace, FIRST)
    assert sentence.startswith("exercise1.py lacks agreement and better_pooling of version 2")
    assert action.action is Action.ADD_MISSING
    assert standings(workspace)[0].missing == ADDED
    path.write_text(f"# cnn-lab exercise1, version 2\n{MINE}")
    assert not missing_functions(path, FIRST), "today's version: the check names them"


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
    assert missing_functions(path, FIRST) == ()


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("head", ["", "#!/usr/bin/env python3\n", "\ufeff"], ids=ascii)
def test_adds_them_above_the_experiments_and_keeps_every_line(
    workspace: Workspace, path: Path, head: str, ends: str
) -> None:
    before = f"{head}{MINE}".replace("\n", ends).encode()
    path.write_bytes(before)
    assert missing_functions(path, FIRST) == ADDED
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
    assert not missing_functions(path, FIRST)
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


ODD = {
    "signs that end lines elsewhere": MINE.replace(
        "# mine", "# a\u2028b\u2028c\x0cd\x85e\n\x0c\n# \u2029"
    ),
    "a string that ends in comments": MINE.replace("# My experiments.", 'NOTE = """\n# a\n# b"""'),
    "no experiments, and such a string": MINE.partition("# My")[0] + 'NOTE = """\n# a\n# b"""',
    "a name within a function": MINE.replace(
        'return "max"', 'agreement = better_pooling = "max"\n    return agreement'
    ),
    "names among the experiments": MINE.replace(
        "print(max_pool)", "agreement = better_pooling = 1"
    ),
    "imports within a function": MINE.replace(
        'return "max"', 'from torch import Tensor\n    return "max"'
    ),
    "imports below the experiments": MINE.replace("import torch.nn.functional as F", "")
    + "import torch.nn.functional as F\nfrom torch import Tensor\n",
    "line ends of two kinds": MINE.replace("# mine\n", "# mine\r\n"),
    "old line ends": MINE.replace("\n", "\r"),
}


@pytest.mark.parametrize("source", ODD.values(), ids=ODD.keys())
def test_leaves_every_statement_and_line_of_an_odd_file_as_it_is(
    workspace: Workspace, path: Path, source: str
) -> None:
    path.write_bytes(source.encode())
    assert missing_functions(path, FIRST) == ADDED
    assert add_missing(workspace, FIRST)[0] == ADDED
    after = path.read_bytes().decode()
    old, new = (list(map(ast.dump, ast.parse(each.encode()).body)) for each in (source, after))
    added = len(new) - len(old)
    assert any(new[:at] + new[at + added :] == old for at in range(len(old) + 1))
    parts = (each for each in re.split("(?<=[\r\n])", source) if each.strip("\r\n"))
    assert all(each.rstrip("\r\n") in after for each in parts)
    bare = "import sys, ast; compile(ast.parse(open(sys.argv[1], 'rb').read()), 'x', 'exec')"
    subprocess.run([sys.executable, "-c", bare, path], check=True)
    names = {each.name for each in ast.parse(after.encode()).body if hasattr(each, "name")}
    assert names >= set(ADDED)


def test_brings_its_annotations_names_above_them(workspace: Workspace, path: Path) -> None:
    path.write_text(ODD["imports within a function"])
    add_missing(workspace, FIRST)
    body = ast.parse(path.read_text()).body
    places = {ast.unparse(each).partition("(")[0]: at for at, each in enumerate(body)}
    assert places["from torch import Tensor"] < places["def agreement"]


def test_keeps_the_permissions_of_the_file(workspace: Workspace, path: Path) -> None:
    path.chmod(0o700)
    add_missing(workspace, FIRST)
    assert path.stat().st_mode & 0o777 == 0o700


def test_does_not_guess_where_a_module_is_imported_whole(workspace: Workspace, path: Path) -> None:
    path.write_text(f"from math import *\n{MINE}")
    with pytest.raises(UsageError, match="imports \\* from a module"):
        add_missing(workspace, FIRST)
    assert path.read_text().startswith("from math import *")


def test_refuses_what_it_could_only_break(
    workspace: Workspace, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "_place", lambda module, lines: (2, []))
    path.write_text('"""A string\nof two\nlines."""\n' + MINE)
    with pytest.raises(UsageError, match="without changing your code"):
        add_missing(workspace, FIRST)
    assert path.read_text().startswith('"""A string\nof two\nlines."""\n')
    assert list(path.parent.glob("*bak*")) == []


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
    assert source.startswith(f"# cnn-lab {exercise.name}, version {version_of(source)}\n")


@pytest.mark.parametrize("is_notebook", [False, True])
def test_tells_of_an_older_file_that_is_in_no_workspace(tmp_path: Path, is_notebook: bool) -> None:
    path = tmp_path / ("exercise1.ipynb" if is_notebook else "exercise1.py")
    cell = {"cell_type": "code", "source": MINE}
    notebook = {"nbformat": 4, "metadata": {}, "cells": [cell]}
    path.write_text(json.dumps(notebook) if is_notebook else MINE)
    sentence, actions = remember(made_up_report(FIRST, path, passed=False), FIRST, None)
    assert sentence == (
        f"{path.name} was begun before version 2 of the exercise, and lacks agreement and "
        "better_pooling: today's starter has them."
    )
    assert actions == ()
