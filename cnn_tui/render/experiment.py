"""Studies on the screen: the list of them, one under way, and what it found."""

from collections.abc import Iterable, Sequence
from statistics import fmean

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from cnn_tui.render.curves import Series, chart
from cnn_tui.render.numbers import percent
from cnn_tui.training.follow import follow
from cnn_tui.training.records import Event, Note
from cnn_tui.training.runs import RunFolder, status
from cnn_tui.training.studies.records import ArmResult, PlannedRun, Study, StudyResult

CHART_HEIGHT = 13
NOTES = (
    "Marks beside a curve: the lowest and highest of the seeds. Loss gap: validation less "
    "training loss in the last epoch, the latter as trained (with dropout, on its labels). "
    "Converged: the first epoch within one point of the best validation accuracy."
)
SIDE_BY_SIDE_WIDTH = 126
"""Columns from which the two charts, with their legends, stand beside each other."""


def studies_view(studies: Sequence[Study]) -> RenderableType:
    """Every study: its name, what it asks, and what it compares."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("Name", no_wrap=True)
    table.add_column("Asks")
    table.add_column("Compares")
    for study in studies:
        table.add_row(study.name, study.question, ", ".join(arm.label for arm in study.arms))
    return Group(table, Text(), Text(f"Run one: cnn-lab experiment {studies[0].name}"))


def show_progress(
    study: Study, steps: Iterable[tuple[PlannedRun, RunFolder]], total: int, talk: Console
) -> dict[str, RunFolder]:
    """Follow the runs of a study on ``talk`` as they come; returns them by their planned names.

    A terminal gets one bar; otherwise every run is one line.
    """
    found = {}
    talk.print(Text(f"{study.title}: {total} runs."), soft_wrap=True)
    with _bar(talk) as bar:
        for number, (planned, run) in enumerate(steps, 1):
            found[planned.name] = run
            said = f"{number} of {total}: {planned.arm.label}, seed {planned.seed}"
            task = bar.add_task(said, total=planned.config.epochs)
            for events in follow(run):
                for event in events:
                    _show(event, bar, talk)
                    bar.update(task, completed=event.epoch)
                bar.refresh()
            bar.remove_task(task)
            talk.print(Text(f"{said}: {_result(run)}"), soft_wrap=True)
    return found


def study_view(
    study: Study, result: StudyResult, *, width: int = 80, colour: bool = True
) -> RenderableType:
    """The curves in ``width`` cells with their bands over the seeds, the table, the finding."""
    seeds = f"{len(result.seeds)} seeds" if len(result.seeds) > 1 else "1 seed"
    heading = Text(f"{study.title}, on {result.data}, {seeds}", style="bold")
    return Group(
        heading,
        _charts(result, width, colour),
        Text(),
        study_table(result),
        Text(NOTES, style="dim"),
        Text(),
        Text(result.finding, style="bold"),
        Text(f"Expected: {study.expected} To read: cnn-lab topics {study.topic}"),
    )


def study_table(result: StudyResult) -> Table:
    """One row per arm: means over the seeds, and the lowest and highest accuracy."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    for title in ("Test accuracy", "Loss gap", "Parameters", "s/epoch", "Converged"):
        table.add_column(title, justify="right", no_wrap=True)
    for arm in result.arms:
        table.add_row(
            arm.label,
            f"{percent(fmean(arm.accuracy))} ({_spread(arm)})",
            f"{fmean(arm.loss_gap):+.3f}",
            f"{arm.parameters:,}",
            f"{fmean(arm.seconds_per_epoch):.2f}",
            f"epoch {fmean(arm.epochs_to_convergence):.1f}",
        )
    return table


def _bar(talk: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(None),
        MofNCompleteColumn(),
        TextColumn("epochs"),
        console=talk,
        auto_refresh=False,
        expand=True,
        disable=not talk.is_terminal or talk.is_dumb_terminal,
    )


def _show(event: Event, bar: Progress, talk: Console) -> None:
    """Say what a learner should know of a run beside its numbers."""
    if isinstance(event, Note):
        (talk if bar.disable else bar.console).print(Text(event.message), soft_wrap=True)


def _result(run: RunFolder) -> str:
    now = status(run)
    if now.state == "finished":
        return f"test accuracy {percent(now.test_accuracy)} ({run.run})"
    return f"{now.state} ({run.run})"


def _spread(arm: ArmResult) -> str:
    """The lowest and the highest accuracy, in percent."""
    return f"{100 * min(arm.accuracy):.1f}–{100 * max(arm.accuracy):.1f}"


def _charts(result: StudyResult, width: int, colour: bool) -> RenderableType:
    columns = 2 if width >= SIDE_BY_SIDE_WIDTH else 1
    wide = (width - (columns - 1)) // columns
    accuracy = [[[100 * y for y in ys] for ys in arm.val_accuracy] for arm in result.arms]
    charts = [
        chart(title, _series(result.arms, curves), width=wide, height=CHART_HEIGHT, colour=colour)
        for title, curves in (
            ("Validation accuracy %", accuracy),
            ("Training loss", [arm.train_loss for arm in result.arms]),
        )
    ]
    grid = Table.grid(padding=(0, 1, 0, 0))
    for _ in range(columns):
        grid.add_column(width=wide)
    for first in range(0, len(charts), columns):
        grid.add_row(*charts[first : first + columns])
    return grid


def _series(arms: Sequence[ArmResult], curves: Sequence[Sequence[Sequence[float]]]) -> list[Series]:
    """The mean of each arm's curves (one per seed), and then the edges of their bands."""
    by_epoch = [list(zip(*of_arm, strict=True)) for of_arm in curves]
    means, edges = [], []
    for place, (arm, epochs) in enumerate(zip(arms, by_epoch, strict=True)):
        xs = [float(epoch) for epoch in range(1, len(epochs) + 1)]
        means.append(Series(arm.label, xs, [fmean(values) for values in epochs]))
        for edge in (min, max):
            edges.append(Series("", xs, [edge(values) for values in epochs], edge_of=place))
    return [*means, *(edges if len(curves[0]) > 1 else [])]
