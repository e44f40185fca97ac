"""Which of the learner's files changed, as soon as one is saved; torch-free.

What counts is what a file holds: a save that changes nothing is none. Whatever
happened while the last change was looked at is told as one change, so that
nothing queues up.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.source import read_regular_file

WatchedFile = tuple[Exercise, Path]
FilesBeside = Callable[[Exercise, Path], Iterable[tuple[str, bytes]]]
"""(name, bytes) of the files that count with an exercise's own, such as its helper files."""
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
    files: Sequence[WatchedFile],
    stop: threading.Event | None = None,
    *,
    beside: FilesBeside | None = None,
) -> Iterator[list[WatchedFile]]:
    """The files that hold something else than before, each time that any do; without end.

    Before is when this is called, and then whenever it has answered. A file that
    is gone, or cannot be read, has changed too, and with ``beside``, one whose files
    beside it have. Setting ``stop`` from another thread ends it within a moment.
    Raises UsageError where a file's folder is not there.
    """
    for _, path in files:
        if not path.parent.is_dir():
            raise UsageError(f"There is no folder {path.parent} to watch {path.name} in.")
    looks = {path: partial(_content, exercise, path, beside) for exercise, path in files}
    held = {path: look() for path, look in looks.items()}
    return _changes(files, looks, held, stop or threading.Event())


def stamp(path: Path) -> FileStamp | None:
    """Another value whenever a file was written, at the cost of one look; None where none is."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


def _changes(
    files: Sequence[WatchedFile],
    looks: Mapping[Path, Callable[[], bytes]],
    held: dict[Path, bytes],
    stop: threading.Event,
) -> Iterator[list[WatchedFile]]:
    for _ in _moments({path.parent for _, path in files}, stop):
        now = {path: _settled(look, held[path], stop) for path, look in looks.items()}
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


def _settled(look: Callable[[], bytes], before: bytes, stop: threading.Event) -> bytes:
    """What a file holds at another look, once nobody is in the middle of writing it."""
    content = look()
    for _ in range(round(SETTLE_AT_MOST_SECONDS / SETTLE_SECONDS)):
        if content == before or stop.wait(SETTLE_SECONDS):
            break
        earlier, content = content, look()
        if content == earlier and not content.startswith(UNFINISHED):
            break
    return content


def _content(exercise: Exercise, path: Path, beside: FilesBeside | None) -> bytes:
    """Enough of what a file, and those beside it, hold to tell it from anything else."""
    content = _own_content(path)
    for name, source in () if beside is None else beside(exercise, path):
        unfinished = b"" if source.strip() or content.startswith(UNFINISHED) else UNFINISHED
        content = unfinished + content + sha256(name.encode() + b"\0" + source).digest()
    return content


def _own_content(path: Path) -> bytes:
    try:
        source = read_regular_file(path)
    except UsageError as error:
        return UNFINISHED + str(error).encode()
    return sha256(source).digest() if source.strip() else UNFINISHED
