"""The lab tells reports as a table that a spreadsheet can open without running anything."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_tui.grading.formats import table
from cnn_tui.grading.records import CheckReport, PlatformMarks
from cnn_tui.grading.text import storable
from tests.grading.made_up_reports import MIXED, NOT_GRADED, UNUSABLE, any_reports, anything


def read(graded: Sequence[tuple[str, CheckReport]]) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(table.document(graded), newline=""), strict=True))


def text_of(cell: str) -> str:
    return cell.removeprefix("'")


def test_gives_each_report_a_row_and_each_check_a_column() -> None:
    other = replace(MIXED, exercise="exercise2", checks=MIXED.checks[:1], passed=True)
    first, second, third = read([("anna", MIXED), ("ben", UNUSABLE), ("anna", other)])
    assert first == {
        "learner": "anna",
        "exercise": "exercise1",
        "passed": "no",
        "score": "2",
        "max_score": "10",
        "sandbox": "landlock",
        "seed": "42",
        "seconds": "2.50",
        "stopped": "",
        "unusable": "",
        "not_graded": "",
        "remarks": "",
        "exercise1.first": "passed",
        "exercise1.second": "failed",
        "exercise1.third": "not reached",
        "exercise1.fourth": "error",
        "exercise2.first": "",
    }
    assert second["unusable"] == "The file is empty."
    assert (third["passed"], third["exercise2.first"], third["exercise1.first"]) == (
        "yes",
        "passed",
        "",
    )


def test_tells_what_a_platform_says_of_a_submission() -> None:
    marks = [PlatformMarks("canvas", "=1", late=True), PlatformMarks()]
    text = table.document([("anna", MIXED), ("ben", MIXED)], marks)
    first, second = csv.DictReader(StringIO(text, newline=""), strict=True)
    assert list(first)[:4] == ["learner", "id", "late", "exercise"]
    assert (first["id"], first["late"]) == ("'=1", "yes")
    assert (second["id"], second["late"]) == ("", "")


def test_gives_no_points_where_there_is_no_verdict() -> None:
    (row,) = read([("anna", NOT_GRADED)])
    assert (row["passed"], row["score"], row["max_score"]) == ("", "", "10")
    assert row["not_graded"] == "It was too busy."
    assert row["exercise1.third"] == "not graded"


def test_is_empty_where_nothing_was_graded() -> None:
    assert table.rows([]) == []
    assert table.document([]) == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_defuses_formulas(start: str) -> None:
    name = f'{start}HYPERLINK("http://example.org","x")'
    (row,) = read([(name, MIXED)])
    assert row["learner"] == f"'{name}"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(anything, any_reports()), min_size=1, max_size=3))
def test_holds_any_text(graded: list[tuple[str, CheckReport]]) -> None:
    for row, (learner, report) in zip(read(graded), graded, strict=True):
        assert not row["learner"].startswith(table.FORMULA_STARTS)
        assert text_of(row["learner"]) == storable(learner)
        assert text_of(row["stopped"]) == storable(report.stopped)
        assert text_of(row["unusable"]) == storable(report.unusable)


def test_holds_a_megabyte() -> None:
    (row,) = table.rows([("é\0" * 500_000, MIXED)])
    assert row["learner"] == "é�" * 500_000
