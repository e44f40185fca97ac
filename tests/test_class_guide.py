"""The lab's README shows how to grade a class with examples that work as they stand."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.subprocesses import cnn_lab

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"^```\w+\n((?:#![^\n]*\n)?# (\S+)\n.*?)^```$", re.MULTILINE | re.DOTALL)
"""A block of code whose first line, after a shebang, is a comment with the file's name."""
SOLUTION = "def global_average(x):\n    return x.mean(dim=(2, 3))\n"


@pytest.fixture(scope="module")
def examples() -> dict[str, str]:
    return {name: code for code, name in BLOCK.findall(README.read_text(encoding="utf-8"))}


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which to run scripts, with this very ``cnn-lab`` on their path."""
    command = tmp_path / "bin" / "cnn-lab"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cnn_tui "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def run(script: str, *arguments: str, **environment: str) -> None:
    subprocess.run(
        ["bash", "-c", script, "script", *arguments], check=True, env={**os.environ, **environment}
    )


@pytest.mark.slow
def test_shows_an_exercise_whose_tests_tell_right_from_wrong(
    examples: dict[str, str], shell: Path
) -> None:
    for name in ("tests/homework1.py", "starter/homework1.py"):
        write(shell, name, examples[name])
    write(shell, "submissions/ada/homework1.py", SOLUTION)
    write(shell, "submissions/bea_homework1.py", examples["starter/homework1.py"])
    words = ("grade", "submissions", "--tests", "tests", "--json", "--allow-unsandboxed")
    done = cnn_lab(*words, cwd=shell)
    assert done.returncode == 0, done.stderr
    grades = {grade["learner"]: grade for grade in json.loads(done.stdout)}
    assert grades["ada"]["passed"]
    assert [each["status"] for each in grades["bea"]["checks"]] == ["failed", "not reached"]
    assert "not written yet" in grades["bea"]["checks"][0]["message"]


@pytest.mark.slow
def test_shows_an_autograder_that_writes_what_gradescope_reads(
    examples: dict[str, str], shell: Path
) -> None:
    write(shell, "source/tests/homework1.py", examples["tests/homework1.py"])
    write(shell, "submission/homework1.py", "def global_average(:\n")
    (shell / "results").mkdir()
    run(examples["run_autograder"], AUTOGRADER=str(shell))
    results = json.loads((shell / "results" / "results.json").read_text())
    assert results["score"] == 0
    assert [test["max_score"] for test in results["tests"]] == [2, 1]


@pytest.mark.slow
def test_shows_a_batch_job_that_grades_one_learner_of_an_array(
    examples: dict[str, str], shell: Path
) -> None:
    for learner in ("ada", "bea b", "cem"):
        write(shell, f"submissions/{learner}/exercise1.py", "def max_pool(:\n")
    (shell / "grades").mkdir()
    run(examples["grade.sbatch"], "submissions", "grades", SLURM_ARRAY_TASK_ID="1")
    assert [path.name for path in (shell / "grades").iterdir()] == ["bea b.json"]
    (report,) = json.loads((shell / "grades" / "bea b.json").read_text())
    assert "syntax error" in report["unusable"]


@pytest.mark.slow
def test_shows_a_workflow_with_a_job_for_each_learner(
    examples: dict[str, str], shell: Path
) -> None:
    yaml = pytest.importorskip("yaml")
    workflow: dict[str, Any] = yaml.safe_load(examples[".github/workflows/grade.yml"])
    listing, grading = workflow["jobs"]["list"], workflow["jobs"]["grade"]
    assert grading["needs"] == "list"
    assert (
        grading["strategy"]["matrix"]["learner"] == "${{ fromJSON(needs.list.outputs.learners) }}"
    )
    write(shell, "submissions/ada's work/exercise1.py", "def max_pool(:\n")
    commands = [step["run"] for step in grading["steps"] if "run" in step]
    (command,) = [each for each in commands if "cnn-lab" in each]
    run(command, LEARNER="ada's work")
    assert "syntax error" in json.loads((shell / "grade.json").read_text())[0]["unusable"]
    (command,) = [step["run"] for step in listing["steps"] if step.get("id") == "list"]
    run(command, GITHUB_OUTPUT="outputs")
    assert (shell / "outputs").read_text() == 'learners=["ada\'s work"]\n'
