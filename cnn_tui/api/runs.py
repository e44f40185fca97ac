"""The runs of a workspace: where they stand, their curves, and what can be done with them."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from rich.console import Console, RenderableType

from cnn_tui.api.results import LabResult
from cnn_tui.render.draw.view import View
from cnn_tui.render.runs.live import show_live
from cnn_tui.render.runs.table import runs_table
from cnn_tui.training.process import launcher
from cnn_tui.training.records import EpochMetrics, RunState, RunStatus
from cnn_tui.training.store.folder import RunFolder, read_header
from cnn_tui.training.store.listing import find_run, list_runs, refuse_failed, status
from cnn_tui.training.store.metrics import MetricsReader, follow
from cnn_tui.workspace import Workspace, find

if TYPE_CHECKING:
    from torch import Tensor

PER_EPOCH = (
    *("epoch", "train_loss", "train_accuracy", "val_loss", "val_accuracy"),
    *("lr", "images_per_second", "seconds"),
)
"""The columns of ``Curves``."""


class TrainingRun(LabResult):
    """A run of the workspace; what it says is how the run stands at that moment."""

    IN_BRIEF = ("id", "net", "data", "state", "epoch", "accuracy")

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder

    @property
    def id(self) -> str:
        """The run's id, which every command takes."""
        return self.folder.run

    @property
    def workspace(self) -> Workspace:
        """The workspace that it is kept in."""
        return Workspace(self.folder.path.parent.parent)

    @property
    def status(self) -> RunStatus:
        """Where the run stands, as ``cnn-lab runs --json`` prints it."""
        return status(self.folder)

    @property
    def net(self) -> str:
        """The network that it trains, with its options."""
        return self.status.net

    @property
    def data(self) -> str:
        """The data set that it trains on."""
        return self.status.data

    @property
    def state(self) -> RunState:
        """Running, finished, stopped, failed or interrupted."""
        return self.status.state

    @property
    def epoch(self) -> int:
        """How many epochs are completed."""
        return self.status.epoch

    @property
    def accuracy(self) -> float | None:
        """On the test images, from 0 to 1; None before the run has finished, or without any."""
        return self.status.test_accuracy

    @property
    def curves(self) -> "Curves":
        """Loss, accuracy and the rest, epoch by epoch."""
        return Curves(self.folder)

    def wait(self, *, show: bool = True) -> "TrainingRun":
        """Follow the run to its end, and return it.

        An interrupt ends the waiting, not the run. Raises RunError where the run failed.
        """
        config = read_header(self.folder).config
        talk = _talk(quiet=not show)
        try:
            talk.print(f"Run {self.id}", soft_wrap=True, markup=False)
            show_live(follow(self.folder), talk, None, config)
        except KeyboardInterrupt:
            this = f"lab.runs()[{self.id!r}]"
            told = f"The run continues: {this}.wait() follows it, {this}.stop() ends it."
            talk.print(told, soft_wrap=True, markup=False)
            raise
        refuse_failed(self.status)
        return self

    def stop(self) -> "TrainingRun":
        """Let the run write a checkpoint and end; harmless if it is not running."""
        launcher.stop(self.folder)
        return self

    def resume(self, *, follow: bool = True) -> "TrainingRun":
        """Continue the run from its last checkpoint."""
        launcher.resume(self.folder)
        return self.wait() if follow else self

    def prepare(self, images: "Tensor") -> "Tensor":
        """Bytes (N, C, H, W) as the network of the run takes images: resized and normalized."""
        from cnn_tui.analysis.trained import load_trained

        return load_trained(self.workspace, self.id).preparation(images)

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab train --json`` prints."""
        return asdict(self.status)

    def __rich__(self) -> RenderableType:
        """Where it stands, and its curves, as ``cnn-lab curves`` prints them."""
        return self.curves.__rich__()


class Curves(LabResult, Mapping[str, list[float]]):
    """What a run recorded for each epoch, by column: ``curves["val_accuracy"]``.

    ``pandas.DataFrame(dict(curves))`` makes a table of it. Accuracies are from 0 to 1.
    """

    IN_BRIEF = ("run", "epochs")

    def __init__(self, folder: RunFolder) -> None:
        reader = MetricsReader(folder.metrics_file)
        reader.poll()
        self._folder = folder
        self._epochs = [each for each in reader.events if isinstance(each, EpochMetrics)]

    @property
    def run(self) -> str:
        """The run's id."""
        return self._folder.run

    @property
    def epochs(self) -> int:
        """How many epochs there are."""
        return len(self._epochs)

    def __getitem__(self, column: str) -> list[float]:
        """One value per epoch."""
        if column not in PER_EPOCH:
            raise KeyError(column)
        return [getattr(each, column) for each in self._epochs]

    def __iter__(self) -> Iterator[str]:
        return iter(PER_EPOCH)

    def __len__(self) -> int:
        return len(PER_EPOCH)

    def __rich__(self) -> RenderableType:
        """Loss and accuracy, below where the run stands, as ``cnn-lab curves`` prints them."""
        from cnn_tui.render.runs.watched import RunsPicture, WatchedRun

        watched = WatchedRun(self._folder)
        watched.poll()
        return RunsPicture([watched], View())


class WorkspaceRuns(LabResult, Sequence[TrainingRun]):
    """The runs of a workspace, newest first; also by name: ``lab.runs()["last"]``."""

    IN_BRIEF = ("ids",)

    def __init__(self, workspace: Workspace, statuses: Sequence[RunStatus]) -> None:
        self._workspace = workspace
        self.statuses = tuple(statuses)

    @property
    def ids(self) -> tuple[str, ...]:
        """The id of each run."""
        return tuple(each.run for each in self.statuses)

    @overload
    def __getitem__(self, place: int | str) -> TrainingRun: ...
    @overload
    def __getitem__(self, place: slice) -> "WorkspaceRuns": ...
    def __getitem__(self, place: int | str | slice) -> "TrainingRun | WorkspaceRuns":
        """One by its place, its id, name or a part of its id, or several by a slice."""
        if isinstance(place, slice):
            return WorkspaceRuns(self._workspace, self.statuses[place])
        if isinstance(place, str):
            return TrainingRun(find_run(self._workspace, place))
        return TrainingRun(RunFolder(self._workspace.runs / self.statuses[place].run))

    def __len__(self) -> int:
        return len(self.statuses)

    def __rich__(self) -> RenderableType:
        """The table that ``cnn-lab runs`` prints."""
        return runs_table(self.statuses)

    def to_json(self) -> list[dict[str, Any]]:
        """The document that ``cnn-lab runs --json`` prints."""
        return [asdict(each) for each in self.statuses]


def runs(workspace: str | Path | None = None) -> WorkspaceRuns:
    """The runs of the workspace, newest first.

    >>> import cnn_tui as lab
    >>> [run.accuracy for run in lab.runs()]
    []
    """
    space = find(None if workspace is None else Path(workspace))
    return WorkspaceRuns(space, list_runs(space))


def _talk(*, quiet: bool) -> Console:
    """Where it is said how a run goes: a bar in a terminal, lines of text in a notebook.

    A notebook's own stdout says it is a terminal, and Rich would show each line there as HTML.
    """
    return Console(
        file=sys.stdout,
        quiet=quiet,
        force_jupyter=False,
        force_terminal=None if sys.stdout is sys.__stdout__ else False,
        highlight=False,
        emoji=False,
    )
