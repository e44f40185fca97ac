"""The one way in: ``check`` a learner's file, and get a report whatever is in it.

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
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnn_tui.errors import LabFault, RunError, UsageError
from cnn_tui.grading.capture import HeadAndTail
from cnn_tui.grading.catalogue import Exercise, hidden_tests
from cnn_tui.grading.confine import RUNG
from cnn_tui.grading.launch import Job, Judging, judging
from cnn_tui.grading.plan import PlannedCheck, read_plan, result
from cnn_tui.grading.records import MAX_SEED, CheckReport, CheckResult
from cnn_tui.grading.source import read_source
from cnn_tui.grading.text import one_line

START_SECONDS = 120.0
"""How long both processes may take to import torch, from a cold disk."""
GRACE_SECONDS = 5.0
"""How long after its own deadline the judge may still be talking."""
POLL_SECONDS = 0.1
READ_BYTES = 1 << 16


def check(
    exercise: Exercise,
    path: Path,
    *,
    seed: int | None = None,
    timeout: float | None = None,
    stop: threading.Event | None = None,
) -> CheckReport:
    """Check the file at ``path`` against the hidden tests of ``exercise``.

    ``seed`` replays the inputs of an earlier check; ``timeout`` (seconds)
    replaces the exercise's deadline for all checks together. Setting ``stop``
    from another thread ends the check with a RunError. Whatever the file does,
    the answer is a report; raises LabFault where the lab itself failed.
    """
    begun = time.monotonic()
    seed = secrets.randbelow(MAX_SEED + 1) if seed is None else seed
    try:
        source = read_source(path)
    except UsageError as error:
        outcome = Outcome(unusable=str(error))
    else:
        outcome = _judged(_job(exercise, source, seed, timeout), stop)
    results = tuple(outcome.result(planned) for planned in read_plan(hidden_tests(exercise)))
    return CheckReport(
        exercise=exercise.name,
        title=exercise.title,
        path=str(path),
        passed=outcome.ended and all(each.status == "passed" for each in results),
        score=sum(each.points for each in results),
        max_score=sum(each.max_points for each in results),
        sandbox=RUNG,
        seed=seed,
        checks=results,
        topic=exercise.topic,
        output=outcome.output.text(),
        seconds=round(time.monotonic() - begun, 2),
        stopped=outcome.stopped,
        unusable=outcome.unusable,
    )


@dataclass
class Outcome:
    """What has come from the judge so far, and what the learner's code printed.

    ``deadline`` (of ``time.monotonic``) is when the checker loses patience.
    """

    deadline: float = field(default_factory=lambda: time.monotonic() + START_SECONDS)
    results: dict[str, CheckResult] = field(default_factory=dict)
    output: HeadAndTail = field(default_factory=HeadAndTail)
    ended: bool = False
    stopped: str = ""
    unusable: str = ""

    def result(self, planned: PlannedCheck) -> CheckResult:
        """What became of a planned check; one that did not run is not reached."""
        if planned.id in self.results:
            return self.results[planned.id]
        return result(planned, "not reached", self.stopped or self.unusable)


def _job(exercise: Exercise, source: bytes, seed: int, timeout: float | None) -> Job:
    return Job(
        name=exercise.name,
        tests=str(hidden_tests(exercise)),
        source=source,
        seed=seed,
        load_seconds=exercise.load_seconds,
        check_seconds=exercise.check_seconds,
        total_seconds=exercise.total_seconds if timeout is None else timeout,
    )


def _judged(job: Job, stop: threading.Event | None) -> Outcome:
    outcome = Outcome()
    with judging(job) as processes:
        for event in _events(processes, outcome, stop):
            match event:
                case {"ready": _}:
                    outcome.deadline = time.monotonic() + job.total_seconds + GRACE_SECONDS
                case {"check": fields}:
                    outcome.results[fields["id"]] = CheckResult(**fields)
                case {"end": reasons}:
                    outcome.ended = True
                    outcome.stopped = reasons.get("stopped", "")
                    outcome.unusable = reasons.get("unusable", "")
                case {"fault": sentence}:
                    raise LabFault(f"{sentence}{_last_words(processes)}")
        if not outcome.ended and not outcome.stopped:
            raise LabFault(
                f"The process that judges {job.name} ended without a verdict."
                f"{_last_words(processes)}"
            )
    return outcome


def _events(
    processes: Judging, outcome: Outcome, stop: threading.Event | None
) -> Iterator[dict[str, Any]]:
    """The judge's events until its last, while the learner's prints go to ``outcome``."""
    lines, printed = bytearray(), processes.host.output
    with selectors.DefaultSelector() as selector:
        selector.register(processes.results, selectors.EVENT_READ, lines.extend)
        selector.register(printed, selectors.EVENT_READ, outcome.output.add)
        while not outcome.ended and processes.results in selector.get_map():
            if stop is not None and stop.is_set():
                raise RunError("The check was stopped.")
            if time.monotonic() > outcome.deadline:
                outcome.stopped = "The checks did not finish in time and were stopped."
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
        # What was printed last may still be in its pipe, which holds no more than this.
        if printed in {key.fileobj for key, _ in selector.select(0)}:
            outcome.output.add(os.read(printed.fileno(), READ_BYTES))


def _last_words(processes: Judging) -> str:
    """The last line of each log, for a fault of the lab's own."""
    said = ""
    for name, log in (("host", processes.host.log), ("judge", processes.log)):
        start = max(0, os.fstat(log.fileno()).st_size - READ_BYTES)
        text = os.pread(log.fileno(), READ_BYTES, start).decode("utf-8", errors="replace")
        lines = [line for line in text.split("\n") if line.strip()]
        said += f" The {name} said: {one_line(lines[-1], 200)}" if lines else ""
    return said
