"""The lab fails every wrong solution, and for the right reason."""

import pytest

from tests.grading.conftest import Grade
from tests.grading.mutants import MUTANTS, Mutant

TRAINING_CHECKS = ("history", "adam", "comparison")
ALWAYS_TRAINED = ("mean of batch means", "gradients pile up")
"""Of those that take a second or more, one for each kind of check in every run of the tests."""


def _parameter(mutant: Mutant) -> object:
    slow = mutant.caught_by in TRAINING_CHECKS and mutant.name not in ALWAYS_TRAINED
    name = f"{mutant.exercise}: {mutant.name}"
    return pytest.param(mutant, id=name, marks=[pytest.mark.slow] if slow else [])


@pytest.mark.parametrize("mutant", map(_parameter, MUTANTS))
def test_fails_a_wrong_solution_at_the_right_check(grade: Grade, mutant: Mutant) -> None:
    verdict = grade(mutant.exercise, mutant.source, until_first_failure=True)
    assert verdict.first_failure == mutant.caught_by, verdict.not_passed
    assert not any(each.status == "error" for each in verdict.results.values())
