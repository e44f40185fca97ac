"""A run of the store as ``cnn-lab curves`` watches it: its folder, what it told, its history."""

from dataclasses import asdict
from typing import Any

from rich.text import Text

from cnn_tui.render.draw.view import View
from cnn_tui.render.runs.headline import run_headline
from cnn_tui.render.runs.history import RunHistory
from cnn_tui.render.runs.panels import series_document
from cnn_tui.training.advice import advise
from cnn_tui.training.store.folder import RunFolder, read_header
from cnn_tui.training.store.listing import status
from cnn_tui.training.store.metrics import MetricsReader


class WatchedRun:
    """Reads on in a run's metrics; raises UsageError where the run cannot be used here."""

    def __init__(self, run: RunFolder) -> None:
        header = read_header(run)
        self._run = run
        self._config = header.config
        self._reader = MetricsReader(run.metrics_file)
        self.history = RunHistory(header.name or run.run.partition("-")[2].partition("-")[2])

    def poll(self) -> None:
        """Take in what the run has told since the last call."""
        self._reader.poll()
        self.history.take(self._reader.events)

    def headline(self, width: int) -> Text:
        """The run's id, and where it stands."""
        told = run_headline(
            status(self._run), self._reader.events, config=self._config, width=width
        )
        return Text("\n").join([Text(self._run.run, "bold"), told])

    def document(self, view: View) -> dict[str, Any]:
        """What the view shows of the run, and what its numbers show, as JSON."""
        now = status(self._run)
        return {
            "run": now.run,
            "name": now.name,
            "state": now.state,
            "series": series_document(self.history, view),
            "advice": [asdict(each) for each in advise(self._config, self._reader.events, now)],
        }
