"""The lab fails every wrong solution, and for the right reason."""

import pytest

from tests.grading.conftest import Grade
from tests.grading.mutants import MUTANTS, Mutant

QUICK = ("exercise1",)
"""Exercises whose checks take no seconds: of each check, one wrong solution is always tried."""
ALWAYS = {(each.exercise, each.caught_by): each.name for each in reversed(MUTANTS)}
"""Exercise and check → the first wrong solution that it must catch."""
FIRST = {each.exercise: each.caught_by for each in reversed(MUTANTS)}
"""Exercise → the check that stands before all others."""


def _parameter(mutant: Mutant) -> object:
    is_quick = mutant.exercise in QUICK or mutant.caught_by == FIRST[mutant.exercise]
    name = f"{mutant.exercise}: {mutant.name}"
    slow = not is_quick or ALWAYS[mutant.exercise, mutant.caught_by] != mutant.name
    return pytest.param(mutant, id=name, marks=[pytest.mark.slow] if slow else [])


@pytest.mark.parametrize("mutant", map(_parameter, MUTANTS))
def test_fails_a_wrong_solution_at_the_right_check(grade: Grade, mutant: Mutant) -> None:
    verdict = grade(mutant.exercise, mutant.source, until_first_failure=True)
    assert verdict.first_failure == mutant.caught_by, verdict.not_passed
    assert not any(each.status == "error" for each in verdict.results.values())
