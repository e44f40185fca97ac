"""The marks of run states and of exercises, the same wherever they are shown."""

from cnn_tui.grading.learner.status import ExerciseState, Standing
from cnn_tui.render.draw.styles import FAILED, PASSED, QUIET, WARNING
from cnn_tui.training.records import RunStatus

RUN_MARKS: dict[str, tuple[str, str]] = {
    "queued": ("◌", QUIET),
    "running": ("▶", PASSED),
    "finished": ("✓", PASSED),
    "stopped": ("■", WARNING),
    "failed": ("✗", FAILED),
    "interrupted": ("!", WARNING),
}
"""Run state → its mark and its style."""
EXERCISE_MARKS: dict[ExerciseState, tuple[str, str]] = {
    "passed": ("✓", PASSED),
    "not passed": ("✗", FAILED),
    "not checked yet": ("·", QUIET),
    "no file": ("!", WARNING),
}
"""How an exercise stands → its mark and its style; the words stand beside the mark."""


CHANGED_MARK = ("!", WARNING)
"""Of a file that has changed since its last check, whatever that said."""


def standing_mark(standing: Standing | None) -> tuple[str, str]:
    """The mark of what is known of the learner's file as it is now, and its style."""
    if standing is not None and standing.changed:
        return CHANGED_MARK
    return EXERCISE_MARKS["not checked yet" if standing is None else standing.state]


def standing_words(standing: Standing) -> str:
    """How an exercise stands: what the last check said, and whether the file has changed since."""
    return f"{standing.state}, then changed" if standing.changed else standing.state


def state_word(status: RunStatus) -> str:
    """The run's state, or why it cannot be used here."""
    return "newer cnn-lab" if status.trouble == "newer" else status.trouble or status.state
