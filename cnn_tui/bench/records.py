"""What a benchmark answers: one number, beside its reference from the same run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BenchResult:
    """One measurement.

    ``value`` and ``reference`` are medians in ``unit``; ``ratio`` is value over
    reference; ``budget`` says what the ratio should keep to, such as ``<= 1.5``,
    and ``within`` whether it does (None where there is no budget).
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    budget: str = ""
    within: bool | None = None


def compared(
    name: str,
    value: float,
    unit: str,
    reference: float,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
) -> BenchResult:
    """A result whose ratio to ``reference`` is held against one limit."""
    ratio = value / reference
    if at_most is not None:
        return BenchResult(name, value, unit, reference, ratio, f"<= {at_most:g}", ratio <= at_most)
    if at_least is not None:
        within = ratio >= at_least
        return BenchResult(name, value, unit, reference, ratio, f">= {at_least:g}", within)
    return BenchResult(name, value, unit, reference, ratio)
