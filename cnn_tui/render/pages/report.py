"""A check's report, for the command line and the TUI."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Group, JustifyMethod, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from cnn_tui.grading.catalogue import find
from cnn_tui.grading.records import CheckReport, CheckResult, Status
from cnn_tui.next_steps import Action, NextStep, step
from cnn_tui.render.draw.commands import command, flag
from cnn_tui.render.draw.numbers import duration, printable
from cnn_tui.render.draw.score import points, score_bar
from cnn_tui.render.draw.styles import (
    FAILED,
    FAILED_STRONG,
    PASSED,
    PASSED_STRONG,
    QUIET,
    TITLE,
    WARNING,
)
from cnn_tui.render.pages.failure import TEXT_WIDTH, first_failure, printed
from cnn_tui.workspace import EXERCISES

CHECK_MARKS: dict[Status, tuple[str, str]] = {
    "passed": ("✓", PASSED),
    "failed": ("✗", FAILED),
    "not reached": ("–", QUIET),
    "error": ("!", WARNING),
    "not graded": ("?", WARNING),
}
"""What became of a check → its mark and its style; the word stands beside the mark."""
UNDECIDED: tuple[Status, ...] = ("not reached", "not graded")
"""A check with one of these has said nothing about the work."""
PRINTED_LINES = 20
"""How many lines of the learner's own prints are shown, half of them from the end."""


def check_report(report: CheckReport, *, one_of_many: bool = False) -> RenderableType:
    """One line per check, the first failure in full, the learner's prints, the verdict.

    Where it is ``one_of_many``, what their sandbox lacks is left to ``check_summary``.
    """
    heading = _title(report, style=TITLE)
    if report.unusable:
        return Group(
            heading,
            Text(report.unusable),
            *helpers_line(report),
            *printed(report.output, PRINTED_LINES),
            *remarks(report),
        )
    parts: list[RenderableType] = [heading, _checks(report)]
    if report.stopped:
        parts += [Text(), Text(report.stopped, style=FAILED_STRONG)]
    if report.not_graded:
        parts += [Text(), Text(report.not_graded, style=WARNING)]
    if report.first_failure is not None:
        parts += [Text(), _unfolded(report, report.first_failure)]
    parts += [*helpers_line(report), *printed(report.output, PRINTED_LINES), *remarks(report)]
    parts += [Text(), _verdict(report)]
    parts += [] if one_of_many else _gaps(report)
    return Group(*parts, _next_steps(report))


def report_mark(report: CheckReport) -> tuple[str, str]:
    """The mark of a whole report and its style."""
    if report.not_graded:
        return CHECK_MARKS["not graded"]
    return CHECK_MARKS["passed" if report.passed else "failed"]


def check_summary(reports: Sequence[CheckReport]) -> RenderableType:
    """How several exercises stand: a line for each, the sum, and what their sandbox lacks."""
    table = _grid(("left", "left", "left", "right", "left"), sentence=2)
    for report in reports:
        mark, style = report_mark(report)
        word = "not checked" if report.unusable else report.status
        earned = points(report.score, report.max_score)
        row = Text(mark, style), Text(word, style), _title(report), Text(earned)
        table.add_row(*row, score_bar(report.score, report.max_score))
    passed = sum(report.passed for report in reports)
    unusable = sum(bool(report.unusable) for report in reports)
    not_checked = f", {unusable} not checked" if unusable else ""
    ungraded = sum(bool(report.not_graded) for report in reports)
    not_checked += f", {ungraded} not graded" if ungraded else ""
    score, most = sum(each.score for each in reports), sum(each.max_score for each in reports)
    return Group(
        Text("All together", style=TITLE),
        table,
        Text(f"{passed} of {len(reports)} exercises passed{not_checked}, {score} of {most} points"),
        *_gaps(max(reports, key=lambda report: len(report.gaps))),
    )


def helpers_hint(report: CheckReport) -> str:
    """How to check a file with those beside it, where a module was missing; else ""."""
    if not report.may_need_helpers:
        return ""
    if find(report.exercise) is None:
        return f"To check it with the files beside it, add {flag('allow_helpers')}."
    again = replace(_check_of(report), settings={"allow_helpers": True})
    return f"To check it with the files beside it, type in a shell: {_typed(again)}"


def helpers_line(report: CheckReport) -> list[RenderableType]:
    """The same as a part of a page."""
    hint = helpers_hint(report)
    return [Text(hint)] if hint else []


def remarks(report: CheckReport) -> list[RenderableType]:
    """What was run or taken in another way than it is written."""
    if not report.remarks:
        return []
    return [Text(), *(Text(remark, style=QUIET) for remark in report.remarks)]


def _title(report: CheckReport, style: str = "") -> Text:
    number = report.exercise.removeprefix("exercise")
    return Text(printable(f"Exercise {number}: {report.title}"), style=style)


def _checks(report: CheckReport) -> Table:
    table = _grid(("right", "left", "left", "left", "right", "right"), sentence=3)
    for number, check in enumerate(report.checks, start=1):
        mark, style = CHECK_MARKS[check.status]
        reached = check.status not in UNDECIDED
        table.add_row(
            Text(str(number), style=QUIET),
            Text(mark, style=style),
            Text(check.status, style=style),
            Text.assemble(check.description, ("" if reached else after(report, check), QUIET)),
            Text(points(check.points, check.max_points)),
            Text(f"{check.seconds:.1f} s" if reached else "", style=QUIET),
        )
    return table


def after(report: CheckReport, check: CheckResult) -> str:
    """Why a check was not reached, if that is not told of the whole report."""
    for number, other in enumerate(report.checks, start=1):
        if check.message.endswith(other.description):
            return f" (after {number})"
    is_said = check.message in (report.stopped, report.not_graded)
    said = "" if is_said else check.message.rstrip(".")
    return f" ({said})" if said else ""


def _grid(columns: tuple[JustifyMethod, ...], sentence: int) -> Table:
    """A table without lines, in which only the column of that index may wrap."""
    table = Table.grid(padding=(0, 1), expand=False)
    for index, justify in enumerate(columns):
        table.add_column(justify=justify, no_wrap=index != sentence)
    return table


def _unfolded(report: CheckReport, check: CheckResult) -> RenderableType:
    topic = check.topic or report.topic
    read = [Text(f"Read again: {command(step(Action.READ_TOPIC, topic))}")] if topic else []
    return Constrain(Group(first_failure(report, check), *read), TEXT_WIDTH)


def _verdict(report: CheckReport) -> Text:
    word, style = ("PASSED", PASSED_STRONG) if report.passed else ("NOT PASSED", FAILED_STRONG)
    if report.not_graded:
        word, style = "NOT GRADED", WARNING
    return Text.assemble(
        (word, style),
        f"  {report.score} of {report.max_score} points in {duration(report.seconds)}  ",
        score_bar(report.score, report.max_score),
        (f"\nsandbox: {report.sandbox} · seed: {report.seed}", QUIET),
    )


def _gaps(report: CheckReport) -> list[RenderableType]:
    """What the sandbox of a report could not have stopped."""
    if not report.gaps:
        return []
    said = f"In the sandbox {report.sandbox}, code that is checked can still: "
    return [Text(f"{said}{'; '.join(report.gaps)}.", style=QUIET)]


def _next_steps(report: CheckReport) -> RenderableType:
    if report.not_graded:
        steps = [_after_no_verdict(report)]
    else:
        steps = _after_a_pass(report) if report.passed else _after_a_failure(report)
    table = _grid(("left", "left"), sentence=1)
    for index, sentence in enumerate(steps):
        table.add_row(Text("" if index else "Next:"), Text(sentence))
    return table


def _after_no_verdict(report: CheckReport) -> str:
    if find(report.exercise):
        return f"check it again: {_typed(_check_of(report))}"
    # What the command was, with the teacher's tests, is not known here.
    is_mistake = any(check.status == "error" for check in report.checks)
    return "correct the hidden test, then check again" if is_mistake else "check it again"


def _after_a_pass(report: CheckReport) -> list[str]:
    steps = []
    if report.topic:
        read = command(step(Action.READ_TOPIC, report.topic))
        steps.append(f"look back at what you learned: {read}")
    if find(report.exercise):
        solution = command(step(Action.SOLUTION, report.exercise))
        steps.append(f"compare with the reference: {solution}")
    return steps


def _after_a_failure(report: CheckReport) -> list[str]:
    path = _from_here(Path(report.path))
    typed = printable(shlex.quote(str(path)))
    exercise = find(report.exercise)
    if exercise is None:
        seed = f"{flag('seed')} {report.seed}"
        return [f"edit {typed}, then check it again; {seed} gives the same inputs"]
    check = _check_of(report)
    same = replace(check, settings={"seed": report.seed})
    steps = [f"edit {typed}, then: {_typed(check)}"]
    if exercise.hints:
        steps.append(f"for a hint: {command(step(Action.HINT, report.exercise))}")
    return [*steps, f"for the same inputs again: {_typed(same)}"]


def _check_of(report: CheckReport) -> NextStep:
    path = _from_here(Path(report.path))
    return step(Action.CHECK, report.exercise if path.parent.name == EXERCISES else str(path))


def _typed(step: NextStep) -> str:
    return printable(command(step))


def _from_here(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
