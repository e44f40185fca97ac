"""Reports as JUnit XML, which GitHub, GitLab, Jenkins and their like show beside a change.

One test suite for each report. It keeps to what two published schemas have in
common: Jenkins' ``junit-10.xsd`` and the one of Apache Ant's tasks.
"""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement

from cnn_tui.grading.records import CheckReport, CheckResult, Status
from cnn_tui.grading.text import storable

ELEMENTS: dict[Status, str] = {
    "failed": "failure",
    "error": "error",
    "not reached": "skipped",
    "not graded": "skipped",
}
"""What became of a check → the element that says so; a passed check has none."""
WHOLE_FILE = "The file can be checked to its end."
"""An entry that only stands where it fails: a file with no check run must not look green."""


def document(reports: Sequence[tuple[str, CheckReport]]) -> str:
    """The XML document of several reports, each with its learner's name, or "" where none is told.

    Characters that XML cannot hold are replaced by �, and the schema's
    timestamps, which a report lacks, are of now. To be written as UTF-8.
    """
    root = Element("testsuites")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    for index, (learner, report) in enumerate(reports):
        suite = _suite(learner, report)
        suite.attrib |= {"id": str(index), "timestamp": now, "hostname": "localhost"}
        root.append(suite)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written.decode() + "\n"


def _suite(learner: str, report: CheckReport) -> Element:
    name = storable(f"{learner}.{report.exercise}" if learner else report.exercise)
    cases = [_case(name, check) for check in report.checks]
    unfinished = _why_unfinished(report)
    if unfinished:
        cases.append(_testcase(name, WHOLE_FILE, 0.0))
        kind = report.status if report.not_graded else "stopped" if report.stopped else "unusable"
        _say(cases[-1], "error", kind, unfinished, unfinished)
    suite = Element("testsuite", name=name, package=name, tests=str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{report.seconds:.3f}")
    suite.append(_properties(learner, report))
    suite.extend(cases)
    SubElement(suite, "system-out").text = storable(report.output)
    SubElement(suite, "system-err")
    return suite


def _why_unfinished(report: CheckReport) -> str:
    """Why no failure of a check alone tells that the report is not passed; "" where one does."""
    why = report.not_graded or report.unusable or report.stopped
    if why or report.passed or report.first_failure is not None:
        return why
    return "No check was reached."


def _case(suite: str, check: CheckResult) -> Element:
    case = _testcase(f"{suite}.{check.id}", check.description, check.seconds)
    if check.status in ELEMENTS:
        _say(case, ELEMENTS[check.status], check.status, check.message, check.details)
    return case


def _testcase(classname: str, name: str, seconds: float) -> Element:
    return Element(
        "testcase", classname=storable(classname), name=storable(name), time=f"{seconds:.3f}"
    )


def _say(case: Element, tag: str, kind: str, message: str, details: str) -> None:
    said = SubElement(case, tag, type=kind, message=storable(message))
    said.text = storable(details)


def _properties(learner: str, report: CheckReport) -> Element:
    properties = Element("properties")
    values = {
        "learner": learner,
        "exercise": report.exercise,
        "path": report.path,
        "score": str(report.score),
        "max_score": str(report.max_score),
        "sandbox": report.sandbox,
        "seed": str(report.seed),
        "remarks": " ".join(report.remarks),
    }
    for name, value in values.items():
        SubElement(properties, "property", name=name, value=storable(value))
    return properties
