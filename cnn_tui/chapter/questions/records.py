"""A question about what a demo will show, the answer to it, and how both compare."""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cnn_tui.errors import UsageError
from cnn_tui.options import OptionValue

THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")
"""A number as the lab writes large ones: ``1,025``."""
Given = Mapping[str, OptionValue]
"""What a demo will run with."""
DemoFigures = Mapping[str, float]
"""What it is about, by name."""


@dataclass(frozen=True)
class DemoOutcome:
    """What a demo showed: ``said`` follows the words "it was".

    ``right`` are the indexes of the choices that are right; ``number`` is what was asked
    for where there are no choices.
    """

    said: str
    right: frozenset[int] = frozenset()
    number: float = 0.0


@dataclass(frozen=True)
class DemoPrediction:
    """An answer in words, what came out, whether the answer was right, and to which question."""

    answer: str
    outcome: str
    is_right: bool
    question: str = field(default="", compare=False)

    def is_about(self, question: "DemoQuestion | None") -> bool:
        """Whether it answers the same question, about the same numbers."""
        return question is None or self.question in ("", question.text)

    @property
    def sentence(self) -> str:
        """Both beside each other."""
        return f"You predicted {self.answer}: it was {self.outcome}."


@dataclass(frozen=True)
class DemoQuestion:
    """One question with choices, or else for a number in ``unit``.

    A number is right that is no further from the outcome than ``tolerance``, or than
    ``relative`` times the outcome. ``outcome`` reads it from the demo's figures.
    """

    text: str
    outcome: Callable[[DemoFigures], DemoOutcome]
    choices: tuple[str, ...] = ()
    unit: str = ""
    tolerance: float = 0.0
    relative: float = 0.0

    @property
    def accepts(self) -> str:
        """What an answer looks like, as part of a sentence."""
        last = len(self.choices)
        return f"the number of a choice, 1 to {last}" if self.choices else "a number"

    def answered(self, words: str) -> str:
        """The answer that was typed, in words: a choice for its number, beginning or whole.

        Raises UsageError for anything else.
        """
        given = words.strip()
        if self.choices:
            return self.choices[self._chosen(given)]
        return f"{_number(given, self.accepts):.12g}{self.unit}"

    def compared(self, answer: str, figures: DemoFigures) -> DemoPrediction:
        """An answer as ``answered`` returns it, beside what came out."""
        outcome = self.outcome(figures)
        if self.choices:
            is_right = self.choices.index(answer) in outcome.right
            return DemoPrediction(answer, outcome.said, is_right, self.text)
        apart = abs(float(answer.removesuffix(self.unit)) - outcome.number)
        near = max(self.tolerance, self.relative * abs(outcome.number))
        return DemoPrediction(answer, outcome.said, apart <= near, self.text)

    def _chosen(self, given: str) -> int:
        if given.isdecimal() and 1 <= int(given) <= len(self.choices):
            return int(given) - 1
        names = list(map(str.casefold, self.choices))
        meant = given.casefold()
        begun = [index for index, name in enumerate(names) if meant and name.startswith(meant)]
        if meant in names:
            return names.index(meant)
        if len(begun) != 1:
            listed = ", ".join(f"{number} {each}" for number, each in enumerate(self.choices, 1))
            raise UsageError(f"Answer with {self.accepts}, not {given!r}: {listed}.")
        return begun[0]


def number(given: Given, name: str) -> float:
    """A parameter that is a number."""
    value = given[name]
    assert isinstance(value, int | float), name
    return value


def whole(given: Given, name: str) -> int:
    """A parameter that is a whole number."""
    return int(number(given, name))


def among(value: float, *edges: float) -> frozenset[int]:
    """Which of the choices that meet at ``edges``, the lowest first, holds ``value``."""
    return frozenset({bisect_right(edges, value)})


def nearest(value: float, offered: Sequence[float]) -> frozenset[int]:
    """Which of the numbers that are offered is nearest to ``value``."""
    return frozenset({min(range(len(offered)), key=lambda index: abs(offered[index] - value))})


def _number(given: str, accepts: str) -> float:
    try:
        digits = given.removesuffix("%").strip()
        plain = digits.replace(",", "") if THOUSANDS.fullmatch(digits) else digits
        value = float(plain.replace(",", "."))
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise UsageError(f"Answer with {accepts}, such as 12 or 0.5, not {given!r}.")
    return value
