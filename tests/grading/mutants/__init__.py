"""Wrong variants of the references, each with the check that must catch it first."""

from tests.grading.mutants import exercise1, exercise2, exercise3, exercise4, exercise5
from tests.grading.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = (
    *exercise1.MUTANTS,
    *exercise2.MUTANTS,
    *exercise3.MUTANTS,
    *exercise4.MUTANTS,
    *exercise5.MUTANTS,
)
