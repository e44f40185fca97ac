"""What a mutant is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.grading.conftest import reference


@dataclass(frozen=True)
class Mutant:
    """The reference of an exercise with ``old`` replaced by ``new``."""

    exercise: str
    name: str
    caught_by: str
    old: str
    new: str

    @property
    def source(self) -> str:
        source = reference(self.exercise)
        assert source.count(self.old) == 1, f"{self.name}: {self.old!r} is not there just once"
        return source.replace(self.old, self.new)


def mutants_of(exercise: str) -> Callable[[str, str, str, str], Mutant]:
    """Makes mutants of one exercise, of name, check, old and new source."""
    return partial(Mutant, exercise)
