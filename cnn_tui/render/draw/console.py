"""The two consoles of the command line, JSON, and sentences as lines of a page.

Rich already honors ``NO_COLOR``, pipes and ``TERM=dumb``; what is added here
is the plain spelling of every sign that the terminal's encoding lacks.
"""

import io
import json
import math
import os
import sys
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from cnn_tui.render.draw.spelling import make_plain

PIPE_WIDTH = 100
"""Columns assumed when the output is not a terminal."""
_RULER = Console(width=80)
"""Wrapping text asks for a console, and uses nothing of it but its encoding."""


def stdout() -> Console:
    """Where data goes."""
    return _console(to_stderr=False)


def stderr() -> Console:
    """Where talk goes: progress, notes, next steps."""
    return _console(to_stderr=True)


def plain_text(content: RenderableType, width: int = PIPE_WIDTH) -> str:
    """What ``content`` looks like in ``width`` columns without any style."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    with console.capture() as capture:
        console.print(content)
    return capture.get()


def print_json(document: Any) -> None:
    """One JSON document on stdout; non-finite numbers are written as null.

    What the output's encoding lacks is escaped, so that it is the same document.
    """
    make_plain(sys.stdout)
    finite = _finite(document)
    text = json.dumps(finite, indent=2, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        text = json.dumps(finite, indent=2, allow_nan=False)
    sys.stdout.write(f"{text}\n")


def print_text(text: str) -> None:
    """A document of another format on stdout, as it is."""
    make_plain(sys.stdout)
    sys.stdout.write(text)


def wrapped_lines(sentence: Text, width: int) -> list[Text]:
    """The lines that ``sentence`` takes in ``width`` columns; without any, those it takes in one.

    A page beside others may have no columns left, and Rich wraps no text there.
    """
    return list(sentence.wrap(_RULER, max(1, width)))


def _console(*, to_stderr: bool) -> Console:
    stream = sys.stderr if to_stderr else sys.stdout
    make_plain(stream)
    console = Console(stderr=to_stderr, highlight=False, emoji=False, safe_box=True)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH
    return console


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value
