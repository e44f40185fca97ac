"""A starter that has changed has a new version, so that learners hear of the change."""

import ast
import hashlib
from collections.abc import Mapping

import pytest

from cnn_tui.grading.catalogue import own_exercises, starter
from cnn_tui.grading.learner.versions import version_of

VERSIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "exercise1": (("ca0605a0", "cc31bd3c"), ("7b2adbfc", "d3d9cf72")),
    "exercise2": (("ff814595", "ad4cb116"),),
    "exercise3": (("3c5bb789", "c264a55c"), ("3c5bb789", "ab60c460")),
    "exercise4": (("07735edb", "9761a39a"), ("07735edb", "f05f0658")),
    "exercise5": (("e7219c3c", "4e591d22"), ("e7219c3c", "ddf03233")),
}
"""Exercise → of each version of its starter, digests of its functions' parameters and its text.

A starter that was released and changes gets the next version and one more entry here.
"""

every_exercise = pytest.mark.parametrize("exercise", own_exercises(), ids=lambda each: each.name)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _functions(source: str) -> str:
    """What the functions are called with, and what they return; not the words about it."""
    body = ast.parse(source).body
    functions = [each for each in body if isinstance(each, ast.FunctionDef)]
    asked = (
        f"{each.name}({ast.unparse(each.args)}) -> {ast.unparse(each.returns)}"
        for each in functions
    )
    return _digest("\n".join(asked))


@every_exercise
def test_raises_the_version_of_a_starter_that_changes(exercise) -> None:
    source = starter(exercise).read_text(encoding="utf-8")
    versions = VERSIONS[exercise.name]
    now = _functions(source), _digest(source)
    assert (version_of(source), now) == (len(versions), versions[-1]), (
        f"The starter of {exercise.name} has changed: raise its version, and add these digests."
    )


@every_exercise
def test_says_of_an_exercise_whether_functions_of_any_version_fit(exercise) -> None:
    """Only then does the lab tell learners that theirs still do."""
    functions = {each for each, _ in VERSIONS[exercise.name]}
    assert not exercise.keeps_functions or len(functions) == 1
