"""Working ahead changes when things are made, and nothing else."""

import threading
from collections.abc import Iterator

import pytest

from cnn_tui.data.loading.prefetch import ahead


def threads() -> int:
    return sum(thread.name == "batches-ahead" for thread in threading.enumerate())


def test_gives_the_same_items_in_the_same_order() -> None:
    assert list(ahead(iter(range(100)))) == list(range(100))
    assert threads() == 0


def test_makes_an_item_while_the_one_before_is_used() -> None:
    second_was_made = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        second_was_made.set()
        yield 2

    given = ahead(items())
    assert next(given) == 1
    assert second_was_made.wait(10)
    assert list(given) == [2]


def test_raises_what_making_an_item_raised() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("the disk is gone")

    given = ahead(items())
    assert next(given) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        next(given)
    assert threads() == 0


def test_nothing_goes_on_once_it_is_closed() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    given = ahead(items())
    next(given)
    given.close()
    assert threads() == 0
    assert len(made) < 5
