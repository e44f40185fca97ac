"""The state of every exercise, and the hints taken on the way."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner.hints import Hint
from cnn_tui.grading.learner.status import Standing, starter_changed
from cnn_tui.next_steps import Action, step
from cnn_tui.render.draw.commands import command, with_steps
from cnn_tui.render.draw.states import EXERCISE_MARKS
from cnn_tui.render.pages.exercise import hint_text


def progress_page(standings: Sequence[Standing]) -> RenderableType:
    """How far the learner is, one row per exercise, what changed, and the next step."""
    notes = [
        Text(with_steps(starter_changed(each.exercise), (step(Action.RESET, each.exercise),)))
        for each in standings
        if each.starter_changed
    ]
    return Group(_headline(standings), Text(), _table(standings), *notes, _next_step(standings))


def hints_page(exercise: Exercise, hints: Sequence[Hint]) -> RenderableType:
    """Hints that were taken, and how to go on."""
    title = Text(f"Exercise {exercise.number}: {exercise.title}", style="bold")
    check, more = (command(step(action, exercise.name)) for action in (Action.CHECK, Action.HINT))
    if not hints:
        return Group(title, Text(f"\nNo hint was taken yet. Take one: {more}"))
    is_last = hints[-1].number == hints[-1].total
    next_step = Text(f"\nNext: {check}" + ("" if is_last else f", or {more}"))
    return Group(title, *map(hint_text, hints), next_step)


def _headline(standings: Sequence[Standing]) -> Text:
    passed = sum(each.state == "passed" for each in standings)
    points = sum(each.best_score for each in standings)
    of = sum(each.max_score for each in standings)
    return Text(
        f"{passed} of {len(standings)} exercises passed, {points} of {of} points", style="bold"
    )


def _table(standings: Sequence[Standing]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    # Narrower than its longest word, a column would cut it.
    table.add_column("Exercise", min_width=len("normalisation"))
    table.add_column("State", min_width=len("· checked"))
    for title in ("Best", "Checks", "Hints"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("Last check", min_width=len("2026-01-02"))
    for each in standings:
        mark, style = EXERCISE_MARKS[each.state]
        table.add_row(
            Text(f"{each.exercise.removeprefix('exercise')} {each.title}"),
            Text(f"{mark} {each.state}", style=style),
            f"{each.best_score}/{each.max_score}",
            str(each.attempts),
            f"{each.hints_seen}/{each.hints}",
            _when(each.checked_at),
        )
    return table


def _next_step(standings: Sequence[Standing]) -> Text:
    for each in standings:
        if not each.passed_at:
            return Text(f"\nNext: {command(each.next_step)}")
    compare = step(Action.SOLUTION, "1")
    return Text("\n" + with_steps("Every exercise is passed.", (compare,)))


def _when(moment: str) -> str:
    """A moment in UTC as the learner's own clock showed it."""
    try:
        return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return "–"
