"""What Rich draws, outside of a terminal: as HTML for a notebook, and as plain text.

The HTML brings its own ground and ink, like a terminal: curves and heat colors
are made for a dark ground, and a notebook may be light or dark.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.terminal_theme import TerminalTheme

WIDTH = 100
"""Columns of a picture in a notebook, whose own width nobody knows."""

THEME = TerminalTheme(
    background=(16, 20, 24),
    foreground=(232, 236, 244),
    normal=[
        (118, 126, 138),
        (255, 118, 112),
        (126, 208, 134),
        (236, 202, 96),
        (104, 176, 255),
        (220, 146, 232),
        (96, 206, 216),
        (232, 236, 244),
    ],
)
"""The ANSI colors in a notebook, each of them readable on the background."""

HTML = (
    '<pre style="white-space:pre;overflow-x:auto;line-height:1.25;padding:0.75em 1em;'
    "border-radius:4px;color:{foreground};background-color:{background};"
    "font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace\">{code}</pre>"
)


@dataclass(frozen=True)
class FittedToWidth:
    """What ``draw`` makes of the number of columns that there are."""

    draw: Callable[[int], RenderableType]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.draw(options.max_width)


def to_html(renderable: RenderableType) -> str:
    """A ``<pre>`` of ``WIDTH`` columns that shows ``renderable`` in its colors."""
    console = _console(WIDTH, record=True, color_system="truecolor")
    console.print(renderable)
    return console.export_html(theme=THEME, code_format=HTML, inline_styles=True)


def to_text(renderable: RenderableType, width: int) -> str:
    """``renderable`` in ``width`` columns without colors, and without spaces that end a line."""
    console = _console(width, color_system=None)
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def _console(width: int, **options: Any) -> Console:
    """A console that writes nowhere; inside Jupyter, Rich would show all that is printed on it."""
    return Console(
        file=io.StringIO(),
        width=width,
        force_jupyter=False,
        force_terminal=False,
        legacy_windows=False,
        highlight=False,
        emoji=False,
        **options,
    )
