"""How fast the lab starts: its help page, and the first full paint of the TUI.

Both are whole processes; lab and reference take turns, so that a noisy machine
disturbs both alike.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from cnn_tui.bench.catalogue import FIRST_PAINT, HELP
from cnn_tui.bench.records import BenchResult, compared
from cnn_tui.bench.terminal import Terminal
from cnn_tui.bench.turns import command_seconds, take_turns

PAINT_SECONDS = 30.0
"""How long a first paint may take before the measurement gives up."""

LAB_MARKERS = ("5 Exercises", "small grid", "Quit")
"""Words of the strip, of the first topic's text and of the footer."""
BARE_MARKERS = ("bare-app-ready", "Quit")

BARE_APP = """
from textual.app import App
from textual.widgets import Footer, Header, Static
class Bare(App):
    BINDINGS = [("q", "quit", "Quit")]
    def compose(self):
        yield Header()
        yield Static("bare-app-ready")
        yield Footer()
Bare().run()
"""


def measure() -> list[BenchResult]:
    """The help page against ``import typer``, the first paint against a bare Textual app."""
    return [_help_page(), _first_paint()]


def _help_page() -> BenchResult:
    pairs = take_turns(
        lambda: command_seconds([sys.executable, "-m", "cnn_tui", "--help"]),
        lambda: command_seconds([sys.executable, "-c", "import typer"]),
        HELP,
    )
    return compared("cnn-lab --help", "s", pairs, HELP)


def _first_paint() -> BenchResult:
    with tempfile.TemporaryDirectory() as folder:
        pairs = take_turns(
            lambda: _paint_seconds([sys.executable, "-m", "cnn_tui"], LAB_MARKERS, folder),
            lambda: _paint_seconds([sys.executable, "-c", BARE_APP], BARE_MARKERS, folder),
            FIRST_PAINT,
        )
    return compared("TUI first paint", "s", pairs, FIRST_PAINT)


def _paint_seconds(command: Sequence[str], markers: Sequence[str], folder: str) -> float:
    """Seconds until every marker was written to a 120×40 terminal of the process's own."""
    start = time.perf_counter()
    with Terminal(command, Path(folder)) as terminal:
        terminal.wait_for(markers, PAINT_SECONDS)
        return time.perf_counter() - start
