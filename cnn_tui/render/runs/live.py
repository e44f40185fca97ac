"""A run live on the plain terminal: its lines or its bar, and what is said once it has ended."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from cnn_tui.next_steps import Action, step
from cnn_tui.render.data import preparing_bar, preparing_text
from cnn_tui.render.draw.commands import with_changes, with_phrase, with_steps
from cnn_tui.render.draw.numbers import duration, percent, uneven_sentence
from cnn_tui.render.draw.styles import WARNING
from cnn_tui.render.runs.headline import device_text, uneven_baseline
from cnn_tui.render.runs.table import best_text, left_text
from cnn_tui.training.advice.adviser import advise
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.records import (
    Ended,
    EpochMetrics,
    Event,
    Note,
    Preparing,
    Resumed,
    RunStatus,
    Started,
    StepMetrics,
)
from cnn_tui.training.store.metrics import RunEvents, epoch_seconds

STEPS_TO_JUDGE, WORTH_TELLING = 6, 5.0
"""Events before a pace can be told, and seconds per epoch from which it is of interest."""

ENDS_WITH_COMMAND = "The run ends with this command, at a checkpoint."
STOPPING = "The run writes a checkpoint and stops."


def show_live(
    updates: Iterable[Sequence[Event]],
    talk: Console,
    data: Console | None,
    config: TrainConfig | None = None,
) -> None:
    """Show a run's events as they come, until there are no more.

    A terminal gets one progress bar on ``talk``. Otherwise every epoch is one
    line on ``data``, or on ``talk`` where ``data`` is None. With ``config``, what
    the numbers show is said on ``talk`` as it becomes true, each thing once.
    """
    remarks = Remarks(config)
    if talk.is_terminal and not talk.is_dumb_terminal:
        _show_bar(updates, talk, remarks)
        return
    for events in updates:
        for event in events:
            if isinstance(event, EpochMetrics):
                (data or talk).print(epoch_line(event), soft_wrap=True)
            elif (line := _talk_line(event)) is not None:
                talk.print(line, soft_wrap=True, markup=False)
        remarks.tell(events, talk)


class Remarks:
    """What the lab says of a live run beside its numbers: how long it takes, what they show."""

    def __init__(self, config: TrainConfig | None) -> None:
        self._config = config
        self._events = RunEvents()
        self._said: set[str] = set()

    def tell(self, new: Sequence[Event], talk: Console) -> None:
        """Print what has become true with the ``new`` events, and was not said before."""
        if not new:
            return
        self._events.add(new)
        for key, sentence in self._sentences():
            if key not in self._said:
                self._said.add(key)
                talk.print(f"→ {sentence}", style=WARNING, soft_wrap=True, markup=False)

    def _sentences(self) -> Iterator[tuple[str, str]]:
        events = self._events.valid
        last = events[-1]
        if last.epoch == 0 and len(events) > STEPS_TO_JUDGE and not isinstance(last, Ended):
            seconds = epoch_seconds(events)
            if seconds is not None and seconds >= WORTH_TELLING:
                every = f", all {last.epochs} of them {duration(seconds * last.epochs)}"
                epochs = every if last.epochs > 1 else ""
                yield "pace", f"An epoch takes about {duration(seconds)}{epochs}."
        if self._config is not None:
            for each in advise(self._config, events):
                yield each.rule, with_changes(each.sentence, each.next_steps)


def epoch_line(event: EpochMetrics) -> str:
    """One epoch on one line."""
    return (
        f"epoch {event.epoch}/{event.epochs}"
        f"  train loss {event.train_loss:#.4g} accuracy {percent(event.train_accuracy, digits=2)}"
        f"  val loss {event.val_loss:#.4g} accuracy {percent(event.val_accuracy, digits=2)}"
        f"  {event.images_per_second:,.0f} images/s{left_text(event.seconds_left)}"
    )


def started_line(event: Started) -> str:
    """What is being trained, and with what."""
    again = f"going on from step {event.step:,}, " if isinstance(event, Resumed) else ""
    baseline = uneven_baseline([event])
    largest = "" if baseline is None else f" ({percent(baseline)} of one class)"
    return (
        f"{again}{event.parameters:,} parameters, {event.train_images:,} training + "
        f"{event.val_images:,} validation{largest} + {_or_no(event.test_images)} test images of "
        f"{event.image_size}×{event.image_size}, {device_text(event)}"
    )


def result_line(status: RunStatus, kept: EpochMetrics | None = None) -> str:
    """What a finished or stopped run has come to; ``kept`` is the epoch whose weights it kept."""
    of_epoch = "" if kept is None else f" (weights of epoch {kept.epoch})"
    if status.state == "finished" and status.test_accuracy is not None:
        return (
            f"Test accuracy {percent(status.test_accuracy, digits=2)}{of_epoch}, "
            f"best validation {percent(status.best_val_accuracy, digits=2)}, "
            f"test loss {status.test_loss:#.4g}, after {_epochs(status.epoch)}"
            f"{_speed_and_end(status)}"
        )
    if status.is_untested:
        best = percent(status.best_val_accuracy, digits=2)
        return (
            f"Best validation accuracy {best}{of_epoch}, after {_epochs(status.epoch)}: "
            f"there is no test set, so no test accuracy{_speed_and_end(status)}"
        )
    best = f"{best_text(status.best_val_accuracy)}{of_epoch}"
    return f"Stopped after {status.epoch} of {_epochs(status.epochs)}{best}"


def _or_no(count: int) -> str:
    return f"{count:,}" if count else "no"


def _speed_and_end(status: RunStatus) -> str:
    speed = f", {status.images_per_second:,.0f} images/s" if status.images_per_second else ""
    words = [speed] if status.epoch >= status.epochs else [speed, status.message]
    if status.is_uneven:
        words.append(uneven_sentence(status.baseline_accuracy, status.balanced_accuracy))
    elif status.is_untested and status.uneven_val_baseline is not None:
        words.append(f"Always naming the largest class: {percent(status.uneven_val_baseline)}.")
    return "\n".join(words)


def goes_on(run: str) -> str:
    """Printed when nobody follows a run any longer: it goes on, and how to reach it."""
    attach, stop = step(Action.ATTACH, run), step(Action.STOP, run)
    return "\n".join(
        [with_steps("The run goes on without this command.", (attach,)), with_phrase(stop)]
    )


def look_at(status: RunStatus) -> str:
    """What can be done with a run that has ended."""
    actions = [Action.CURVES]
    if status.state == "stopped":
        actions = [Action.RESUME, Action.CURVES]
    return "\n".join(with_phrase(step(each, status.run)) for each in actions)


def _talk_line(event: Event) -> str | None:
    if isinstance(event, Started):
        return started_line(event)
    if isinstance(event, Note):
        return with_changes(event.message, event.next_steps)
    if isinstance(event, Preparing):
        return preparing_text(event)
    return None


def _show_bar(updates: Iterable[Sequence[Event]], talk: Console, remarks: Remarks) -> None:
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(None),
        TaskProgressColumn(),
        TextColumn("{task.fields[numbers]}"),
        console=talk,
        transient=False,
        auto_refresh=False,
        expand=True,
    )
    with bar:
        task = bar.add_task("starting", total=None, numbers="")
        for events in updates:
            for event in events:
                _advance(bar, task, event)
            remarks.tell(events, bar.console)
            bar.refresh()


def _advance(bar: Progress, task: TaskID, event: Event) -> None:
    changes: dict[str, Any] = {}
    if isinstance(event, Preparing):
        changes = preparing_bar(event)
    elif isinstance(event, Started):
        bar.console.print(started_line(event), soft_wrap=True)
        changes = {"total": event.total_steps, "completed": event.step, "numbers": ""}
    elif isinstance(event, Note):
        said = with_changes(event.message, event.next_steps)
        bar.console.print(said, soft_wrap=True, markup=False)
    elif isinstance(event, StepMetrics):
        numbers = (
            f"loss {event.loss:#.3g}{_val(event)}  {event.images_per_second:,.0f} img/s"
            f"{left_text(event.seconds_left)}"
        )
        changes = {"completed": event.step, "numbers": numbers}
    elif isinstance(event, EpochMetrics):
        numbers = f"loss {event.train_loss:#.3g}{_val(event)}  {event.images_per_second:,.0f} img/s"
        changes = {"completed": event.step, "numbers": f"{numbers}{left_text(event.seconds_left)}"}
    if isinstance(event, Started | StepMetrics | EpochMetrics):
        epoch = min(event.epoch + 1, event.epochs)
        changes["description"] = f"epoch {epoch}/{event.epochs}"
    bar.update(task, **changes)


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"


def _val(event: Event) -> str:
    best = event.best_val_accuracy
    return f"  best val {percent(best, digits=2)}" if best is not None else ""
