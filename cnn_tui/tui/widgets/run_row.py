"""One run in the list of runs: its name, what tells it from others, its progress and result."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from cnn_tui.render.draw.numbers import LARGEST_CLASS, clock, percent, share_bar
from cnn_tui.render.draw.states import RUN_MARKS, state_word
from cnn_tui.render.draw.styles import ACCENT, FRAME, QUIET
from cnn_tui.render.draw.words import shortened
from cnn_tui.render.runs.names import ID_LENGTH, net_words, short_data
from cnn_tui.render.runs.page import STOPPING
from cnn_tui.training.records import LOSS_IS_NAN, RunStatus

WIDE = 44
"""Columns from which a running run's bar stands beside its name."""
BAR_BESIDE, MARK_CELLS = 14, 2
BETWEEN = " · "
QUEUE_STOPPED = "queue not running"


def run_row(
    status: RunStatus,
    width: int,
    mark: Text,
    differences: Sequence[str] = (),
    *,
    is_stopping: bool = False,
) -> Text:
    """A run in two lines; in more where it is running, or differs, and there is little room.

    The first cell is left to the list, which marks with it what is selected.
    """
    lines = _names(status, width, mark, differences)
    if status.state == "running" and width < WIDE:
        lines.append(_bar(status, width - 3))
    return Text("\n").join([*lines, _result(status, width, is_stopping=is_stopping)])


def _names(status: RunStatus, width: int, mark: Text, differences: Sequence[str]) -> list[Text]:
    """Sign and name; at the right end the mark of an overlay, and what tells it from others."""
    sign, style = RUN_MARKS["interrupted" if status.trouble else status.state]
    net, *options = net_words(status.net)
    what = f"{net} · {short_data(status.data)}"
    name = status.run if status.trouble else status.name or what
    told = [*options, *differences]
    if status.name and not status.trouble:
        told.insert(0, what)
    apart, right, room = BETWEEN.join(told), mark.copy(), width - 3
    is_beside = cell_len(name) + 1 + MARK_CELLS + cell_len(apart) <= room
    if status.state == "running" and width >= WIDE:
        right.append_text(_bar(status, BAR_BESIDE + 6, indent=0))
        is_beside = False
    elif is_beside:
        right.append(apart if apart or status.trouble else status.run[-ID_LENGTH:], QUIET)
    if cell_len(name) + 1 + right.cell_len > room:
        right = mark.copy()
    parts = name.split(BETWEEN, 1) if cell_len(name) + 1 + right.cell_len > room else [name]
    lines = []
    for number, part in enumerate(parts):
        line = Text.assemble(" ", (sign, style), " ") if number == 0 else Text("   ")
        taken = right.cell_len + 1 if number == 0 and right else 0
        text = Text(part)
        text.truncate(max(1, room - taken), overflow="ellipsis")
        line.append_text(text)
        if taken:
            line.append(" " * (width - line.cell_len - right.cell_len)).append_text(right)
        lines.append(line)
    if apart and not is_beside:
        lines.append(Text.assemble("   ", (_by_parts(told, room), QUIET)))
    return lines


def _bar(status: RunStatus, width: int, indent: int = 3) -> Text:
    """``███████▌░░░░░ 26/40``."""
    count = f" {status.epoch}/{status.epochs}"
    room = max(1, width - len(count))
    done = share_bar(status.epoch, status.epochs, room)
    bar = Text(" " * indent).append(done, ACCENT)
    return bar.append("░" * (room - len(done)), FRAME).append(count)


def _result(status: RunStatus, width: int, *, is_stopping: bool) -> Text:
    """The best accuracy, or why there is none; at the right end how long it took or will take."""
    time = "" if status.seconds is None else clock(status.seconds)
    if status.state == "running" and status.seconds_left is not None:
        time = f"{clock(status.seconds_left)} left"
    line, style = Text("   "), ""
    room = width - 4 - len(time)
    if status.trouble or status.state == "failed":
        words = shortened(Text(_reason(status)), room).plain
        style = RUN_MARKS["failed"][1]
    else:
        forms = _result_forms(status, is_stopping=is_stopping)
        words = next((each for each in forms if cell_len(each) <= room), forms[-1])
    line.append(words, style or None)
    return line.append(f"{time:>{max(0, width - line.cell_len)}}", QUIET)


def _result_forms(status: RunStatus, *, is_stopping: bool) -> list[str]:
    """The result in words, and in fewer ones."""
    best = "–" if status.best_val_accuracy is None else f"val {percent(status.best_val_accuracy)}"
    if status.state == "queued":
        place = f"queued, {status.queue_place}."
        return [f"{place} on {status.queue}" if status.queue_runs else QUEUE_STOPPED, place]
    if status.state in ("stopped", "interrupted"):
        done = f"{status.epoch}/{status.epochs}"
        return [f"{best}  {status.state} {done}", f"{best}  {done}", best]
    if status.state == "running" and is_stopping:
        return [f"{best}  {STOPPING}", STOPPING]
    if status.state == "running" and status.best_val_accuracy is None:
        return ["starting" if status.is_starting else "first epoch"]
    if status.uneven_val_baseline is not None and status.best_val_accuracy is not None:
        return [f"{best} ({LARGEST_CLASS} {percent(status.uneven_val_baseline)})", best]
    return [best]


def _reason(status: RunStatus) -> str:
    if status.trouble:
        return state_word(status)
    if status.message.startswith(LOSS_IS_NAN):
        step = status.message.partition("since step ")[2].partition(")")[0]
        return f"NaN at step {step}" if step else "NaN"
    return status.message.partition(":")[0] or "failed"


def _by_parts(parts: Sequence[str], room: int) -> str:
    """As many of the parts as there is room for."""
    kept = list(parts)
    while len(kept) > 1 and cell_len(BETWEEN.join(kept)) > room:
        kept.pop()
    return BETWEEN.join(kept)
