"""The lab tells reports as the results.json of Gradescope's autograder specifications."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_tui.grading.formats import gradescope
from cnn_tui.grading.records import CheckReport
from tests.grading.made_up_reports import (
    ALL_PASSED,
    FAILED,
    MIXED,
    NOT_GRADED,
    STOPPED,
    UNUSABLE,
    any_reports,
)

Allowed = Callable[[Any], bool]


def is_number(value: Any) -> bool:
    return type(value) in (int, float)


def one_of(*values: str) -> Allowed:
    return lambda value: type(value) is str and value in values


def is_text(value: Any) -> bool:
    return type(value) is str and not any(ord(sign) < 32 and sign not in "\t\n\r" for sign in value)


is_format = one_of("text", "html", "simple_format", "md", "ansi")
is_visibility = one_of("hidden", "after_due_date", "after_published", "visible")

PUBLISHED: dict[str, Allowed] = {
    "score": is_number,
    "execution_time": lambda value: type(value) is int,
    "output": is_text,
    "output_format": is_format,
    "test_output_format": is_format,
    "test_name_format": is_format,
    "visibility": is_visibility,
    "stdout_visibility": is_visibility,
    "extra_data": lambda value: type(value) is dict,
    "tests": lambda value: type(value) is list,
    "leaderboard": lambda value: type(value) is list,
}
PUBLISHED_OF_A_TEST: dict[str, Allowed] = {
    "score": is_number,
    "max_score": is_number,
    "status": one_of("passed", "failed"),
    "name": is_text,
    "name_format": is_format,
    "number": is_text,
    "output": is_text,
    "output_format": is_format,
    "tags": lambda value: type(value) is list and all(map(is_text, value)),
    "visibility": is_visibility,
    "extra_data": lambda value: type(value) is dict,
}
"""Every field that the specifications name, section "Output format", and what it may hold."""


def read(reports: Sequence[CheckReport]) -> dict[str, Any]:
    written = gradescope.text(reports).encode("ascii")
    assert b"\\u0000" not in written
    document = json.loads(written)
    expect_published(document, PUBLISHED)
    for test in document["tests"]:
        expect_published(test, PUBLISHED_OF_A_TEST)
    return dict(document)


def expect_published(fields: dict[str, Any], published: dict[str, Allowed]) -> None:
    assert fields.keys() <= published.keys()
    for name, value in fields.items():
        assert published[name](value), f"{name}: {value!r}"


def test_tells_each_check_as_a_test() -> None:
    document = read([MIXED])
    assert (document["score"], document["execution_time"]) == (2, 2)
    assert [test["name"] for test in document["tests"]] == [
        check.description for check in MIXED.checks
    ]
    assert [test["number"] for test in document["tests"]] == ["1", "2", "3", "4"]
    assert [test["status"] for test in document["tests"]] == ["passed", *["failed"] * 3]
    assert [(test["score"], test["max_score"]) for test in document["tests"]] == [
        (2, 2),
        (0, 3),
        (0, 4),
        (0, 1),
    ]
    outputs = [test["output"] for test in document["tests"]]
    assert outputs[0] == ""
    assert outputs[1].startswith(FAILED.details)
    assert "Read again: the topic pooling-parameters" in outputs[1]
    assert outputs[2].startswith("Not reached: First comes")
    assert [test["extra_data"]["status"] for test in document["tests"]] == [
        check.status for check in MIXED.checks
    ]


def test_shows_the_learner_their_own_prints_and_how_to_replay_the_check() -> None:
    document = read([MIXED])
    assert "Your code printed:\nmy <print> & more" in document["output"]
    assert "Seed 42, sandbox landlock." in document["output"]
    assert document["stdout_visibility"] == "hidden"


def test_puts_several_exercises_into_one_file() -> None:
    document = read([MIXED, replace(ALL_PASSED, exercise="exercise2")])
    assert document["score"] == 4
    assert [test["name"] for test in document["tests"]][-2:] == [
        "exercise1: The fourth check.",
        "exercise2: The first check.",
    ]
    assert [test["number"] for test in document["tests"]] == ["1.1", "1.2", "1.3", "1.4", "2.1"]


def test_hides_a_check_and_what_could_tell_of_it() -> None:
    hidden = replace(MIXED.checks[1], visibility="after_published")
    document = read([replace(MIXED, checks=(MIXED.checks[0], hidden))])
    assert [test["visibility"] for test in document["tests"]] == ["visible", "after_published"]
    assert document["output"] == "exercise1 (Pooling).\nSeed 42, sandbox landlock."
    assert document["score"] == 2


@pytest.mark.parametrize("report", [UNUSABLE, STOPPED])
def test_says_why_a_file_was_not_checked_to_the_end(report: CheckReport) -> None:
    document = read([report])
    assert document["score"] == report.score
    assert (report.unusable or report.stopped) in document["output"]
    assert document["tests"][-1]["status"] == "failed"


def test_says_above_all_that_the_score_is_none_where_the_machine_was_too_busy() -> None:
    document = read([MIXED, replace(NOT_GRADED, exercise="exercise2")])
    assert document["output"].startswith("NOT GRADED: exercise2. The score below says nothing")
    assert (
        "exercise2 (Pooling): not graded, 2 of 10 points.\nIt was too busy." in document["output"]
    )
    assert document["tests"][-1]["output"] == "Not graded: It was too busy."


@settings(max_examples=60, deadline=None)
@given(st.lists(any_reports(), min_size=1, max_size=2))
def test_holds_any_text(reports: list[CheckReport]) -> None:
    document = read(reports)
    checks = [check for report in reports for check in report.checks]
    assert [test["extra_data"]["id"] for test in document["tests"]] == [each.id for each in checks]


def test_holds_a_megabyte() -> None:
    document = read([replace(MIXED, output="\0\ud800é" * 350_000)])
    assert document["output"].endswith("��é" * 350_000)
