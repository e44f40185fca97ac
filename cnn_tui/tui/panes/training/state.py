"""What the Training pane shows, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cnn_tui.render.draw.view import View
from cnn_tui.render.runs.history import RunHistory
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.records import Event, RunStatus

Mode = Literal["curves", "predictions", "study", "log", "data", "microscope"]
"""What stands beside the list of runs."""


@dataclass(frozen=True, eq=False)
class ShownRun:
    """A run whose curves are drawn: its events, and its configuration where that can be read.

    ``history`` has the same events in columns; it looks at those that are new when it is drawn.
    """

    run: str
    events: Sequence[Event]
    history: RunHistory
    config: TrainConfig | None


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What the run store said at one reading: every run, newest first, and those shown.

    ``differences`` tell runs of the same network and data set apart.
    """

    statuses: Sequence[RunStatus] = ()
    shown: Mapping[str, ShownRun] = field(default_factory=dict)
    differences: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def status(self, run: str | None) -> RunStatus | None:
        """Where a run stands; None for one that is not listed (yet)."""
        return next((each for each in self.statuses if each.run == run), None)


@dataclass(frozen=True, eq=False)
class RunCurves:
    """A run, all runs whose curves are drawn, and how they are looked at.

    ``places`` are those of the runs among the colors, ``on_top`` the number of the run that
    is drawn over the others; ``is_stopping`` says that the run was asked to stop, and
    ``differences`` tell it from others of its network and data set.
    """

    status: RunStatus
    runs: Sequence[ShownRun]
    view: View
    places: Sequence[int] = ()
    on_top: int | None = None
    is_stopping: bool = False
    differences: Sequence[str] = ()

    @property
    def of_run(self) -> ShownRun | None:
        """What the store said of the run; None where that is still to come."""
        return next((each for each in self.runs if each.run == self.status.run), None)
