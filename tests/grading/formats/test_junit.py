"""The lab tells reports as JUnit XML that every reader of it takes."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import junitparser
import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_tui.grading.formats import junit
from cnn_tui.grading.records import CheckReport
from cnn_tui.grading.text import storable
from tests.grading.made_up_reports import (
    ALL_PASSED,
    FAILED,
    MIXED,
    NOT_GRADED,
    STOPPED,
    UNUSABLE,
    any_reports,
    anything,
)

Told = Sequence[tuple[str, CheckReport]]


@cache
def jenkins() -> xmlschema.XMLSchema:
    """The schema of Jenkins' xUnit plugin, as pytest's own source ships it (MIT)."""
    return xmlschema.XMLSchema(Path(__file__).parent / "published" / "junit-10.xsd")


def read(told: Told) -> ET.Element:
    document = junit.document(told).encode()
    jenkins().validate(document)
    return ET.fromstring(document)


def test_tells_each_check_with_its_state_and_time() -> None:
    (suite,) = read([("anna", MIXED)])
    assert suite.get("name") == "anna.exercise1"
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")}
    wanted = {"tests": "4", "failures": "1", "errors": "1", "skipped": "1", "time": "2.500"}
    assert counts == wanted
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == [each.description for each in MIXED.checks]
    assert [case.get("classname") for case in cases][:2] == [
        "anna.exercise1.first",
        "anna.exercise1.second",
    ]
    assert cases[0].get("time") == "0.250"
    assert [[child.tag for child in case] for case in cases] == [
        [],
        ["failure"],
        ["skipped"],
        ["error"],
    ]
    assert cases[1][0].get("message") == FAILED.message
    assert cases[1][0].text == f"{FAILED.message}\n\nexpected [0:2]\n1  2\n\ngot [0:2]\n3  4"
    assert suite.findtext("system-out") == MIXED.output


def test_tells_what_replays_the_check() -> None:
    (suite,) = read([("anna", MIXED)])
    told = {each.get("name"): each.get("value") for each in suite.iter("property")}
    assert told["learner"] == "anna"
    assert (told["score"], told["max_score"]) == ("2", "10")
    assert (told["seed"], told["sandbox"]) == ("42", "landlock")


@pytest.mark.parametrize("report", [UNUSABLE, STOPPED, NOT_GRADED, replace(MIXED, checks=())])
def test_never_tells_an_unfinished_check_as_a_success(report: CheckReport) -> None:
    (suite,) = read([("", report)])
    assert suite.get("errors") == "1"
    message = suite.find("testcase/error").get("message")  # type: ignore[union-attr]
    why = report.unusable or report.stopped or report.not_graded
    assert message == (why or "No check was reached.")
    assert suite.get("failures") == "0"


def test_keeps_to_the_schema_of_ants_tasks_too() -> None:
    """That one wants elements in this order, these attributes, and one child of a test case."""
    root = read([("", MIXED), ("", UNUSABLE), ("", ALL_PASSED)])
    assert not root.attrib
    assert [suite.get("id") for suite in root] == ["0", "1", "2"]
    for suite in root:
        tags = " ".join(child.tag for child in suite)
        assert re.fullmatch(r"properties( testcase)* system-out system-err", tags)
        assert {"name", "package", "id", "hostname", "tests", "failures", "errors", "time"} <= set(
            suite.attrib
        )
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp", ""))
        for case in suite.iter("testcase"):
            assert set(case.attrib) == {"name", "classname", "time"}
            assert len(case) <= 1
            assert all(child.get("type") for child in case)


def test_is_read_by_junitparser() -> None:
    suites = junitparser.JUnitXml.fromstring(junit.document([("a", MIXED), ("b", ALL_PASSED)]))
    first, second = suites
    assert (first.tests, first.failures, first.errors, first.skipped) == (4, 1, 1, 1)
    (failure,) = list(first)[1].result
    assert isinstance(failure, junitparser.Failure)
    assert failure.message == FAILED.message
    assert all(case.is_passed for case in second)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(anything, any_reports()), max_size=2))
def test_holds_any_text(told: Told) -> None:
    for suite, (learner, report) in zip(read(told), told, strict=True):
        values = {each.get("name"): each.get("value") for each in suite.iter("property")}
        assert values["learner"] == storable(learner)
        assert suite.findtext("system-out") == with_plain_line_ends(report.output)
        cases = suite.findall("testcase")
        for case, check in zip(cases, report.checks, strict=False):
            assert case.get("name") == storable(check.description)
            for said in case:
                assert said.get("message") == storable(check.message)
                assert (said.text or "") == with_plain_line_ends(check.details)


def test_holds_a_megabyte() -> None:
    output = "\x1b[31m<&>\ud800\0 é" * 100_000
    (suite,) = read([("", replace(MIXED, output=output))])
    assert suite.findtext("system-out") == "�[31m<&>�� é" * 100_000


def with_plain_line_ends(text: str) -> str:
    """What every reader of XML makes of line ends."""
    return storable(text).replace("\r\n", "\n").replace("\r", "\n")
