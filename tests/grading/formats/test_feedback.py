"""The lab writes each learner a page, in which nothing of anybody's text is rendered."""

from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO

from hypothesis import given
from markdown_it import MarkdownIt
from rich.console import Console

from cnn_tui.grading.formats import feedback, junit
from cnn_tui.grading.records import CheckReport, mistakes_in_tests
from cnn_tui.render.pages.report import check_report
from tests.grading.made_up_reports import ERROR, MIXED, NOT_GRADED, any_reports, anything

EVIL = "<script>alert(1)</script> ![x](http://x.y/z) ``` `a` *b* [c](javascript:1)"


class _Tags(HTMLParser):
    def __init__(self, document: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.names.add(tag)


PAGE_TAGS = {
    *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "pre")
}


def test_names_the_verdict_the_checks_and_what_failed() -> None:
    for page in (feedback.markdown("Ada", [MIXED]), feedback.html("Ada", [MIXED])):
        plain = page.replace("\\", "")
        assert "exercise1: not passed, 2 of 10 points" in plain
        assert "✓ The first check. (passed, 2 of 2)" in plain
        assert "✗ The second check. (failed, 0 of 3)" in plain
        assert "map: 2 of 4 differ." in plain
        assert "got [0:2]\n" in plain.replace("  got", "got")
    assert "exercise1: not graded" in feedback.html("Ada", [NOT_GRADED])


def test_says_once_why_no_check_was_reached() -> None:
    reason = "The file is empty"
    checks = tuple(replace(each, status="not reached", message=reason) for each in MIXED.checks[2:])
    report = replace(MIXED, unusable=reason, checks=checks)
    assert feedback.markdown("Ada", [report]).count(reason) == 1
    assert feedback.html("Ada", [report]).count(reason) == 1


def test_says_once_what_is_wrong_with_each_hidden_test() -> None:
    lines = ("The check itself failed (line 6).", "The check itself failed (line 9).")
    checks = tuple(replace(ERROR, id=line, message=line) for line in (*lines, lines[1]))
    told = mistakes_in_tests((*MIXED.checks[:3], *checks))
    assert told == " ".join(lines)
    report = replace(MIXED, not_graded=told, checks=checks)
    markdown = feedback.markdown("Ada", [report]).replace("\\", "")
    xml = junit.document([("Ada", report)])
    printed = StringIO()
    console = Console(file=printed, width=100)
    console.print(check_report(report))
    page = " ".join(printed.getvalue().split())
    for line in lines:
        assert (markdown.count(line), feedback.html("Ada", [report]).count(line)) == (1, 1)
        assert line in report.to_json()["not_graded"] and line in xml
        assert line in page


def test_comments_in_short() -> None:
    told = feedback.comment([replace(MIXED, unusable=EVIL)])
    assert told.startswith("exercise1: unusable, 2 of 10 points<br>&lt;script&gt;")
    assert "✗ The second check. map: 2 of 4 differ." in told
    assert _Tags(told).names == {"br"}
    assert "first check" not in told


@given(learner=anything, report=any_reports())
def test_renders_nothing_of_anybodys_text(learner: str, report: CheckReport) -> None:
    evil = [
        report,
        replace(MIXED, title=EVIL, exercise=EVIL, output=f"```\n{EVIL}", remarks=(EVIL,)),
    ]
    assert _Tags(feedback.html(learner, evil)).names <= PAGE_TAGS
    tokens = MarkdownIt("commonmark").parse(feedback.markdown(learner + EVIL, evil))
    inside = [child.type for token in tokens for child in token.children or ()]
    assert set(inside) <= {"text", "softbreak", "text_special"}
    assert "html_block" not in {token.type for token in tokens}
