"""The program: joins the command line and the TUI, which do not know each other."""

import sys

from cnn_tui.cli import main as run_command_line


def main() -> int:
    """Run ``cnn-lab``; returns the exit code."""
    return run_command_line(open_tui=_open_tui)


def _open_tui(*, mouse: bool, theme: str | None, low_bandwidth: bool) -> None:
    from cnn_tui.tui import run

    run(mouse=mouse, theme=theme, low_bandwidth=low_bandwidth)


if __name__ == "__main__":
    sys.exit(main())
