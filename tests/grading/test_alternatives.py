"""The lab passes every right solution, however it is written."""

from pathlib import Path

import pytest

from cnn_tui.grading.catalogue import own_exercises
from tests.grading.conftest import Grade, reference
from tests.grading.self_seeded import self_seeded
from tests.turns import number_of_this_commit, slow_by_turns

FOLDER = Path(__file__).parent / "alternatives"
ALTERNATIVES = {path.stem: path for path in sorted(FOLDER.glob("exercise*.py"))}
SEEDED = ("exercise4_seeded", "exercise5_seeded")
"""References whose every training begins from one seed, and draws the same orders again."""
SELF_SEEDED = ("exercise1_self_seeded", "exercise2_self_seeded", "exercise3_self_seeded")
"""References that seed the random numbers at the top and in every function."""
REFERENCES = tuple(exercise.name for exercise in own_exercises())
EVERY = (*REFERENCES, *ALTERNATIVES, *SEEDED, *SELF_SEEDED)
QUICK = ("exercise1",)
"""What takes no seconds; ``cnn-lab check`` has a dear reference in every run of the tests."""
SHARE = 3
"""One of so many of them is among the slow tests of a commit, beside every reference."""
MANY_SEEDS = 20
OPTIMIZER = "    optimizer = torch.optim.Adam("


def _source(name: str) -> str:
    if name in ALTERNATIVES:
        return ALTERNATIVES[name].read_text()
    if name in SELF_SEEDED:
        return self_seeded(_exercise(name))
    source = reference(_exercise(name))
    if name in SEEDED:
        assert source.count(OPTIMIZER) == 1
        return source.replace(OPTIMIZER, f"    torch.manual_seed(2024)\n{OPTIMIZER}")
    return source


def _exercise(name: str) -> str:
    return name.partition("_")[0]


@pytest.mark.parametrize("name", [each for each in EVERY if each.startswith(QUICK)])
def test_passes_a_right_solution(grade: Grade, name: str) -> None:
    verdict = grade(_exercise(name), _source(name))
    assert verdict.passed, verdict.not_passed


@pytest.mark.parametrize("seed", range(1, 4))
def test_passes_the_reference_on_other_seeds(grade: Grade, seed: int) -> None:
    verdict = grade("exercise1", reference("exercise1"), seed=seed)
    assert verdict.passed, verdict.not_passed


@pytest.mark.slow
def test_passes_orders_that_end_near_one_that_is_kept(grade: Grade) -> None:
    """With this seed, the orders of the reference's own numbers end near the same order always."""
    verdict = grade("exercise4", _source("exercise4_seeded"), seed=5)
    assert verdict.passed, verdict.not_passed


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            each, marks=pytest.mark.slow if each in REFERENCES else slow_by_turns(place, SHARE)
        )
        for place, each in enumerate(EVERY)
    ],
)
def test_passes_a_right_solution_on_a_seed_of_this_commit(grade: Grade, name: str) -> None:
    seed = number_of_this_commit()
    verdict = grade(_exercise(name), _source(name), seed=seed)
    assert verdict.passed, (seed, verdict.not_passed)


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", EVERY)
def test_passes_a_right_solution_on_many_seeds(grade: Grade, name: str) -> None:
    for seed in range(MANY_SEEDS):
        verdict = grade(_exercise(name), _source(name), seed=seed)
        assert verdict.passed, (seed, verdict.not_passed)
