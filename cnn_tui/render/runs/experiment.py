"""Studies on the screen: the list of them, one under way, and what it found."""

from collections.abc import Iterable, Sequence
from statistics import fmean

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from cnn_tui.next_steps import Action, step
from cnn_tui.render.draw.commands import command
from cnn_tui.render.draw.curves import MOST_TICKS, Scale, Series, band, chart, round_numbers
from cnn_tui.render.draw.numbers import duration, percent
from cnn_tui.training.records import Event, Note
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.listing import status
from cnn_tui.training.store.metrics import follow
from cnn_tui.training.studies.plan import DEFAULT_SEEDS
from cnn_tui.training.studies.records import (
    ArmCurves,
    ArmResult,
    PlannedRun,
    Study,
    StudyProgress,
    StudyResult,
)

CHART_HEIGHT = 13
BAND_COLUMNS = 70
"""In how many places a band is drawn: as many as a chart has columns."""
NOTES = (
    "Shaded around a curve: from the lowest to the highest of the seeds. Loss gap: validation less "
    "training loss in the last epoch, the latter as trained (with dropout, on its labels). "
    "Converged: the first epoch within one point of the best validation accuracy."
)
BESIDE_BAR = 54
"""Columns for the words beside a bar, and for the ^C of whoever interrupts it: a bar that
this moves to the next line stays on the screen."""
NARROWEST_BAR = 4
WIDTH_OF_TABLE = 76
LONGEST_WORDS = {
    "": "residual",
    "Test accuracy": "(90.3–91.9)",
    "Loss gap": "+0.154",
    "Parameters": "Parameters",
    "s/epoch": "s/epoch",
    "Converged": "Converged",
}
"""What a column must have room for where the screen is narrower than the table: words are
not broken, and nothing is cut."""
SIDE_BY_SIDE_WIDTH = 126
"""Columns from which the two charts, with their legends, stand beside each other."""


def studies_view(studies: Sequence[Study]) -> RenderableType:
    """Every study: its name, what it asks, and what it compares."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("Name", no_wrap=True)
    table.add_column("Asks")
    table.add_column("Compares")
    table.add_column("Costs", no_wrap=True)
    for study in studies:
        arms = ", ".join(arm.label for arm in study.arms)
        seconds = f"{study.cpu_seconds} s of CPU"
        table.add_row(study.name, study.question, arms, seconds)
    run_one = command(step(Action.RUN_EXPERIMENT, studies[0].name))
    return Group(table, Text(), Text(f"Run one: {run_one}"))


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
    heading = Text(f"{study.title}, on {result.data}, {_seeds(len(result.seeds))}", style="bold")
    return Group(
        heading,
        _charts(result.arms, width, colour),
        *_table_with_notes(result, width),
        Text(),
        Text(result.finding, style="bold"),
        _expected(study),
    )


def progress_view(
    study: Study, progress: StudyProgress, *, width: int = 80, colour: bool = True
) -> RenderableType:
    """A study as far as it has come: what it asks, its curves, and the numbers of whole seeds."""
    order = progress.order
    heading = f"{study.title}, on {order.data}, {_seeds(order.seeds)}"
    parts: list[RenderableType] = [Text(heading, style="bold"), Text(standing(progress))]
    if progress.message:
        parts.append(Text(progress.message))
    if progress.result is not None:
        seeds = len(progress.result.seeds)
        part = "" if seeds == order.seeds else f"So far, with {seeds} of {_seeds(order.seeds)}: "
        parts.append(Text(part + progress.result.finding, style="bold"))
    if any(arm.val_accuracy for arm in progress.curves):
        parts.append(_charts(progress.curves, width, colour))
    else:
        parts += [Text(), Text(study.question)]
    if progress.result is not None:
        parts += _table_with_notes(progress.result, width)
    return Group(*parts, Text(), _expected(study))


def standing(progress: StudyProgress) -> str:
    """Where a study stands, and which keys go on from there."""
    runs = f"{progress.done} of {progress.total} runs finished"
    if progress.state == "running":
        return f"▶ running, {runs}{f'; now {progress.now}' if progress.now else ''} (s stops it)"
    if progress.state == "finished":
        return f"✓ finished, {runs}"
    if progress.state == "stopped":
        return f"■ stopped, {runs} (r goes on)"
    return f"not begun, {progress.total} runs (r starts it)"


def cost(study: Study, seeds: int) -> str:
    """How many runs a study is, and how long they take on the data set that is always there."""
    runs = len(study.arms) * seeds
    seconds = study.cpu_seconds * seeds / DEFAULT_SEEDS
    return f"{runs} runs, {duration(seconds)} of CPU on digits"


def study_table(result: StudyResult, width: int = 80) -> Table:
    """One row per arm: means over the seeds, and the lowest and highest accuracy."""
    narrow = width < WIDTH_OF_TABLE
    gap = 1 if narrow else 2
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, gap, 0, 0))
    for title, longest_word in LONGEST_WORDS.items():
        table.add_column(
            title,
            justify="right" if title else "left",
            width=len(longest_word) if narrow else None,
            no_wrap=not narrow,
        )
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


def _table_with_notes(result: StudyResult, width: int) -> list[RenderableType]:
    return [Text(), study_table(result, width), Text(NOTES, style="dim")]


def _expected(study: Study) -> Text:
    read = command(step(Action.READ_TOPIC, study.topic))
    return Text(f"Expected: {study.expected} To read: {read}")


def _seeds(count: int) -> str:
    return "1 seed" if count == 1 else f"{count} seeds"


def _bar(talk: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(max(NARROWEST_BAR, talk.width - BESIDE_BAR)),
        MofNCompleteColumn(),
        TextColumn("epochs"),
        console=talk,
        auto_refresh=False,
        transient=True,
        disable=not talk.is_terminal or talk.is_dumb_terminal,
    )


def _show(event: Event, bar: Progress, talk: Console) -> None:
    """Say what a learner should know of a run beside its numbers."""
    if isinstance(event, Note):
        (talk if bar.disable else bar.console).print(Text(event.message), soft_wrap=True)


def _result(run: RunFolder) -> str:
    now = status(run)
    name = now.name or now.run
    if now.state == "finished":
        return f"test accuracy {percent(now.test_accuracy)} ({name})"
    return f"{now.state} after {now.epoch} of {now.epochs} epochs ({name})"


def _spread(arm: ArmResult) -> str:
    """The lowest and the highest accuracy, in percent."""
    return f"{100 * min(arm.accuracy):.1f}–{100 * max(arm.accuracy):.1f}"


def _charts(
    arms: Sequence[ArmResult] | Sequence[ArmCurves], width: int, colour: bool
) -> RenderableType:
    columns = 2 if width >= SIDE_BY_SIDE_WIDTH else 1
    wide = (width - (columns - 1)) // columns
    accuracy = [[[100 * y for y in ys] for ys in arm.val_accuracy] for arm in arms]
    labels = [arm.label for arm in arms]
    last = max(len(curve) for arm in arms for curve in arm.val_accuracy)
    whole = [tick for tick in round_numbers(1, last, MOST_TICKS) if tick == int(tick)] or [1]
    charts = [
        chart(
            title,
            _series(labels, curves),
            width=wide,
            height=CHART_HEIGHT,
            colour=colour,
            x=Scale(ticks=whole),
        )
        for title, curves in (
            ("Validation accuracy %", accuracy),
            ("Training loss", [arm.train_loss for arm in arms]),
        )
    ]
    grid = Table.grid(padding=(0, 1, 0, 0))
    for _ in range(columns):
        grid.add_column(width=wide)
    for first in range(0, len(charts), columns):
        grid.add_row(*charts[first : first + columns])
    return grid


def _series(labels: Sequence[str], curves: Sequence[Sequence[Sequence[float]]]) -> list[Series]:
    """The mean of each arm's curves (one per seed), and then the bands of those with several.

    Where one is shorter, because its run is still being trained, the others tell the rest.
    """
    means, bands = [], []
    for place, (label, of_arm) in enumerate(zip(labels, curves, strict=True)):
        epochs = [
            [curve[epoch] for curve in of_arm if epoch < len(curve)]
            for epoch in range(max(map(len, of_arm), default=0))
        ]
        xs = [float(epoch) for epoch in range(1, len(epochs) + 1)]
        means.append(Series(label, xs, [fmean(values) for values in epochs]))
        if len(of_arm) > 1:
            lows, highs = ([edge(values) for values in epochs] for edge in (min, max))
            bands.append(band(xs, lows, highs, place, BAND_COLUMNS))
    return [*means, *bands]
