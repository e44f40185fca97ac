"""The list of exercises: two lines each, the title with its sign, and the score as a bar."""

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner.status import Standing
from cnn_tui.render.draw.score import BAR_CELLS, points, score_bar
from cnn_tui.render.draw.states import standing_mark
from cnn_tui.render.draw.styles import ACCENT, QUIET, WARNING
from cnn_tui.render.pages.verdict import CHECKING
from cnn_tui.tui.widgets.keyed_list import KeyedList

OPENS = "What the page names beside Enter; in a narrow terminal, open the page"
MARGIN = 3
"""Cells before a title, for the bar of the selected row, a number and a blank."""
NUMBERS = 9
"""Cells at the right edge for the best score and the last one, between blanks: ``★8 2/10``."""


@dataclass(frozen=True)
class ExerciseRow:
    """One exercise in two lines; ``score`` may lag behind while its bar fills.

    ``best`` is what counts for the points of all, where that was another check's; ``is_old``
    says that the file has changed since the check. What the lab is ``doing``, or what is
    wrong, stands in place of the score.
    """

    number: str
    title: str
    mark: str
    style: str
    score: float
    earned: int
    most: int
    best: int = 0
    is_old: bool = False
    doing: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        name = Text(f"{self.number} {self.title}")
        room = width - 4
        name.truncate(room, overflow="ellipsis")
        yield Text.assemble(" ", name, " " * (room - name.cell_len), (f" {self.mark} ", self.style))
        if self.doing:
            yield Text.assemble(" " * MARGIN, (self.doing, self.style))
            return
        number = f"{points(self.earned, self.most):>{len(points(self.most, self.most))}}"
        told = Text.assemble((self._old, WARNING), (f"{self._best} {number} ", QUIET))
        bar = score_bar(self.score, self.most, max(1, width - MARGIN - max(NUMBERS, told.cell_len)))
        left = width - MARGIN - bar.cell_len - told.cell_len
        yield Text.assemble(" " * MARGIN, bar, " " * left, told)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(MARGIN + BAR_CELLS, options.max_width)

    def __str__(self) -> str:
        score = f"{points(self.earned, self.most)}{self._best}{self._old}"
        return f"{self.mark} {self.number} {self.title} {self.doing or score}"

    @property
    def _best(self) -> str:
        return f" ★{self.best}" if self.best > self.earned else ""

    @property
    def _old(self) -> str:
        return " changed" if self.is_old else ""


class ExerciseList(
    KeyedList, OptionList, room="exercises", item="exercise", opens=OPENS, open_action="open"
):
    """The exercises, in the catalogue's order."""

    class Opened(Message):
        """Enter was pressed."""

    def __init__(self) -> None:
        self._rows = {each.name: _row(each, None) for each in exercises()}
        options = [Option(row, id=name) for name, row in self._rows.items()]
        super().__init__(*options, id="exercise-list")
        self.set_reactive(ExerciseList.highlighted, 0)

    @property
    def current(self) -> Exercise:
        """The exercise under the cursor."""
        return exercises()[self.highlighted or 0]

    def action_open(self) -> None:
        """Enter."""
        self.post_message(self.Opened())

    def show(
        self,
        exercise: Exercise,
        standing: Standing | None,
        doing: str = "",
        score: float | None = None,
    ) -> None:
        """Tell where the learner stands; draws nothing where that has not changed.

        ``doing`` stands in place of the score, ``score`` is how far its bar is filled.
        """
        row = _row(exercise, standing, doing, score)
        if row != self._rows[exercise.name]:
            self._rows[exercise.name] = row
            self.replace_option_prompt(exercise.name, row)


def _row(
    exercise: Exercise, standing: Standing | None, doing: str = "", score: float | None = None
) -> ExerciseRow:
    mark, style = (CHECKING, ACCENT) if doing else standing_mark(standing)
    is_missing = standing is not None and standing.state == "no file"
    earned = standing.score if standing else 0
    most = standing.max_score if standing else exercise.max_score
    return ExerciseRow(
        number=exercise.number,
        title=exercise.title,
        mark=mark,
        style=style,
        score=earned if score is None else score,
        earned=earned,
        most=most,
        best=standing.best_score if standing else 0,
        is_old=standing is not None and standing.changed,
        doing=doing or ("no file" if is_missing else ""),
    )
