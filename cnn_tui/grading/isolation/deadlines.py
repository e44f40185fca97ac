"""The deadlines of a submission, which a busy machine does not shorten.

What counts is a submission's *own time*: by the clock, while it is asked for
something, less what it waited for processors that others used. So time asleep or
blocked is its own, several threads at once count once, as on a clock, and
threads that are in each other's way gain nothing. What the judge itself computes
in between is not the submission's.

A deadline ends in one of two ways. *Used up*: the own time has reached it. *Busy*:
a clock of CLOCK_FACTOR times as long has run out first, which takes a machine that
gives the submission less than a third of its time; nothing is known then of how
long the submission would have taken.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from cnn_tui.grading.isolation.usage import ProcessorUsage, UsageReader, waited_for_others

CLOCK_FACTOR = 6
"""The clock beside a deadline: 8 other busy processes on 2 processors slow one down by 4.5."""
UNTOLD_FACTOR = 3
"""The same where the system does not tell whether code waits for a processor or for something
else: no code is asleep for longer."""
START_SECONDS = 120.0
"""How long the processes of a check may take to import torch, from a cold disk, beside what they
wait for processors."""
START_CLOCK = CLOCK_FACTOR * START_SECONDS
BUSY_SHARE = 1 / 3
"""Whoever waited for a larger part of its time ran on a busy machine."""
BUSY_FACTOR = 2
"""On a busy machine even the own time is longer: processors share caches, and cores. So much
more of it is allowed, and no more, so that code without end fails there, too."""
LOOK_SECONDS = 0.02
"""A deadline that is nearer than this is looked at no earlier."""

State = Literal["in time", "used up", "busy"]


@dataclass(frozen=True)
class Spent:
    """What a submission has spent: seconds by the clock, and of those, waiting for others.

    ``untold`` seconds may have been either, on a system that does not tell.
    """

    clock: float = 0.0
    waited: float = 0.0
    untold: float = 0.0

    @property
    def own(self) -> float:
        """The time that counts."""
        return self.clock - self.waited - self.untold

    @property
    def was_busy(self) -> bool:
        """Whether the machine had too much else to do."""
        return self.waited > BUSY_SHARE * self.clock

    def allowed(self, seconds: float) -> float:
        """How much own time a deadline of ``seconds`` allows."""
        return seconds * BUSY_FACTOR if self.was_busy else seconds

    def clock_of(self, seconds: float) -> float:
        """When a deadline of ``seconds`` is over in any case."""
        return seconds * (UNTOLD_FACTOR if self.untold else CLOCK_FACTOR)

    def state(self, seconds: float) -> State:
        """How it stands with a deadline of ``seconds``."""
        if self.own >= self.allowed(seconds):
            return "used up"
        if self.clock >= self.clock_of(seconds):
            return "used up" if self.untold else "busy"
        return "in time"

    def left(self, seconds: float) -> float:
        """For how long a deadline of ``seconds`` holds in any case; 0 where it is over."""
        if self.state(seconds) != "in time":
            return 0.0
        return min(self.allowed(seconds) - self.own, self.clock_of(seconds) - self.clock)

    def surely_left(self, seconds: float) -> float:
        """The least that can be left, however little it has waited since this was measured."""
        return min(seconds - self.own, self.clock_of(seconds) - self.clock)

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.clock + other.clock, self.waited + other.waited, self.untold + other.untold
        )


class SubmissionClock:
    """Measures what one submission spends, in all and in one check at a time.

    ``total`` is the deadline of all checks together, in seconds. It runs only
    between ``start`` and ``stop``.
    """

    def __init__(self, total: float, now: Callable[[], float] = time.monotonic) -> None:
        self.total = total
        self.seconds = total
        self._now = now
        self._meter: UsageReader | None = None
        self._base: ProcessorUsage | None = None
        self._before = self._spent = Spent()
        self._clock = 0.0
        self._started: float | None = None
        self._next_look = 0.0

    def measure(self, meter: UsageReader | None) -> None:
        """Read this meter from now on: it is a process that has spent nothing yet."""
        self._settle()
        self._meter = meter
        self._base = meter.read() if meter is not None else None

    def begin(self, seconds: float) -> None:
        """Give the next check ``seconds``, or what is left for all together."""
        self._base = self._settle() or self._base
        self.seconds = min(seconds, self.remaining)

    @property
    def remaining(self) -> float:
        """Own time that is left for all checks together."""
        spent = self.total_spent
        return max(0.0, spent.allowed(self.total) - spent.own)

    @property
    def spent(self) -> Spent:
        """What the check has spent, when last looked at."""
        return self._spent

    @property
    def total_spent(self) -> Spent:
        """What all checks together have spent, when last looked at."""
        return self._before + self._spent

    @property
    def is_busy(self) -> bool:
        """Whether a deadline is over because of what else the machine does."""
        states = self._states()
        return "busy" in states and "used up" not in states

    @property
    def is_total_busy(self) -> bool:
        """Whether that is the deadline of all checks together alone."""
        return self.is_busy and self._spent.state(self.seconds) != "busy"

    def start(self) -> None:
        """The submission is asked for something."""
        self._started = self._now()
        known = replace(self._spent, clock=self._clock)
        self._next_look = self._started + min(
            known.surely_left(self.seconds), (self._before + known).surely_left(self.total)
        )

    def stop(self) -> None:
        """It has answered."""
        if self._started is not None:
            self._clock += self._now() - self._started
            self._started = None

    def left(self) -> float:
        """For how many seconds it need not be looked at again; 0 where its time is over."""
        now = self._now()
        if now < self._next_look:
            return self._next_look - now
        self._look()
        if any(state != "in time" for state in self._states()):
            return 0.0
        wait = min(
            self._spent.left(self.seconds),
            self.total_spent.left(self.total),
        )
        self._next_look = now + max(wait, LOOK_SECONDS)
        return self._next_look - now

    def _states(self) -> tuple[State, State]:
        return self._spent.state(self.seconds), self.total_spent.state(self.total)

    def _settle(self) -> ProcessorUsage | None:
        """Close the account of one check, or one process; returns the usage until now."""
        usage = self._look()
        self._before += self._spent
        self._spent = Spent()
        self._clock = 0.0
        return usage

    def _look(self) -> ProcessorUsage | None:
        clock = self._clock
        if self._started is not None:
            clock += self._now() - self._started
        usage = self._meter.read() if self._meter is not None else None
        if usage is None or self._base is None:
            # Of a process that has ended nothing can be read, but what was read before holds.
            self._spent = Spent(clock, self._spent.waited, self._spent.untold)
        elif usage.tasks is None:
            computed = usage.cpu - self._base.cpu
            self._spent = Spent(clock, untold=max(0.0, clock - computed))
        else:
            waited = waited_for_others(self._base, usage)
            self._spent = Spent(clock, waited=min(max(waited, 0.0), clock))
        return usage
