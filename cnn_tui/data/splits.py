"""Which images are held out of those that are there: a tail of their stratified order.

Rule 1, that of older runs, takes whatever the tail holds. Rule 2 changes as few places as it
must, so that rare classes are in each part and something is left to learn from. Where every
class has images enough, both give the same.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cnn_tui.data.dataset import Split, held_out

VAL_FRACTION = 0.1
TEST_FRACTION = 0.2

NAMED_CLASSES = 5
"""Of those that a sentence is about."""

Labels = NDArray[np.int64]
Places = NDArray[np.int64]


class NothingToSpareError(Exception):
    """No class has an image more than must stay."""


def divide(labels: Labels, fraction: float, *, again: bool = False) -> tuple[Places, Places]:
    """The rows that stay, and those that are held out: ``fraction`` of them, or a few more.

    Every class of two images or more is in both, and one of a single image stays. With
    ``again`` something will be held out of what stays as well: then every class of three or
    more is held out, and two of it stay. Raises NothingToSpareError where nothing can be held out.
    """
    to_stay = 2 if again else 1
    counts = np.bincount(labels)
    wanted = (counts > to_stay).astype(np.int64)
    least = np.where(wanted, to_stay, np.minimum(counts, 1))
    size = min(max(held_out(len(labels), fraction), wanted.sum()), len(labels) - least.sum())
    if size < 1:
        raise NothingToSpareError
    order = np.arange(len(labels))
    cut = len(labels) - int(size)
    for stays, goes in _exchanges(labels, cut, wanted, least):
        order[[stays, goes]] = order[[goes, stays]]
    return order[:cut], order[cut:]


def split_off(pool: Split, fraction: float) -> tuple[Split, Split]:
    """What stays of ``pool`` and what is held out, by ``divide``.

    They are views, unless rare classes ask for another order, in which all is copied.
    """
    stays, held = divide(pool.labels.numpy(), fraction)
    order = np.concatenate((stays, held))
    if not np.array_equal(order, np.arange(len(order))):
        pool = pool.at(order.tolist())
    return pool.between(None, len(stays)), pool.between(len(stays), None)


def missing(split: Split, classes: tuple[str, ...]) -> tuple[str, ...]:
    """The classes that ``split`` has no image of."""
    there = np.unique(split.labels.numpy())
    return tuple(name for label, name in enumerate(classes) if label not in there)


def classes_text(names: tuple[str, ...]) -> str:
    """How many classes these are, and the first of them: ``2 classes (owl, yak)``."""
    more = ", …" if len(names) > NAMED_CLASSES else ""
    count = "1 class" if len(names) == 1 else f"{len(names):,} classes"
    return f"{count} ({', '.join(names[:NAMED_CLASSES])}{more})"


def _exchanges(
    labels: Labels, cut: int, wanted: Labels, least: Labels
) -> Iterator[tuple[int, int]]:
    """Pairs of places before and from ``cut`` on whose images change places, one by one."""
    labels = labels.copy()
    before = np.bincount(labels[:cut], minlength=len(wanted))
    after = np.bincount(labels[cut:], minlength=len(wanted))

    def exchange(place: int, other: int) -> tuple[int, int]:
        first, second = labels[place], labels[other]
        before[[first, second]] += (-1, 1)
        after[[first, second]] += (1, -1)
        labels[[place, other]] = second, first
        return place, other

    for label in np.flatnonzero(after < wanted):
        place = int(np.flatnonzero(labels[:cut] == label)[-1])
        spare = (after > wanted)[labels[cut:]]
        yield exchange(place, cut + int(np.flatnonzero(spare)[0]))
    while (lacking := np.flatnonzero(before < least)).size:
        other = cut + int(np.flatnonzero(labels[cut:] == lacking[0])[0])
        spare = (before > least)[labels[:cut]]
        yield exchange(int(np.flatnonzero(spare)[-1]), other)
