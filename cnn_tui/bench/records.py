"""What a benchmark answers, one number beside its reference from the same run, and how it talks."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnn_tui.bench.estimate import Budget, Verdict, estimate, verdict

Pair = tuple[float, float]
"""The lab's value and the reference's, of one round."""


@dataclass(frozen=True)
class BenchResult:
    """One measurement.

    ``value`` and ``reference`` are medians in ``unit``; ``ratio`` is the median of
    the rounds' own ratios, value over reference. ``budget`` says what the ratio
    should keep to, such as ``<= 1.5``, or the value, such as ``<= 20 MB``.
    ``low`` and ``high`` enclose that number, the ratio where there is neither
    budget nor unit in it. ``within`` is None, beside the verdict ``undecided``,
    where the interval contains the budget; both are None without a budget.
    ``note`` is a sentence that one should know before trusting the number.
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    budget: str = ""
    within: bool | None = None
    verdict: Verdict | None = None
    low: float | None = None
    high: float | None = None
    rounds: int = 1
    note: str = ""

    @property
    def is_decided(self) -> bool:
        """Whether more rounds would change nothing: there is a verdict, or no budget."""
        return self.verdict != "undecided"


@dataclass(frozen=True)
class Talk:
    """How a benchmark that takes minutes tells of itself.

    ``doing`` takes what is being measured now, such as "LeNet-5's memory";
    ``remark`` a sentence to keep, such as why something was left out.
    """

    doing: Callable[[str], None]
    remark: Callable[[str], None]


def measured(
    name: str, unit: str, values: Sequence[float], budget: Budget | None = None, note: str = ""
) -> BenchResult:
    """A result without a reference, of one value per round."""
    return _judged(name, unit, values, None, values, budget, note)


def compared(
    name: str, unit: str, pairs: Sequence[Pair], budget: Budget | None = None, note: str = ""
) -> BenchResult:
    """A result beside its reference; where that is 0, there is no ratio and no verdict on it."""
    values, references = zip(*pairs, strict=True)
    ratios = [value / reference for value, reference in pairs if reference]
    if len(ratios) < len(pairs):
        ratios = []
    return _judged(name, unit, values, references, ratios, budget, note)


def _judged(
    name: str,
    unit: str,
    values: Sequence[float],
    references: Sequence[float] | None,
    ratios: Sequence[float],
    budget: Budget | None,
    note: str,
) -> BenchResult:
    of_value = references is None or (budget is not None and budget.unit is not None)
    numbers = values if of_value else ratios
    found = estimate(numbers, budget.drift if budget else 0.0) if numbers else None
    answer: Verdict | None = None
    if budget is not None:
        answer = verdict(found, budget) if found else "undecided"
    return BenchResult(
        name,
        statistics.median(values),
        unit,
        reference=None if references is None else statistics.median(references),
        ratio=statistics.median(ratios) if references is not None and ratios else None,
        budget=str(budget or ""),
        within={"within": True, "missed": False}.get(answer or ""),
        verdict=answer,
        low=found.low if found else None,
        high=found.high if found else None,
        rounds=len(values),
        note=note,
    )
