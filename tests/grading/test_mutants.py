"""The lab fails every wrong solution, and for the right reason."""

import pytest

from tests.grading.conftest import Grade
from tests.grading.mutants import MUTANTS, Mutant

DEAR = ("comparison", "finding")
"""Checks that come last and take seconds."""
ALWAYS = {(each.exercise, each.caught_by): each.name for each in reversed(MUTANTS)}
"""Exercise and check → the first wrong solution that it must catch, tried in every run."""


def _parameter(mutant: Mutant) -> object:
    always = ALWAYS[mutant.exercise, mutant.caught_by] == mutant.name
    name = f"{mutant.exercise}: {mutant.name}"
    slow = not always or mutant.caught_by in DEAR
    return pytest.param(mutant, id=name, marks=[pytest.mark.slow] if slow else [])


@pytest.mark.parametrize("mutant", map(_parameter, MUTANTS))
def test_fails_a_wrong_solution_at_the_right_check(grade: Grade, mutant: Mutant) -> None:
    verdict = grade(mutant.exercise, mutant.source, until_first_failure=True)
    assert verdict.first_failure == mutant.caught_by, verdict.not_passed
    assert not any(each.status == "error" for each in verdict.results.values())
