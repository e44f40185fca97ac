"""A study under way: its runs trained one after another, those that are there left out."""

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

from cnn_tui.errors import LabError, RunError, UsageError
from cnn_tui.training.process import launcher
from cnn_tui.training.process.series import RunSeries
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.locks import is_alive
from cnn_tui.training.studies.plan import free_name, runs_of
from cnn_tui.training.studies.records import PlannedRun
from cnn_tui.workspace import Workspace

POLL_SECONDS = 0.05

GO_ON = "The same command goes on from there"


def conduct(
    workspace: Workspace,
    planned: Sequence[PlannedRun],
    data_dir: Path | None = None,
    *,
    failures_count: bool = False,
) -> Generator[tuple[PlannedRun, RunFolder], None, None]:
    """Train the runs of a plan, in turn; yields each as soon as it is being trained.

    Finished runs of the same settings are yielded and not repeated, interrupted ones
    are gone on with. Whoever asks for the next run waits for the end of this one.
    Where ``failures_count``, a run that fails in training, as with too high a learning
    rate, is a result: the next one follows, and it is not repeated. Closed early, the run
    under way is stopped at a checkpoint. Raises RunError where a run failed or was
    stopped, UsageError where it was refused for what is asked of it, and what
    ``launcher.make`` raises.
    """
    found = runs_of(workspace, planned)
    with closing(RunSeries()) as series:
        for each in planned:
            run = found.get(each.name) or _make(workspace, each, data_dir)
            if not (failures_count and _has_failed(run)):
                _go_on(run, series)
            try:
                yield each, run
                while is_alive(run):
                    time.sleep(POLL_SECONDS)
            finally:
                launcher.stop(run)
            if not (failures_count and _has_failed(run)):
                _refuse_unfinished(run)


def _make(workspace: Workspace, planned: PlannedRun, data_dir: Path | None) -> RunFolder:
    name = free_name(workspace, planned.name)
    return launcher.make(workspace, planned.config, name, data_dir)


def _go_on(run: RunFolder, series: RunSeries) -> None:
    """Train the run, unless it is finished or being trained already."""
    if listing.status(run).state not in ("finished", "running"):
        series.start(run)


def _has_failed(run: RunFolder) -> bool:
    """Whether the run was trained and failed, rather than refused for what was asked of it."""
    status = listing.status(run)
    return status.state == "failed" and not status.refused and not status.not_resumed


def _refuse_unfinished(run: RunFolder) -> None:
    """Raise the reason why the run has not finished, if it has not."""
    status = listing.status(run)
    if status.state == "finished":
        return
    kind: type[LabError] = UsageError if status.refused or status.trouble else RunError
    if status.state == "stopped" and not status.not_resumed:
        raise kind(f"Run {run.run} was stopped. {GO_ON}.")
    raise kind(
        f"Run {run.run} {status.state}: {status.message}",
        fields=status.fields,
        next_steps=status.next_steps,
    )
