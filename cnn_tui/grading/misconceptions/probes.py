"""Asking a submission which of the known mistakes it makes, if any.

A mistake is a sentence and a function that makes it. It is named only where every
answer of the submission is that of the wrong function, some are not the right ones,
and no other mistake fits as well.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Generator, Tensor

from cnn_tui.grading.checks.testing import LARGEST_INT
from cnn_tui.grading.isolation.client import LoadedSubmission

SEED = 17
"""Of all inputs: what is asked is the same for everybody."""
SECONDS = 5
"""Own time of a submission for its answers. Without them nothing is named."""
NEAR = 1e-4
"""Share of the largest value to which two tensors or numbers are the same."""

Function = Callable[..., Any]
Inputs = Sequence[tuple[Any, ...]]
Mistakes = Mapping[str, Function]
"""The sentence for the learner → the function that makes the mistake."""


class Probe(Protocol):
    """What is asked of a submission, and the ``mistakes`` that it may show."""

    @property
    def mistakes(self) -> Mapping[str, Any]:
        """The sentence on each mistake → what recognizes it."""

    def mistake(self, submission: LoadedSubmission) -> str:
        """The sentence on the mistake that its answers show, or ""."""


@dataclass(frozen=True)
class FunctionProbe:
    """Calls a function of the submission on each of ``inputs``."""

    function: str
    inputs: Callable[[Generator], Inputs]
    right: Function
    mistakes: Mistakes

    def mistake(self, submission: LoadedSubmission) -> str:
        """The sentence on the mistake that its answers show, or ""."""
        inputs = self.inputs(new_generator())
        answers = [submission.call(self.function, *each) for each in inputs]
        return only_match(answers, _calls(self.right, inputs), self.outcomes())

    def outcomes(self) -> dict[str, Iterator[Any]]:
        """What each mistake answers to the inputs."""
        inputs = self.inputs(new_generator())
        return {sentence: _calls(wrong, inputs) for sentence, wrong in self.mistakes.items()}


@dataclass(frozen=True)
class AskingProbe:
    """Like FunctionProbe, where what is asked involves objects of the submission.

    ``ask`` returns the answers, and the inputs for the functions of the judge's own.
    """

    ask: Callable[[LoadedSubmission], tuple[Sequence[Any], Inputs]]
    right: Function
    mistakes: Mistakes

    def mistake(self, submission: LoadedSubmission) -> str:
        """The sentence on the mistake that the answers show, or ""."""
        answers, inputs = self.ask(submission)
        outcomes = {name: _calls(wrong, inputs) for name, wrong in self.mistakes.items()}
        return only_match(answers, _calls(self.right, inputs), outcomes)


Evidence = TypeVar("Evidence")


@dataclass(frozen=True)
class EvidenceProbe(Generic[Evidence]):
    """Gathers evidence where answers are random, and looks which mistake's signs it has.

    A right submission has none of them.
    """

    gather: Callable[[LoadedSubmission], Evidence]
    mistakes: Mapping[str, Callable[[Evidence], bool]]

    def mistake(self, submission: LoadedSubmission) -> str:
        """The sentence on the mistake that the evidence shows, or ""."""
        evidence = self.gather(submission)
        shown = [sentence for sentence, shows in self.mistakes.items() if shows(evidence)]
        return shown[0] if len(shown) == 1 else ""


def named_mistake(exercise: str, check: str, submission: LoadedSubmission) -> str:
    """The sentence on the known mistake that made a check of the lab's own fail, or ""."""
    last_call = submission.last_call
    probes = probes_of(exercise).get(check, ())
    named = next(filter(None, (_named(probe, submission) for probe in probes)), "")
    submission.last_call = last_call
    return named


def _named(probe: Probe, submission: LoadedSubmission) -> str:
    submission.clock.begin(SECONDS)
    try:
        return probe.mistake(submission)
    except Exception:
        # A submission may answer anything, or nothing: no verdict may suffer from that.
        return ""


def probes_of(exercise: str) -> Mapping[str, Sequence[Probe]]:
    """Check → what is asked after it failed; nothing, where an exercise has no known mistakes."""
    name = f"{__package__}.{exercise}"
    probes: Mapping[str, Sequence[Probe]] = import_module(name).PROBES if find_spec(name) else {}
    return probes


def only_match(
    answers: Sequence[Any], right: Iterable[Any], outcomes: Mapping[str, Iterable[Any]]
) -> str:
    """The sentence whose outcome is the ``answers``, if there is one only, and they are wrong."""
    if all_alike(answers, right):
        return ""
    fitting = [each for each, outcome in outcomes.items() if all_alike(answers, outcome)]
    return fitting[0] if len(fitting) == 1 else ""


def all_alike(answers: Iterable[Any], wanted: Iterable[Any]) -> bool:
    """Whether these are the same values, one by one, to rounding."""
    return all(alike(*each) for each in zip(answers, wanted, strict=True))


def alike(got: Any, wanted: Any) -> bool:
    """Whether ``got``, which may be anything, is ``wanted`` to rounding."""
    match wanted:
        case Tensor():
            return type(got) is Tensor and _same_tensor(got, wanted)
        case bool() | str() | None:
            return type(got) is type(wanted) and bool(got == wanted)
        case int() | float():
            return _same_number(got, wanted)
        case list() | tuple():
            same = isinstance(got, list | tuple) and len(got) == len(wanted)
            return same and all_alike(got, wanted)
        case dict():
            same = isinstance(got, dict) and got.keys() == wanted.keys()
            return same and all(alike(got[key], each) for key, each in wanted.items())
    raise TypeError(f"no answer of a known kind: {type(wanted).__name__}")


def new_generator() -> Generator:
    """The random numbers that inputs are made of."""
    return torch.Generator().manual_seed(SEED)


def _calls(function: Function, inputs: Inputs) -> Iterator[Any]:
    return (function(*each) for each in inputs)


def _same_tensor(got: Tensor, wanted: Tensor) -> bool:
    if got.shape != wanted.shape or got.dtype != wanted.dtype:
        return False
    largest = float(wanted.abs().max()) if wanted.numel() else 0.0
    return torch.allclose(got, wanted, rtol=NEAR, atol=NEAR * largest, equal_nan=True)


def _same_number(got: Any, wanted: float) -> bool:
    if type(got) is Tensor and got.numel() == 1 and not got.is_complex():
        got = got.item()
    is_number = type(got) is float or (type(got) is int and abs(got) <= LARGEST_INT)
    return is_number and math.isclose(got, wanted, rel_tol=NEAR, abs_tol=1e-12)
