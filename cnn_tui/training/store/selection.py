"""Which runs of the list are meant, in which order and in which groups; torch-free.

A condition is ``NAME OPERATOR VALUE``, such as ``lr=0.001``, ``val_accuracy>0.9`` or
``net~resnet``. NAME is any option of a run or any of its FIGURES.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnn_tui import names
from cnn_tui.errors import UsageError
from cnn_tui.options import text
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.differences import telling

FieldValue = bool | int | float | str | None

FIGURES: Mapping[str, Callable[[RunStatus], FieldValue]] = {
    "run": lambda status: status.run,
    "name": lambda status: status.name,
    "net": lambda status: status.net,
    "data": lambda status: status.data,
    "state": lambda status: status.state,
    "val_accuracy": lambda status: status.best_val_accuracy,
    "test_accuracy": lambda status: status.test_accuracy,
    "test_loss": lambda status: status.test_loss,
    "balanced_accuracy": lambda status: status.balanced_accuracy,
    "images_per_second": lambda status: status.images_per_second,
    "epoch": lambda status: status.epoch,
    "seconds": lambda status: status.seconds,
    "created": lambda status: status.created,
    "notes": lambda status: " ".join(status.notes),
    "text": lambda status: " ".join(
        (status.run, status.name, status.net, status.data, status.state, *status.notes)
    ),
}
"""What a run is called, how it stands, and what it has come to; ``text`` is all of its words."""
HIGHEST_FIRST = (
    *("val_accuracy", "test_accuracy", "balanced_accuracy"),
    *("images_per_second", "epoch", "created"),
)
CONDITION = re.compile(r"\s*([A-Za-z_-]+)\s*(!=|<=|>=|=|<|>|~)\s*(.*?)\s*", re.DOTALL)
AROUND_OPERATOR = re.compile(r"\s*(!=|<=|>=|=|<|>|~)\s*")
UNSET = ("", "none", "default")


@dataclass(frozen=True)
class Condition:
    """What a run must meet to be listed."""

    name: str
    operator: str
    value: str

    @property
    def written(self) -> str:
        """As a user writes it; a word that may be anywhere, by itself."""
        name = "" if self.name == "text" else f"{self.name}{self.operator}"
        return f"{name}{self.value}"

    def holds(self, status: RunStatus) -> bool:
        """Whether a run meets it; a value that a run does not have meets only ``!=`` and ``=``."""
        value = value_of(status, self.name)
        if self.operator == "~":
            return self.value.casefold() in text(value).casefold()
        if self.operator in ("=", "!="):
            return _is(value, self.value) == (self.operator == "=")
        if value is None or isinstance(value, str):
            return False
        return bool(COMPARED[self.operator](value, float(self.value)))


COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


@dataclass(frozen=True)
class Selection:
    """Which runs, in which order (of ``sort``, else as they are), and grouped by what."""

    where: Sequence[Condition] = ()
    sort: str = ""
    group: str = ""
    is_reversed: bool = False

    def of(self, statuses: Sequence[RunStatus]) -> list[RunStatus]:
        """The runs that meet all conditions, group by group, each in order.

        Those that lack the value to sort by come last.
        """
        found = [each for each in statuses if all(one.holds(each) for one in self.where)]
        if self.sort:
            known = [each for each in found if value_of(each, self.sort) is not None]
            is_down = (self.sort in HIGHEST_FIRST) != self.is_reversed
            known.sort(key=lambda each: _rank(value_of(each, self.sort)), reverse=is_down)
            found = known + [each for each in found if value_of(each, self.sort) is None]
        elif self.is_reversed:
            found.reverse()
        return [each for _, group in self.groups(found) for each in group]

    def groups(self, statuses: Sequence[RunStatus]) -> list[tuple[FieldValue, list[RunStatus]]]:
        """Runs with the same value together, in the order in which the values first occur."""
        if not self.group:
            return [(None, list(statuses))]
        found: dict[FieldValue, list[RunStatus]] = {}
        for each in statuses:
            found.setdefault(value_of(each, self.group), []).append(each)
        return list(found.items())


def selection(
    where: Sequence[str] = (), sort: str = "", group: str = "", *, is_reversed: bool = False
) -> Selection:
    """What a user has asked for; raises UsageError for a name or a condition that is none."""
    conditions = tuple(map(condition, where))
    by, of = (each and _known(each) for each in (sort, group))
    return Selection(conditions, by, of, is_reversed)


def condition(words: str) -> Condition:
    """``lr=0.001`` as a condition; raises UsageError where it is none."""
    match = CONDITION.fullmatch(words)
    if match is None:
        raise UsageError(
            f"{names.shortened(words)!r} is no condition: write NAME=VALUE, or one of != < > <= >= "
            "and ~ (contains) in place of =, such as lr=0.001, val_accuracy>0.9 or net~resnet."
        )
    found = Condition(_known(match[1]), match[2], match[3])
    if found.operator in COMPARED:
        try:
            float(found.value)
        except ValueError:
            raise UsageError(
                f"{found.operator} compares with a number, and {found.value!r} is none."
            ) from None
    return found


def conditions_of(line: str) -> tuple[Condition, ...]:
    """``resnet lr=0.01 val_accuracy > 0.9``: conditions, and words that a run's text has.

    Raises UsageError for a name that no field has.
    """
    words = AROUND_OPERATOR.sub(r"\1", line).split()
    return tuple(
        condition(each) if CONDITION.fullmatch(each) else Condition("text", "~", each)
        for each in words
    )


def value_of(status: RunStatus, name: str) -> FieldValue:
    """What a run has of that name; None where it has nothing."""
    figure = FIGURES.get(name)
    value: Any = status.settings.get(name) if figure is None else figure(status)
    return value if isinstance(value, FieldValue | None) else str(value)


def _known(name: str) -> str:
    return names.match(
        name, (*FIGURES, *telling()), "field of runs", "the help of the list of runs"
    )


def _is(value: FieldValue, wanted: str) -> bool:
    """Whether a value is what a user has written for it."""
    if value is None:
        return wanted.casefold() in UNSET
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(wanted) == value
        except ValueError:
            return False
    return text(value).casefold() == wanted.casefold()


def _rank(value: FieldValue) -> tuple[bool, Any]:
    """Numbers before words: no two values are refused beside each other."""
    return (True, value.casefold()) if isinstance(value, str) else (False, value)
