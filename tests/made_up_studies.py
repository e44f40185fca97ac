"""Studies that nobody conducted: runs with known numbers under the names that a plan gives them."""

from dataclasses import replace

from cnn_tui.training.records import Ended, EpochMetrics
from cnn_tui.training.store.folder import RunFolder, RunHeader, write_header
from cnn_tui.training.store.metrics import MetricsWriter
from cnn_tui.training.studies import store
from cnn_tui.training.studies.plan import planned_by
from cnn_tui.training.studies.records import PlannedRun, StudyOrder
from cnn_tui.workspace import Workspace
from tests.made_up_runs import CREATED, events

ORDER = StudyOrder("batchnorm", "digits", seeds=2, epochs=6)


def make_study(workspace: Workspace, done: int, order: StudyOrder = ORDER) -> list[RunFolder]:
    """A study of which the first ``done`` runs have finished, and the next was broken off."""
    store.keep(workspace, order)
    planned = planned_by(order)
    made = [
        _run(workspace, each, place, end="finished") for place, each in enumerate(planned[:done])
    ]
    if done < len(planned):
        made.append(_run(workspace, planned[done], done, end=None))
    return made


def finish(run: RunFolder) -> None:
    """Let the run that was broken off come to its end."""
    epochs = ORDER.epochs or 0
    writer = MetricsWriter(run.metrics_file)
    *_, end = events(epochs, epochs, "finished")
    writer.write(end)
    writer.close()


def _run(workspace: Workspace, planned: PlannedRun, place: int, end: str | None) -> RunFolder:
    """The second arm is better by nine points, and the second seed by one."""
    run = RunFolder(workspace.runs / f"20231114-22132{place}-cifar10net-digits-{place:04x}")
    run.checkpoints.mkdir(parents=True)
    created = CREATED + place
    config = replace(planned.config, device="cpu", placement="device")
    write_header(run, RunHeader(planned.name, created, workspace.root, config))
    writer = MetricsWriter(run.metrics_file)
    better = 0.09 * (planned.arm.name == "with") + 0.01 * planned.seed
    whole = planned.config.epochs
    for event in events(whole, whole if end else whole // 2, end, created):
        if isinstance(event, EpochMetrics):
            event = replace(event, val_accuracy=event.val_accuracy - 0.1 + better)
        if isinstance(event, Ended):
            event = replace(event, test_accuracy=0.9 + better, right_label_loss=0.05)
        writer.write(event)
    writer.close()
    return run
