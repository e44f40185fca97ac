"""Runs on the plain terminal: a table of them, and what would be lost with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from cnn_tui.next_steps import Action, step
from cnn_tui.options import text as value_text
from cnn_tui.render.draw.columns import GAP, HEADER
from cnn_tui.render.draw.commands import with_steps
from cnn_tui.render.draw.numbers import (
    LARGEST,
    LARGEST_CLASS,
    clock,
    duration,
    percent,
    printable,
    share_bar,
)
from cnn_tui.render.draw.states import RUN_MARKS, state_word
from cnn_tui.render.draw.styles import QUIET, TITLE
from cnn_tui.render.runs.page import NOTED
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.differences import differences
from cnn_tui.training.store.selection import FieldValue

TITLES = ("State", "Epoch", "Val %", "Test %", "Time")
"""Of the table of runs, beside the run's own; the last one is shown where there is room."""
NO_TEST = "none"
"""Under Test %, where there are no images to test a finished run on."""
BROKEN_OFF = ("failed", "interrupted")
ROOM_FOR_TIME, NARROWEST_NAME, BAR_CELLS = 100, 12, 20


def runs_table(statuses: Sequence[RunStatus]) -> RenderableType:
    """One row per run, as given, with accuracies; what went wrong stands below."""
    if not statuses:
        return Text(with_steps("No runs yet.", (step(Action.TRAIN, "lenet5"),)))
    troubles = [
        Text(f"{status.run}: {with_steps(status.message, status.next_steps)}")
        for status in statuses
        if status.message and _needs_words(status)
    ]
    return Group(RunsTable(statuses), *troubles)


def grouped_table(
    name: str, groups: Sequence[tuple[FieldValue, list[RunStatus]]]
) -> RenderableType:
    """A table for each group of runs, below the value that they share and the best of them."""
    parts: list[RenderableType] = []
    for value, statuses in groups:
        accuracies = [each.best_val_accuracy for each in statuses]
        best = max((each for each in accuracies if each is not None), default=None)
        count = "1 run" if len(statuses) == 1 else f"{len(statuses)} runs"
        shared = f"{name.replace('_', ' ')} {printable(value_text(value)) or 'not set'}"
        head = Text.assemble((shared, TITLE), (f"  {count}{best_text(best)}", QUIET))
        parts += [*([Text()] if parts else []), head, runs_table(statuses)]
    return Group(*parts)


def _needs_words(status: RunStatus) -> bool:
    """Whether something is wrong with a run, or with its queue, that the learner should know."""
    waits = status.state == "queued" and not status.queue_runs
    return bool(status.trouble) or status.not_resumed or waits or status.state in BROKEN_OFF


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
        apart = differences(self.statuses)
        names = [
            _name_lines(status, apart.get(status.run, ()), options.max_width - taken)
            for status in self.statuses
        ]
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
        f"{best_text(status.best_val_accuracy)}; its curves, weights and log go for good."
        for status in statuses
    )


def _name_lines(status: RunStatus, differences: Sequence[str], room: int) -> list[str]:
    """What the run is called, what tells it from others, and how far it is, in so many cells."""
    names = ", ".join([*filter(None, (status.name,)), *differences])
    bar = ""
    if status.state == "running":
        done = share_bar(status.epoch, status.epochs, BAR_CELLS)
        left = left_text(status.seconds_left) or ("  starting" if status.is_starting else "")
        bar = f"  {done}{'░' * (BAR_CELLS - len(done))}{left}"
    forms = [f"  {uneven_words(status, each)}" for each in (LARGEST_CLASS, LARGEST)]
    uneven = next((each for each in forms if cell_len(each) <= room), forms[-1]).rstrip()
    noted = f"  {NOTED} {printable(status.notes[-1])}" if status.notes else ""
    lines = filter(None, (status.run, names and f"  {names}", uneven, bar, noted))
    return [part for line in lines for part in chop_cells(line, max(NARROWEST_NAME, room))]


def _facts(status: RunStatus) -> tuple[str, ...]:
    """The cells of a run's row, in the order of their titles."""
    return (
        _state(status),
        f"{status.epoch}/{status.epochs}",
        percent(status.best_val_accuracy).removesuffix(" %"),
        NO_TEST if status.is_untested else percent(status.test_accuracy).removesuffix(" %"),
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
    place = f" {status.queue_place}" if status.state == "queued" else ""
    return f"{mark} {state_word(status)}{place}"


def _style(status: RunStatus) -> str:
    return RUN_MARKS["interrupted" if status.trouble else status.state][1]


def best_text(accuracy: float | None) -> str:
    """The best validation accuracy so far, behind a comma; "" where there is none."""
    told = percent(accuracy, digits=2)
    return f", best validation accuracy {told}" if accuracy is not None else ""


def uneven_words(status: RunStatus, largest_class: str) -> str:
    """What the accuracies of a run that has ended are to be compared with; "" for even classes."""
    if status.is_uneven:
        largest, balanced = percent(status.baseline_accuracy), percent(status.balanced_accuracy)
        return f"test: {largest_class} {largest}, balanced {balanced}"
    baseline = status.uneven_val_baseline
    return "" if baseline is None else f"validation: {largest_class} {percent(baseline)}"


def left_text(seconds: float | None) -> str:
    """How long it will still take, behind two blanks; "" where nobody knows."""
    return f"  {duration(seconds)} left" if seconds else ""
