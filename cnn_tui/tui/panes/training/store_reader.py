"""Reads the run store beside the event loop: what is new of the runs that are shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnn_tui.engine.threads import in_background
from cnn_tui.errors import UsageError
from cnn_tui.render.runs.history import RunHistory
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.folder import RunFolder, read_header
from cnn_tui.training.store.listing import RunLister
from cnn_tui.training.store.metrics import MetricsReader
from cnn_tui.tui.panes.training.state import ShownRun, Snapshot
from cnn_tui.tui.widgets.run_list import short_name
from cnn_tui.workspace import Workspace

LIST_EVERY = 2
"""The list of runs is read again at every second reading."""


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
        self._followed: dict[str, Followed] = {}
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
        with_list = self._readings % LIST_EVERY == 1
        self._followed = {run: await self._follow(run) for run in runs}
        news = [await in_background(each.reader.poll) for each in self._followed.values()]
        if with_list or (any(news) and self._is_running(selected)):
            self._statuses = await in_background(self._lister.list)
        names = {each.run: short_name(each) for each in self._statuses}
        for run, followed in self._followed.items():
            followed.history.label = names.get(run, run)
        shown = {
            run: ShownRun(run, each.reader.events, each.history, each.config)
            for run, each in self._followed.items()
        }
        return Snapshot(self._statuses, shown)

    async def _follow(self, run: str) -> Followed:
        followed = self._followed.get(run)
        if followed is None:
            folder = RunFolder(self._workspace.runs / run)
            config = await in_background(_config_of, folder)
            followed = Followed(MetricsReader(folder.metrics_file), RunHistory(run), config)
            # What a long run has told takes a while to gather; what comes later is little.
            await in_background(followed.reader.poll)
            await in_background(followed.history.take, followed.reader.events)
        return followed

    def _is_running(self, run: str | None) -> bool:
        return any(each.run == run and each.state == "running" for each in self._statuses)


def _config_of(run: RunFolder) -> TrainConfig | None:
    """What the run was asked to do; None where that cannot be read, which its status tells."""
    try:
        return read_header(run).config
    except UsageError:
        return None
