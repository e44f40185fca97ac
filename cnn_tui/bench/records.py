"""What a benchmark answers, one number beside its reference from the same run, and how it talks."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class BenchResult:
    """One measurement.

    ``value`` and ``reference`` are medians in ``unit``; ``ratio`` is value over
    reference; ``budget`` says what the ratio should keep to, such as ``<= 1.5``,
    and ``within`` whether it does (None where there is no budget); ``note`` is a
    sentence that one should know before judging the number.
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    budget: str = ""
    within: bool | None = None
    note: str = ""


@dataclass(frozen=True)
class Talk:
    """How a benchmark that takes minutes tells of itself.

    ``doing`` takes what is being measured now, such as "LeNet-5's memory";
    ``remark`` a sentence to keep, such as why something was left out.
    """

    doing: Callable[[str], None]
    remark: Callable[[str], None]


def compared(
    name: str,
    value: float,
    unit: str,
    reference: float,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    note: str = "",
) -> BenchResult:
    """A result whose ratio to ``reference`` is held against one limit, or none."""
    ratio = value / reference
    budget, within = "", None
    if at_most is not None:
        budget, within = f"<= {at_most:g}", ratio <= at_most
    elif at_least is not None:
        budget, within = f">= {at_least:g}", ratio >= at_least
    return BenchResult(name, value, unit, reference, ratio, budget, within, note)
