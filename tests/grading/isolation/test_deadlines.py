"""A deadline counts a submission's own time, and not what a busy machine takes from it."""

from dataclasses import dataclass, field

import pytest

from cnn_tui.grading.isolation import deadlines
from cnn_tui.grading.isolation.deadlines import Spent, SubmissionClock
from cnn_tui.grading.isolation.usage import ProcessorUsage, TaskUsage

TASK = (1, 1)
TOTAL = 30.0
CLOCK_FACTOR = deadlines.CLOCK_FACTOR
"""As it is: other tests of this room are more patient."""


@dataclass
class Machine:
    """A made-up machine with one submission of one thread, and its clock."""

    time: float = 100.0
    cpu: float = 0.0
    waited: float = 0.0
    tells_waits: bool = True
    has_ended: bool = False
    looks: int = 0
    clock: SubmissionClock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = SubmissionClock(TOTAL, now=lambda: self.time)
        self.clock.measure(self)
        self.clock.begin(10)

    def read(self) -> ProcessorUsage | None:
        self.looks += 1
        if self.has_ended:
            return None
        tasks = {TASK: TaskUsage(self.cpu, self.waited)} if self.tells_waits else None
        return ProcessorUsage(self.cpu, tasks)

    def goes_on(self, seconds: float, *, computing: float = 0.0, waiting: float = 0.0) -> None:
        self.time += seconds
        self.cpu += seconds * computing
        self.waited += seconds * waiting

    def until_over(self, *, computing: float = 0.0, waiting: float = 0.0) -> float:
        """By the clock, how long a request goes on until it is ended."""
        begun = self.time
        self.clock.start()
        while left := self.clock.left():
            self.goes_on(left, computing=computing, waiting=waiting)
        self.clock.stop()
        return self.time - begun


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(deadlines, "CLOCK_FACTOR", CLOCK_FACTOR)
    return Machine()


def test_ends_code_that_sleeps_or_computes_at_its_deadline(machine: Machine) -> None:
    assert machine.until_over(computing=0) == pytest.approx(10, abs=0.1)
    assert not machine.clock.is_busy
    machine.clock.begin(10)
    assert machine.until_over(computing=1) == pytest.approx(10, abs=0.1)
    assert not machine.clock.is_busy


def test_adds_what_it_waited_for_others(machine: Machine) -> None:
    assert machine.until_over(computing=0.8, waiting=0.2) == pytest.approx(12.5, abs=0.1)
    assert not machine.clock.is_busy


def test_allows_twice_the_own_time_on_a_busy_machine_and_no_more(machine: Machine) -> None:
    assert machine.until_over(computing=0.5, waiting=0.5) == pytest.approx(40, abs=0.1)
    assert machine.clock.spent.own == pytest.approx(20, abs=0.1)
    assert not machine.clock.is_busy


def test_gives_up_where_it_gets_next_to_no_time(machine: Machine) -> None:
    assert machine.until_over(computing=0.1, waiting=0.9) == pytest.approx(60, abs=0.1)
    assert machine.clock.is_busy
    assert not machine.clock.is_total_busy


def test_says_where_all_checks_together_got_too_little(machine: Machine) -> None:
    for _ in range(4):
        machine.clock.begin(10)
        machine.clock.start()
        machine.goes_on(45, computing=0.05, waiting=0.95)
        machine.clock.stop()
    machine.clock.begin(10)
    assert machine.until_over(computing=0.1, waiting=0.9) == pytest.approx(0, abs=0.1)
    assert machine.clock.is_total_busy
    assert machine.clock.total_spent.clock == pytest.approx(180)


def test_lets_right_code_take_as_long_as_eight_others_on_two_processors_make_it(
    machine: Machine,
) -> None:
    machine.clock.start()
    for _ in range(43):  # 9.6 s of its own
        machine.goes_on(1, computing=2 / 9, waiting=7 / 9)
        assert machine.clock.left()
    machine.clock.stop()
    machine.clock.begin(10)
    assert machine.clock.remaining == pytest.approx(2 * TOTAL - 43 * 2 / 9)


def test_counts_no_time_between_requests(machine: Machine) -> None:
    for _ in range(5):
        machine.clock.start()
        machine.goes_on(1, computing=1)
        machine.clock.stop()
        machine.goes_on(100)
    assert machine.until_over(computing=1) == pytest.approx(5, abs=0.1)


def test_counts_all_checks_and_processes_together(machine: Machine) -> None:
    for _ in range(2):
        machine.until_over(computing=1)
        machine.clock.measure(machine)
        machine.clock.begin(20)
    assert machine.clock.remaining == pytest.approx(0, abs=0.1)
    assert machine.clock.seconds == 0 or machine.clock.left() == 0
    assert not machine.clock.is_busy


def test_keeps_what_was_waited_when_a_process_has_ended(machine: Machine) -> None:
    machine.clock.start()
    machine.goes_on(20, computing=0.1, waiting=0.9)
    assert machine.clock.left()
    machine.clock.stop()
    machine.has_ended = True
    machine.clock.begin(10)
    assert machine.clock.remaining == pytest.approx(2 * TOTAL - 2)


def test_looks_only_where_the_time_may_be_over(machine: Machine) -> None:
    before = machine.looks
    for _ in range(100):
        machine.clock.start()
        machine.goes_on(0.01, computing=1)
        assert machine.clock.left()
        machine.clock.stop()
    assert machine.looks == before


def test_counts_the_computing_alone_where_waits_are_not_known() -> None:
    machine = Machine(tells_waits=False)
    assert machine.until_over(computing=0.5) == pytest.approx(20, abs=0.1)
    assert not machine.clock.is_busy


def test_ends_at_three_times_the_clock_where_waits_are_not_known() -> None:
    machine = Machine(tells_waits=False)
    assert machine.until_over() == pytest.approx(30, abs=0.1)
    assert not machine.clock.is_busy
    assert machine.clock.spent.untold


def test_goes_by_the_clock_where_nothing_can_be_read() -> None:
    machine = Machine()
    machine.clock.measure(None)
    machine.clock.begin(10)
    assert machine.until_over(computing=0.1, waiting=0.9) == pytest.approx(10, abs=0.1)
    assert not machine.clock.is_busy


def test_is_never_busy_without_having_waited() -> None:
    """Else code could sleep itself out of a verdict."""
    for clock in range(1, 1000, 7):
        assert Spent(clock=clock).state(10) != "busy"
        least = clock * (1 - deadlines.BUSY_FACTOR / deadlines.CLOCK_FACTOR)
        assert Spent(clock=clock, waited=least - 0.01).state(10) != "busy"
