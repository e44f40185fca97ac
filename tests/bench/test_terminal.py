import sys
import time
from pathlib import Path

import pytest

from cnn_tui.bench.terminal import Terminal
from cnn_tui.errors import LabFault

ECHO = "import os; print(os.get_terminal_size()); print('got', input())"
CLOCK = """
import time
while True:
    print(time.monotonic(), flush=True)
    time.sleep(0.01)
"""


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def test_gives_a_program_a_screen_and_keys(tmp_path: Path) -> None:
    with Terminal(python(ECHO), tmp_path) as terminal:
        terminal.wait_for(["columns=120", "lines=40"], 10)
        terminal.press("keys\n")
        terminal.wait_for(["got keys"], 10)


def test_says_that_a_program_ended_or_said_nothing(tmp_path: Path) -> None:
    with (
        Terminal(python("print('bye')"), tmp_path) as terminal,
        pytest.raises(LabFault, match="ended before it had painted"),
    ):
        terminal.wait_for(["never written"], 10)
    with (
        Terminal(python("import time; time.sleep(9)"), tmp_path) as terminal,
        pytest.raises(LabFault, match="nothing useful"),
    ):
        terminal.wait_for(["never written"], 0.1)


def test_takes_no_time_while_it_is_paused(tmp_path: Path) -> None:
    with Terminal(python(CLOCK), tmp_path) as terminal:
        terminal.wait_for(["."], 10)
        terminal.pause()
        time.sleep(0.1)  # what was on its way arrives
        terminal.press("")
        before = terminal.cpu_seconds()
        with pytest.raises(LabFault, match="nothing useful"):
            terminal.wait_for(["."], 0.3)
        assert terminal.cpu_seconds() == before
        terminal.go_on()
        terminal.wait_for(["."], 10)
