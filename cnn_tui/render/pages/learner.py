"""The state of every exercise, and the hints taken on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from cnn_tui.chapter.predicted import NO_PREDICTIONS, KeptPredictions
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner.hints import Hint
from cnn_tui.grading.learner.status import Standing, note_on
from cnn_tui.next_steps import Action, step
from cnn_tui.render.draw.commands import command, with_steps
from cnn_tui.render.draw.score import BAR_CELLS, score_bar
from cnn_tui.render.draw.states import standing_mark, standing_words
from cnn_tui.render.draw.styles import QUIET, TITLE
from cnn_tui.render.pages.exercise import hint_text
from cnn_tui.render.pages.prediction import predictions_line

WIDTH_WITH_BARS = 96


def progress_page(
    standings: Sequence[Standing], predicted: KeptPredictions = NO_PREDICTIONS
) -> RenderableType:
    """How far the learner is, one row per exercise, predictions, what changed, the next step."""
    notes = [
        Text(with_steps(sentence, steps)) for sentence, steps in map(note_on, standings) if sentence
    ]
    if predicted:
        notes.insert(0, predictions_line(predicted))
    return Group(_headline(standings), Text(), _Progress(standings), *notes, _next_step(standings))


def hints_page(exercise: Exercise, hints: Sequence[Hint]) -> RenderableType:
    """Hints that were taken, and how to go on."""
    title = Text(f"Exercise {exercise.number}: {exercise.title}\n", style=TITLE)
    check, more = (command(step(action, exercise.name)) for action in (Action.CHECK, Action.HINT))
    if not hints:
        return Group(title, Text(f"No hint was taken yet. Take one: {more}"))
    is_last = hints[-1].number == hints[-1].total
    next_step = Text(f"Next: {check}" + ("" if is_last else f", or {more}"))
    return Group(title, *map(hint_text, hints), next_step)


def _headline(standings: Sequence[Standing]) -> Text:
    passed = sum(each.state == "passed" for each in standings)
    points = sum(each.best_score for each in standings)
    of = sum(each.max_score for each in standings)
    return Text.assemble(
        (f"{passed} of {len(standings)} exercises passed, {points} of {of} points", TITLE),
        "  ",
        score_bar(points, of, 2 * BAR_CELLS),
    )


@dataclass(frozen=True, eq=False)
class _Progress:
    """The table of all exercises; their bars stand in it where a line holds them, too."""

    standings: Sequence[Standing]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield _table(self.standings, has_bars=options.max_width >= WIDTH_WITH_BARS)


def _table(standings: Sequence[Standing], *, has_bars: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style=QUIET, padding=(0, 2, 0, 0))
    # Narrower than its longest word, a column would cut it.
    table.add_column("Exercise", min_width=len("normalization"))
    table.add_column("State", min_width=len("· checked"))
    table.add_column("Best", justify="right", no_wrap=True)
    if has_bars:
        table.add_column("", width=BAR_CELLS)
    for title in ("Checks", "Hints"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("Last check", min_width=len("2026-01-02"))
    for each in standings:
        mark, style = standing_mark(each)
        table.add_row(
            Text(f"{each.exercise.removeprefix('exercise')} {each.title}"),
            Text(f"{mark} {standing_words(each)}", style=style),
            f"{each.best_score}/{each.max_score}",
            *([score_bar(each.best_score, each.max_score)] if has_bars else ()),
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
