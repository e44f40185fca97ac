"""What a report says in a word, in its exit code and in JSON."""

from dataclasses import replace

import pytest

from cnn_tui.errors import ExitCode
from cnn_tui.grading.records import CheckReport
from tests.grading.made_up_reports import ALL_PASSED, MIXED, NOT_GRADED, STOPPED, UNUSABLE


@pytest.mark.parametrize(
    ("report", "status", "code"),
    [
        (ALL_PASSED, "passed", ExitCode.DONE),
        (MIXED, "not passed", ExitCode.NOT_PASSED),
        (STOPPED, "not passed", ExitCode.NOT_PASSED),
        (UNUSABLE, "unusable", ExitCode.UNUSABLE_INPUT),
        (NOT_GRADED, "not graded", ExitCode.LAB_FAULT),
        (replace(MIXED, not_graded="It was too busy."), "not graded", ExitCode.LAB_FAULT),
    ],
)
def test_tells_its_verdict(report: CheckReport, status: str, code: ExitCode) -> None:
    assert (report.status, report.exit_code) == (status, code)
    assert report.to_json()["status"] == status
