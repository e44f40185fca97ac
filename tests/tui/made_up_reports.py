"""Reports of checks that nobody ran, for tests that show them."""

from dataclasses import replace
from pathlib import Path

from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.records import CheckReport, CheckResult

RIGHT = "# right"
"""What a file begins with that passes."""
SHAPES = CheckResult(
    "shapes", "The output has the shape that its docstring promises.", "passed", 2, 2
)
VALUES = CheckResult(
    "values",
    "Every value is the maximum of its window, and of no other window beside it.",
    "passed",
    4,
    4,
)
ORDER = CheckResult("order", "Windows are walked row by row, from left to right.", "passed", 4, 4)
WRONG = replace(
    VALUES,
    status="failed",
    points=0,
    message="max_pool(map, 2): 20 of 20 values differ; max |diff| 1.95; first at (0, 0): "
    "got 1.364, expected 0.909.",
    topic="pooling-parameters",
)
OPEN = replace(ORDER, status="not reached", points=0, message="First comes: values")


def made_up_report(exercise: Exercise, path: Path, *, passed: bool) -> CheckReport:
    """A pass with 10 of 10 points, or a failure with 2."""
    checks = (SHAPES, VALUES, ORDER) if passed else (SHAPES, WRONG, OPEN)
    return CheckReport(
        exercise=exercise.name,
        title=exercise.title,
        path=str(path),
        passed=passed,
        score=sum(each.points for each in checks),
        max_score=sum(each.max_points for each in checks),
        sandbox="bwrap",
        seed=42,
        checks=checks,
        topic=exercise.topic,
        output="" if passed else "my map:\n[[1, 2], [3, 4]]\n",
        seconds=0.4,
    )
