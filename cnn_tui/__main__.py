"""The program: joins the command line and the TUI, which do not know each other."""

import signal
import sys

from cnn_tui.cli import main as run_command_line

ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end a command as Ctrl-C does: what it started and wrote for itself is removed."""


def main() -> int:
    """Run ``cnn-lab``; returns the exit code."""
    _handle(signal.SIG_DFL, signal.default_int_handler)
    return run_command_line(open_tui=_open_tui)


def _open_tui(*, mouse: bool, theme: str | None, low_bandwidth: bool) -> None:
    from cnn_tui.tui import run

    _handle(signal.default_int_handler, signal.SIG_DFL)  # the app has its own ways to end
    run(mouse=mouse, theme=theme, low_bandwidth=low_bandwidth)


def _handle(before: object, after: "signal._HANDLER") -> None:
    """Replace one way to handle the signals by another; one that is ignored stays so."""
    for number in ENDING:
        if signal.getsignal(number) is before:
            signal.signal(number, after)


if __name__ == "__main__":
    sys.exit(main())
