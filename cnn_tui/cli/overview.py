"""``cnn-lab`` without a command: the lab, or one plain page where it cannot open."""

import os
import sys
from pathlib import Path
from typing import Protocol

from cnn_tui.errors import LabFault


class OpenTUI(Protocol):
    """How the program hands the command line its way into the TUI."""

    def __call__(self, *, mouse: bool, theme: str | None, low_bandwidth: bool) -> None:
        """Open the TUI and return when the user has left it."""

    def expect_theme(self, name: str) -> None:
        """Raise UsageError unless there is a theme of that name."""

    def take_screenshot(self, pane: str, path: Path, *, size: str, theme: str | None) -> None:
        """Write what a pane shows to an SVG file, without a terminal."""


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


def write_screenshot(
    open_tui: OpenTUI | None, pane: str, file: str, *, size: str, theme: str | None
) -> None:
    """Write a picture of a pane, and say where it is."""
    if open_tui is None:
        raise LabFault("There is no app here to take a picture of.")
    open_tui.take_screenshot(pane, Path(file), size=size, theme=theme)
    print(f"Wrote {file}")
