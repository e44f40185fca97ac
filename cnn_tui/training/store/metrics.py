"""``metrics.jsonl``: how a run's events are written, and read while it is still growing.

One event is one line and one ``write``. A reader keeps a byte offset and never
sees half a line; a process that dies in the middle of a line harms nothing but
that line. ``RunEvents`` alone says what a resume makes obsolete: everything that
shows or analyzes a run gets its events from there.
"""

import json
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from statistics import median
from typing import Any, Literal, NoReturn, get_args, get_origin

from cnn_tui.next_steps import steps_from
from cnn_tui.training.records import (
    Ended,
    EpochMetrics,
    Event,
    Note,
    Preparing,
    Resumed,
    Started,
    StepMetrics,
)
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.locks import is_alive

KINDS: dict[str, type[Event]] = {
    "preparing": Preparing,
    "started": Started,
    "resumed": Resumed,
    "note": Note,
    "step": StepMetrics,
    "epoch": EpochMetrics,
    "end": Ended,
}
_NAMES = {kind: name for name, kind in KINDS.items()}

TAIL_BYTES = 4_096
"""How much of a file's end is read at first: a dozen lines."""
POLL_SECONDS = 0.2


class MetricsWriter:
    """Appends events to one run's metrics; only the run's worker may hold one."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._drop_torn_line()

    def write(self, event: Event) -> None:
        """Append one event; raises OSError, and leaves no half line, where that fails."""
        line = (encode(event) + "\n").encode()
        before = os.fstat(self._file).st_size
        try:
            while line:  # whatever did not fit tells why only when it is written again
                line = line[os.write(self._file, line) :]
        except OSError:
            os.ftruncate(self._file, before)
            raise

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _drop_torn_line(self) -> None:
        end = size = os.fstat(self._file).st_size
        while end > 0:
            start = max(0, end - TAIL_BYTES)
            line_end = os.pread(self._file, end - start, start).rfind(b"\n")
            if line_end >= 0:
                end = start + line_end + 1
                break
            end = start
        if end < size:
            os.ftruncate(self._file, end)


class RunEvents:
    """The events of a run that are valid so far, in order.

    A resumed run computes the steps after its checkpoint again: what was recorded of
    them before is dropped. An epoch may end on the very step of a checkpoint.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._events: list[Event] = []
        self.add(events)

    def add(self, events: Iterable[Event]) -> None:
        """Append events as the run recorded them."""
        for event in events:
            if isinstance(event, Resumed):
                self._events = [
                    each
                    for each in self._events
                    if each.step <= event.step and each.epoch <= event.epoch
                ]
            self._events.append(event)

    @property
    def valid(self) -> tuple[Event, ...]:
        """Every event that is still valid."""
        return tuple(self._events)


class MetricsReader:
    """Reads one run's metrics while they grow; ``events`` are those that are still valid."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._events = RunEvents()

    @property
    def events(self) -> tuple[Event, ...]:
        """Every event that is still valid."""
        return self._events.valid

    def poll(self) -> tuple[Event, ...]:
        """Read what was appended since the last call, and return those events."""
        new = tuple(event for event in map(decode, self._complete_lines()) if event is not None)
        self._events.add(new)
        return new

    def _complete_lines(self) -> list[bytes]:
        try:
            with self._path.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self._offset:
                    self._offset = 0
                    self._events = RunEvents()
                file.seek(self._offset)
                chunk = file.read()
        except FileNotFoundError:
            return []
        end = chunk.rfind(b"\n") + 1
        self._offset += end
        return chunk[:end].splitlines()


def read_events(path: Path) -> tuple[Event, ...]:
    """The valid events of a metrics file as it is now; none where there is no file."""
    reader = MetricsReader(path)
    reader.poll()
    return reader.events


def follow(run: RunFolder, poll_seconds: float = POLL_SECONDS) -> Iterator[tuple[Event, ...]]:
    """The run's events as they come, first those that are valid, until its worker has ended.

    Yields at every poll, with an empty tuple where nothing is new.
    """
    reader = MetricsReader(run.metrics_file)
    # Asked before reading: what a worker wrote before it ended is not missed.
    alive = is_alive(run)
    reader.poll()
    yield reader.events
    while alive:
        time.sleep(poll_seconds)
        alive = is_alive(run)
        yield reader.poll()


def last_event(path: Path) -> Event | None:
    """The last whole event of a metrics file, read from its tail; None where there is none."""
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            reach = TAIL_BYTES
            while True:
                start = max(0, size - reach)
                event = _last_of(os.pread(file.fileno(), size - start, start))
                if event is not None or start == 0:
                    return event
                reach *= 4  # A line may be long, or of a kind that only a newer lab knows.
    except FileNotFoundError:
        return None


def _last_of(tail: bytes) -> Event | None:
    for line in reversed(tail[: tail.rfind(b"\n") + 1].splitlines()):
        event = decode(line)
        if event is not None:
            return event
    return None


def encode(event: Event) -> str:
    """One line of JSON, without its line end."""
    return json.dumps({"event": _NAMES[type(event)], **asdict(event)}, allow_nan=False)


def decode(line: bytes) -> Event | None:
    """The event of one line; None where the line is damaged or of a kind not known here."""
    try:
        document: Any = _DECODER.decode(line.decode())
        kind = KINDS[document["event"]]
        accepted = _ACCEPTED[kind]
        known = {key: document[key] for key in accepted.keys() & document.keys()}
        known |= {key: read(known[key]) for key, read in _OF_LISTS.items() if key in known}
        if all(accepted[key](value) for key, value in known.items()):
            return kind(**known)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    return None


def _texts(listed: Any) -> tuple[str, ...]:
    return tuple(each for each in listed if isinstance(each, str)) if listed else ()


_OF_LISTS: dict[str, Callable[[Any], Any]] = {"fields": _texts, "next_steps": steps_from}
"""How the fields are read that JSON keeps as lists."""


def _acceptance(annotation: Any) -> Callable[[Any], bool]:
    """What tells whether a value of JSON is one of a field that is annotated so."""
    if get_origin(annotation) is Literal:
        return get_args(annotation).__contains__
    if get_origin(annotation) is tuple:
        return lambda value: isinstance(value, tuple)
    kinds = get_args(annotation) or (annotation,)
    if float in kinds:
        kinds = (*kinds, int)
    return lambda value: isinstance(value, kinds)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
_ACCEPTED = {
    kind: {each.name: _acceptance(each.type) for each in fields(kind)} for kind in KINDS.values()
}


RECENT_EPOCHS = 5
"""Epochs that the pace is the median of: one that was disturbed does not count."""
FORWARD_SHARE = 1 / 3
"""What a validation image costs of a training image: it only goes forward, not back."""


def epoch_seconds(events: Sequence[Event]) -> float | None:
    """Seconds per epoch: measured, or, before the first one ends, estimated from its steps.

    None before the first steps have been told.
    """
    seconds = _seconds(events)
    return seconds if seconds is not None and math.isfinite(seconds) else None


def _seconds(events: Sequence[Event]) -> float | None:
    seconds: list[float] = []
    latest: StepMetrics | None = None
    for event in reversed(events):
        if isinstance(event, EpochMetrics):
            seconds.append(event.seconds)
        elif isinstance(event, StepMetrics):
            latest = latest or event
        elif isinstance(event, Started) and not seconds:
            return None if latest is None else _estimate(event, latest)
        if len(seconds) == RECENT_EPOCHS:
            break
    return median(seconds) if seconds else None


def _estimate(started: Started, latest: StepMetrics) -> float | None:
    """From the time left, so that both agree; from the latest speed where that is not told."""
    steps_left = started.total_steps - latest.step
    if latest.seconds_left is not None and steps_left > 0:
        return latest.seconds_left / steps_left * started.steps_per_epoch
    if not latest.images_per_second > 0:
        return None
    images = started.train_images + FORWARD_SHARE * started.val_images
    return images / latest.images_per_second
