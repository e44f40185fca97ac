"""The hints of an exercise, one after another; torch-free.

Hints that were seen are remembered beside the scores, and count in none of them.
"""

from dataclasses import dataclass

from cnn_tui.errors import UsageError
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner import progress
from cnn_tui.next_steps import Action, step
from cnn_tui.workspace import Workspace


@dataclass(frozen=True)
class Hint:
    """Hint ``number`` of ``total``, counted from 1, of the exercise of that name."""

    exercise: str
    number: int
    total: int
    text: str


def take_hint(workspace: Workspace, exercise: Exercise) -> Hint:
    """The next hint that the learner has not seen, which is remembered; at the end, the last.

    Raises UsageError where the exercise has none, LabFault where nothing can be
    remembered.
    """
    texts = exercise.hints
    if not texts:
        steps = (step(Action.READ_TOPIC, exercise.topic),) if exercise.topic else ()
        raise UsageError(f"There are no hints for {exercise.name}.", next_steps=steps)
    number = progress.record_hint(workspace, exercise, len(texts))
    return Hint(exercise.name, number, len(texts), texts[number - 1])


def hints_seen(workspace: Workspace, exercise: Exercise) -> tuple[Hint, ...]:
    """The hints that the learner has taken, in their order; nothing is remembered."""
    texts = exercise.hints
    stands = progress.load(workspace).get(exercise.name)
    taken = texts[: stands.hints_seen] if stands else ()
    return tuple(
        Hint(exercise.name, number, len(texts), text) for number, text in enumerate(taken, start=1)
    )
