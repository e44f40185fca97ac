"""Watching a run from outside: the same view, whoever started it."""

import time
from collections.abc import Iterator

from cnn_tui.training.records import Event
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.locks import is_alive
from cnn_tui.training.store.metrics import MetricsReader

POLL_SECONDS = 0.2


def follow(run: RunFolder, poll_seconds: float = POLL_SECONDS) -> Iterator[tuple[Event, ...]]:
    """The run's events as they come, first those that still hold, until its worker has ended.

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
