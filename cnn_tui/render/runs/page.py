"""What stands around the curves of a run in the app: its name, how far it is, what to do next."""

import math
from collections.abc import Collection, Sequence

from rich.text import Text

from cnn_tui.next_steps import Action, NextStep
from cnn_tui.options import text as value_text
from cnn_tui.render.data import preparing_text
from cnn_tui.render.draw.axes import two_digits
from cnn_tui.render.draw.console import wrapped_lines
from cnn_tui.render.draw.keys import DrawnKey, keys_text
from cnn_tui.render.draw.numbers import clock, percent, printable, uneven_sentence
from cnn_tui.render.draw.states import RUN_MARKS, state_word
from cnn_tui.render.draw.styles import QUIET, WARNING
from cnn_tui.render.draw.words import shortened
from cnn_tui.render.runs.headline import STARTING, device_text, latest_steps, uneven_baseline
from cnn_tui.render.runs.names import net_words, short_data
from cnn_tui.training.advice.adviser import advise
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.kept import kept_epoch
from cnn_tui.training.records import (
    NOT_RESUMED,
    Advice,
    Ended,
    Event,
    Note,
    Preparing,
    RunStatus,
    Started,
)
from cnn_tui.training.store.comparison import setting_differences

INDENT, LEAST_NOTE = 2, 2
RESUMES: DrawnKey = ("r", "resumes it")
STARTS_QUEUE: DrawnKey = ("r", "starts the queue")
LEAVES_QUEUE: DrawnKey = ("s", "takes it out")
STOPPING = "stopping"
"""What a run does between the request to stop and its checkpoint."""
NOTED = "»"
"""Before a note of the user's."""
WIDEST = 90
"""Text is never wider."""


def run_title(
    status: RunStatus, differences: Sequence[str] = (), *, room: int | None = None
) -> str:
    """What a run is called: ``lenet5 on digits``, behind its name where it has one.

    The network's options and what tells the run from others come last, as far as there is room.
    """
    if status.trouble:
        return status.run
    net, *options = net_words(status.net)
    parts = [f"{net} on {short_data(status.data)}", *options, *differences]
    name = f"{status.name}: " if status.name else ""
    while len(parts) > 1 and room is not None and len(name) + len(", ".join(parts)) > room:
        parts.pop()
    title = name + ", ".join(parts)
    return status.name if name and room is not None and len(title) > room else title


def run_state(status: RunStatus, *, short: bool = False, is_stopping: bool = False) -> Text:
    """How far a run is: ``▶ epoch 26/40 · 1:12 left``, ``✓ 40 epochs · 12:08``."""
    mark, style = RUN_MARKS["interrupted" if status.trouble else status.state]
    if status.is_starting or (is_stopping and status.state == "running"):
        return Text.assemble((mark, style), f" {STOPPING if is_stopping else 'starting'}")
    words = [f"{'' if short else 'epoch '}{status.epoch}/{status.epochs}"]
    if status.state == "finished":
        words = ["1 epoch" if status.epoch == 1 else f"{status.epoch} epochs"]
    elif status.state != "running":
        words.insert(0, state_word(status))
    if status.seconds_left is not None and math.isfinite(status.seconds_left):
        words.append(f"{clock(status.seconds_left)} left")
    elif status.seconds is not None:
        words.append(clock(status.seconds))
    return Text.assemble((mark, style), f" {' · '.join(words)}")


def run_pace(status: RunStatus, events: Sequence[Event], *, without: Collection[str] = ()) -> str:
    """How fast a run is: ``647 images/s · lr 0.0012``, ``without`` what these panels show."""
    latest = latest_steps(events)
    if status.state == "running" and latest is not None:
        words = {
            "speed": f"{latest.images_per_second:,.0f} images/s",
            "rate": f"lr {two_digits(latest.lr)}",
        }
        if latest.gpu_utilization is not None:
            words["gpu"] = f"GPU {percent(latest.gpu_utilization, 0)}"
        return " · ".join(word for key, word in words.items() if key not in without)
    speed = None if "speed" in without else status.images_per_second
    return "" if speed is None else f"{speed:,.0f} images/s"


def run_notes(
    status: RunStatus, events: Sequence[Event], config: TrainConfig | None, width: int
) -> list[list[Text]]:
    """What was achieved or went wrong, and what the numbers show, with the keys that lead on.

    Last come the user's own notes, the newest first. Each note is some lines.
    """
    width = min(width, WIDEST)
    notes = [_outcome(status, events, config, width)]
    if config is not None:
        first = True
        for each in advise(config, events, status):
            change = changed(each) if first else None
            notes.append(_with_key("▲", WARNING, each.sentence, _again(change), width))
            first = first and change is None
    for text in reversed(status.notes):
        notes.append(_with_key(NOTED, QUIET, printable(text), (), width))
    return [each for each in notes if each]


def note_lines(note: Sequence[Text], room: int) -> list[Text]:
    """A note in ``room`` lines: its last line, which may have the key, and as much as fits above.

    Where words are left out, they are whole ones.
    """
    if len(note) <= room:
        return list(note)
    if room < LEAST_NOTE:
        return []
    kept = list(note[: room - 1])
    following = note[room - 1].plain.strip()
    kept[-1] = shortened(
        Text.assemble(kept[-1], f" {following}"), max(line.cell_len for line in note)
    )
    return [*kept, note[-1]]


def machine_words(events: Sequence[Event]) -> list[str]:
    """How large the network of a run is, and what it trains on."""
    started = next((each for each in reversed(events) if isinstance(each, Started)), None)
    if started is None:
        return []
    return [f"{started.parameters:,} parameters", *device_text(started).split(", ")]


def differences_line(configs: Sequence[TrainConfig], width: int) -> str:
    """What runs that are laid over each other differ in: ``lr 0.02 against 0.002 · seed 0, 1``.

    What does not fit is left out, from the end.
    """
    words = [each.words for each in setting_differences(configs)]
    while len(words) > 1 and len(" · ".join(words)) > width:
        words.pop()
    return " · ".join(words) or "The same settings"


def changed(advice: Advice) -> NextStep | None:
    """The first change that an advice suggests."""
    return next((s for s in advice.next_steps if s.action is Action.TRAIN_AGAIN), None)


def first_change(
    config: TrainConfig, events: Sequence[Event], status: RunStatus
) -> NextStep | None:
    """The change that a run's numbers suggest first."""
    return next(filter(None, map(changed, advise(config, events, status))), None)


def _again(change: NextStep | None) -> Sequence[DrawnKey]:
    """``⏎ run again with dropout 0.3``."""
    if change is None:
        return ()
    settings = change.settings.items()
    words = [f"{name.replace('_', ' ')} {value_text(v)}" for name, v in settings if name != "data"]
    return [("⏎", f"run again with {' and '.join(words)}")]


def _outcome(
    status: RunStatus, events: Sequence[Event], config: TrainConfig | None, width: int
) -> list[Text]:
    mark, style = RUN_MARKS["interrupted" if status.trouble else status.state]
    if status.trouble:
        return _with_key(mark, style, status.message, (), width)
    if status.state == "queued":
        keys = [] if status.queue_runs else [STARTS_QUEUE]
        return _with_key(mark, style, status.message, [*keys, LEAVES_QUEUE], width)
    if status.state in ("failed", "interrupted"):
        resumes = [RESUMES] if status.state == "interrupted" else []
        message = status.message or "Its worker is gone."
        return _with_key(mark, style, message, [*resumes, ("o", "opens its log")], width)
    if status.state == "finished":
        achieved = _achieved(status, events, config)
        return _with_key(mark, style, achieved, [("p", "predictions")], width)
    if status.state == "stopped":
        why = f" {NOT_RESUMED}{status.why_not_resumed}" if status.not_resumed else ""
        return _with_key(mark, style, f"Stopped at a checkpoint.{why}", [RESUMES], width)
    return [Text(line, QUIET) for line in _under_way(events)]


def _under_way(events: Sequence[Event]) -> list[str]:
    if not events:
        return [STARTING]
    if isinstance(events[-1], Preparing):
        return [preparing_text(events[-1])]
    notes = [event.message for event in events if isinstance(event, Note)]
    baseline, told = uneven_baseline(events), []
    if baseline is not None:
        always = percent(baseline)
        told = [f"Naming the largest class is right for {always} of the validation images."]
    return [*notes[-1:], *told] if not isinstance(events[-1], Ended) else []


def _achieved(status: RunStatus, events: Sequence[Event], config: TrainConfig | None) -> str:
    """What a finished run has come to, in one line."""
    kept = kept_epoch(events, judged="best" if config is None else config.judged)
    words = []
    if status.test_accuracy is not None:
        words.append(f"{percent(status.test_accuracy)} of the test images are right")
    if kept is not None:
        if status.is_untested:
            words.append(f"{percent(kept.val_accuracy)} of the validation images are right")
        words.append(f"with the weights of epoch {kept.epoch} (★)")
        others = "no test set" if status.is_untested else f"validation {percent(kept.val_accuracy)}"
        words.append(others)
    if status.seconds is not None:
        words.append(f"in {clock(status.seconds)}")
    early = f" {status.message}" if status.epoch < status.epochs else ""
    sentence = ", ".join(words).replace(", with", " with", 1)
    uneven = uneven_sentence(status.baseline_accuracy, status.balanced_accuracy)
    more = f"{early} {uneven}" if status.is_uneven else early
    if status.is_untested and (baseline := uneven_baseline(events)) is not None:
        more += f" Always naming the largest class: {percent(baseline)}."
    return f"{sentence}.{more}" if sentence else f"Finished.{more}"


def _with_key(
    mark: str, style: str, sentence: str, keys: Sequence[DrawnKey], width: int
) -> list[Text]:
    """A sentence behind its mark, and at the right of its last line the keys that lead on."""
    room = width - INDENT
    lines = [Text(" " * INDENT).append_text(each) for each in wrapped_lines(Text(sentence), room)]
    if lines:
        lines[0] = Text.assemble((mark, style), lines[0][1:])
    if keys:
        drawn = keys_text(keys, is_first=True)
        last = lines[-1] if lines else Text()
        space = width - last.cell_len - drawn.cell_len
        if space >= INDENT and lines:
            last.append(" " * space).append_text(drawn)
        else:
            lines.append(Text(" " * INDENT).append_text(drawn))
    return lines
