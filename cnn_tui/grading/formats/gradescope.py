"""Reports as the ``results.json`` that Gradescope reads from an autograder.

Fields as published in Gradescope's autograder specifications, section "Output
format". Every text goes as plain text, so that nothing in it is rendered.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from cnn_tui.grading.records import CheckReport, CheckResult
from cnn_tui.grading.text import storable


def document(reports: Sequence[CheckReport]) -> dict[str, Any]:
    """Plain JSON data: the score of all reports together, and one test for each of their checks.

    With more than one exercise, each test's name begins with its exercise.
    Learners see everything but what the autograder itself prints, and the checks whose
    ``visibility`` is another. Where there is one of these, neither the points of all checks
    together nor the learner's own prints are shown, which could tell what it looks at.
    """
    many = len(reports) > 1
    return {
        "score": sum(report.score for report in reports),
        "execution_time": round(sum(report.seconds for report in reports)),
        "output": "\n\n".join([*_ungraded(reports), *map(_output, reports)]),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": list(_tests(reports, many)),
        "extra_data": {"reports": [_extra(report) for report in reports]},
    }


def text(reports: Sequence[CheckReport]) -> str:
    """``document`` as what ``results.json`` holds, in ASCII."""
    return json.dumps(document(reports), indent=2, allow_nan=False) + "\n"


def _ungraded(reports: Sequence[CheckReport]) -> list[str]:
    """What stands above all, where the score is not what the learner has earned."""
    names = [report.exercise for report in reports if report.not_graded]
    if not names:
        return []
    return [
        f"NOT GRADED: {', '.join(names)}. The score below says nothing about the work: "
        "grade it again."
    ]


def _output(report: CheckReport) -> str:
    """What concerns the whole submission: verdict, how to replay it, the learner's prints."""
    verdict = "passed" if report.passed else report.status if report.not_graded else "not passed"
    shows_all = all(check.visibility == "visible" for check in report.checks)
    result = f": {verdict}, {report.score} of {report.max_score} points."
    lines = [
        f"{report.exercise} ({report.title}){result if shows_all else '.'}",
        report.not_graded or report.unusable or report.stopped,
        *report.remarks,
        f"Seed {report.seed}, sandbox {report.sandbox}.",
    ]
    if report.output.strip() and shows_all:
        lines += ["Your code printed:", report.output.rstrip("\n")]
    return storable("\n".join(line for line in lines if line))


def _tests(reports: Sequence[CheckReport], many: bool) -> Iterable[dict[str, Any]]:
    for place, report in enumerate(reports, start=1):
        for number, check in enumerate(report.checks, start=1):
            yield {
                "name": storable(f"{report.exercise}: " * many + check.description),
                "number": f"{place}.{number}" if many else str(number),
                "status": "passed" if check.status == "passed" else "failed",
                "score": check.points,
                "max_score": check.max_points,
                "output": storable(_told(report, check)),
                "tags": [storable(topic)] if (topic := check.topic or report.topic) else [],
                "visibility": check.visibility,
                "extra_data": {"id": check.id, "status": check.status, "seconds": check.seconds},
            }


def _told(report: CheckReport, check: CheckResult) -> str:
    if check.status == "passed":
        return ""
    mark = "" if check.status == "failed" else f"{check.status}: ".capitalize()
    topic = "" if check.status == "not graded" else check.topic or report.topic
    return f"{mark}{check.details}" + (f"\nRead again: the topic {topic}" if topic else "")


def _extra(report: CheckReport) -> dict[str, Any]:
    return {
        "exercise": report.exercise,
        "passed": report.passed,
        "score": report.score,
        "max_score": report.max_score,
        "sandbox": report.sandbox,
        "seed": report.seed,
        "stopped": storable(report.stopped),
        "unusable": storable(report.unusable),
        "not_graded": storable(report.not_graded),
    }
