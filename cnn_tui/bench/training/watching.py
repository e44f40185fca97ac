"""What the TUI costs the run that it shows: a real run, a real terminal, and the run's own numbers.

The TUI stays open all the time and is stopped and continued in turns: a stopped
process takes no time, as if nobody were watching, and training goes on meanwhile.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from cnn_tui import workspace
from cnn_tui.bench.catalogue import TUI_ATTACHED, Workload
from cnn_tui.bench.records import BenchResult, compared
from cnn_tui.bench.terminal import Terminal
from cnn_tui.bench.training.workloads import config_for
from cnn_tui.errors import LabFault
from cnn_tui.training.process import launcher
from cnn_tui.training.records import Started, StepMetrics
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.listing import status
from cnn_tui.training.store.locks import is_alive
from cnn_tui.training.store.metrics import MetricsReader, read_events
from cnn_tui.workspace import WORKSPACE_VARIABLE

RUN = "watched"
TRAINING_PANE = "4"
START_SECONDS = 60.0
"""How long training, and the TUI, may take to begin."""

SETTLE_SECONDS = 8.0
"""After its first paint, the TUI loads torch in the background, once."""

CATCH_UP_SECONDS = 1.0
"""Not measured: what an app that was stopped does first is not what watching costs."""

TURN_SECONDS = 3.0
"""One to three redraws of the pane, and a dozen lines of metrics."""

POLL_SECONDS = 0.1


@dataclass
class Turns:
    """When, in Unix seconds, each turn began, with nobody watching or the TUI.

    ``tui_share`` says how much of a core the TUI took, or nothing where nobody can tell.
    """

    alone: list[float] = field(default_factory=list)
    watched: list[float] = field(default_factory=list)
    tui_share: str = ""


def measure_watching(workload: Workload) -> BenchResult:
    """Images/s of a run on the digits, its curves shown in a 120×40 terminal, and not.

    Raises LabFault where the run or the TUI does not begin.
    """
    with tempfile.TemporaryDirectory() as folder:
        space, _ = workspace.create(Path(folder), {})
        run = launcher.launch(space, config_for(workload, augment="crop"), RUN)
        try:
            began = _wait_for_steps(run)
            turns = _take_turns(run, space.root, workload.watched)
        finally:
            launcher.stop(run)
        steps = [e for e in read_events(run.metrics_file) if isinstance(e, StepMetrics)]
    threads = "1 thread" if began.threads == 1 else f"{began.threads} threads"
    watched, alone = (
        [rate_during(steps, start, start + TURN_SECONDS) for start in starts]
        for starts in (turns.watched, turns.alone)
    )
    name = f"{workload.net} {began.precision}, TUI attached ({threads})"
    pairs = list(zip(watched, alone, strict=True))
    return compared(name, "images/s", pairs, TUI_ATTACHED, turns.tui_share)


def rate_during(steps: Sequence[StepMetrics], start: float, end: float) -> float:
    """Images per second of training between two moments, by the run's own metrics.

    Raises LabFault where the run told nothing meanwhile.
    """
    seconds, count = 0.0, 0
    for before, event in pairwise(steps):
        if start < before.time and event.time <= end:
            count += event.step - before.step
            seconds += (event.step - before.step) / event.images_per_second
    if not count:
        raise LabFault("The watched run recorded nothing for a whole turn: is the machine busy?")
    return count / seconds


def _wait_for_steps(run: RunFolder) -> Started:
    """What the run told when it began; waits for its first metrics."""
    reader = MetricsReader(run.metrics_file)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and is_alive(run):
        reader.poll()
        if any(isinstance(event, StepMetrics) for event in reader.events):
            return next(event for event in reader.events if isinstance(event, Started))
        time.sleep(POLL_SECONDS)
    raise LabFault(f"The run to be watched did not begin: {status(run).message or 'it hangs'}.")


def _take_turns(run: RunFolder, root: Path, number: int) -> Turns:
    """As many turns of both kinds, in pairs whose order changes: a drift harms both alike."""
    turns = Turns()
    shares = []
    command = [sys.executable, "-m", "cnn_tui"]
    with Terminal(command, root, {WORKSPACE_VARIABLE: str(root)}) as terminal:
        terminal.wait_for(["Quit"], START_SECONDS)
        terminal.press(TRAINING_PANE)
        terminal.wait_for([RUN], START_SECONDS)
        time.sleep(SETTLE_SECONDS)
        for pair in range(number):
            for watches in (False, True) if pair % 2 else (True, False):
                if not watches:
                    terminal.pause()
                    turns.alone.append(_spend_a_turn())
                    terminal.go_on()
                    continue
                before, began = terminal.cpu_seconds(), time.monotonic()
                turns.watched.append(_spend_a_turn())
                after = terminal.cpu_seconds()
                if before is not None and after is not None:
                    shares.append((after - before) / (time.monotonic() - began))
    if shares:
        turns.tui_share = f"the TUI took {statistics.median(shares):.1%} of a core"
    return turns


def _spend_a_turn() -> float:
    time.sleep(CATCH_UP_SECONDS)
    start = time.time()
    time.sleep(TURN_SECONDS)
    return start
