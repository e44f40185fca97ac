"""How fast the lab starts: its help page, and the first full paint of the TUI.

Both are whole processes; lab and reference take turns, so that a noisy machine
disturbs both alike.
"""

import os
import pty
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence

from cnn_tui.bench.records import BenchResult, compared
from cnn_tui.errors import LabFault

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
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.environ.update(TERM="xterm-256color", COLUMNS="120", LINES="40")
        os.execv(command[0], list(command))
    try:
        _wait_for(terminal, {marker.encode() for marker in markers}, start)
        return time.perf_counter() - start
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def _wait_for(terminal: int, markers: set[bytes], start: float) -> None:
    written = b""
    while not all(marker in written for marker in markers):
        left = PAINT_SECONDS - (time.perf_counter() - start)
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            raise LabFault(f"The app painted nothing useful within {PAINT_SECONDS:.0f} s.")
        try:
            written += os.read(terminal, 65_536)
        except OSError as error:
            raise LabFault("The app ended before its first paint.") from error
