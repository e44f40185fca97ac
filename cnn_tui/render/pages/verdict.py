"""A check as the app shows it: check by check while it runs, then what failed or was achieved.

Which keys do something about it is the app's matter: they come as ``keys``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.constrain import Constrain
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from cnn_tui.grading.judge.plan import PlannedCheck
from cnn_tui.grading.records import CheckReport, CheckResult
from cnn_tui.render.draw.numbers import duration
from cnn_tui.render.draw.score import points
from cnn_tui.render.draw.styles import (
    ACCENT,
    FAILED,
    FAILED_STRONG,
    PASSED,
    PASSED_STRONG,
    QUIET,
    TITLE,
    WARNING,
)
from cnn_tui.render.pages.failure import CONTEXT, TEXT_WIDTH, CodeLines, first_failure, printed
from cnn_tui.render.pages.report import (
    CHECK_MARKS,
    UNDECIDED,
    helpers_line,
    remarks,
    report_mark,
)

CHECKING, WAITING = "◌", "·"
PRINTED_LINES = 6
"""How many printed lines stand below a failure; a key shows all of them."""
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
"""What a call begins with, or a message on a call that did not return: the function's name."""
WIDE_ROWS = 76
"""Columns from which on checks have one for what has to pass before."""
NEAR = 2
"""Lines of the learner's file before and after the one that a check failed in."""
ORDINALS = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)


@dataclass(frozen=True)
class Achievement:
    """What a pass is worth telling: how many checks it took, and how many exercises are left."""

    tries: int = 0
    left: int = 0

    def sentence(self, report: CheckReport) -> str:
        """``10 of 10 on the third try, 3 exercises to go``."""
        if 1 <= self.tries <= len(ORDINALS):
            tries = f"on the {ORDINALS[self.tries - 1]} try"
        else:
            tries = f"on try {self.tries}" if self.tries else "once more"
        left = f"{self.left} exercise{'' if self.left == 1 else 's'} to go"
        return f"{report.score} of {report.max_score} {tries}, {left if self.left else 'all done'}"


@dataclass(frozen=True, eq=False)
class Faded:
    """What is about to be replaced, in one quiet color."""

    content: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        quiet = console.get_style(QUIET)
        for segment in console.render(self.content, options):
            yield segment if segment.control else Segment(segment.text, quiet)


@dataclass(frozen=True, eq=False)
class ByWidth:
    """One drawing for narrow places, another one from a width on."""

    narrow: RenderableType
    wide: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.wide if options.max_width >= WIDE_ROWS else self.narrow


def check_rows(plan: Sequence[PlannedCheck], results: Sequence[CheckResult]) -> RenderableType:
    """A line for each check: those that are done, the one that runs, those that wait."""
    return ByWidth(*(_check_rows(plan, results, is_wide=each) for each in (False, True)))


def _check_rows(
    plan: Sequence[PlannedCheck], results: Sequence[CheckResult], *, is_wide: bool
) -> RenderableType:
    table = _rows()
    done = {each.id: each for each in results}
    waiting = [each.id for each in plan if each.id not in done]
    for number, planned in enumerate(plan, start=1):
        result = done.get(planned.id)
        if result is not None:
            _add(table, number, result, _after(result, plan), is_wide=is_wide)
        else:
            mark = (CHECKING, ACCENT) if planned.id == waiting[0] else (WAITING, QUIET)
            sentence = Text(planned.description, QUIET)
            table.add_row(Text(*mark), Text(str(number), QUIET), sentence, "", "")
    return table


def brief_check_rows(
    plan: Sequence[PlannedCheck], results: Sequence[CheckResult]
) -> RenderableType:
    """The same in few lines: the numbers of those that are done, the one that runs, the rest."""
    done = {each.id: each for each in results}
    numbers: dict[str, list[int]] = {}
    waiting = [(number, each) for number, each in enumerate(plan, 1) if each.id not in done]
    for number, planned in enumerate(plan, 1):
        if planned.id in done:
            numbers.setdefault(done[planned.id].status, []).append(number)
    lines: list[RenderableType] = [
        Text.assemble(CHECK_MARKS[status], " ", (_listed(those), QUIET), f" {status}")  # type: ignore[index]
        for status, those in numbers.items()
    ]
    if waiting:
        number, planned = waiting[0]
        running = _rows()
        running.add_row(Text(CHECKING, ACCENT), str(number), Text(planned.description), "", "")
        lines.append(running)
    if len(waiting) > 1:
        rest = _listed([number for number, _ in waiting[1:]])
        lines.append(Text(f"{WAITING} {rest} to come", QUIET))
    return Group(*lines)


def report_rows(report: CheckReport) -> RenderableType:
    """A line for each check of a report."""
    return ByWidth(*(_report_rows(report, is_wide=each) for each in (False, True)))


def _report_rows(report: CheckReport, *, is_wide: bool) -> RenderableType:
    table = _rows()
    for number, check in enumerate(report.checks, start=1):
        _add(table, number, check, _after(check, report.checks), is_wide=is_wide)
    return table


def brief_rows(report: CheckReport, *, only_first: bool = False) -> RenderableType:
    """Few lines for many checks: those that failed, and the numbers of the others.

    With ``only_first``, of those that failed the one to start with.
    """
    table = _rows()
    of_status: dict[str, list[int]] = {}
    for number, check in enumerate(report.checks, start=1):
        is_failed = check.status in ("failed", "error")
        if check is report.first_failure or (is_failed and not only_first):
            _add(table, number, check, "")
        else:
            of_status.setdefault(check.status, []).append(number)
    lines = Table.grid(padding=(0, 1), expand=True)
    lines.add_column(ratio=1)
    lines.add_column(justify="right", no_wrap=True)
    for status, numbers in of_status.items():
        mark, style = CHECK_MARKS[status]  # type: ignore[index]
        those = [report.checks[number - 1] for number in numbers]
        earned, most = sum(e.points for e in those), sum(e.max_points for e in those)
        line = Text.assemble((mark, style), " ", (_listed(numbers), QUIET), f" {status}")
        lines.add_row(line, Text(points(earned, most), PASSED if earned else QUIET))
    return Group(table, lines)


def verdict_line(report: CheckReport) -> Text:
    """``✗ 2 of 10 · 0.4 s``: what stands in the frame of a report."""
    if report.unusable:
        return Text("! not checked", FAILED)
    if report.not_graded:
        return Text("? not graded", WARNING)
    mark, style = report_mark(report)
    score = f"{report.score} of {report.max_score}"
    return Text(f"{mark} {score} · {duration(report.seconds)}", style)


def verdict_body(
    report: CheckReport,
    source: str,
    achieved: Achievement,
    keys: RenderableType,
    *,
    is_roomy: bool = False,
    with_code: bool = True,
    is_old: bool = False,
) -> RenderableType:
    """What a report leads to: the first failure, or what was achieved, and the keys.

    The learner's lines are there ``with_code``, where they stand nowhere else; they say
    that they were checked so where the report ``is_old``.
    """
    if report.unusable:
        parts = _not_checked(report)
    elif report.not_graded:
        parts = [Text(report.not_graded, WARNING)]
    elif report.passed:
        parts = [Text(f"★ {achieved.sentence(report)}", PASSED_STRONG)]
    else:
        parts = [] if not report.stopped else [Text(report.stopped, FAILED_STRONG)]
        if (failed := report.first_failure) is not None:
            parts += [Text()] if parts else []
            parts.append(first_failure(report, failed, with_sentence=False, is_roomy=is_roomy))
    parts += helpers_line(report)
    if (with_code or report.unusable) and source and (lines := failing_lines(report)):
        title = [Text("Your lines as they were checked", TITLE)] if is_old else []
        parts += [Text(), *title, CodeLines(source, lines, CONTEXT if report.unusable else NEAR)]
    return Constrain(
        Group(*parts, Text(), keys, *printed(report.output, PRINTED_LINES), *remarks(report)),
        TEXT_WIDTH,
    )


def full_log(report: CheckReport, source: str) -> RenderableType:
    """All that is known of the first failure: its lines, its message, and all that was printed."""
    failed = report.first_failure
    parts: list[RenderableType] = []
    if failed is not None:
        parts += [Text("What the check says", TITLE), Text(failed.details)]
    lines = failed.lines if failed is not None else report.lines
    if lines:
        rows = source.replace("\r\n", "\n").split("\n")
        called = [
            Text.assemble((f"line {number:>4}  ", QUIET), rows[number - 1].strip())
            for number in lines
            if number <= len(rows)
        ]
        title = "Your lines, from the one that the check called to the one that failed"
        parts += [Text(), Text(title, TITLE), *called]
    everything = printed(report.output, None)
    nothing = [Text(), Text("Your code printed nothing.", QUIET)]
    checks = [Text(), Text("All checks", TITLE), report_rows(report)]
    return Constrain(Group(*parts, *(everything or nothing), *checks), TEXT_WIDTH)


def failing_lines(report: CheckReport) -> tuple[int, ...]:
    """The lines of the learner's file that the report is about."""
    failed = report.first_failure
    return failed.lines if failed is not None and failed.lines else report.lines


def called_lines(source: str, report: CheckReport) -> range | None:
    """The lines of the function whose call did not do what it should, where the file has it."""
    failed = report.first_failure
    begins_with = IDENTIFIER.match(failed.call or failed.message) if failed is not None else None
    if begins_with is None:
        return None
    rows = source.splitlines()
    head = f"def {begins_with[0]}("
    first = next((number for number, row in enumerate(rows, 1) if row.startswith(head)), None)
    if first is None:
        return None
    last = first
    for number, row in enumerate(rows[first:], first + 1):
        if row and not row[0].isspace() and not row.startswith(")"):
            break
        last = number if row.strip() else last
    return range(first, last + 1)


def _not_checked(report: CheckReport) -> list[RenderableType]:
    return [Text("The file could not be checked", TITLE), Text(report.unusable)]


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _rows() -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    return table


def _add(
    table: Table, number: int, check: CheckResult, after: str, *, is_wide: bool = False
) -> None:
    """What comes ``after`` another check says so in a column, or where that is not wide, below."""
    mark, style = CHECK_MARKS[check.status]
    is_open = check.status in UNDECIDED
    sentence = f"{check.description} ({after})" if after and not is_wide else check.description
    table.add_row(
        Text(mark, style),
        Text(str(number), QUIET),
        Text(sentence, QUIET if is_open else ""),
        Text(after if is_wide else "", QUIET),
        Text(points(check.points, check.max_points), PASSED if check.points else QUIET),
    )


def _after(check: CheckResult, others: Sequence[CheckResult | PlannedCheck]) -> str:
    """``after 2`` for a check that another one has to pass before."""
    if check.status != "not reached":
        return ""
    numbers = (
        number
        for number, other in enumerate(others, start=1)
        if check.message.endswith(other.description)
    )
    number = next(numbers, None)
    return f"after {number}" if number else ""
