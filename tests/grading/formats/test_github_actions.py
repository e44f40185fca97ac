"""A job of GitHub Actions gets the report, the points and a verdict that is never a wrong one."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.formats import github_actions as job
from cnn_tui.grading.records import CheckReport
from tests.grading.made_up_reports import ALL_PASSED, MIXED, NOT_GRADED, UNUSABLE

PASSED = replace(ALL_PASSED, score=2)


@pytest.mark.parametrize(
    ("reports", "verdict", "points"),
    [
        ([PASSED, PASSED], "passed", "4/4"),
        ([PASSED, MIXED], "not passed", "4/12"),
        ([UNUSABLE], "not passed", "0/10"),
        ([PASSED, MIXED, NOT_GRADED], "not graded", None),
    ],
)
def test_reports_points_unless_one_was_not_graded(
    reports: Sequence[CheckReport], verdict: str, points: str | None
) -> None:
    assert job.verdict(reports) == verdict
    lines = job.annotations(reports)
    if points is None:
        assert lines == []
        return
    assert lines[0] == f"::notice title=Autograding complete::Points {points}"
    head, _, document = lines[1].rpartition("::")
    assert head == "::notice title=Autograding report"
    earned, most = map(int, points.split("/"))
    assert json.loads(document) == {"totalPoints": earned, "maxPoints": most}


def test_adds_to_the_files_of_the_job(tmp_path: Path) -> None:
    (tmp_path / "output").write_text("earlier=1\n")
    names = {job.SUMMARY: str(tmp_path / "summary"), job.OUTPUT: str(tmp_path / "output")}
    job.report_to(job.job_files(names), [NOT_GRADED])
    assert (tmp_path / "output").read_text() == "earlier=1\nverdict=not graded\n"
    assert (tmp_path / "summary").read_text().startswith("## exercise1\\: not graded\n")


@pytest.mark.parametrize("environment", [{}, {job.SUMMARY: "summary", job.OUTPUT: ""}])
def test_refuses_to_report_outside_of_a_job(environment: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"no job of GitHub Actions: GITHUB_\w+ is not set"):
        job.job_files(environment)
