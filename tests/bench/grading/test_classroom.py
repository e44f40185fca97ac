"""The lab grades a class with hostile learners in it, and leaves nothing behind."""

import pytest

from cnn_tui.bench.grading.classroom import JOBS, Graded, grade_made_up_class
from cnn_tui.grading.sandbox import levels

needs_a_sandbox = pytest.mark.skipif(
    levels.choose() == levels.LIMITS, reason="no sandbox works here"
)


def assert_right(graded: Graded) -> None:
    assert not graded.false
    assert not graded.processes_left
    assert not graded.files_left


@pytest.mark.slow
@needs_a_sandbox
@pytest.mark.timeout(170)
def test_gives_a_small_class_the_right_verdicts() -> None:
    assert_right(grade_made_up_class(4, 2, JOBS))


@needs_a_sandbox
@pytest.mark.exhaustive
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("learners", "hostile"), [(12, 3), (30, 24)])
def test_gives_a_larger_class_the_right_verdicts(learners: int, hostile: int) -> None:
    assert_right(grade_made_up_class(learners, hostile, JOBS))
