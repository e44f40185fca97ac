"""The lab reports a check so that it can be read anywhere."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from cnn_tui.grading.records import CheckReport, CheckResult
from cnn_tui.render.report import check_report

PASSED = CheckResult("first", "The first check.", "passed", 2, 2)
FAILED = CheckResult(
    "second",
    "The second check, told in one sentence of sixty characters..",
    "failed",
    0,
    3,
    "map: 2 of 4 values differ; max |diff| 1; first at (0, 0): got 1, expected 2.",
    "pooling-parameters",
)
OTHER = replace(FAILED, id="third", description="The third check.", message="another failure")
NOT_REACHED = CheckResult("last", "The last check.", "not reached", 0, 5, "First comes: …")
REPORT = CheckReport(
    exercise="exercise1",
    title="Pooling",
    path="/somewhere/exercises/exercise1.py",
    passed=False,
    score=2,
    max_score=13,
    sandbox="limits",
    seed=42,
    checks=(PASSED, FAILED, OTHER, NOT_REACHED),
    topic="pooling-max-and-average",
    output="hello [bold]from[/bold] your code\n",
    seconds=2.5,
)


def shown(report: CheckReport, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    console.print(check_report(report))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(len(line) <= width for line in text.splitlines())
    return str(text)


def test_gives_each_check_one_line_with_mark_word_and_points() -> None:
    lines = shown(REPORT).splitlines()
    assert lines[1].split() == ["✓", "passed", "The", "first", "check.", "2/2"]
    assert lines[2].endswith("sixty characters.. 0/3")
    assert lines[4].split() == ["–", "not", "reached", "The", "last", "check.", "0/5"]


def test_unfolds_the_first_failure_only() -> None:
    text = shown(REPORT)
    assert "2 of 4 values differ" in text
    assert "cnn-lab topics pooling-parameters" in text
    assert "another failure" not in text


def test_tells_score_sandbox_seed_and_the_next_step() -> None:
    text = shown(REPORT)
    assert "NOT PASSED  2 of 13 points in 2.5 s" in text
    assert "sandbox: limits" in text
    assert "seed: 42" in text
    assert "then: cnn-lab check exercise1" in text
    assert "--seed 42" in text


def test_shows_the_learners_own_prints_apart_and_as_they_are() -> None:
    text = shown(REPORT)
    assert "Your code printed:\n    hello [bold]from[/bold] your code" in text
    assert "Your code printed" not in shown(replace(REPORT, output=""))


def test_says_clearly_that_an_exercise_is_passed() -> None:
    report = replace(REPORT, passed=True, score=2, max_score=2, checks=(PASSED,))
    text = shown(report)
    assert "PASSED  2 of 2 points" in text
    assert "NOT PASSED" not in text
    assert "Look first" not in text
    assert "cnn-lab topics pooling-max-and-average" in text


@pytest.mark.parametrize("field", ["unusable", "stopped"])
def test_says_why_a_file_was_not_checked_to_the_end(field: str) -> None:
    report = replace(REPORT, checks=(NOT_REACHED,), **{field: "The file is empty."})  # type: ignore[arg-type]
    assert "The file is empty." in shown(report)


def test_names_a_file_outside_of_a_workspace_by_its_path() -> None:
    report = replace(REPORT, path="/elsewhere/exercise1.py")
    assert "cnn-lab check /elsewhere/exercise1.py" in shown(report, width=120)


def test_can_be_read_on_a_narrow_terminal() -> None:
    text = shown(REPORT, width=40)
    assert "not reached" in text
    assert "NOT PASSED" in text
