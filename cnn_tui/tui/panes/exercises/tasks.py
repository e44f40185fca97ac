"""What there is to read of an exercise: its task, the learner's file, what follows a report."""

from functools import cache, lru_cache

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from cnn_tui.grading.catalogue import starter
from cnn_tui.grading.exercises import Exercise
from cnn_tui.render.draw.styles import FRAME, QUIET, TITLE
from cnn_tui.render.pages.exercise import task_page
from cnn_tui.render.pages.failure import CodeLines
from cnn_tui.render.pages.verdict import called_lines, failing_lines
from cnn_tui.tui.panes.exercises.state import JudgedFile
from cnn_tui.tui.panes.offers import offer


@cache
def task_alone(exercise: Exercise) -> RenderableType:
    """The task without what to do next; the same object, so that it is drawn once."""
    return task_page(exercise, Text(), offer)


@lru_cache(maxsize=4)
def task_and_file(exercise: Exercise, source: str) -> RenderableType:
    """The task, and below it the learner's file; the same object, so that it is drawn once."""
    return Group(task_alone(exercise), Rule(style=FRAME), CodeLines(source))


@cache
def starter_text(exercise: Exercise) -> str:
    """What the learner's file begins with."""
    return starter(exercise).read_text(encoding="utf-8")


def below_report(
    verdict: JudgedFile, exercise: Exercise, is_roomy: bool, is_alone: bool
) -> RenderableType | None:
    """What there is to read after a report: the next task, this one, or the learner's function.

    Of the last two, the one that does not stand beside it.
    """
    report, following = verdict.report, verdict.following
    if report.passed and following is not None:
        title = Text(f"Next: exercise {following.number}, {following.title}", TITLE)
        return _ruled(title, task_alone(following))
    called = called_lines(verdict.source, report)
    if is_alone and called is not None and not failing_lines(report):
        title = Text(f"Your function, from line {called.start} of {exercise.file_name}", QUIET)
        return Group(Text(), title, CodeLines(verdict.source, only=called))
    if report.passed or is_alone or not is_roomy:
        return None
    return task_below(exercise)


def task_below(exercise: Exercise) -> RenderableType:
    """The task under a heading of its own."""
    return _ruled(Text("The task", TITLE), task_alone(exercise))


def _ruled(title: Text, page: RenderableType) -> RenderableType:
    return Group(Text(), Rule(style=FRAME), title, Text(), page)
