"""The lab shows the way from the learner's file to the reference, after a pass."""

from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercises, solution
from cnn_tui.grading.learner import progress
from cnn_tui.grading.learner.difference import difference, may_see_solution
from cnn_tui.workspace import Workspace
from tests.grading.learner.test_progress import report

FIRST = exercises()[0]


def test_shows_what_the_reference_adds_and_takes_away(tmp_path: Path) -> None:
    reference = solution(FIRST).read_text(encoding="utf-8")
    first, rest = reference.split("\n", 1)
    path = tmp_path / FIRST.file_name
    path.write_text(f"mine = 'ü'\n{rest}")
    lines = difference(FIRST, path).split("\n")
    assert lines[:2] == [f"--- {FIRST.name}.py (yours)", f"+++ {FIRST.name}.py (reference)"]
    assert "-mine = 'ü'" in lines
    assert f"+{first}" in lines
    assert sum(line.startswith(("+", "-")) for line in lines) == 4


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_finds_no_difference_in_the_reference_itself(tmp_path: Path, line_end: bytes) -> None:
    path = tmp_path / FIRST.file_name
    path.write_bytes(solution(FIRST).read_bytes().replace(b"\n", line_end))
    assert difference(FIRST, path) == ""


def test_lets_no_file_steer_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / FIRST.file_name
    path.write_bytes(b"\x1b]0;owned\x07\x1b[2Jx = 1\x00\xff\n")
    shown = difference(FIRST, path)
    assert "x = 1" in shown
    assert all(character == "\n" or character.isprintable() for character in shown)


def test_refuses_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file"):
        difference(FIRST, tmp_path / "exercise1.py")
    with pytest.raises(UsageError, match="not a regular file"):
        difference(FIRST, tmp_path)


def test_shows_the_solution_only_to_who_has_passed_once(tmp_path: Path) -> None:
    space = Workspace(tmp_path)
    space.exercises.mkdir()
    assert not may_see_solution(space, FIRST)
    progress.record(space, report(space, score=9))
    assert not may_see_solution(space, FIRST)
    progress.record(space, report(space, score=10))
    progress.record(space, report(space, score=2))
    assert may_see_solution(space, FIRST)
    progress.record(space, replace(report(space, exercises()[1].name), score=0))
    assert not may_see_solution(space, exercises()[1])
