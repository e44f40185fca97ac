"""Reports as one table, a row for each, as a spreadsheet reads it.

A cell that a spreadsheet would take for a formula is *defused*: it begins with
one apostrophe more than it should, which spreadsheets take for "this is text".
A cell that begins with an apostrophe of its own gets a second one, so that
taking one away always gives the text itself.
"""

import csv
import io
from collections.abc import Sequence

from cnn_tui.grading.records import CheckReport, PlatformMarks
from cnn_tui.grading.text import storable

Row = dict[str, str]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What OWASP's page on CSV injection names; the wide signs count in East Asian settings."""
APOSTROPHE = "'"


def rows(
    graded: Sequence[tuple[str, CheckReport]], marks: Sequence[PlatformMarks] = ()
) -> list[Row]:
    """One row for each learner's report, defused, and all with the same columns in one order.

    With ``marks``, one for each, the learner's number on a platform and whether the
    submission was late follow the name. After the columns of the report come those of
    the checks, ``exercise1.max_pool`` and so on, each with its status; "" where a row is
    of another exercise.
    """
    checks = dict.fromkeys(
        f"{report.exercise}.{check.id}" for _, report in graded for check in report.checks
    )
    table = [_row(learner, report, list(checks)) for learner, report in graded]
    if not marks:
        return table
    return [
        {"learner": row["learner"], **_marked(mark), **row}
        for row, mark in zip(table, marks, strict=True)
    ]


def document(graded: Sequence[tuple[str, CheckReport]], marks: Sequence[PlatformMarks] = ()) -> str:
    """The table as CSV (RFC 4180, so with CRLF), with a heading; "" where there is no report."""
    table = rows(graded, marks)
    if not table:
        return ""
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, fieldnames=list(table[0]))
    writer.writeheader()
    writer.writerows(table)
    return written.getvalue()


def defused(text: str) -> str:
    """``text`` as a cell that no spreadsheet runs."""
    text = storable(text)
    return APOSTROPHE + text if text.startswith((*FORMULA_STARTS, APOSTROPHE)) else text


def _marked(marks: PlatformMarks) -> Row:
    late = "" if marks.late is None else "yes" if marks.late else "no"
    return {"id": defused(marks.id), "late": late}


def _row(learner: str, report: CheckReport, checks: Sequence[str]) -> Row:
    status = {f"{report.exercise}.{check.id}": check.status for check in report.checks}
    told = {
        "learner": learner,
        "exercise": report.exercise,
        # A row without a verdict has no points that a gradebook could take over as 0.
        "passed": "" if report.not_graded else "yes" if report.passed else "no",
        "score": "" if report.not_graded else str(report.score),
        "max_score": str(report.max_score),
        "sandbox": report.sandbox,
        "seed": str(report.seed),
        "seconds": f"{report.seconds:.2f}",
        "stopped": report.stopped,
        "unusable": report.unusable,
        "not_graded": report.not_graded,
        "remarks": " ".join(report.remarks),
        **{check: status.get(check, "") for check in checks},
    }
    return {column: defused(cell) for column, cell in told.items()}
