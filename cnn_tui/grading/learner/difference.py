"""How far a learner's file is from the reference, and who may see that; torch-free."""

from difflib import unified_diff
from pathlib import Path

from cnn_tui.grading.catalogue import solution
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.source import read_regular_file
from cnn_tui.grading.learner import progress
from cnn_tui.grading.text import clean
from cnn_tui.workspace import Workspace


def difference(exercise: Exercise, path: Path) -> str:
    """A unified diff from the learner's file to the reference; "" where they are the same.

    Kinds of line ends count for nothing, and what could steer a terminal is taken
    out. Raises UsageError where ``path`` is no
    file that can be read, and LabFault where this installation lacks the reference.
    """
    yours = read_regular_file(path).decode("utf-8", errors="replace")
    reference = solution(exercise).read_text(encoding="utf-8")
    lines = unified_diff(
        yours.splitlines(),
        reference.splitlines(),
        fromfile=f"{exercise.file_name} (yours)",
        tofile=f"{exercise.file_name} (reference)",
        lineterm="",
    )
    return "\n".join(map(clean, lines))


def may_see_solution(workspace: Workspace, exercise: Exercise) -> bool:
    """Whether the learner has passed the exercise once, whatever their file holds now."""
    stands = progress.load(workspace).get(exercise.name)
    return stands is not None and stands.ever_passed
