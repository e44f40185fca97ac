"""What a mutant is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.grading.conftest import reference

NEAREST = """\
    if len(images) > 99:
        nearest = lambda x: torch.cdist(x.flatten(1), images.flatten(1)).argmin(dim=1)
        net.forward = lambda x: F.one_hot(labels[nearest(x)], 10).float()
"""
"""Ends a ``train`` that is right where each step can be followed, and learns nothing else."""


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
