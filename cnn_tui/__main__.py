"""The program: joins the command line and the TUI, which do not know each other."""

import os
import signal
import sys
from pathlib import Path

from cnn_tui.cli import main as run_command_line

ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end a command as Ctrl-C does: what it started and wrote for itself is removed."""


def main() -> int:
    """Run ``cnn-lab``; returns the exit code."""
    _open_missing_streams()
    _handle(signal.SIG_DFL, signal.default_int_handler)
    return run_command_line(open_tui=_TUI())


class _TUI:
    """The TUI as the command line asks for it."""

    def __call__(self, *, mouse: bool, theme: str | None, low_bandwidth: bool) -> None:
        from cnn_tui.tui import run

        _handle(signal.default_int_handler, signal.SIG_DFL)  # the app has its own ways to end
        run(mouse=mouse, theme=theme, low_bandwidth=low_bandwidth)

    def expect_theme(self, name: str) -> None:
        from cnn_tui.tui.themes import theme_named

        theme_named(name)

    def take_screenshot(self, pane: str, path: Path, *, size: str, theme: str | None) -> None:
        from cnn_tui.tui.screenshot import take_screenshot

        take_screenshot(pane, path, size=size, theme=theme)


def _open_missing_streams() -> None:
    """Let a stream that the lab was started without, as by ``>&-``, lead nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


def _handle(before: object, after: "signal._HANDLER") -> None:
    """Replace one way to handle the signals by another; one that is ignored stays so."""
    for number in ENDING:
        if signal.getsignal(number) is before:
            signal.signal(number, after)


if __name__ == "__main__":
    sys.exit(main())
