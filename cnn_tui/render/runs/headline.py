"""A run in a few lines: where it stands, how fast it is, on what, and what its numbers show."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from cnn_tui.next_steps import Action, step
from cnn_tui.render.data import preparing_text
from cnn_tui.render.draw.axes import two_digits
from cnn_tui.render.draw.commands import with_changes, with_steps
from cnn_tui.render.draw.console import wrapped_lines
from cnn_tui.render.draw.numbers import LARGEST_CLASS, duration, gibibytes, percent, uneven_sentence
from cnn_tui.render.draw.states import RUN_MARKS
from cnn_tui.render.draw.styles import STRONG, WARNING
from cnn_tui.render.runs.settings import settings_line
from cnn_tui.training.advice.adviser import advise
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.kept import kept_epoch
from cnn_tui.training.records import (
    Ended,
    Event,
    Note,
    Preparing,
    RunStatus,
    Started,
    StepMetrics,
)
from cnn_tui.training.store.metrics import epoch_seconds

STARTING = "Starting: loading PyTorch and the data"
KEPT = "★"
"""Stands for the epoch whose weights are kept, here and on the curves."""
GAPS = ("   ", "  ")
"""Between the parts of a line; the narrower one where the line would not fit."""


@dataclass(frozen=True)
class HeadlinePart:
    """One part of a line, and its shorter form for narrow screens.

    Where the line still does not fit, the parts of the lowest ``weight`` go first.
    """

    text: str
    short: str = ""
    style: str = ""
    weight: int = 0


def run_headline(
    status: RunStatus,
    events: Sequence[Event],
    *,
    config: TrainConfig | None = None,
    width: int | None = None,
    lines: int | None = None,
    with_options: bool = False,
) -> Text:
    """Where a run stands: state, epoch, accuracy, speed, device; what happened, what to try.

    With ``config``, how it was set up and what its numbers show is told, too, and
    ``with_options`` how the command line writes what to try. At most ``lines`` lines of
    ``width`` columns (None: no limit): sentences come before speed, and that before the
    device and the settings.
    """
    judged = "best" if config is None else config.judged
    head = _line(_standing(status, events, judged), width)
    sentences = _wrapped(_sentences(status, events, config, with_options=with_options), width)
    room = None if lines is None else lines - 1
    facts = _facts(status, events, width)
    if config is not None:
        facts.append(settings_line(config, (), width))
    if room is not None:
        sentences = _cut(sentences, room)
        facts = facts[: room - len(sentences)]
    return Text("\n").join([head, *facts, *sentences])


def uneven_baseline(events: Sequence[Event]) -> float | None:
    """How accurate always naming the largest class is on validation.

    None where the classes are even, or nobody knows.
    """
    started = next((e for e in reversed(events) if isinstance(e, Started)), None)
    return None if started is None else started.uneven_val_baseline


def device_text(started: Started) -> str:
    """What a run trains on: ``cpu, 2 threads, fp32``; ``NVIDIA H100, 79.6 GiB, bf16``."""
    words = [started.device_name or started.device]
    if started.device == "cpu":
        words = ["cpu", f"{started.threads} thread{'s' if started.threads > 1 else ''}"]
    if started.device_memory is not None and started.device != "cpu":
        words.append(gibibytes(started.device_memory))
    words.append(started.precision)
    if started.processes > 1:
        words.append(f"{started.processes} processes")
    if started.placement == "host" and started.device != "cpu":  # where they lie either way
        words.append("images streamed from the host")
    return ", ".join(words)


def _standing(status: RunStatus, events: Sequence[Event], judged: str) -> list[HeadlinePart]:
    mark, style = RUN_MARKS[status.state]
    parts = [
        HeadlinePart(f"{mark} {status.state}", style=style, weight=9),
        HeadlinePart(f"epoch {status.epoch}/{status.epochs}", weight=8),
    ]
    if status.best_val_accuracy is not None:
        best = percent(status.best_val_accuracy)
        kept = kept_epoch(events, judged=judged)
        parts.append(HeadlinePart(f"best validation {best}", f"best {best}", weight=6))
        if kept is not None:
            parts.append(HeadlinePart(f"{KEPT} epoch {kept.epoch}", weight=3))
        if (baseline := uneven_baseline(events)) is not None:
            parts.append(HeadlinePart(f"{LARGEST_CLASS} {percent(baseline)}", weight=5))
    if status.test_accuracy is not None:
        parts.append(HeadlinePart(f"test {percent(status.test_accuracy)}", style=STRONG, weight=7))
    elif status.is_untested:
        parts.append(HeadlinePart("no test set", weight=7))
    latest = latest_steps(events)
    left = None if latest is None or status.state != "running" else latest.seconds_left
    if left is not None and math.isfinite(left):
        parts.append(HeadlinePart(f"{duration(left)} left", weight=7))
    return parts


def _facts(status: RunStatus, events: Sequence[Event], width: int | None) -> list[Text]:
    """Speed and device, on one line where they fit."""
    started = next((e for e in reversed(events) if isinstance(e, Started)), None)
    speed = _speed(status, events, started)
    device = [] if started is None else [HeadlinePart(device_text(started), started.device)]
    together = _joined([*speed, *device], GAPS[0], short=False)
    if width is None or together.cell_len <= width:
        return [together] if together.plain else []
    return [_line(parts, width) for parts in (speed, device) if parts]


def _speed(
    status: RunStatus, events: Sequence[Event], started: Started | None
) -> list[HeadlinePart]:
    latest, seconds = latest_steps(events), epoch_seconds(events)
    parts = []
    if status.state == "running" and latest is not None:
        parts.append(HeadlinePart(f"{latest.images_per_second:,.0f} images/s", weight=5))
    elif status.images_per_second is not None:
        parts.append(HeadlinePart(f"{status.images_per_second:,.0f} images/s", weight=5))
    if seconds is not None:
        told = f"{'' if status.epoch else 'about '}{duration(seconds)}"
        parts.append(HeadlinePart(f"{told}/epoch", weight=6))
    if status.state == "running" and latest is not None:
        parts.append(HeadlinePart(f"lr {two_digits(latest.lr)}", weight=4))
        if latest.gradient_norm is not None:
            norm = two_digits(latest.gradient_norm)
            parts.append(HeadlinePart(f"gradient norm {norm}", f"grad {norm}", weight=2))
        parts += _gpu(latest, started)
    return parts


def _gpu(latest: StepMetrics, started: Started | None) -> list[HeadlinePart]:
    parts = []
    if latest.gpu_utilization is not None:
        parts.append(
            HeadlinePart(f"GPU {percent(latest.gpu_utilization, digits=0)} busy", weight=3)
        )
    if latest.gpu_memory is not None:
        parts.append(HeadlinePart(f"{gibibytes(latest.gpu_memory)} in use", weight=3))
    return parts


def _sentences(
    status: RunStatus, events: Sequence[Event], config: TrainConfig | None, *, with_options: bool
) -> list[tuple[str, str]]:
    """What happened, then what the numbers show, each with its style."""
    message = message_of(status, events)
    told = [(line, "") for line in message.splitlines() if line]
    if status.is_uneven:
        uneven = uneven_sentence(status.baseline_accuracy, status.balanced_accuracy)
        told.append((uneven, WARNING))
    if config is not None:
        for each in advise(config, events, status):
            said = with_changes(each.sentence, each.next_steps) if with_options else each.sentence
            told.append((f"▲ {said}", WARNING))
    return told


def message_of(status: RunStatus, events: Sequence[Event]) -> str:
    """What happened, in a sentence with what can be done about it; often nothing."""
    if status.state == "finished" and status.epoch >= status.epochs:
        return ""
    if status.message:
        return with_steps(status.message, status.next_steps)
    if status.state == "interrupted":
        resume = step(Action.RESUME, status.run)
        return with_steps("The worker is gone, its last checkpoint is kept.", (resume,))
    if not events:
        return STARTING if status.state == "running" else ""
    last = events[-1]
    if isinstance(last, Preparing):
        return preparing_text(last)
    notes = [event.message for event in events if isinstance(event, Note)]
    return notes[-1] if notes and not isinstance(last, Ended) else ""


def latest_steps(events: Sequence[Event]) -> StepMetrics | None:
    """What was recorded last of the steps."""
    return next((event for event in reversed(events) if isinstance(event, StepMetrics)), None)


def _line(parts: Sequence[HeadlinePart], width: int | None) -> Text:
    """The parts on one line of at most ``width`` columns, shortened or dropped to fit."""
    kept = list(parts)
    while True:
        for gap, short in ((GAPS[0], False), (GAPS[1], False), (GAPS[1], True)):
            line = _joined(kept, gap, short=short)
            if width is None or line.cell_len <= width:
                return line
        if len(kept) == 1:
            return line
        kept.remove(min(kept, key=lambda part: part.weight))


def _joined(parts: Sequence[HeadlinePart], gap: str, *, short: bool) -> Text:
    texts = [Text((short and part.short) or part.text, part.style) for part in parts]
    return Text(gap).join(texts)


def _wrapped(sentences: Sequence[tuple[str, str]], width: int | None) -> list[Text]:
    lines = []
    for sentence, style in sentences:
        text = Text(sentence, style)
        lines += [text] if width is None else wrapped_lines(text, width)
    return lines


def _cut(lines: list[Text], room: int) -> list[Text]:
    """At most ``room`` lines; the last one shows that there would be more."""
    if len(lines) <= room:
        return lines
    kept = lines[: max(0, room)]
    if kept:
        width = max(cell_len(line.plain) for line in lines)
        kept[-1].truncate(width - 2)
        kept[-1].append(" …")
    return kept
