"""The lab sums up a class: how scores are spread, and which checks learners miss most."""

import json
from dataclasses import replace

from cnn_tui.grading.classroom import glance
from cnn_tui.grading.classroom.workers import Grade
from cnn_tui.grading.records import CheckReport
from tests.grading.made_up_reports import ALL_PASSED, MIXED, NOT_GRADED, NOT_REACHED

FIRST, SECOND, _, FAULTY = MIXED.checks


def report(score: int, *statuses: str) -> CheckReport:
    checks = tuple(
        replace(check, status=status)
        for check, status in zip((FIRST, SECOND, NOT_REACHED), statuses, strict=True)
    )
    return replace(MIXED, score=score, checks=checks)


CLASS = [
    report(2, "passed", "failed", "failed"),
    report(5, "passed", "passed", "failed"),
    report(0, "failed", "not reached", "not reached"),
]


def test_puts_the_check_first_that_most_learners_missed() -> None:
    missed = glance.most_missed(CLASS)
    assert [(each.id, each.learners, each.of) for each in missed] == [
        ("third", 3, 3),
        ("second", 2, 3),
        ("first", 1, 3),
    ]


def test_leaves_out_what_nobody_missed_and_what_was_no_verdict() -> None:
    (third,) = glance.most_missed([replace(MIXED, checks=(FIRST, FAULTY)), CLASS[1]])
    assert (third.id, third.of) == ("third", 1)


def test_writes_the_class_by_exercise_without_who_has_no_grade() -> None:
    grades = [Grade(f"learner {place}", each) for place, each in enumerate(CLASS)]
    grades += [Grade("busy", NOT_GRADED), Grade("lost", MIXED, fault="The host is gone.")]
    grades += [Grade("ada", replace(ALL_PASSED, exercise="exercise2"))]
    first, second = json.loads(glance.text(grades))
    assert (first["exercise"], first["learners"], first["passed"]) == ("exercise1", 3, 0)
    assert (first["median_score"], first["max_score"]) == (2, 10)
    assert first["scores"] == [{"score": score, "learners": 1} for score in (0, 2, 5)]
    assert [each["id"] for each in first["missed"]] == ["third", "second", "first"]
    assert (second["exercise"], second["passed"], second["missed"]) == ("exercise2", 1, [])
