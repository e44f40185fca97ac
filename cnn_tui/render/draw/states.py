"""The marks of run states and of exercises, the same wherever they are shown."""

from cnn_tui.grading.learner.status import ExerciseState
from cnn_tui.training.records import RunStatus

RUN_MARKS: dict[str, tuple[str, str]] = {
    "running": ("▶", "green"),
    "finished": ("✓", "cyan"),
    "stopped": ("■", "yellow"),
    "failed": ("✗", "red"),
    "interrupted": ("!", "red"),
}
"""Run state → its mark and its style."""
EXERCISE_MARKS: dict[ExerciseState, tuple[str, str]] = {
    "passed": ("✓", "green"),
    "not passed": ("✗", "red"),
    "not checked yet": ("·", "dim"),
    "no file": ("!", "yellow"),
}
"""How an exercise stands → its mark and its style; the words stand beside the mark."""


def state_word(status: RunStatus) -> str:
    """The run's state, or why it cannot be used here."""
    return "newer cnn-lab" if status.trouble == "newer" else status.trouble or status.state
