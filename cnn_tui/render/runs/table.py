"""Runs on the plain terminal: a table of them, and one of them live."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn
from rich.segment import Segment
from rich.text import Text

from cnn_tui.next_steps import Action, step
from cnn_tui.render.data import preparing_bar, preparing_text
from cnn_tui.render.draw.columns import GAP, HEADER
from cnn_tui.render.draw.commands import with_changes, with_phrase, with_steps
from cnn_tui.render.draw.numbers import clock, duration, percent
from cnn_tui.render.draw.states import RUN_MARKS, state_word
from cnn_tui.render.runs.headline import device_text
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

TITLES = ("State", "Epoch", "Val.", "Test", "Time")
"""Of the table of runs, beside the run's own; the last one is shown where there is room."""
ROOM_FOR_TIME, NARROWEST_NAME = 100, 12


def runs_table(statuses: Sequence[RunStatus]) -> RenderableType:
    """One row per run, as given, with accuracies; what went wrong stands below."""
    if not statuses:
        return Text(with_steps("No runs yet.", (step(Action.TRAIN, "lenet5"),)))
    troubles = [
        Text(f"{status.run}: {with_steps(status.message, status.next_steps)}")
        for status in statuses
        if status.message and (status.trouble or status.state in ("failed", "interrupted"))
    ]
    return Group(RunsTable(statuses), *troubles)


@dataclass(frozen=True, eq=False)
class RunsTable:
    """The rows of ``runs_table``, in a tenth of the time that Rich's own Table takes for them.

    An id is never cut: where there is no room for it, it goes on in the next line.
    """

    statuses: Sequence[RunStatus]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        titles = TITLES if options.max_width >= ROOM_FOR_TIME else TITLES[:-1]
        rows = [_facts(status)[: len(titles)] for status in self.statuses]
        widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
        taken = sum(widths) + len(GAP) * len(widths)
        names = [_name_lines(status, options.max_width - taken) for status in self.statuses]
        first = max(cell_len(line) for lines in (("Run",), *names) for line in lines)
        yield Segment(f"{'Run':{first}}{_row(titles, widths)}\n", HEADER)
        for status, row, (name, *below) in zip(self.statuses, rows, names, strict=True):
            state, rest = _state(status), _row(row, widths)
            yield Segment(set_cell_size(name, first) + GAP)
            yield Segment(state, console.get_style(_style(status)))
            yield Segment("\n".join([rest[len(GAP + state) :], *below, ""]))


def losses(statuses: Sequence[RunStatus]) -> str:
    """What would be gone with these runs, one line each."""
    return "\n".join(
        f"{status.run}{f' ({status.name})' if status.name else ''}: "
        f"{state_word(status)}, {status.epoch} of {status.epochs} epochs"
        f"{_best(status.best_val_accuracy)}; its curves, weights and log go for good."
        for status in statuses
    )


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
                talk.print(f"→ {sentence}", style="yellow", soft_wrap=True, markup=False)

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
        f"  {event.images_per_second:,.0f} images/s{_left(event.seconds_left)}"
    )


def started_line(event: Started) -> str:
    """What is being trained, and with what."""
    again = f"going on from step {event.step:,}, " if isinstance(event, Resumed) else ""
    return (
        f"{again}{event.parameters:,} parameters, {event.train_images:,} training + "
        f"{event.val_images:,} validation + {event.test_images:,} test images of "
        f"{event.image_size}×{event.image_size}, {device_text(event)}"
    )


def result_line(status: RunStatus) -> str:
    """What a finished or stopped run has come to."""
    if status.state == "finished" and status.test_accuracy is not None:
        speed = f", {status.images_per_second:,.0f} images/s" if status.images_per_second else ""
        early = f"\n{status.message}" if status.epoch < status.epochs else ""
        return (
            f"Test accuracy {percent(status.test_accuracy, digits=2)}, "
            f"best validation {percent(status.best_val_accuracy, digits=2)}, "
            f"test loss {status.test_loss:#.4g}, after {_epochs(status.epoch)}{speed}{early}"
        )
    return (
        f"Stopped after {status.epoch} of {_epochs(status.epochs)}{_best(status.best_val_accuracy)}"
    )


def goes_on(run: str) -> str:
    """Said when nobody follows a run any longer: it lives, and how to reach it."""
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


def _name_lines(status: RunStatus, room: int) -> list[str]:
    """What the run is called, and the time that it still takes, in lines of ``room`` cells."""
    name = f"  {status.name}" if status.name else ""
    lines = filter(None, (status.run, name + _left(status.seconds_left)))
    return [part for line in lines for part in chop_cells(line, max(NARROWEST_NAME, room))]


def _facts(status: RunStatus) -> tuple[str, ...]:
    """The cells of a run's row, in the order of their titles."""
    return (
        _state(status),
        f"{status.epoch}/{status.epochs}",
        percent(status.best_val_accuracy),
        percent(status.test_accuracy),
        "–" if status.seconds is None else clock(status.seconds),
    )


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    """The state to the left of its column, numbers to the right of theirs."""
    state, *numbers = (
        f"{cell:{'>' if place else '<'}{width}}"
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return GAP + GAP.join([state, *numbers])


def _state(status: RunStatus) -> str:
    mark, _ = RUN_MARKS["interrupted" if status.trouble else status.state]
    return f"{mark} {state_word(status)}"


def _style(status: RunStatus) -> str:
    return RUN_MARKS["interrupted" if status.trouble else status.state][1]


def _best(accuracy: float | None) -> str:
    told = percent(accuracy, digits=2)
    return f", best validation accuracy {told}" if accuracy is not None else ""


def _talk_line(event: Event) -> str | None:
    if isinstance(event, Started):
        return started_line(event)
    if isinstance(event, Note):
        return event.message
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
        bar.console.print(event.message, soft_wrap=True, markup=False)
    elif isinstance(event, StepMetrics):
        numbers = (
            f"loss {event.loss:#.3g}{_val(event)}  {event.images_per_second:,.0f} img/s"
            f"{_left(event.seconds_left)}"
        )
        changes = {"completed": event.step, "numbers": numbers}
    elif isinstance(event, EpochMetrics):
        numbers = f"loss {event.train_loss:#.3g}{_val(event)}  {event.images_per_second:,.0f} img/s"
        changes = {"completed": event.step, "numbers": f"{numbers}{_left(event.seconds_left)}"}
    if isinstance(event, Started | StepMetrics | EpochMetrics):
        epoch = min(event.epoch + 1, event.epochs)
        changes["description"] = f"epoch {epoch}/{event.epochs}"
    bar.update(task, **changes)


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"


def _val(event: Event) -> str:
    best = event.best_val_accuracy
    return f"  best val {percent(best, digits=2)}" if best is not None else ""


def _left(seconds: float | None) -> str:
    return f"  {duration(seconds)} left" if seconds else ""
