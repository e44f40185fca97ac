"""A graded class: how far it has come, and what came out, by check and by score."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from cnn_tui.grading.classroom.glance import most_missed
from cnn_tui.grading.classroom.workers import Grade
from cnn_tui.grading.records import CheckReport
from cnn_tui.render.draw.commands import flag
from cnn_tui.render.draw.numbers import share_bar
from cnn_tui.render.draw.styles import QUIET, TITLE

BAR_WIDTH = 16
SHARE_WIDTH = 12
TENTHS = 10
LINES = 20
"""Without a terminal, so many lines at most tell how far it has come."""
NAME_WIDTH = 24
MOST_MISSED = 3
"""How many of the checks that most learners missed are named."""


class Telling:
    """A listener of the grading: a bar on a terminal, a few lines on anything else."""

    def __init__(self, console: Console, bars: Progress | None) -> None:
        self.total = self.done = 0
        self._console = console
        self._bars = bars

    def remark(self, sentence: str) -> None:
        """Print it above the bar."""
        console = self._console if self._bars is None else self._bars.console
        console.print(sentence, soft_wrap=True, markup=False)

    def begin(self, total: int) -> None:
        """Start the bar."""
        self.total = total
        if self._bars is not None:
            self._bars.add_task("Grading", total=total, learner="")

    def graded(self, grade: Grade) -> None:
        """Move the bar on."""
        self.done += 1
        kept = ", kept" if grade.kept else ""
        what = f"{grade.learner}: {f'{grade.report.exercise} {grade.word}'.strip()}{kept}"
        if self._bars is not None:
            if grade.kept:
                # What took no time says nothing about the time that the others need.
                self._bars.reset(self._bars.task_ids[0], completed=self.done, total=self.total)
            self._bars.update(self._bars.task_ids[0], completed=self.done, learner=_cut(what, 40))
        elif self.done == self.total or self.done % -(-self.total // LINES) == 0:
            self.remark(f"Graded {self.done} of {self.total} ({what})")


@contextmanager
def telling(console: Console) -> Iterator[Telling]:
    """A listener that shows on ``console`` how the grading of a class goes."""
    if not console.is_terminal or console.is_dumb_terminal:
        yield Telling(console, None)
        return
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(BAR_WIDTH),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[learner]}", markup=False),
        console=console,
        transient=True,
    )
    with bars:
        yield Telling(console, bars)


def interrupted(done: int, total: int, journal: Path | None) -> str:
    """What is left of a class that was interrupted, and how to go on."""
    if journal is None:
        return f"Interrupted after {done} of {total}. Nothing is kept without {flag('out')} FILE."
    return (
        f"Interrupted after {done} of {total}, which are kept in {journal}. "
        "The same command grades the rest."
    )


def class_summary(grades: Sequence[Grade]) -> RenderableType:
    """By exercise the scores and every check; then who could not be graded, and why."""
    parts: list[RenderableType] = []
    for exercise in dict.fromkeys(grade.report.exercise for grade in grades):
        reports = [
            grade.report
            for grade in grades
            if grade.report.exercise == exercise and exercise and not _is_ungraded(grade)
        ]
        if reports:
            parts += [*_exercise(reports), Text()]
    for title, chosen in (
        ("Unusable, no points", [grade for grade in grades if grade.report.unusable]),
        ("Stopped before the end", [grade for grade in grades if _was_stopped(grade)]),
        ("Not graded, through no fault of theirs", [each for each in grades if _is_ungraded(each)]),
    ):
        if chosen:
            parts += [Text(f"{title}: {len(chosen)}", style=TITLE), _reasons(chosen), Text()]
    return Group(*parts, _closing(grades))


def _was_stopped(grade: Grade) -> bool:
    return bool(grade.report.stopped) and not _is_ungraded(grade)


def _is_ungraded(grade: Grade) -> bool:
    return grade.word == "not graded"


def _exercise(reports: Sequence[CheckReport]) -> list[RenderableType]:
    first = reports[0]
    passed = sum(report.passed for report in reports)
    title = f"{first.exercise}: {first.title}" if first.title != first.exercise else first.exercise
    return [
        Text.assemble(
            (title, TITLE), f"  {passed} of {len(reports)} passed ({_percent(passed, reports)})"
        ),
        Padding(_scores(reports), (0, 0, 0, 2), expand=False),
        Padding(_checks(reports), (0, 0, 0, 2), expand=False),
        *_missed(reports),
    ]


def _missed(reports: Sequence[CheckReport]) -> list[RenderableType]:
    """The checks that most learners missed, where learners missed some."""
    missed = most_missed(reports)[:MOST_MISSED]
    if not missed:
        return []
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for check in missed:
        table.add_row(f"{check.learners} of {check.of}", Text(check.description))
    indent = (0, 0, 0, 2)
    title = Padding(Text("Most often missed", style=QUIET), indent, expand=False)
    return [title, Padding(table, indent, expand=False)]


def _scores(reports: Sequence[CheckReport]) -> Table:
    """How many have which score, from the best; many possible scores are put into ten classes."""
    most = max(report.max_score for report in reports)
    width = max(1, -(-most // TENTHS))
    counts = Counter(report.score // width for report in reports)
    table = _table("Points", "Learners", "")
    for step, count in sorted(counts.items(), reverse=True):
        low, high = step * width, min(step * width + width - 1, most)
        label = str(low) if low == high else f"{low}–{high}"
        bar = share_bar(count, len(reports), SHARE_WIDTH)
        table.add_row(label, str(count), Text(bar, style="cyan"))
    return table


def _checks(reports: Sequence[CheckReport]) -> Table:
    """Each check: the share that passed as a bar, and the counts of what became of it."""
    table = _table("Check", "", "Passed", "Failed", "Not reached")
    table.columns[0].ratio = 1
    with_checks = [report for report in reports if report.checks]
    for place, check in enumerate(with_checks[0].checks if with_checks else ()):
        became = Counter(report.checks[place].status for report in with_checks)
        passed = became["passed"]
        table.add_row(
            Text(check.description),
            Text(share_bar(passed, len(with_checks), SHARE_WIDTH).ljust(SHARE_WIDTH), style="cyan"),
            f"{passed} {_percent(passed, with_checks):>4}",
            str(became["failed"] + became["error"]),
            str(became["not reached"]),
        )
    return table


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style=QUIET, padding=(0, 2, 0, 0))
    for place, title in enumerate(titles):
        is_number = title not in ("", "Check")
        table.add_column(
            title, justify="right" if is_number else "left", no_wrap=place > 0 or is_number
        )
    return table


def _reasons(grades: Sequence[Grade]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(max_width=NAME_WIDTH, overflow="fold")
    table.add_column(overflow="fold")
    for grade in grades:
        report = grade.report
        reason = grade.fault or report.not_graded or report.unusable or report.stopped
        table.add_row(Text(grade.learner), Text(reason))
    return Padding(table, (0, 0, 0, 2), expand=False)


def _closing(grades: Sequence[Grade]) -> Text:
    words = Counter(grade.word for grade in grades)
    learners = len({grade.learner for grade in grades})
    kept = sum(grade.kept for grade in grades)
    counts = ", ".join(f"{count} {word}" for word, count in words.most_common())
    before = f" {kept} of them had been graded before." if kept else ""
    report = grades[0].report
    return Text.assemble(
        f"{_count(learners, 'learner')}, {_count(len(grades), 'submission')}: {counts}.{before}\n",
        (f"sandbox: {report.sandbox} · seed of all: {report.seed}", QUIET),
    )


def _percent(count: int, reports: Sequence[CheckReport]) -> str:
    return f"{100 * count / len(reports):.0f} %"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
