"""Which of the learner's files changed, as soon as one is saved; torch-free.

What counts is what a file holds: a save that changes nothing is none. Whatever
happened while the last change was looked at is told as one change, so that
nothing queues up.
"""

import threading
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.source import read_regular_file

WatchedFile = tuple[Exercise, Path]
FileStamp = tuple[int, int, int]

TICK_MS = 300
"""So often the files are read in any case: the system says nothing of a network folder."""
TOGETHER_MS, TOGETHER_AT_MOST_MS = 25, 100
"""What the system tells within so short a time is looked at together."""
SETTLE_SECONDS, SETTLE_AT_MOST_SECONDS = 0.05, 0.5
"""A file that stays as it is for so long is whole; no longer is waited for that."""
UNFINISHED = b"unfinished"
"""Begins the content of what is empty or gone: editors that save do both to a file for a moment."""


def changes(
    files: Sequence[WatchedFile], stop: threading.Event | None = None
) -> Iterator[list[WatchedFile]]:
    """The files that hold something else than before, each time that any do; without end.

    Before is when this is called, and then whenever it has answered. A file that
    is gone, or cannot be read, has changed too. Setting ``stop`` from another
    thread ends it within a moment. Raises UsageError where a file's folder is not
    there.
    """
    for _, path in files:
        if not path.parent.is_dir():
            raise UsageError(f"There is no folder {path.parent} to watch {path.name} in.")
    held = {path: _content(path) for _, path in files}
    return _changes(files, held, stop or threading.Event())


def stamp(path: Path) -> FileStamp | None:
    """Another value whenever a file was written, at the cost of one look; None where none is."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


def _changes(
    files: Sequence[WatchedFile], held: dict[Path, bytes], stop: threading.Event
) -> Iterator[list[WatchedFile]]:
    for _ in _moments({path.parent for _, path in files}, stop):
        now = {path: _settled(path, before, stop) for path, before in held.items()}
        changed = [(exercise, path) for exercise, path in files if now[path] != held[path]]
        held = now
        if changed and not stop.is_set():
            yield changed


def _moments(folders: set[Path], stop: threading.Event) -> Iterator[None]:
    """Each moment at which to look: when the system tells of a change, and at every tick."""
    from watchfiles import watch

    try:
        for _ in watch(
            *folders,
            watch_filter=None,
            debounce=TOGETHER_AT_MOST_MS,
            step=TOGETHER_MS,
            stop_event=stop,
            rust_timeout=TICK_MS,
            yield_on_timeout=True,
            debug=False,
            recursive=False,
            ignore_permission_denied=True,
        ):
            yield
    except (OSError, RuntimeError):  # too many are watched on this machine already
        while not stop.wait(TICK_MS / 1000):
            yield


def _settled(path: Path, before: bytes, stop: threading.Event) -> bytes:
    """What a file holds, once nobody is in the middle of writing it."""
    content = _content(path)
    for _ in range(round(SETTLE_AT_MOST_SECONDS / SETTLE_SECONDS)):
        if content == before or stop.wait(SETTLE_SECONDS):
            break
        earlier, content = content, _content(path)
        if content == earlier and not content.startswith(UNFINISHED):
            break
    return content


def _content(path: Path) -> bytes:
    """Enough of what a file holds to tell it from anything else that it could hold."""
    try:
        source = read_regular_file(path)
    except UsageError as error:
        return UNFINISHED + str(error).encode()
    return sha256(source).digest() if source.strip() else UNFINISHED
