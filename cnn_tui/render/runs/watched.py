"""A run of the store as ``cnn-lab curves`` watches it: its folder, what it told, its history."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from cnn_tui.render.draw.view import View
from cnn_tui.render.runs.headline import run_headline
from cnn_tui.render.runs.history import RunHistory
from cnn_tui.render.runs.names import label_run
from cnn_tui.render.runs.panels import series_document
from cnn_tui.render.runs.training import charts
from cnn_tui.training.advice.adviser import advise
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.differences import differences
from cnn_tui.training.store.folder import RunFolder, read_header
from cnn_tui.training.store.listing import status
from cnn_tui.training.store.metrics import MetricsReader

PLOT_HEIGHT, LEAST_HEIGHT = 30, 12
LARGEST_WIDTH = 160


class WatchedRun:
    """Reads on in a run's metrics; raises UsageError where the run cannot be used here."""

    def __init__(self, run: RunFolder) -> None:
        header = read_header(run)
        self._run = run
        self._config = header.config
        self._reader = MetricsReader(run.metrics_file)
        self.history = RunHistory(run.run, judged=header.config.judged)

    @property
    def status(self) -> RunStatus:
        """Where the run stands now."""
        return status(self._run)

    def poll(self) -> None:
        """Take in what the run has told since the last call."""
        self._reader.poll()
        self.history.take(self._reader.events)

    def headline(self, width: int) -> Text:
        """The run's id, and where it stands."""
        told = run_headline(
            self.status,
            self._reader.events,
            config=self._config,
            width=width,
            with_options=True,
        )
        return Text("\n").join([Text(self._run.run, "bold"), told])

    def document(self, view: View) -> dict[str, Any]:
        """What the view shows of the run, and what its numbers show, as JSON."""
        now = self.status
        return {
            "run": now.run,
            "name": now.name,
            "state": now.state,
            "kept_epoch": None if self.history.kept is None else self.history.kept.epoch,
            "baseline_accuracy": self.history.baseline,
            "series": series_document(self.history, view),
            "advice": [asdict(each) for each in advise(self._config, self._reader.events, now)],
        }


def label_together(runs: Sequence[WatchedRun]) -> None:
    """Call each run what tells it from the others that are drawn with it."""
    statuses = [each.status for each in runs]
    apart = differences(statuses)
    for each, now in zip(runs, statuses, strict=True):
        label_run(each.history, now, apart.get(now.run, ()))


@dataclass(frozen=True)
class RunsPicture:
    """The headlines of runs, and their curves below: laid over each other where there are several.

    All together take ``lines`` at most, if given, but the curves no fewer than LEAST_HEIGHT.
    """

    runs: Sequence[WatchedRun]
    view: View
    lines: int | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, LARGEST_WIDTH)
        headlines = [each.headline(width) for each in self.runs]
        yield from headlines
        used = sum(len(headline.plain.splitlines()) for headline in headlines) + 2
        room = PLOT_HEIGHT if self.lines is None else self.lines - used
        yield charts(
            [each.history for each in self.runs],
            width=width,
            height=max(min(room, PLOT_HEIGHT), LEAST_HEIGHT),
            view=self.view,
        )
