"""The one way in: have a learner's file checked, and get a report whatever is in it.

Torch-free, and safe on a worker thread. The process that calls it never runs
the learner's code; it starts host and judge, watches the clock, and believes
only the judge.
"""

import json
import os
import secrets
import selectors
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cnn_tui.errors import LabFault, RunError, UsageError
from cnn_tui.grading.catalogue import exercises, hidden_tests
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.deadlines import (
    BUSY_SHARE,
    CLOCK_FACTOR,
    START_CLOCK,
    START_SECONDS,
)
from cnn_tui.grading.isolation.launch import Hosting, Job, Judging, hosting, judging, send_job
from cnn_tui.grading.isolation.notebooks import is_notebook
from cnn_tui.grading.isolation.source import (
    UNREADABLE,
    SourceError,
    digest,
    module_in,
    read_regular_file,
    refuse_unusable,
)
from cnn_tui.grading.isolation.usage import seconds_waited
from cnn_tui.grading.judge.plan import PlannedCheck, read_plan, result
from cnn_tui.grading.limits import MAX_SEED
from cnn_tui.grading.records import CheckReport, CheckResult, mistakes_in_tests
from cnn_tui.grading.sandbox import levels
from cnn_tui.grading.text import HeadAndTail, clean, one_line
from cnn_tui.processes import descendants, final_message

GRACE_SECONDS = 60.0
"""How long after the last deadline the judge may still be computing and talking."""
DROP_SECONDS = 1.0
"""How long the learner's code may go on once nobody waits for it: to stop it costs the warm
processes, so what is about to end had better end by itself."""
POLL_SECONDS = 0.1
READ_BYTES = 1 << 16


def check(
    exercise: Exercise,
    path: Path,
    *,
    seed: int | None = None,
    timeout: float | None = None,
    stop: threading.Event | None = None,
    sandbox: str | None = None,
    helpers: Mapping[str, bytes] | None = None,
) -> CheckReport:
    """Check the file at ``path`` once; see ``Checker.check``."""
    with Checker(sandbox) as checker:
        return checker.check(exercise, path, seed=seed, timeout=timeout, stop=stop, helpers=helpers)


@dataclass
class CheckOutcome:
    """What has come from the judge so far, and what the learner's code printed.

    ``deadline`` (of ``time.monotonic``) is when the checker loses patience, later where its
    processes wait for processors, ``begun`` when the learner's code began to run.
    """

    deadline: float = field(default_factory=lambda: time.monotonic() + START_SECONDS)
    results: dict[str, CheckResult] = field(default_factory=dict)
    output: HeadAndTail = field(default_factory=HeadAndTail)
    begun: float | None = None
    ended: bool = False
    stopped: str = ""
    unusable: str = ""
    not_graded: str = ""
    lines: tuple[int, ...] = ()
    remarks: tuple[str, ...] = ()

    def result(self, planned: PlannedCheck) -> CheckResult:
        """What became of a planned check; one that did not run is not reached, or not graded."""
        if planned.id in self.results:
            return self.results[planned.id]
        if self.not_graded:
            return result(planned, "not graded", self.not_graded)
        return result(planned, "not reached", self.stopped or self.unusable)


@dataclass(frozen=True)
class _CallsOff:
    """Who may end a check early."""

    stop: threading.Event | None
    is_dropped: Callable[[], bool] | None

    def ends(self, begun: float | None) -> bool:
        """Whether a check ends now whose code began to run at ``begun``, if it did."""
        if self.stop is not None and self.stop.is_set():
            return True
        # While processes only start, nothing is gained: the next check needs them too.
        has_had_time = begun is not None and time.monotonic() - begun > DROP_SECONDS
        return has_had_time and self.is_dropped is not None and self.is_dropped()


class Checker:
    """Checks one file after another, in processes that are kept warm between them.

    ``sandbox`` is the level that submissions run on, the strongest that works
    here if not given; raises UsageError where the wanted one does not work.
    With ``fresh_hosts``, no two submissions come from the same host.
    """

    def __init__(self, sandbox: str | None = None, *, fresh_hosts: bool = False) -> None:
        self.sandbox = levels.choose(sandbox)
        self._fresh_hosts = fresh_hosts
        self._secrets: tuple[Path, ...] = ()
        self._host: Hosting | None = None
        self._judge: Judging | None = None
        self._stacks = {"host": ExitStack(), "judge": ExitStack()}
        self._turn = threading.RLock()

    def __enter__(self) -> "Checker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm_up(self) -> None:
        """Start the processes, where they do not run yet; does not wait until they are ready."""
        with self._turn:
            self._processes()

    def close(self) -> None:
        """End the processes; they would start again for another check."""
        with self._turn:
            for name in self._stacks:
                self._drop(name)

    def check(
        self,
        exercise: Exercise,
        path: Path,
        *,
        seed: int | None = None,
        timeout: float | None = None,
        stop: threading.Event | None = None,
        is_dropped: Callable[[], bool] | None = None,
        told: Callable[[CheckResult], None] | None = None,
        helpers: Mapping[str, bytes] | None = None,
    ) -> CheckReport:
        """Check the file at ``path`` against the hidden tests of ``exercise``.

        ``seed`` replays the inputs of an earlier check; ``timeout`` (seconds)
        replaces the exercise's deadline for all checks together. Setting ``stop``
        from another thread ends the check with a RunError, and so does
        ``is_dropped``, asked again and again, once the learner's code has had
        DROP_SECONDS. ``told`` hears of each result at once. ``helpers`` are the helper
        files that the file may import, by place; None allows none. Whatever the file does,
        the answer is a report; raises LabFault where the lab itself failed.
        """
        begun = time.monotonic()
        seed = secrets.randbelow(MAX_SEED + 1) if seed is None else seed
        checked, read = _read(path)
        if isinstance(read, bytes):
            job = _job(exercise, read, seed, timeout, helpers)
            outcome = self._judged(exercise, job, _CallsOff(stop, is_dropped), told)
        else:
            outcome = read
        report = _report(exercise, path, outcome, self.sandbox, seed)
        return replace(report, digest=checked, seconds=round(time.monotonic() - begun, 2))

    def _judged(
        self,
        exercise: Exercise,
        job: Job,
        calls_off: _CallsOff,
        told: Callable[[CheckResult], None] | None,
    ) -> CheckOutcome:
        with self._turn:
            # Those of the catalogue are hidden from every submission.
            is_teachers = exercise.tests is not None and exercise not in exercises()
            hidden = (hidden_tests(exercise).parent,) if is_teachers else ()
            if hidden != self._secrets:
                self._drop("host")
                self._secrets = hidden
            were_warm = self._judge is not None
            outcome = CheckOutcome()
            try:
                self._run(job, outcome, calls_off, told)
            except LabFault:
                if outcome.begun is not None or not were_warm:
                    raise
                # They were ended while they waited, before this submission came.
                outcome = CheckOutcome()
                self._run(job, outcome, calls_off, told)
            return outcome

    def _run(
        self,
        job: Job,
        outcome: CheckOutcome,
        calls_off: _CallsOff,
        told: Callable[[CheckResult], None] | None,
    ) -> None:
        try:
            host, judge = self._processes()
            _judge(host, judge, job, outcome, calls_off, told)
        finally:
            if not outcome.ended:
                # Whatever they are still at, nobody waits for it.
                self.close()
            elif self._fresh_hosts:
                self._drop("host")

    def _processes(self) -> tuple[Hosting, Judging]:
        """The running ones, or new ones; the host first, which has more to do before its start."""
        if self._host is None or self._host.process.poll() is not None:
            self._drop("host")
            hosts = hosting(self.sandbox, self._secrets)
            self._host = self._stacks["host"].enter_context(hosts)
        if self._judge is None or self._judge.process.poll() is not None:
            self._drop("judge")
            self._judge = self._stacks["judge"].enter_context(judging())
        return self._host, self._judge

    def _drop(self, name: str) -> None:
        setattr(self, f"_{name}", None)
        self._stacks[name].close()


def _read(path: Path) -> tuple[str, bytes | CheckOutcome]:
    """What a file held, as a digest, and the module in it, or why it cannot be used."""
    checked = UNREADABLE
    try:
        content = read_regular_file(path)
        checked = digest(content)
        source = module_in(path.name, content)
        refuse_unusable(path.name, source)
    except UsageError as error:
        lines = error.lines if isinstance(error, SourceError) else ()
        return checked, CheckOutcome(unusable=clean(str(error)), lines=lines)
    return checked, source


def _report(
    exercise: Exercise, path: Path, outcome: CheckOutcome, sandbox: str, seed: int
) -> CheckReport:
    """What is reported of a check, but for its time and the file's digest."""
    results = tuple(outcome.result(planned) for planned in read_plan(hidden_tests(exercise)))
    lines = outcome.lines
    if is_notebook(path.name):  # its lines are those of no file that the learner has
        results, lines = tuple(replace(each, lines=()) for each in results), ()
    return CheckReport(
        exercise=exercise.name,
        title=exercise.title,
        path=str(path),
        passed=outcome.ended and bool(results) and all(map(_is_passed, results)),
        score=sum(each.points for each in results),
        max_score=sum(each.max_points for each in results),
        sandbox=sandbox,
        seed=seed,
        checks=results,
        topic=exercise.topic,
        output=outcome.output.text(),
        stopped=outcome.stopped,
        unusable=outcome.unusable,
        gaps=levels.GAPS[sandbox],
        lines=lines,
        not_graded=outcome.not_graded or mistakes_in_tests(results),
        remarks=outcome.remarks,
    )


def _is_passed(result: CheckResult) -> bool:
    return result.status == "passed"


def _job(
    exercise: Exercise,
    source: bytes,
    seed: int,
    timeout: float | None,
    helpers: Mapping[str, bytes] | None,
) -> Job:
    return Job(
        name=exercise.name,
        tests=str(hidden_tests(exercise)),
        source=source,
        seed=seed,
        load_seconds=exercise.load_seconds,
        check_seconds=exercise.check_seconds,
        total_seconds=exercise.total_seconds if timeout is None else timeout,
        helpers=helpers,
    )


def _judge(
    host: Hosting,
    judge: Judging,
    job: Job,
    outcome: CheckOutcome,
    calls_off: _CallsOff,
    told: Callable[[CheckResult], None] | None,
) -> None:
    """Have a job judged, and put all that comes of it into ``outcome``."""
    try:
        send_job(judge.jobs, job, host.control)
    except OSError as error:
        raise LabFault(f"The judge could not be asked.{_last_words(host, judge)}") from error
    for event in _events(host, judge, outcome, calls_off):
        match event:
            case {"ready": _}:
                outcome.begun = time.monotonic()
                outcome.deadline = outcome.begun + CLOCK_FACTOR * job.total_seconds + GRACE_SECONDS
            case {"check": fields}:
                outcome.results[fields["id"]] = CheckResult.from_json(fields)
                if told is not None:
                    told(outcome.results[fields["id"]])
            case {"end": reasons}:
                outcome.ended = True
                outcome.stopped = reasons.get("stopped", "")
                outcome.unusable = reasons.get("unusable", "")
                outcome.not_graded = reasons.get("not_graded", "")
                outcome.lines = tuple(reasons.get("lines", ()))
                outcome.remarks = tuple(reasons.get("remarks", ()))
            case {"fault": sentence}:
                raise LabFault(f"{sentence}{_last_words(host, judge)}")
    if not outcome.ended and not outcome.stopped and not outcome.not_graded:
        raise LabFault(
            f"The process that judges {job.name} ended without a verdict.{_last_words(host, judge)}"
        )


def _events(
    host: Hosting, judge: Judging, outcome: CheckOutcome, calls_off: _CallsOff
) -> Iterator[dict[str, Any]]:
    """The judge's events until its last, while the learner's prints go to ``outcome``."""
    lines = bytearray()
    waited_before = _seconds_waited(host, judge)
    with selectors.DefaultSelector() as selector:
        selector.register(judge.results, selectors.EVENT_READ, lines.extend)
        selector.register(host.output, selectors.EVENT_READ, outcome.output.add)
        while not outcome.ended and judge.results in selector.get_map():
            if calls_off.ends(outcome.begun):
                raise RunError("The check was stopped.")
            if time.monotonic() > outcome.deadline:
                waited = _seconds_waited(host, judge) - waited_before
                if _start_is_over(outcome, waited):
                    _lose_patience(outcome, seconds_waited(judge.process.pid))
                    return
            for key, _ in selector.select(POLL_SECONDS):
                data = os.read(key.fd, READ_BYTES)
                if data:
                    key.data(data)
                else:
                    selector.unregister(key.fileobj)
            *whole, rest = bytes(lines).split(b"\n")
            lines[:] = rest
            yield from map(json.loads, whole)
        # What was printed last may still be in its pipe; nobody is left who could add to it.
        while host.output in {key.fileobj for key, _ in selector.select(0)}:
            data = os.read(host.output.fileno(), READ_BYTES)
            if not data:
                break
            outcome.output.add(data)


def _seconds_waited(host: Hosting, judge: Judging) -> float:
    """How long host or judge have waited for a processor, the longer of the two."""
    hosts = (host.process.pid, *descendants(host.process.pid))
    return max(map(seconds_waited, (judge.process.pid, *hosts)))


def _start_is_over(outcome: CheckOutcome, waited: float) -> bool:
    """Whether a check that has not begun at its deadline had time, beside what it ``waited``.

    A clock of START_CLOCK ends it in any case.
    """
    more = min(waited, START_CLOCK - START_SECONDS) if outcome.begun is None else 0.0
    return time.monotonic() > outcome.deadline + more


def _lose_patience(outcome: CheckOutcome, waited: float) -> None:
    """Say why the judge did not end, which has waited so long for a processor.

    Its time is not the submission's: where others had it, nothing is known of the submission.
    """
    if outcome.begun is None:
        seconds = time.monotonic() - outcome.deadline + START_SECONDS
        outcome.not_graded = (
            f"The check did not start within {seconds:.3g} s: the machine was too busy."
        )
    elif waited > BUSY_SHARE * GRACE_SECONDS:
        outcome.not_graded = (
            f"The checks waited {waited:.3g} s for a processor: the machine was too busy."
        )
    else:
        outcome.stopped = "The checks did not finish in time and were stopped."


def _last_words(host: Hosting, judge: Judging) -> str:
    """The last line of each log, for a fault of the lab's own."""
    said = ""
    for name, log in (("host", host.log), ("judge", judge.log)):
        last = final_message(log.fileno())
        said += f" The {name} said: {one_line(last, 200)}" if last else ""
    return said
