"""The lab fails every wrong solution, and for the right reason.

The slow tests take the first wrong solution of each check and all that have a known mistake, up to
the first failure, and a share of all to the end, another one at each commit; the exhaustive tests
take the rest.
"""

from collections.abc import Iterator
from itertools import chain, starmap

import pytest

from tests.grading.blame import changed_functions, unfairly_failed
from tests.grading.claims import CLAIMS, NOTHING, claimed, expected
from tests.grading.conftest import Grade
from tests.grading.mutants import MUTANTS, Mutant
from tests.turns import is_its_turn, number_of_this_commit

QUICK = ("exercise1",)
"""Exercises whose checks take no seconds: of each check, one wrong solution is always tried."""
WHOLE = ("exercise1", "exercise2", "exercise3")
"""Exercises of which all checks are run: those of the others train for long."""
ALWAYS = {(each.exercise, each.caught_by): each.name for each in reversed(MUTANTS)}
"""Exercise and check → the first wrong solution that it must catch."""
FIRST = {each.exercise: each.caught_by for each in reversed(MUTANTS)}
"""Exercise → the check that stands before all others."""
SHARE = 6
"""One of so many wrong solutions is judged to the end by the slow tests of a commit."""


def _parameters(place: int, mutant: Mutant) -> Iterator[object]:
    name = f"{mutant.exercise}: {mutant.name}"
    is_first = ALWAYS[mutant.exercise, mutant.caught_by] == mutant.name
    is_quick = mutant.exercise in QUICK or mutant.caught_by == FIRST[mutant.exercise]
    is_known = mutant.name in CLAIMS.get(mutant.exercise, {})
    if is_first and is_quick:
        yield pytest.param(mutant, False, id=name)
    elif is_its_turn(place, SHARE):
        yield pytest.param(mutant, True, id=name, marks=pytest.mark.slow)
    else:
        is_kept = is_first or is_known
        if is_kept:
            yield pytest.param(mutant, False, id=name, marks=pytest.mark.slow)
        if not is_kept or mutant.exercise in WHOLE:
            yield pytest.param(mutant, True, id=f"{name}, to the end", marks=pytest.mark.exhaustive)


@pytest.mark.parametrize(
    ("mutant", "to_the_end"), chain.from_iterable(starmap(_parameters, enumerate(MUTANTS)))
)
def test_fails_a_wrong_solution_at_the_right_check(
    grade: Grade, mutant: Mutant, to_the_end: bool
) -> None:
    to_the_end &= mutant.exercise in WHOLE
    verdict = grade(mutant.exercise, mutant.source, until_first_failure=not to_the_end)
    assert verdict.first_failure == mutant.caught_by, verdict.not_passed
    assert not any(each.status == "error" for each in verdict.results.values())
    known = expected(mutant.exercise, mutant.name)
    first = verdict.not_passed[mutant.caught_by]
    assert claimed(mutant.exercise, [first]) == set(known[:1]) - {NOTHING}
    assert claimed(mutant.exercise, verdict.not_passed.values()) <= set(known)
    changed = changed_functions(mutant.exercise, mutant.old)
    assert not to_the_end or not unfairly_failed(mutant.exercise, changed, verdict)


@pytest.mark.exhaustive
@pytest.mark.parametrize("place", range(len(MUTANTS)), ids=lambda place: MUTANTS[place].name)
def test_fails_a_wrong_solution_with_other_random_numbers(grade: Grade, place: int) -> None:
    mutant, seed = MUTANTS[place], number_of_this_commit() + place
    verdict = grade(mutant.exercise, mutant.source, seed=seed, until_first_failure=True)
    # Which check tells it first may depend on the numbers; that one does, may not.
    assert verdict.first_failure, seed
