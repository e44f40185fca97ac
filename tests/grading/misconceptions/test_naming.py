"""The lab goes on to the next known mistake where one could not be looked for."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from cnn_tui.grading.misconceptions import probes
from cnn_tui.grading.misconceptions.probes import SECONDS, named_mistake


@dataclass(frozen=True)
class Says:
    """A probe that answers, or raises."""

    answer: str | Exception
    mistakes: dict[str, Any] = field(default_factory=dict)

    def mistake(self, submission: Any) -> str:
        submission.last_call = "another"
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        (["", "It is turned around.", "It is rounded."], "It is turned around."),
        ([ValueError("no tensor"), "It is rounded."], "It is rounded."),
        ([ValueError("no tensor")], ""),
        ([""], ""),
        ([], ""),
    ],
)
def test_names_the_first_mistake_that_it_finds(
    monkeypatch: pytest.MonkeyPatch, answers: list[Any], named: str
) -> None:
    begun: list[float] = []
    submission: Any = SimpleNamespace(last_call="the check's", clock=SimpleNamespace())
    submission.clock.begin = begun.append
    monkeypatch.setattr(probes, "probes_of", lambda exercise: {"check": list(map(Says, answers))})
    assert named_mistake("exercise1", "check", submission) == named
    assert submission.last_call == "the check's"
    assert set(begun) <= {SECONDS}
