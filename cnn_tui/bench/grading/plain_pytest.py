"""The hidden tests in the plainest way: pytest and the solution in one process.

Nothing is confined and nothing is hidden here. It is what the checker's time is
measured against; nobody's work is graded by it.
"""

import importlib.util
import sys
from types import ModuleType

import pytest
import torch

from cnn_tui.grading.catalogue import exercise_named, hidden_tests, solution
from cnn_tui.grading.judge.verdict import PYTEST_OPTIONS

SEED = 1


class PlainSubmission:
    """A module of this very process, with the one method that exercise 1's tests use."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def call(self, function: str, *args: object, **kwargs: object) -> object:
        """Call a function of the module."""
        return getattr(self._module, function)(*args, **kwargs)


class Fixtures:
    """What the hidden tests ask for."""

    @pytest.fixture
    def submission(self) -> PlainSubmission:
        """The reference solution, imported."""
        path = solution(exercise_named("exercise1"))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return PlainSubmission(module)

    @pytest.fixture
    def generator(self) -> torch.Generator:
        """Random numbers for a test's inputs."""
        return torch.Generator().manual_seed(SEED)


def main() -> int:
    """Run the hidden tests of exercise 1 on its solution; returns pytest's exit code."""
    tests = str(hidden_tests(exercise_named("exercise1")))
    return pytest.main([tests, *PYTEST_OPTIONS], plugins=[Fixtures()])


if __name__ == "__main__":
    sys.exit(main())
