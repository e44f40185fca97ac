"""One exercise as pages: its task, the verdict, its hints, its difference from the reference."""

import ast
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from cnn_tui.chapter.catalogue import Topic, topics
from cnn_tui.grading.catalogue import starter
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner.hints import Hint
from cnn_tui.grading.records import CheckReport
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.pages.report import check_report
from cnn_tui.render.pages.topic import topic_page

DIFF_STYLES = {"+": "green", "-": "red", "@": "dim"}
INDENT = 4


def task_page(exercise: Exercise, note: str) -> RenderableType:
    """The task, and below it what to do next."""
    pages = {topic.slug: topic for topic in topics()}
    task = pages.get(exercise.name) or _own_page(exercise)
    return Group(topic_page(task), Text(f"\n{note}"))


def verdict_page(report: CheckReport, following: Exercise | None) -> RenderableType:
    """The verdict, what to do about it, and the report; a page's first lines are always seen."""
    if report.unusable:
        return check_report(report)
    word, style = ("PASSED", "bold green") if report.passed else ("NOT PASSED", "bold red")
    headline = Text.assemble((word, style), f"  {report.score} of {report.max_score} points")
    next_step = _what_follows(following) if report.passed else _what_failed(report)
    return Group(headline, Text(next_step), Text(), check_report(report))


def hint_page(exercise: Exercise, hints: Sequence[Hint]) -> RenderableType:
    """The hints that were taken, in their order, and how to get the next."""
    last = hints[-1]
    more = "That is the last one." if last.number == last.total else "h gives the next hint."
    ending = Text(f"\n{more} t goes back to the task.")
    return Group(_title(exercise, "hints"), *map(hint_text, hints), ending)


def hint_text(hint: Hint) -> RenderableType:
    """One hint under its number."""
    return Group(
        Text(f"\nHint {hint.number} of {hint.total}", style="bold"),
        Padding(Text(hint.text), (0, 0, 0, INDENT), expand=False),
    )


def diff_page(exercise: Exercise, difference: str) -> RenderableType:
    """A unified diff; what a line is, its first character says."""
    if not difference:
        return Group(_title(exercise, "difference"), Text("\nYour file is the reference itself."))
    legend = "\n- stands before your lines, + before those of the reference.\n"
    return Group(_title(exercise, "difference"), Text(legend), diff_text(difference))


def diff_text(difference: str) -> Text:
    """The lines of a unified diff, those of either side in a style of their own."""
    lines = difference.split("\n")
    return Text("\n").join(
        Text("\t".join(map(printable, line.split("\t"))), style=DIFF_STYLES.get(line[:1], ""))
        for line in lines
    )


def _what_follows(following: Exercise | None) -> str:
    if following is None:
        return "Every exercise has been passed."
    return f"Next: exercise {following.number}, {following.title}"


def _what_failed(report: CheckReport) -> str:
    first = report.first_failure
    if first is None:
        return report.stopped
    return f"First: {first.message.splitlines()[0] if first.message else first.description}"


def _title(exercise: Exercise, what: str) -> Text:
    return Text(f"Exercise {exercise.number}: {exercise.title}, {what}", style="bold")


def _own_page(exercise: Exercise) -> Topic:
    """Of an exercise that the chapter has no page for: its task, and what its starter says."""
    module = ast.parse(starter(exercise).read_text(encoding="utf-8"))
    said = ast.get_docstring(module) or ""
    return Topic(
        slug=exercise.name,
        title=f"Exercise {exercise.number}: {exercise.title}",
        section="Exercises",
        order=0,
        demos=(),
        exercises=(exercise.name,),
        nets=(),
        sources=(),
        text=f"{exercise.task}\n\n```\n{said}\n```\n",
    )
