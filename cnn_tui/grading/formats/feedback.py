"""What a learner reads of the own grades: one page for each learner, in Markdown and in HTML.

Every text that a learner or a teacher wrote is escaped, so that nothing in it is rendered or run.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape

from cnn_tui.grading.records import CheckReport, CheckResult
from cnn_tui.grading.text import storable

SIGNS = {"passed": "✓", "failed": "✗", "error": "!", "not reached": "–", "not graded": "?"}
MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&:=$^])")
"""What means something in Markdown, in one dialect or another."""
HEAD = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'unsafe-inline'\">\n"
)
STYLE = (
    "<style>body{font-family:sans-serif;max-width:50em;margin:2em auto;padding:0 1em}"
    "pre{background:#eee;padding:.5em;overflow:auto}li{margin:.4em 0}</style>\n"
)


def markdown(learner: str, reports: Sequence[CheckReport]) -> str:
    """The page as Markdown."""
    return storable(f"# {_plain_text(learner)}\n\n") + sections(reports)


def sections(reports: Sequence[CheckReport]) -> str:
    """What the page says of each exercise, below a heading of the second level."""
    lines: list[str] = []
    for report in reports:
        lines += [f"## {_plain_text(_heading(report))}", ""]
        lines += [f"{_plain_text(sentence)}\n" for sentence in _sentences(report)]
        for check in report.checks:
            lines.append(f"- {SIGNS[check.status]} {_plain_text(_line(check))}")
            lines += [f"  {line}" for line in _block(_details(report, check))]
        if report.output.strip():
            lines += ["", "Your code printed:", "", *_block(report.output)]
        lines.append("")
    return storable("\n".join(lines))


def html(learner: str, reports: Sequence[CheckReport]) -> str:
    """The page as HTML, which loads nothing and runs nothing."""
    title = escape(learner)
    parts = [HEAD, f"<title>{title}</title>\n", STYLE, f"</head>\n<body>\n<h1>{title}</h1>\n"]
    for report in reports:
        parts.append(f"<h2>{escape(_heading(report))}</h2>\n")
        parts += [f"<p>{escape(sentence)}</p>\n" for sentence in _sentences(report)]
        parts += ["<ul>\n", *(_item(report, each) for each in report.checks), "</ul>\n"]
        if report.output.strip():
            parts.append(f"<p>Your code printed:</p>\n<pre>{escape(report.output)}</pre>\n")
    return storable("".join([*parts, "</body>\n</html>\n"]))


def comment(reports: Sequence[CheckReport]) -> str:
    """The same in short, as the HTML that a platform shows beside a grade."""
    return storable("<br>".join(escape(line) for line in _comment_lines(reports)))


def _comment_lines(reports: Sequence[CheckReport]) -> Iterator[str]:
    for report in reports:
        yield _heading(report)
        yield from _sentences(report)
        for check in report.checks:
            if check.status != "passed":
                said = f" {check.message}" if check.message else ""
                yield f"{SIGNS[check.status]} {check.description}{said}"


def _heading(report: CheckReport) -> str:
    name = report.exercise or "Your submission"
    if report.not_graded:
        return f"{name}: not graded"
    return f"{name}: {report.status}, {report.score} of {report.max_score} points"


def _sentences(report: CheckReport) -> list[str]:
    """What concerns the whole submission."""
    return [sentence for sentence in (_reason(report), *report.remarks) if sentence]


def _reason(report: CheckReport) -> str:
    """Why checks were not reached, where that is no check's doing."""
    return report.not_graded or report.unusable or report.stopped


def _line(check: CheckResult) -> str:
    return f"{check.description} ({check.status}, {check.points} of {check.max_points})"


def _details(report: CheckReport, check: CheckResult) -> str:
    """What is said below a check, and not above all of them already."""
    is_mistake = check.status == "error" and check.message in report.not_graded
    is_told = check.status == "passed" or check.details == _reason(report) or is_mistake
    return "" if is_told else check.details


def _item(report: CheckReport, check: CheckResult) -> str:
    details = _details(report, check)
    block = f"\n<pre>{escape(details)}</pre>" if details else ""
    return f"<li>{SIGNS[check.status]} {escape(_line(check))}{block}</li>\n"


def _plain_text(text: str) -> str:
    return MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _block(text: str) -> list[str]:
    """Lines of code, fenced so that no line of theirs ends it; none where there is no text."""
    if not text.strip():
        return []
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *text.rstrip("\n").splitlines(), fence]
