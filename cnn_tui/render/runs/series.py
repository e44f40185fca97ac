"""Runs that are trained one after another, followed on the plain terminal."""

from collections.abc import Callable, Iterable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from cnn_tui.render.draw.numbers import percent
from cnn_tui.training.records import Event, Note
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.listing import status
from cnn_tui.training.store.metrics import follow
from cnn_tui.training.studies.records import PlannedRun

BESIDE_BAR = 54
"""Columns for the words beside a bar, and for the ^C of whoever interrupts it: a bar that
this moves to the next line stays on the screen."""
NARROWEST_BAR = 4


def follow_runs(
    steps: Iterable[tuple[PlannedRun, RunFolder]],
    total: int,
    talk: Console,
    words: Callable[[PlannedRun], str],
) -> dict[str, RunFolder]:
    """Follow planned runs on ``talk`` and return them by their planned names.

    A terminal gets one bar; otherwise every run is one line. ``words`` tell one from the others.
    """
    found = {}
    with _bar(talk) as bar:
        for number, (planned, run) in enumerate(steps, 1):
            found[planned.name] = run
            said = f"{number} of {total}: {words(planned)}"
            task = bar.add_task(said, total=planned.config.epochs)
            for events in follow(run):
                for event in events:
                    _show(event, bar, talk)
                    bar.update(task, completed=event.epoch)
                bar.refresh()
            bar.remove_task(task)
            talk.print(Text(f"{said}: {_result(run)}"), soft_wrap=True)
    return found


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
