"""The lab passes every right solution, however it is written."""

from pathlib import Path

import pytest

from tests.grading.conftest import Grade, reference

FOLDER = Path(__file__).parent / "alternatives"
ALTERNATIVES = {path.stem: path for path in sorted(FOLDER.glob("exercise*.py"))}
REFERENCES = ("exercise1", "exercise2", "exercise3", "exercise4", "exercise5")
QUICK = ("exercise1", "exercise2_lazy")
"""What takes no seconds; ``cnn-lab check`` has a dear reference in every run of the tests."""
MANY_SEEDS = 20


def _takes_long(name: str) -> bool:
    return not name.startswith(QUICK)


def _source(name: str) -> str:
    return ALTERNATIVES[name].read_text() if name in ALTERNATIVES else reference(name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if _takes_long(name) else [])
        for name in (*REFERENCES, *ALTERNATIVES)
    ],
)
def test_passes_a_right_solution(grade: Grade, name: str) -> None:
    verdict = grade(name.partition("_")[0], _source(name))
    assert verdict.passed, verdict.not_passed


@pytest.mark.parametrize("seed", range(1, 4))
def test_passes_the_reference_on_other_seeds(grade: Grade, seed: int) -> None:
    verdict = grade("exercise1", reference("exercise1"), seed=seed)
    assert verdict.passed, verdict.not_passed


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", [*REFERENCES, *ALTERNATIVES])
def test_passes_a_right_solution_on_many_seeds(grade: Grade, name: str) -> None:
    for seed in range(MANY_SEEDS):
        verdict = grade(name.partition("_")[0], _source(name), seed=seed)
        assert verdict.passed, (seed, verdict.not_passed)
