"""Wrong variants of the references, each with the check that must catch it first."""

from importlib import import_module

from cnn_tui.grading.catalogue import own_exercises
from tests.grading.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = tuple(
    mutant
    for exercise in own_exercises()
    for mutant in import_module(f"{__name__}.{exercise.name}").MUTANTS
)
