"""The notes on a run, as a list with their dates."""

import time
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.draw.styles import QUIET
from cnn_tui.training.store.notes import RunNote

NO_NOTES = "This run has no notes."


def notes_view(notes: Sequence[RunNote]) -> RenderableType:
    """One note per line, the oldest first."""
    if not notes:
        return Text(NO_NOTES)
    return Group(
        *[Text.assemble((_date(each), QUIET), f"  {printable(each.text)}") for each in notes]
    )


def notes_changed(run: str, count: int) -> str:
    """What a run has after a change, such as ``Run X has 2 notes``, as a sentence."""
    return f"Run {run} has {count or 'no'} note{'' if count == 1 else 's'}."


def _date(note: RunNote) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(note.time))
