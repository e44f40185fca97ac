"""A study observed repeatedly while its runs are trained; torch-free."""

from collections.abc import Iterable, Mapping, Sequence

from cnn_tui.training.records import EpochMetrics, Event, RunStatus, Started
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.listing import list_runs
from cnn_tui.training.store.metrics import MetricsReader
from cnn_tui.training.studies import store
from cnn_tui.training.studies.catalogue import find_study
from cnn_tui.training.studies.plan import outdated_runs, planned_by, runs_of
from cnn_tui.training.studies.records import (
    ArmCurves,
    PlannedRun,
    StudyOrder,
    StudyProgress,
    StudyResult,
    StudyState,
)
from cnn_tui.training.studies.results import shared_baseline, study_result
from cnn_tui.workspace import Workspace


class StudyWatch:
    """Looks at one study, whoever conducts it, and reads only what is new."""

    def __init__(self, workspace: Workspace, order: StudyOrder) -> None:
        self.workspace = workspace
        self.order = order
        self._study = find_study(order.name)
        self._planned = planned_by(order)
        self._folder = store.folder_of(workspace, order)
        self._readers: dict[str, MetricsReader] = {}
        self._result: tuple[tuple[str, ...], StudyResult | None] = ((), None)

    def is_kept(self) -> bool:
        """Whether the study was asked for before."""
        return self._folder.order_file.exists()

    def look(self, statuses: Iterable[RunStatus] | None = None) -> StudyProgress:
        """Where the study stands now; ``statuses`` saves listing the runs.

        Raises RunError where a run's metrics are damaged.
        """
        # Asked before the runs are: what is finished then is not missed.
        conducted = store.is_running(self._folder)
        listed = {each.run: each for each in statuses or list_runs(self.workspace)}
        found = runs_of(self.workspace, self._planned, listed.values())
        states = {name: listed[run.run].state for name, run in found.items()}
        done = [name for name, state in states.items() if state == "finished"]
        now = [name for name, state in states.items() if state == "running"]
        state = _state(conducted or bool(now), len(done), len(self._planned), bool(found))
        return StudyProgress(
            order=self.order,
            state=state,
            done=len(done),
            total=len(self._planned),
            runs=tuple(run.run for run in found.values()),
            now=now[0] if now else "",
            curves=self._curves(found),
            result=self._result_of(found, done),
            outdated=outdated_runs(self._planned, found, listed.values()),
            message="" if state in ("running", "finished") else store.last_words(self._folder),
        )

    def _curves(self, found: Mapping[str, RunFolder]) -> tuple[ArmCurves, ...]:
        by_arm = []
        for arm in self._study.arms:
            names = [each.name for each in self._planned if each.arm == arm]
            events = [self._events(found[name]) for name in names if name in found]
            epochs = [[each for each in run if isinstance(each, EpochMetrics)] for run in events]
            begun = [each for each in epochs if each]
            started = (each for run in events for each in run if isinstance(each, Started))
            by_arm.append(
                ArmCurves(
                    arm.label,
                    tuple(tuple(each.val_accuracy for each in run) for run in begun),
                    tuple(tuple(each.train_loss for each in run) for run in begun),
                    shared_baseline(started),
                )
            )
        return tuple(by_arm)

    def _events(self, run: RunFolder) -> Sequence[Event]:
        reader = self._readers.setdefault(run.run, MetricsReader(run.metrics_file))
        reader.poll()
        return reader.events

    def _result_of(self, found: Mapping[str, RunFolder], done: Sequence[str]) -> StudyResult | None:
        """The result of the seeds that are whole, found again only when there are more of them."""
        whole = _whole_seeds(self._planned, done)
        ids = tuple(found[each.name].run for each in whole)
        if ids != self._result[0]:
            is_all = len(whole) == len(self._planned)
            result = study_result(self._study, whole, found, is_all=is_all) if whole else None
            self._result = ids, result
        return self._result[1]


def _whole_seeds(planned: Sequence[PlannedRun], done: Sequence[str]) -> list[PlannedRun]:
    """The runs of those seeds with which every arm has finished."""
    missing = {each.seed for each in planned if each.name not in done}
    return [each for each in planned if each.seed not in missing]


def _state(is_trained: bool, done: int, total: int, is_begun: bool) -> StudyState:
    if is_trained:
        return "running"
    if done == total:
        return "finished"
    return "stopped" if is_begun else "new"
