"""The lab blames no function for what another one does wrong."""

import pytest

from tests.grading.blame import JUDGED, functions, unfairly_failed
from tests.grading.conftest import Grade, reference

QUICK = ("exercise1",)
"""Whose checks take no seconds."""
LONG = ("exercise4", "exercise5")
"""Whose checks train for long: the functions of SAMPLE stand for the others."""
WITHOUT_RESULT = ("exercise4.train",)
"""Functions that return nothing, so nothing wrong either."""
PATIENT = {"check_seconds": 300, "total_seconds": 900}
"""Seconds of a busy machine: how long checks take is for other tests."""
SAMPLE = ("exercise4.make_net",)
WRONG_RESULT = "returns something wrong"
BREAKS = {
    "returns None": "    return None\n",
    "raises": "    raise ValueError('broken')\n",
    WRONG_RESULT: "    return _wrong(_right(*args, **kwargs))\n",
}
LIKE_RAISING = "returns None"
"""What the other functions get is as little use to them as an exception."""
WRONG = """

class _Doubled(torch.nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return 2 * self.net(x)


def _wrong(value):
    match value:
        case torch.nn.Module():
            return _Doubled(value)
        case torch.Tensor() | float() | int():
            return value + 1
        case str():
            return f"not {value}"
        case dict():
            return {key: _wrong(each) for key, each in value.items()}
        case tuple() | list():
            return type(value)(map(_wrong, value))


"""
"""What the reference gets, and before its functions are broken: ``_wrong`` of any result."""


def _broken(name: str, kind: str) -> object:
    exercise, _, _ = name.partition(".")
    is_rare = kind == LIKE_RAISING or (exercise in LONG and name not in SAMPLE)
    mark = pytest.mark.exhaustive if is_rare else pytest.mark.slow
    return pytest.param(name, kind, marks=[] if exercise in QUICK else [mark])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        _broken(f"{exercise}.{name}", kind)
        for exercise in JUDGED
        for name in functions(exercise)
        for kind in BREAKS
        if kind != WRONG_RESULT or f"{exercise}.{name}" not in WITHOUT_RESULT
    ],
)
def test_blames_no_function_for_another(grade: Grade, name: str, kind: str) -> None:
    exercise, _, function = name.partition(".")
    broken = f"_right = {function}\n\n\ndef {function}(*args, **kwargs):\n{BREAKS[kind]}"
    verdict = grade(exercise, f"{reference(exercise)}{WRONG}{broken}", **PATIENT)
    blamed = unfairly_failed(exercise, (function,), verdict)
    assert not blamed
    own = {check for check, judged in JUDGED[exercise].items() if function in judged}
    assert own & verdict.not_passed.keys(), "all its checks pass"
    assert not any(each.status == "error" for each in verdict.results.values())


@pytest.mark.parametrize("exercise", JUDGED)
def test_knows_what_each_check_judges(exercise: str) -> None:
    judged = {name for names in JUDGED[exercise].values() for name in names}
    assert judged == set(functions(exercise))
