"""A check's report, for the command line and the TUI."""

from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cnn_tui.grading.records import CheckReport, CheckResult, Status
from cnn_tui.render.numbers import duration

CHECK_MARKS: dict[Status, tuple[str, str]] = {
    "passed": ("✓", "green"),
    "failed": ("✗", "red"),
    "not reached": ("–", "dim"),
    "error": ("!", "magenta"),
}
"""What became of a check → its mark and its style; the word stands beside the mark."""
INDENT = 4
EXERCISES = "exercises"
"""The folder of a workspace whose files are known by name alone."""


def check_report(report: CheckReport) -> RenderableType:
    """One line per check, the first failure in full, the learner's prints, the verdict."""
    if report.unusable:
        return Group(_heading(report), Text(report.unusable), *_printed(report))
    parts: list[RenderableType] = [_heading(report), _checks(report)]
    if report.stopped:
        parts += [Text(), Text(report.stopped, style="bold")]
    if report.first_failure is not None:
        parts += [Text(), _unfolded(report, report.first_failure)]
    return Group(*parts, *_printed(report), Text(), _verdict(report))


def _heading(report: CheckReport) -> Text:
    number = report.exercise.removeprefix("exercise")
    return Text(f"Exercise {number}: {report.title}", style="bold")


def _checks(report: CheckReport) -> Table:
    table = Table.grid(padding=(0, 1), expand=False)
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    for check in report.checks:
        mark, style = CHECK_MARKS[check.status]
        table.add_row(
            Text(mark, style=style),
            Text(check.status, style=style),
            Text(check.description),
            Text(f"{check.points}/{check.max_points}"),
        )
    return table


def _unfolded(report: CheckReport, check: CheckResult) -> RenderableType:
    topic = check.topic or report.topic
    lines = [Text(check.message)]
    if topic:
        lines.append(Text(f"Read again: cnn-lab topics {topic}"))
    return Group(
        Text(f"Look first at: {check.description}", style="bold"),
        Padding(Group(*lines), (0, 0, 0, INDENT), expand=False),
    )


def _printed(report: CheckReport) -> list[RenderableType]:
    if not report.output.strip():
        return []
    printed = Padding(Text(report.output.rstrip("\n")), (0, 0, 0, INDENT), expand=False)
    return [Text(), Text("Your code printed:", style="bold"), printed]


def _verdict(report: CheckReport) -> Text:
    verdict = ("PASSED", "bold green") if report.passed else ("NOT PASSED", "bold red")
    return Text.assemble(
        verdict,
        f"  {report.score} of {report.max_score} points in {duration(report.seconds)}\n",
        (f"sandbox: {report.sandbox} · seed: {report.seed}\n", "dim"),
        f"Next: {_next_step(report)}",
    )


def _next_step(report: CheckReport) -> str:
    if report.passed:
        return "look back at what you learned: cnn-lab topics " + report.topic
    path = _from_here(Path(report.path))
    again = f"cnn-lab check {report.exercise if path.parent.name == EXERCISES else path}"
    return (
        f"edit {path}, then: {again}\n      (the same inputs again: {again} --seed {report.seed})"
    )


def _from_here(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
