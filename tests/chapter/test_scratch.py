"""The scratch file of a topic: written once, and the learner's from then on."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cnn_tui.chapter.catalogue import topic, topics
from cnn_tui.chapter.scratch import ScratchState, code_of, scratch_file
from cnn_tui.chapter.snippets import program
from cnn_tui.errors import UsageError
from cnn_tui.workspace import Workspace

PAGE = topic("resnet")
RUN_EACH = "import runpy, sys\nfor path in sys.argv[1:]: runpy.run_path(path, run_name='__main__')"


def test_writes_the_code_and_leaves_what_is_there(workspace: Workspace) -> None:
    first = scratch_file(workspace, PAGE)
    assert first.path == workspace.root / "scratch" / "resnet.py"
    assert first.state is ScratchState.NEW
    assert first.path.read_text("utf-8") == program(PAGE)
    assert scratch_file(workspace, PAGE).state is ScratchState.UNCHANGED
    first.path.write_text("mine = 1\n")
    assert scratch_file(workspace, PAGE).state is ScratchState.CHANGED
    assert first.path.read_text() == "mine = 1\n"


def test_says_what_became_of_the_file(workspace: Workspace) -> None:
    file = scratch_file(workspace, PAGE)
    assert "python3 scratch/resnet.py" in file.sentence("scratch/resnet.py")
    file.path.write_bytes(b"\xff")
    assert "was left as it is" in scratch_file(workspace, PAGE).sentence("scratch/resnet.py")


def test_refuses_a_page_without_code(workspace: Workspace) -> None:
    page = next(each for each in topics() if not program(each))
    with pytest.raises(UsageError, match=f"{page.slug} has no code"):
        scratch_file(workspace, page)
    assert not workspace.scratch.exists()


@pytest.mark.parametrize("in_the_way", ["scratch", "scratch/resnet.py/folder"])
def test_says_what_is_in_the_way(in_the_way: str, workspace: Workspace) -> None:
    path = workspace.root / in_the_way
    if "/" in in_the_way:
        path.mkdir(parents=True)
    else:
        path.write_text("a file")
    obstacle = workspace.root / in_the_way.removesuffix("/folder")
    with pytest.raises(UsageError, match=f"^{re.escape(str(obstacle))} cannot be written or read"):
        scratch_file(workspace, PAGE)


@pytest.mark.slow
def test_writes_files_that_python_runs_as_they_are(tmp_path: Path) -> None:
    pages = [each for each in topics() if program(each)]
    paths = [tmp_path / f"{each.slug}.py" for each in pages]
    for page, path in zip(pages, paths, strict=True):
        path.write_text(code_of(page), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN_EACH, *paths],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
