"""Watching a run from outside: the same view, whoever started it."""

import time
from collections.abc import Iterator

from cnn_tui.training.metrics import MetricsReader
from cnn_tui.training.records import Event
from cnn_tui.training.runs import RunFolder, is_alive

POLL_SECONDS = 0.2


def follow(run: RunFolder, poll_seconds: float = POLL_SECONDS) -> Iterator[tuple[Event, ...]]:
    """The run's events from its beginning, as they come, until its worker has ended.

    Yields at every poll, with an empty tuple where nothing is new.
    """
    reader = MetricsReader(run.metrics_file)
    alive = True
    while alive:
        # Asked before reading: what a worker wrote before it ended is not missed.
        alive = is_alive(run)
        yield reader.poll()
        if alive:
            time.sleep(poll_seconds)
