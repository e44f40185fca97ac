"""Experiments on the screen: the list of them, one under way, and what it found."""

from collections.abc import Iterable, Sequence
from statistics import fmean

from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from cnn_tui.next_steps import Action, step
from cnn_tui.render.draw.commands import command
from cnn_tui.render.draw.console import plain_text
from cnn_tui.render.draw.keys import BETWEEN, DrawnKey, key_text
from cnn_tui.render.draw.numbers import duration, percent, uneven_sentence
from cnn_tui.render.draw.styles import PASSED, QUIET, STRONG, TITLE, WARNING
from cnn_tui.render.runs.experiment_charts import CHART_HEIGHT, rows_that_fit, study_charts
from cnn_tui.render.runs.experiment_table import table_with_notes
from cnn_tui.render.runs.page import WIDEST
from cnn_tui.render.runs.series import follow_runs
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.studies.plan import DEFAULT_SEEDS
from cnn_tui.training.studies.records import (
    PlannedRun,
    Study,
    StudyOrder,
    StudyProgress,
    StudyResult,
)
from cnn_tui.training.studies.results import listed


def studies_view(studies: Sequence[Study]) -> RenderableType:
    """Every experiment: its name, what it asks, and what it compares."""
    table = Table(box=None, pad_edge=False, header_style=TITLE, padding=(0, 2, 0, 0))
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
    """Follow the runs of an experiment on ``talk`` and return them by their planned names.

    A terminal gets one bar; otherwise every run is one line.
    """
    talk.print(Text(f"{study.title}: {total} runs."), soft_wrap=True)
    return follow_runs(steps, total, talk, lambda each: f"{each.arm.label}, seed {each.seed}")


def study_view(study: Study, result: StudyResult, *, width: int = 80) -> RenderableType:
    """The curves in ``width`` cells with their bands over the seeds, the table, the finding."""
    heading = Text(f"{study.title}, on {result.data}, {_seeds(len(result.seeds))}", TITLE)
    return Group(
        heading,
        study_charts(result.arms, width),
        *table_with_notes(result, width),
        Text(),
        Text(result.finding, style=STRONG),
        *_ranking(result),
        *_baseline(result),
        _expected(study),
    )


def progress_view(
    study: Study,
    progress: StudyProgress,
    *,
    width: int = 80,
    height: int | None = None,
    read: Text | None = None,
    is_starting: bool = False,
) -> RenderableType:
    """An experiment as far as it has come: its curves, and the numbers of whole seeds.

    What it is called stands in ``title_of``; ``read`` says how to read its topic, and
    ``is_starting`` of one without runs that they are about to come. The curves take what
    the words leave of the ``height``.
    """
    order, result = progress.order, progress.result
    above: list[RenderableType] = [standing(progress, is_starting=is_starting)]
    if progress.message:
        above.append(Text(progress.message))
    if progress.outdated:
        above.append(Constrain(Text(outdated_sentence(progress.outdated), WARNING), WIDEST))
    if result is not None:
        seeds = len(result.seeds)
        part = "" if seeds == order.seeds else f"So far, with {seeds} of {_seeds(order.seeds)}: "
        above.append(Constrain(Text(part + result.finding, style=STRONG), WIDEST))
        above += [Constrain(each, WIDEST) for each in _ranking(result)]
        above += _baseline(result)
    below = [] if result is None else table_with_notes(result, width)
    below += [Text(), _expected(study, read)]
    if not any(arm.val_accuracy for arm in progress.curves):
        return Group(*above, Text(), Text(study.question), *below)
    rows = CHART_HEIGHT
    if height is not None:
        said = len(plain_text(Group(*above, *below), width).splitlines())
        rows = rows_that_fit(width, height - said - 1)
    if rows > CHART_HEIGHT:
        above.append(Text())
    return Group(*above, study_charts(progress.curves, width, rows), *below)


def outdated_sentence(runs: int) -> str:
    """What becomes of runs that bear an experiment's names and have other settings."""
    those, stay = "1 finished run has", "It stays"
    if runs != 1:
        those, stay = f"{runs} finished runs have", "They stay"
    return (
        f"{those} a name from this experiment but other settings, such as those of an earlier "
        f"version. {stay} in the list of runs, outside this comparison."
    )


def title_of(study: Study, order: StudyOrder, *, room: int | None = None) -> str:
    """What an experiment is called: ``Batch normalization, on digits, 3 seeds``.

    In less than that ``room``, its title, or its name.
    """
    last = f"{study.name} on {order.data}"
    forms = [f"{study.title}, on {order.data}, {_seeds(order.seeds)}", study.title, last]
    return next((each for each in forms if room is None or len(each) <= room), last)


def standing(progress: StudyProgress, *, is_starting: bool = False) -> Text:
    """How far an experiment is, and which key goes on from there."""
    runs = f"{progress.done} of {progress.total} runs finished"
    key: DrawnKey | None = ("r", "resumes it")
    words = f"■ stopped, {runs}"
    if progress.state == "running":
        words = f"▶ running, {runs}{f'; now {progress.now}' if progress.now else ''}"
        key = "s", "stops it"
    elif progress.state == "finished":
        words, key = f"✓ finished, {runs}", None
    elif progress.state == "new" and is_starting:
        words, key = f"◌ starting, {progress.total} runs", None
    elif progress.state != "stopped":
        words, key = f"· not started, {progress.total} runs", ("r", "starts it")
    text = Text.assemble((words[:1], _standing_style(progress)), words[1:])
    return text if key is None else text.append(BETWEEN).append_text(key_text(*key))


def _standing_style(progress: StudyProgress) -> str:
    return {"running": PASSED, "finished": PASSED, "stopped": WARNING}.get(progress.state, QUIET)


def cost(study: Study, seeds: int) -> str:
    """How many runs an experiment is, and how long they take on digits."""
    runs = len(study.arms) * seeds
    seconds = study.cpu_seconds * seeds / DEFAULT_SEEDS
    return f"{runs} runs, {duration(seconds)} of CPU on digits"


def _ranking(result: StudyResult) -> list[Text]:
    """The order of the arms where it is no finding, and why."""
    return [Text(result.ranking)] if result.ranking else []


def _baseline(result: StudyResult) -> list[Text]:
    """What the accuracies are to be compared with where classes are uneven."""
    if not result.is_uneven:
        return []
    balanced = []
    for arm in result.arms:
        known = [each for each in arm.balanced_accuracy if each is not None]
        balanced.append(f"{percent(fmean(known) if known else None)} with {arm.label}")
    return [Text(uneven_sentence(result.baseline_accuracy, listed(balanced)), WARNING)]


def _expected(study: Study, read: Text | None = None) -> Text:
    expected = Text(f"Expected: {study.expected}")
    if read is not None:
        return Text("\n").join([expected, read])
    return expected.append(f" To read: {command(step(Action.READ_TOPIC, study.topic))}")


def _seeds(count: int) -> str:
    return "1 seed" if count == 1 else f"{count} seeds"
