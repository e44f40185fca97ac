"""Data sets on the plain terminal: what is there, and one of them being prepared."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from cnn_tui.analysis.records import shape_text
from cnn_tui.data.records import (
    ClassCount,
    DataState,
    PreparationStep,
    ProgressCallback,
    Remark,
    SkippedFile,
)
from cnn_tui.next_steps import Action, step
from cnn_tui.render.draw.commands import command, with_changes
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.draw.styles import ACCENT, FAILED, PASSED, QUIET, TITLE, WARNING
from cnn_tui.training.records import Preparing

BAR_WIDTH = 16
LINES_PER_STEP = 10
"""Without a terminal, a step is told every tenth of its way."""

PART_TITLES = {"train": "Training", "val": "Validation", "test": "Test"}

STATE_SIGNS = {
    "prepared": ("✓", PASSED),
    "downloaded": ("·", ACCENT),
    "partly downloaded": ("·", WARNING),
    "outdated": ("·", WARNING),
    "damaged": ("✗", FAILED),
    "not here": ("–", QUIET),
}


def data_table(states: Sequence[DataState], data_dir: str) -> RenderableType:
    """One row per data set, folders with their path below; where they are kept at the end."""
    table = Table(box=None, pad_edge=False, header_style=TITLE, padding=(0, 2, 0, 0))
    table.add_column("Data set", overflow="fold")
    table.add_column("Train + test", justify="right", no_wrap=True)
    table.add_column("Classes", justify="right")
    table.add_column("Size", no_wrap=True)
    table.add_column("State")
    table.add_column("Cache", justify="right", no_wrap=True)
    for state in states:
        sign, style = STATE_SIGNS[state.state]
        table.add_row(
            Text(printable(state.name)),
            _images(state),
            _or_dash(state.classes),
            _shape(state),
            Text(f"{sign} {state.state}", style),
            size(state.cache_bytes) if state.cache_bytes else "–",
        )
    hints = [f"Kept in {data_dir}"]
    if any(not state.prepared for state in states):
        prepare = command(step(Action.PREPARE_DATA, "NAME"))
        hints.append(f"Fetch and prepare one: {prepare} (or folder:PATH)")
    return Group(table, Text("\n" + "\n".join(hints)))


def prepared_line(state: DataState) -> str:
    """What a data set is, once it is ready."""
    kept = f", {size(state.cache_bytes)} in {state.where}" if state.cache_bytes else ""
    kept = f", no test set{kept}" if state.test_images == 0 else kept
    return (
        f"{printable(state.name)} is ready: {_images(state)} images, "
        f"{state.classes} classes, {_shape(state)}{kept}"
    )


def class_table(counts: Sequence[ClassCount]) -> RenderableType:
    """How many images of each class are in each part, and of all of them."""
    columns = ["train", "val", "test"] if any(each.val for each in counts) else ["train", "test"]
    rows = [[getattr(each, column) or 0 for column in columns] for each in counts]
    table = Table(box=None, pad_edge=False, header_style=TITLE, padding=(0, 2, 0, 0))
    table.add_column("Class", overflow="fold")
    for column in columns:
        table.add_column(PART_TITLES[column], justify="right", no_wrap=True)
    for each, row in zip(counts, rows, strict=True):
        table.add_row(Text(printable(each.name)), *(f"{count:,}" for count in row))
    sums = [sum(column) for column in zip(*rows, strict=True)]
    table.add_row(f"{len(counts):,} classes", *(f"{count:,}" for count in sums), style=QUIET)
    return table


def skipped_line(skipped: Sequence[SkippedFile]) -> str:
    """How many files were left out, and the first of them."""
    first = f"{printable(skipped[0].path)} ({skipped[0].reason})"
    if len(skipped) == 1:
        return f"1 file cannot be read and was left out: {first}."
    return f"{len(skipped):,} files cannot be read and were left out, such as {first}."


def preparing_text(step: PreparationStep | Preparing) -> str:
    """One step on one line."""
    numbers = _numbers(step)
    return f"{step.doing}: {numbers}" if numbers else step.doing


def preparing_bar(step: PreparationStep | Preparing) -> dict[str, Any]:
    """What a bar with a ``numbers`` field shows of one step."""
    return {
        "description": step.doing.split()[0],
        "total": step.total,
        "completed": step.done,
        "numbers": _numbers(step) if step.unit == "bytes" else "",
    }


@contextmanager
def shown_on(talk: Console) -> Iterator[ProgressCallback]:
    """A listener that shows how a data set is prepared.

    A terminal gets one bar per step; a pipe gets lines, a few for each step.
    """
    if not talk.is_terminal or talk.is_dumb_terminal:
        yield _Lines(talk)
        return
    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(BAR_WIDTH),
        TaskProgressColumn(),
        TextColumn("{task.fields[numbers]}"),
        console=talk,
    )
    with bars:
        yield _StepBars(bars)


def size(count: float) -> str:
    """Bytes as people read them: ``176 MiB``."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            break
        count /= 1024
    return f"{count:.3g} {unit}" if count < 1000 else f"{count:.0f} {unit}"


class _StepBars:
    """One bar per step, the last one growing."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: PreparationStep | Remark) -> None:
        if isinstance(what, Remark):
            self._bars.console.print(_remark(what), soft_wrap=True, markup=False)
            return
        if what.doing not in self._tasks:
            self._tasks[what.doing] = self._bars.add_task("", total=None, numbers="")
        changes = preparing_bar(what) | {"description": what.doing}
        self._bars.update(self._tasks[what.doing], **changes)


class _Lines:
    """One line whenever a step begins, has come a tenth further, or is done."""

    def __init__(self, talk: Console) -> None:
        self._talk = talk
        self._told = ""

    def __call__(self, what: PreparationStep | Remark) -> None:
        if isinstance(what, Remark):
            self._talk.print(_remark(what), soft_wrap=True, markup=False)
            return
        tenth = what.done * LINES_PER_STEP // what.total if what.total else 0
        if self._told != f"{what.doing} {tenth}":
            self._told = f"{what.doing} {tenth}"
            self._talk.print(preparing_text(what), soft_wrap=True, markup=False)


def _remark(what: Remark) -> str:
    return printable(with_changes(what.message, what.next_steps))


def _numbers(step: PreparationStep | Preparing) -> str:
    """``80 MiB of 163 MiB``, ``1,000 of 60,000 files``; nothing where nothing is counted."""
    if step.unit == "bytes":
        of = "" if step.total is None else f" of {size(step.total)}"
        return f"{size(step.done)}{of}" if step.done or step.total else ""
    return "" if step.total is None else f"{step.done:,} of {step.total:,} {step.unit}"


def _images(state: DataState) -> str:
    if state.train_images is None or state.test_images is None:
        return "–"
    val = "" if state.val_images is None else f" + {state.val_images:,}"
    return f"{state.train_images:,}{val} + {state.test_images:,}"


def _shape(state: DataState) -> str:
    if state.channels is None or state.image_size is None:
        return "–"
    return shape_text((state.channels, state.image_size, state.image_size))


def _or_dash(count: int | None) -> str:
    return "–" if count is None else f"{count:,}"
