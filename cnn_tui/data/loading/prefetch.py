"""Making the next item while the present one is used, where a core would be idle otherwise."""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

LOOK_SECONDS = 0.1
"""How often a thread that waits to hand something over looks whether anybody still wants it."""


@dataclass(frozen=True)
class _End:
    """There are no more items: all were made, or making one raised ``error``."""

    error: BaseException | None = None


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items in the same order, each made on a thread before it is asked for.

    torch lets threads compute side by side. One item waits while one more is made.
    What ``items`` raises is raised here; nothing goes on once this is closed.
    """
    maker = _Maker(items)
    maker.thread.start()
    try:
        while not isinstance(item := maker.made.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        maker.is_closed.set()
        maker.thread.join()


class _Maker(Generic[T]):
    """The thread, and where it puts what it made."""

    def __init__(self, items: Iterator[T]) -> None:
        self.made: queue.Queue[T | _End] = queue.Queue(maxsize=1)
        self.is_closed = threading.Event()
        self.thread = threading.Thread(target=self._make, name="batches-ahead", daemon=True)
        self._items = items

    def _make(self) -> None:
        try:
            for item in self._items:
                if not self._hand_over(item):
                    return
            self._hand_over(_End())
        except BaseException as error:
            self._hand_over(_End(error))

    def _hand_over(self, item: T | _End) -> bool:
        """Whether the item was taken, or this was closed meanwhile."""
        while not self.is_closed.is_set():
            try:
                self.made.put(item, timeout=LOOK_SECONDS)
                return True
            except queue.Full:
                continue
        return False
