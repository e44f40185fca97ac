"""What the user notes about a run: a line of ``notes.jsonl`` for each note; torch-free.

A note is appended in one write of a whole line, so that two who write at once lose nothing;
a line that cannot be read is skipped.
"""

import json
import math
import os
import time
from dataclasses import asdict, dataclass

from cnn_tui.errors import UsageError
from cnn_tui.training.store.folder import RunFolder

LONGEST = 2_000
"""Characters of a note."""


@dataclass(frozen=True)
class RunNote:
    """One sentence of the user's, and when it was written (Unix seconds)."""

    time: float
    text: str


def add(run: RunFolder, text: str) -> RunNote:
    """Add a note; raises UsageError for one that is empty or too long, or cannot be written."""
    words = " ".join(text.split())
    if not words or len(words) > LONGEST:
        raise UsageError(f"A note has 1 to {LONGEST:,} characters; this one has {len(words):,}.")
    note = RunNote(time.time(), words)
    line = json.dumps(asdict(note)) + "\n"
    try:
        file = os.open(run.notes_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(file, line.encode())
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise _unwritable(run, error) from error
    return note


def clear(run: RunFolder) -> None:
    """Remove all notes of a run; raises UsageError where they stay."""
    try:
        run.notes_file.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(run, error) from error


def notes_of(run: RunFolder) -> tuple[RunNote, ...]:
    """The notes of a run, the oldest first; nothing where they cannot be read."""
    try:
        lines = run.notes_file.read_bytes().splitlines()
    except OSError:
        return ()
    return tuple(note for line in lines if (note := _read(line)) is not None)


def _read(line: bytes) -> RunNote | None:
    try:
        document = json.loads(line)
        written, text = float(document["time"]), document["text"]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return RunNote(written, text) if isinstance(text, str) and math.isfinite(written) else None


def _unwritable(run: RunFolder, error: OSError) -> UsageError:
    return UsageError(
        f"The notes of run {run.run} cannot be changed: {error.strerror} ({run.notes_file})."
    )
