"""How fast the lab starts: its help page, and the first full paint of the TUI.

Both are whole processes; lab and reference take turns, so that a noisy machine
disturbs both alike.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cnn_tui.bench.records import BenchResult, compared
from cnn_tui.bench.terminal import Terminal

ROUNDS = 7
PAINT_SECONDS = 30.0
"""How long a first paint may take before the measurement gives up."""

LAB_MARKERS = ("5 Exercises", "pooling layer", "Quit")
"""Words of the strip, of the first topic's text and of the footer."""

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
    lab, reference = _medians(
        lambda: _run_seconds([sys.executable, "-m", "cnn_tui", "--help"]),
        lambda: _run_seconds([sys.executable, "-c", "import typer"]),
    )
    return compared("cnn-lab --help", lab, "s", reference, at_most=2.0)


def _first_paint() -> BenchResult:
    with tempfile.TemporaryDirectory() as folder:
        lab, reference = _medians(
            lambda: _paint_seconds([sys.executable, "-m", "cnn_tui"], LAB_MARKERS, folder),
            lambda: _paint_seconds(
                [sys.executable, "-c", BARE_APP], ("bare-app-ready", "Quit"), folder
            ),
        )
    return compared("TUI first paint", lab, "s", reference, at_most=1.5)


def _medians(lab: Callable[[], float], reference: Callable[[], float]) -> tuple[float, float]:
    pairs = [(lab(), reference()) for _ in range(ROUNDS + 1)][1:]  # the first warms the disk cache
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def _run_seconds(command: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def _paint_seconds(command: Sequence[str], markers: Sequence[str], folder: str) -> float:
    """Seconds until every marker was written to a 120×40 terminal of the process's own."""
    start = time.perf_counter()
    with Terminal(command, Path(folder)) as terminal:
        terminal.wait_for(markers, PAINT_SECONDS)
        return time.perf_counter() - start
