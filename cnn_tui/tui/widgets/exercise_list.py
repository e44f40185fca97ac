"""The list of exercises: each with its state, its score, and what was taken on the way."""

from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner.status import Standing
from cnn_tui.render.draw.states import EXERCISE_MARKS
from cnn_tui.tui.widgets.keyed_list import OPENS_PAGE, KeyedList


class ExerciseList(KeyedList, OptionList, room="exercises", item="exercise", opens=OPENS_PAGE):
    """The exercises, in the catalogue's order."""

    def __init__(self) -> None:
        self._labels = {each.name: _label(each, None) for each in exercises()}
        options = [Option(label, id=name) for name, label in self._labels.items()]
        super().__init__(*options, id="exercise-list", classes="side")

    @property
    def current(self) -> Exercise:
        """The exercise under the cursor."""
        return exercises()[self.highlighted or 0]

    def show(self, exercise: Exercise, standing: Standing | None) -> None:
        """Tell where the learner stands; draws nothing where that has not changed."""
        label = _label(exercise, standing)
        if label.plain != self._labels[exercise.name].plain:
            self._labels[exercise.name] = label
            self.replace_option_prompt(exercise.name, label)


def _label(exercise: Exercise, standing: Standing | None) -> Text:
    lines = [Text(f"{exercise.number} {exercise.title}")]
    if standing is not None:
        lines.append(_state(standing))
        lines += [Text(f"  {line}", style="dim") for line in _taken(standing)]
    return Text("\n").join(lines)


def _state(standing: Standing) -> Text:
    mark, style = EXERCISE_MARKS[standing.state]
    score = f" {standing.score}/{standing.max_score}" if standing.attempts else ""
    return Text.assemble((mark, style), f" {standing.state}{score}")


def _taken(standing: Standing) -> list[str]:
    """What the state does not tell: a better score than the last, hints, another starter."""
    lines = []
    if standing.best_score > standing.score:
        lines.append(f"best {standing.best_score}/{standing.max_score}")
    if standing.hints_seen:
        lines.append(f"{standing.hints_seen} of {standing.hints} hints")
    if standing.starter_changed:
        lines.append("starter has changed")
    return lines
