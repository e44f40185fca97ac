"""Reads the run store beside the event loop: what is new of the runs that are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnn_tui.engine.threads import in_background
from cnn_tui.errors import UsageError
from cnn_tui.render.runs.history import RunHistory
from cnn_tui.render.runs.names import label_run
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.differences import differences
from cnn_tui.training.store.folder import RunFolder, read_header
from cnn_tui.training.store.listing import RunLister
from cnn_tui.training.store.metrics import MetricsReader
from cnn_tui.tui.panes.training.state import ShownRun, Snapshot
from cnn_tui.workspace import Workspace

LIST_EVERY = 2
"""The list of runs is read again at every second reading."""


@dataclass(frozen=True)
class FirstReading:
    """What was read before the pane is opened, and the reader that goes on from there."""

    reader: "StoreReader"
    snapshot: Snapshot


@dataclass(frozen=True)
class Followed:
    """One run that is shown: who reads its events, and what stays the same between readings."""

    reader: MetricsReader
    history: RunHistory
    config: TrainConfig | None


class StoreReader:
    """One reading after the other: a slow disk is not asked twice at a time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lister = RunLister(workspace)
        self._statuses: Sequence[RunStatus] = ()
        self._differences: Mapping[str, Sequence[str]] = {}
        self._followed: dict[str, Followed] = {}
        self._labeled: Sequence[RunStatus] = ()
        self._snapshot: Snapshot | None = None
        self._readings = 0
        self._is_reading = False
        self._is_due = False

    def begin(self) -> bool:
        """Whether a reading may begin; else another is due once that which goes on has ended."""
        if self._is_reading:
            self._is_due = True
            return False
        self._is_reading = True
        self._readings += 1
        return True

    def end(self) -> bool:
        """A reading has ended, or failed; whether another is due."""
        is_due, self._is_due = self._is_due, False
        self._is_reading = False
        return is_due

    def list_next(self) -> None:
        """Read the list of runs, too, when the next reading begins."""
        self._readings = 0

    async def read(self, selected: str | None, runs: Sequence[str]) -> Snapshot:
        """What the store says of all runs, and of those that are shown."""
        return await in_background(self.read_here, selected, runs)

    def read_here(self, selected: str | None, runs: Sequence[str]) -> Snapshot:
        """The same, without an event loop; where no run is chosen yet, the newest one is shown.

        The snapshot is the one before where nothing is new.
        """
        before, self._snapshot = self._snapshot, None  # where reading fails, there is none
        with_list = self._readings % LIST_EVERY == 1
        if with_list and not runs:
            self._list()
            with_list = False
            runs = [each.run for each in self._statuses[:1]]
        self._followed = {run: self._follow(run) for run in runs}
        news = [each.reader.poll() for each in self._followed.values()]
        if with_list or (any(news) and self._is_running(selected)):
            self._list()
        is_same = before is not None and self._statuses is before.statuses and not any(news)
        if before is not None and is_same and list(before.shown) == list(self._followed):
            self._snapshot = before
            return before
        self._label_together()
        shown = {
            run: ShownRun(run, each.reader.events, each.history, each.config)
            for run, each in self._followed.items()
        }
        self._snapshot = Snapshot(self._statuses, shown, self._differences)
        return self._snapshot

    def _list(self) -> None:
        """Read the list of runs; what is as it was stays the same."""
        before, now = self._statuses, self._lister.list()
        if now != before:
            self._statuses = now
            if _settings(now) != _settings(before):
                self._differences = differences(now)

    def _label_together(self) -> None:
        """Call each curve what tells its run from the others that are drawn with it."""
        shown = [each for each in self._statuses if each.run in self._followed]
        if shown == self._labeled:
            return
        self._labeled = shown
        apart = differences(shown)
        for status in shown:
            label_run(self._followed[status.run].history, status, apart.get(status.run, ()))

    def _follow(self, run: str) -> Followed:
        followed = self._followed.get(run)
        if followed is None:
            folder = RunFolder(self._workspace.runs / run)
            config = _config_of(folder)
            history = RunHistory(run, judged="best" if config is None else config.judged)
            followed = Followed(MetricsReader(folder.metrics_file), history, config)
            # What a long run has told takes a while to gather; what comes later is little.
            followed.reader.poll()
            followed.history.take(followed.reader.events)
        return followed

    def _is_running(self, run: str | None) -> bool:
        return any(each.run == run and each.state == "running" for each in self._statuses)


def _settings(statuses: Sequence[RunStatus]) -> list[tuple[str, Mapping[str, object]]]:
    """What the differences between runs come from."""
    return [(each.run, each.settings) for each in statuses]


def first_reading(workspace: Workspace) -> FirstReading:
    """Read all runs, and the newest one."""
    reader = StoreReader(workspace)
    reader.begin()
    snapshot = reader.read_here(None, ())
    reader.end()
    return FirstReading(reader, snapshot)


def _config_of(run: RunFolder) -> TrainConfig | None:
    """What the run was asked to do; None where that cannot be read, which its status tells."""
    try:
        return read_header(run).config
    except UsageError:
        return None
