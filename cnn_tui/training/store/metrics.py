"""``metrics.jsonl``: how a run's events are written, and read while it is still growing.

One event is one line and one ``write``. A reader keeps a byte offset and never
sees half a line; a process that dies in the middle of a line harms nothing but
that line.
"""

import json
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from statistics import median
from typing import Any, Literal, NoReturn, get_args, get_origin

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


class MetricsReader:
    """Follows one run's metrics: ``events`` holds what is true so far, in order.

    After a resume, what was told of steps beyond the checkpoint is dropped: the
    run computes those steps again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._events: list[Event] = []

    @property
    def events(self) -> tuple[Event, ...]:
        """Every event that still holds."""
        return tuple(self._events)

    def poll(self) -> tuple[Event, ...]:
        """Read what was appended since the last call, and return those events."""
        new = [event for event in map(decode, self._complete_lines()) if event is not None]
        for event in new:
            if isinstance(event, Resumed):
                self._events = [each for each in self._events if still_holds(each, event)]
            self._events.append(event)
        return tuple(new)

    def _complete_lines(self) -> list[bytes]:
        try:
            with self._path.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self._offset:
                    self._offset = 0
                    self._events = []
                file.seek(self._offset)
                chunk = file.read()
        except FileNotFoundError:
            return []
        end = chunk.rfind(b"\n") + 1
        self._offset += end
        return chunk[:end].splitlines()


def still_holds(earlier: Event, resumed: Resumed) -> bool:
    """Whether the run will not tell it again: an epoch may end on the very step of a checkpoint."""
    return earlier.step <= resumed.step and earlier.epoch <= resumed.epoch


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
        if all(accepted[key](value) for key, value in known.items()):
            return kind(**known)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    return None


def _acceptance(annotation: Any) -> Callable[[Any], bool]:
    """What tells whether a value of JSON is one of a field that is annotated so."""
    if get_origin(annotation) is Literal:
        return get_args(annotation).__contains__
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
