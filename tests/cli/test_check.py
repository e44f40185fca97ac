"""``cnn-lab check``."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui import workspace
from cnn_tui.cli import main
from cnn_tui.grading.catalogue import exercise_named, names, solution, starters
from cnn_tui.grading.checker import Checker
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner import progress
from cnn_tui.grading.records import HELPERS_MAY_BE_ALLOWED, CheckReport
from cnn_tui.grading.sandbox import levels
from cnn_tui.workspace import Workspace
from tests.grading.made_up_reports import MIXED
from tests.subprocesses import cnn_lab


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return workspace.create(tmp_path, starters())[0]


def solve(space: Workspace, name: str) -> None:
    reference = solution(exercise_named(name))
    (space.exercises / reference.name).write_bytes(reference.read_bytes())


@pytest.mark.slow
def test_fails_every_starter(space: Workspace) -> None:
    done = cnn_lab("check", "--json", cwd=space.root)
    assert done.returncode == 1, done.stderr
    reports = json.loads(done.stdout)
    assert [report["exercise"] for report in reports] == list(names())
    assert all(report["score"] == 0 and not report["passed"] for report in reports)
    assert all("not written yet" in report["checks"][0]["message"] for report in reports)


def test_passes_the_reference_and_remembers_it(space: Workspace) -> None:
    solve(space, "exercise1")
    done = cnn_lab("check", "exercise1", "--seed", "7", cwd=space.root / "exercises")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED  10 of 10 points" in done.stdout
    assert f"sandbox: {levels.choose()}" in done.stdout
    assert "seed: 7" in done.stdout
    assert progress.load(space)["exercise1"].passed


@pytest.mark.slow
def test_reports_two_exercises_with_the_worse_exit_code(space: Workspace) -> None:
    solve(space, "exercise1")
    (space.exercises / "exercise3.py").write_text("import torch\n\n\ndef make_net(:\n")
    done = cnn_lab("check", "1", "3", cwd=space.root)
    assert done.returncode == 2
    assert "PASSED  10 of 10 points" in done.stdout
    assert "Error: exercise3.py has a syntax error in line 4: " in done.stderr
    assert "at: def make_net(:" in done.stderr


@pytest.mark.slow
def test_checks_a_file_outside_of_any_workspace(tmp_path: Path) -> None:
    path = tmp_path / "exercise1.py"
    path.write_text("raise RuntimeError('at import')\n")
    done = cnn_lab("check", path, "--json", cwd=tmp_path)
    assert done.returncode == 2
    (report,) = json.loads(done.stdout)
    assert "raised RuntimeError: at import (line 1" in report["unusable"]
    assert done.stderr == f"Error: {report['unusable']}\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_imports_helper_files_that_are_allowed(space: Workspace) -> None:
    (space.exercises / "exercise1.py").write_text("from pools import *\n")
    (space.exercises / "pools.py").write_text("1 / 0\n")
    done = cnn_lab("check", "1", "--allow-helpers", cwd=space.root)
    assert done.returncode == 2
    assert "division by zero (pools.py, line 1: 1 / 0)" in done.stderr


def test_says_how_to_allow_helper_files(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[object] = []

    def check(self: Checker, exercise: Exercise, path: Path, **settings: object) -> CheckReport:
        given.append(settings.get("helpers"))
        return replace(MIXED, path=str(path), unusable=f"No pools. {HELPERS_MAY_BE_ALLOWED}")

    monkeypatch.setattr(Checker, "check", check)
    (space.exercises / "pools.py").write_text("x = 1")
    command = ["check", "1", "--workspace", str(space.root)]
    assert main(command) == 2
    assert capsys.readouterr().err == (
        f"Error: No pools. {HELPERS_MAY_BE_ALLOWED} To check it with the files beside it, "
        "type in a shell: cnn-lab check exercise1 --allow-helpers\n"
    )
    assert main([*command, "--allow-helpers"]) == 2
    assert capsys.readouterr().err.endswith("\nTaken as helper files: pools.py.\n")
    assert given == [None, {"pools": b"x = 1"}]


@pytest.mark.slow
def test_stops_an_endless_loop_at_the_deadline(space: Workspace) -> None:
    (space.exercises / "exercise1.py").write_text("while True:\n    pass\n")
    done = cnn_lab("check", "exercise1", "--timeout", "1", cwd=space.root)
    assert done.returncode == 1
    assert "did not finish within 1 s and was stopped" in done.stdout
    assert "NOT PASSED  0 of 10 points" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["exercise7"], "no exercise named 'exercise7'"),
        (["no/such/exercise1.py"], "There is no file no/such/exercise1.py"),
        (["exercise1", "--timeout", "0"], "--timeout"),
        (["exercise1", "--timeout", "nan"], "--timeout"),
        (["exercise1", "--seed", "-1"], "--seed"),
    ],
)
def test_answers_wrong_use_with_a_sentence(
    space: Workspace, words: list[str], sentence: str
) -> None:
    done = cnn_lab("check", *words, cwd=space.root)
    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_needs_a_workspace(tmp_path: Path) -> None:
    done = cnn_lab("check", cwd=tmp_path)
    assert done.returncode == 2
    assert "cnn-lab init" in done.stderr
