"""The lab names a mistake only where the answers leave no doubt."""

from itertools import combinations

import pytest
import torch

from cnn_tui.grading.misconceptions.probes import (
    FunctionProbe,
    alike,
    all_alike,
    only_match,
)
from tests.grading.claims import CLAIMS, NOTHING, sentences
from tests.grading.misconceptions.function_probes import function_probes

MISTAKES = {"one more": [2, 3], "twice": [2, 4], "the same as twice": [2, 4]}


@pytest.mark.parametrize(
    ("answers", "named"),
    [([2, 3], "one more"), ([1, 2], ""), ([2, 4], ""), ([2, 5], ""), ([2, "3"], "")],
    ids=["one fits", "all are right", "two fit", "none fits", "of another type"],
)
def test_names_the_only_mistake_that_fits(answers: list[object], named: str) -> None:
    assert only_match(answers, [1, 2], MISTAKES) == named


@pytest.mark.parametrize(
    ("got", "wanted", "same"),
    [
        (1.0, 1, True),
        (torch.tensor(1.0), 1.0, True),
        (True, 1, False),
        (1, True, False),
        (10**400, 1.0, False),
        (float("nan"), 1.0, False),
        (1e-20, 2e-20, True),
        (torch.ones(2), torch.ones(2) + 1e-6, True),
        (torch.ones(2), torch.ones(2) + 1e-3, False),
        (torch.ones(2), torch.ones(2, 1), False),
        (torch.ones(2), torch.ones(2).double(), False),
        ([1, (2.0, "a")], (1, [2.0, "a"]), True),
        ([1], [1, 2], False),
        ({0.5: 1.0}, {0.5: 1.0}, True),
        ({0.5: 1.0}, {0.5: 2.0}, False),
        (object(), "max", False),
        (None, None, True),
    ],
)
def test_compares_whatever_a_submission_answers(got: object, wanted: object, same: bool) -> None:
    assert alike(got, wanted) is same


@pytest.mark.parametrize("probe", function_probes(), ids=lambda probe: probe.function)
def test_tells_all_mistakes_of_a_function_apart(probe: FunctionProbe) -> None:
    answers = {name: list(each) for name, each in probe.outcomes().items()}
    answers[""] = [probe.right(*each) for each in probe.inputs(torch.Generator().manual_seed(17))]
    for one, other in combinations(answers, 2):
        assert not all_alike(answers[one], answers[other]), (one, other)


@pytest.mark.parametrize("exercise", CLAIMS)
def test_recognizes_many_mistakes_of_each_exercise(exercise: str) -> None:
    known = sentences(exercise)
    assert len({first for first, *_ in CLAIMS[exercise].values()} - {NOTHING}) >= 8
    for begins in {each for one in CLAIMS[exercise].values() for each in one} - {NOTHING}:
        assert len([each for each in known if each.startswith(begins)]) == 1, begins


@pytest.mark.parametrize("exercise", CLAIMS)
def test_says_each_mistake_in_a_short_sentence(exercise: str) -> None:
    for sentence in sentences(exercise):
        assert sentence.endswith(".")
        assert len(sentence) <= 130
