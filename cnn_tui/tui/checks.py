"""The checks that the Exercises pane asks for: one at a time, in processes that stay warm.

Everything that may block does so on a thread. A check that nobody waits for any
more has a moment to end by itself, for to stop it costs the processes and their warmth.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path

from cnn_tui.engine.threads import in_background
from cnn_tui.errors import RunError
from cnn_tui.grading.checker import Checker
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.records import CheckReport, CheckResult

CLOSING_SECONDS = 5.0
AMPLE_MEMORY = 8 * 2**30
"""Bytes from which the processes, some 500 MB, may start before there is anything to check."""


class CheckRequest:
    """One check that was asked for: ``dropped`` when another took its place."""

    def __init__(self) -> None:
        self.dropped = threading.Event()
        self.stop = threading.Event()


class Checks:
    """The warm processes, started when they are first needed, and whose turn it is."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._checker: Checker | None = None
        self._order: CheckRequest | None = None
        self._is_closed = False

    async def warm_up(self) -> None:
        """Start the processes; does not wait until they are ready."""
        await in_background(self._warm_up)

    async def check(
        self, exercise: Exercise, path: Path, told: Callable[[CheckResult], None]
    ) -> CheckReport:
        """The report on ``path``, after the checks that came before; raises what a check raises.

        ``told`` hears of each result at once, on another thread. Canceling gives
        the turn to the next.
        """
        order = CheckRequest()
        try:
            return await in_background(self._check, exercise, path, told, order)
        except asyncio.CancelledError:
            order.dropped.set()
            raise

    def close(self) -> None:
        """End the processes, and the check that they are at."""
        self._is_closed = True
        if self._order is not None:
            self._order.stop.set()
        # Without its turn, what is left ends with this process.
        if self._turn.acquire(timeout=CLOSING_SECONDS) and self._checker is not None:
            self._checker.close()

    def _warm_up(self) -> None:
        with self._turn:
            if not self._is_closed:
                self._warm_checker().warm_up()

    def _check(
        self,
        exercise: Exercise,
        path: Path,
        told: Callable[[CheckResult], None],
        order: CheckRequest,
    ) -> CheckReport:
        with self._turn:
            if order.dropped.is_set() or self._is_closed:
                raise RunError("The check was stopped.")
            self._order = order
            return self._warm_checker().check(
                exercise, path, stop=order.stop, is_dropped=order.dropped.is_set, told=told
            )

    def _warm_checker(self) -> Checker:
        if self._checker is None:
            self._checker = Checker()
        return self._checker


def is_memory_ample() -> bool:
    """Whether this machine has so much memory that 500 MB of it go unnoticed."""
    known = {"SC_PHYS_PAGES", "SC_PAGE_SIZE"} <= os.sysconf_names.keys()
    return known and os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >= AMPLE_MEMORY
