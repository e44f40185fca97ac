"""A class at a glance: how its scores are spread, and which checks are missed most. Torch-free."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from cnn_tui.grading.classroom.workers import Grade
from cnn_tui.grading.records import CheckReport


@dataclass(frozen=True)
class MissedCheck:
    """A check, and how many learners missed it of those that have a verdict on it."""

    id: str
    description: str
    learners: int
    of: int


def most_missed(reports: Sequence[CheckReport]) -> list[MissedCheck]:
    """The checks of one exercise that learners missed, the one that most missed first.

    What was not reached is missed, too; a check that was at fault itself, or not graded,
    counts for nobody.
    """
    judged: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    descriptions: dict[str, str] = {}
    for report in reports:
        for check in report.checks:
            descriptions.setdefault(check.id, check.description)
            judged[check.id] += check.status not in ("error", "not graded")
            missed[check.id] += check.status in ("failed", "not reached")
    found = [MissedCheck(each, descriptions[each], missed[each], judged[each]) for each in missed]
    return sorted((each for each in found if each.learners), key=lambda each: -each.learners)


def document(grades: Sequence[Grade]) -> list[dict[str, Any]]:
    """The class by exercise as plain JSON data, without what could not be graded."""
    graded = [each.report for each in grades if each.word != "not graded" and each.report.exercise]
    return [
        _overview([each for each in graded if each.exercise == exercise])
        for exercise in dict.fromkeys(each.exercise for each in graded)
    ]


def text(grades: Sequence[Grade]) -> str:
    """``document`` as a file holds it."""
    return json.dumps(document(grades), indent=2) + "\n"


def _overview(reports: Sequence[CheckReport]) -> dict[str, Any]:
    scores = Counter(report.score for report in reports)
    return {
        "exercise": reports[0].exercise,
        "learners": len(reports),
        "passed": sum(report.passed for report in reports),
        "max_score": max(report.max_score for report in reports),
        "median_score": median(report.score for report in reports),
        "scores": [{"score": score, "learners": scores[score]} for score in sorted(scores)],
        "missed": [asdict(each) for each in most_missed(reports)],
    }
