"""Reports that no check made, of every kind and with any text in them."""

from dataclasses import replace

from hypothesis import strategies as st

from cnn_tui.grading.records import CheckReport, CheckResult

PASSED = CheckResult("first", "The first check.", "passed", 2, 2, seconds=0.25)
FAILED = CheckResult(
    "second",
    "The second check.",
    "failed",
    0,
    3,
    "map: 2 of 4 differ.",
    "pooling-parameters",
    expected="[0:2]\n1  2",
    got="[0:2]\n3  4",
)
NOT_REACHED = CheckResult("third", "The third check.", "not reached", 0, 4, "First comes: …")
ERROR = CheckResult("fourth", "The fourth check.", "error", 0, 1, "The check itself failed.")

MIXED = CheckReport(
    exercise="exercise1",
    title="Pooling",
    path="/somewhere/exercises/exercise1.py",
    passed=False,
    score=2,
    max_score=10,
    sandbox="landlock",
    seed=42,
    checks=(PASSED, FAILED, NOT_REACHED, ERROR),
    topic="pooling-max-and-average",
    output="my <print> & more\n",
    seconds=2.5,
)
ALL_PASSED = replace(MIXED, passed=True, max_score=2, checks=(PASSED,))
UNUSABLE = replace(
    MIXED, score=0, checks=(replace(NOT_REACHED, message=""),), unusable="The file is empty."
)
NOT_GRADED = replace(
    MIXED,
    checks=(PASSED, replace(NOT_REACHED, status="not graded", message="It was too busy.")),
    not_graded="It was too busy.",
)
STOPPED = replace(MIXED, checks=(PASSED, NOT_REACHED), stopped="It did not finish in time.")

anything = st.text(st.characters(exclude_categories=()), max_size=40)
"""Text of any characters: controls, lone surrogates, what begins a formula or a tag."""


@st.composite
def any_reports(draw: st.DrawFn) -> CheckReport:
    """A report with any text wherever text may come from a learner or a teacher."""
    checks = tuple(
        replace(check, description=draw(anything), message=draw(anything))
        for check in draw(st.lists(st.sampled_from(MIXED.checks), max_size=4, unique=True))
    )
    return replace(
        MIXED,
        title=draw(anything),
        path=draw(anything),
        output=draw(anything),
        stopped=draw(anything),
        unusable=draw(anything),
        checks=checks,
    )
