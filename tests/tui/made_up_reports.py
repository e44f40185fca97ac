"""Reports of checks that nobody ran, for tests that show them."""

from dataclasses import replace
from pathlib import Path

from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.source import digest_of_file
from cnn_tui.grading.records import ArrayComparison, CheckReport, CheckResult

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
DIFFERENT = ArrayComparison(
    shape=(2, 2),
    first=(0, 0),
    start=(0, 0),
    differing=4,
    expected=((0.909, 1.21), (0.477, 2.031)),
    got=((1.364, 0.118), (0.65, 1.977)),
    differs=((True, True), (True, True)),
)
LARGE = ArrayComparison(
    shape=(8, 8),
    first=(2, 6),
    start=(0, 0),
    differing=1,
    expected=tuple(tuple(0.125 * (8 * i + j) for j in range(8)) for i in range(8)),
    got=tuple(tuple(0.125 * (8 * i + j) + ((i, j) == (2, 6)) for j in range(8)) for i in range(8)),
    differs=tuple(tuple((i, j) == (2, 6) for j in range(8)) for i in range(8)),
)
"""As large as comparisons get: no usual terminal has room for two such grids."""
WRONG = replace(
    VALUES,
    status="failed",
    points=0,
    message="max_pool with kernel_size=2, stride=2: 4 of 4 values differ; max |diff| 1.95; "
    "first at (0, 0): got 1.364, expected 0.909.",
    topic="pooling-parameters",
    comparison=DIFFERENT,
    call="max_pool(tensor (4, 4), 2, 2)",
    replay="import torch\n\nx = torch.zeros(4, 4)\nprint(max_pool(x, 2, 2))\n",
)
OPEN = replace(ORDER, status="not reached", points=0, message=f"First comes: {VALUES.description}")


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
        digest=digest_of_file(path),
    )
