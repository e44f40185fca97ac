"""Exercises and demos in notebooks."""

from pathlib import Path

import pytest

import cnn_tui as lab
from cnn_tui.grading.catalogue import exercise_named, solution
from cnn_tui.grading.learner import progress
from cnn_tui.workspace import Workspace


@pytest.mark.slow
def test_checks_the_learners_file_and_remembers_it(workspace: Workspace) -> None:
    report = lab.check(1, seed=5, workspace=workspace.root)
    assert (report.exercise, report.passed, report.seed) == ("exercise1", False, 5)
    assert repr(report) == (
        f"CheckedExercise(exercise='exercise1', passed=False, score={report.score}, max_score=10)"
    )
    assert "NOT PASSED" in report._repr_html_()
    assert progress.load(workspace)["exercise1"].attempts == 1


@pytest.mark.slow
def test_checks_a_file_anywhere(tmp_path: Path) -> None:
    assert lab.check(solution(exercise_named("1"))).passed
    report = lab.check(tmp_path / "exercise1.py")
    assert not report.passed
    assert "exercise1.py" in report.unusable


def test_one_sentence_says_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(lab.LabError, match="There is no exercise named '9'"):
        lab.check(9)
    with pytest.raises(lab.LabError, match="There is no workspace"):
        lab.check(1)
    with pytest.raises(lab.LabError, match="There is no demo named"):
        lab.demo("compund-scaling")
