"""The two consoles of the command line, and JSON.

Rich already honours ``NO_COLOR``, pipes and ``TERM=dumb``; what is added here
is the plain spelling of every sign that the terminal's encoding lacks.
"""

import json
import math
import os
import sys
from typing import Any

from rich.console import Console

from cnn_tui.render.draw.spelling import make_plain

PIPE_WIDTH = 100
"""Columns assumed when the output is not a terminal."""


def stdout() -> Console:
    """Where data goes."""
    return _console(to_stderr=False)


def stderr() -> Console:
    """Where talk goes: progress, notes, next steps."""
    return _console(to_stderr=True)


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
