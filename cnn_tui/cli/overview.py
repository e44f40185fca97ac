"""``cnn-lab`` without a command: the lab, or one plain page where it cannot open."""

import os
import sys
from typing import Protocol


class OpenTUI(Protocol):
    """How the program hands the command line its way into the TUI."""

    def __call__(self, *, mouse: bool, theme: str | None, low_bandwidth: bool) -> None:
        """Open the TUI and return when the user has left it."""


def open_lab(
    open_tui: OpenTUI | None, *, mouse: bool, theme: str | None, low_bandwidth: bool
) -> None:
    """Open the TUI; print the overview where there is no usable terminal."""
    if open_tui is not None and _has_terminal():
        open_tui(mouse=mouse, theme=theme, low_bandwidth=low_bandwidth)
        return
    from cnn_tui.render.draw.console import stdout
    from cnn_tui.render.pages.overview import overview
    from cnn_tui.workspace import find_or_none

    stdout().print(overview(find_or_none()))


def _has_terminal() -> bool:
    named = os.environ.get("TERM", "") not in ("", "dumb", "unknown")
    return named and sys.stdin.isatty() and sys.stdout.isatty()
