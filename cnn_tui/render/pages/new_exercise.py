"""A teacher's exercise: which of its files its tests take for right and for wrong."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cnn_tui.grading.classroom.new_exercise import Trial
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.draw.styles import FAILED, PASSED, QUIET, TITLE


def trials_page(trials: Sequence[Trial]) -> RenderableType:
    """By exercise a line for each file, then how many mutants survive."""
    parts: list[RenderableType] = []
    for exercise in dict.fromkeys(trial.file.exercise for trial in trials):
        own = [trial for trial in trials if trial.file.exercise == exercise]
        parts += [Text(f"{exercise.name}: {exercise.title}", style=TITLE), _lines(own)]
        parts += [_mutants(own), Text()]
    first = trials[0].report
    return Group(*parts, Text(f"sandbox: {first.sandbox} · seed: {first.seed}", style=QUIET))


def _lines(trials: Sequence[Trial]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in ("mark", "file", "what came out"):
        table.add_column(overflow="fold")
    for trial in trials:
        mark = Text("✓", style=PASSED) if trial.is_right else Text("✗", style=FAILED)
        table.add_row(mark, Text(printable(trial.file.shown)), Text(printable(trial.sentence)))
    return table


def _mutants(trials: Sequence[Trial]) -> Text:
    mutants = [trial for trial in trials if trial.file.role == "mutant"]
    surviving = [trial for trial in mutants if trial.report.passed]
    if not mutants:
        return Text("There are no mutants: write wrong solutions, to see that the tests fail them.")
    return Text(f"{len(surviving)} of {len(mutants)} mutants survive.")
