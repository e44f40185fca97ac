"""``cnn-lab check`` writes what other programs read, and tells several exercises at once."""

import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cnn_tui.grading.catalogue import exercise_named, solution
from cnn_tui.workspace import Workspace
from tests.subprocesses import cnn_lab

BROKEN = "def max_pool(:\n"


@pytest.mark.slow
def test_writes_junit_and_gradescope_beside_the_report(workspace: Workspace) -> None:
    reference = solution(exercise_named("1")).read_bytes()
    (workspace.exercises / "exercise1.py").write_bytes(reference)
    words = ["--junit", "out.xml", "--gradescope", "results.json", "--seed", "7"]
    done = cnn_lab("check", "1", "--sandbox", "limits", *words, cwd=workspace.root)
    assert done.returncode == 0, done.stderr
    assert "PASSED  10 of 10 points" in done.stdout
    assert done.stderr.splitlines()[-2:] == ["Written: out.xml", "Written: results.json"]
    assert "In the sandbox limits, code that is checked can still: read" in done.stdout
    (suite,) = ET.parse(workspace.root / "out.xml").getroot()
    assert (suite.get("name"), suite.get("failures"), suite.get("errors")) == (
        "exercise1",
        "0",
        "0",
    )
    results = json.loads((workspace.root / "results.json").read_text())
    assert results["score"] == 10
    assert results["extra_data"]["reports"][0]["seed"] == 7


@pytest.mark.slow
def test_prints_one_document_and_nothing_else(workspace: Workspace) -> None:
    (workspace.exercises / "exercise1.py").write_text(BROKEN)
    for option in ("--junit", "--gradescope"):
        done = cnn_lab("check", "1", option, "-", cwd=workspace.root, PYTHONIOENCODING="ascii")
        assert done.returncode == 2
        assert done.stderr.startswith("Error: exercise1.py has a syntax error in line 1")
        if option == "--junit":
            assert ET.fromstring(done.stdout).find("testsuite").get("errors") == "1"  # type: ignore[union-attr]
        else:
            results = json.loads(done.stdout)
            assert results["score"] == 0
            assert "syntax error in line 1" in results["output"]


@pytest.mark.slow
@pytest.mark.parametrize("target", ["fifo", "exercises", "no/such/out", "exercises/exercise1.py"])
def test_refuses_a_file_that_it_cannot_write_before_it_checks(
    workspace: Workspace, target: str
) -> None:
    os.mkfifo(workspace.root / "fifo")
    before = (workspace.exercises / "exercise1.py").read_bytes()
    done = cnn_lab("check", "1", "--gradescope", target, cwd=workspace.root)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"Error: {target} ")
    assert len(done.stderr.splitlines()) == 1
    assert not workspace.progress_file.exists()
    assert (workspace.exercises / "exercise1.py").read_bytes() == before


def test_ends_several_exercises_with_how_they_stand(workspace: Workspace, tmp_path: Path) -> None:
    for number in (1, 3):
        (workspace.exercises / f"exercise{number}.py").write_text(BROKEN)
    done = cnn_lab("check", "1", "3", cwd=workspace.root)
    assert done.returncode == 2
    assert "✗ not checked Exercise 3: Batch normalization 0/10" in done.stdout
    assert "0 of 2 exercises passed, 2 not checked, 0 of 20 points" in done.stdout


def test_does_not_pass_over_a_file_that_is_missing(workspace: Workspace) -> None:
    first, *others = sorted(workspace.exercises.glob("exercise*.py"))
    first.write_text(BROKEN)
    for path in others:
        path.unlink()
    done = cnn_lab("check", cwd=workspace.root)
    assert done.returncode == 2
    assert all(f"Error: There is no file {path}." in done.stderr for path in others)
    assert "0 of 5 exercises passed, 5 not checked, 0 of 50 points" in done.stdout


def test_refuses_a_sandbox_that_is_none(workspace: Workspace) -> None:
    done = cnn_lab("check", "1", "--sandbox", "castle", cwd=workspace.root)
    assert done.returncode == 2
    assert "bwrap, landlock, limits" in done.stderr
