"""How the lab gives its terminal back: for a while with ctrl+z, and after a crash.

A real shell in a real terminal starts the lab; nothing of torch is loaded in it.
"""

import os
import pty
import select
import shlex
import shutil
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pyte
import pytest

from cnn_tui.workspace import Workspace
from tests.tui.terminal.test_terse import seen

SECONDS = 30
COLUMNS, ROWS = 80, 24
ALTERNATE, MOUSE, PASTE = (code << 5 for code in (1049, 1003, 2004))
"""Modes of a terminal, as pyte counts the private ones."""
WITHOUT_TORCH = """
import sys
import cnn_tui.engine.process
import cnn_tui.tui.panes.topics.topic_text as text
from cnn_tui.__main__ import main

def fail(*_):
    raise ZeroDivisionError("made to fail")

cnn_tui.engine.process.Engine.warm_up = lambda self: None
text.TopicText.action_scroll_end = fail
sys.exit(main())
"""
SHELL = ["bash", "--norc", "--noprofile", "-i"]
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")


class Terminal:
    """What a user sees of programs that run in a terminal, and the keys to press."""

    def __init__(self, pid: int, descriptor: int) -> None:
        self.pid = pid
        self._descriptor = descriptor
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def picture(self) -> list[list[tuple[object, ...]]]:
        lines = self.screen.buffer
        return [[seen(lines[y][x]) for x in range(COLUMNS)] for y in range(ROWS)]

    @property
    def is_raw(self) -> bool:
        return not termios.tcgetattr(self._descriptor)[3] & termios.ICANON

    def press(self, keys: str) -> None:
        os.write(self._descriptor, keys.encode())

    def wait_for(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, self.text
            self.settle(0.05)

    def settle(self, seconds: float = 0.3) -> None:
        """Take in what is written until nothing comes for so long."""
        while select.select([self._descriptor], [], [], seconds)[0]:
            try:
                self._stream.feed(os.read(self._descriptor, 65_536))
            except OSError:  # the last program has closed its end
                return


@contextmanager
def terminal(command: Sequence[str], workspace: Workspace) -> Iterator[Terminal]:
    pid, descriptor = pty.fork()
    if pid == 0:
        size = {"COLUMNS": "", "LINES": "", "TERM": "xterm-256color", "PS1": "sh> "}
        variables = {**os.environ, **size, "CNN_LAB_WORKSPACE": str(workspace.root)}
        os.execvpe(command[0], list(command), {k: v for k, v in variables.items() if v})
    termios.tcsetwinsize(descriptor, (ROWS, COLUMNS))
    opened = Terminal(pid, descriptor)
    try:
        yield opened
    finally:
        with suppress(ProcessLookupError):
            os.killpg(os.tcgetpgrp(descriptor), signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.close(descriptor)
        os.waitpid(pid, 0)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "lab.py"
    path.write_text(WITHOUT_TORCH)
    return path


def open_lab(shell: Terminal, script: Path, options: str = "") -> None:
    command = shlex.join([sys.executable, str(script)])
    shell.press(f"clear; {command} {options}; echo code $?\r")
    shell.wait_for(lambda: "Convolution by hand" in shell.text and "q Quit" in shell.text)


def press_what_fails(shell: Terminal) -> None:
    shell.press("\r")
    shell.wait_for(lambda: "Esc Back" in shell.text)
    shell.press("\x1b[F")


@needs_bash
def test_comes_back_from_the_shell_as_it_was(workspace: Workspace, script: Path) -> None:
    with terminal(SHELL, workspace) as shell:
        open_lab(shell, script, "--low-bandwidth")
        shell.press("/")
        shell.wait_for(lambda: "Search all topics" in shell.text)
        shell.press("pool")
        shell.wait_for(lambda: " places " in shell.text)
        shell.settle()
        before, place = shell.picture, (shell.screen.cursor.x, shell.screen.cursor.y)
        assert shell.is_raw and {ALTERNATE, MOUSE, PASTE} <= shell.screen.mode
        shell.press("\x1ax\r")  # x and Enter come too late for the lab, and act nowhere
        shell.wait_for(lambda: "Stopped" in shell.text)
        assert not {ALTERNATE, MOUSE} & shell.screen.mode
        assert not shell.screen.cursor.hidden
        shell.press("e\rclear; echo 4$((1))2\r")
        shell.wait_for(lambda: "412" in shell.text)
        shell.press("fg; echo code $?\r")
        shell.wait_for(lambda: ALTERNATE in shell.screen.mode)
        shell.wait_for(lambda: "Search all topics" in shell.text)
        shell.settle()
        assert shell.picture == before
        assert (shell.screen.cursor.x, shell.screen.cursor.y) == place
        assert shell.is_raw and {ALTERNATE, MOUSE, PASTE} <= shell.screen.mode
        shell.press("ing")
        shell.wait_for(lambda: "pooling" in shell.text)
        shell.press("\x1b")
        shell.wait_for(lambda: "Search all topics" not in shell.text)
        shell.press("q")
        shell.wait_for(lambda: "code 0" in shell.text)


@pytest.mark.slow
@needs_bash
def test_gives_the_terminal_back_after_a_crash(workspace: Workspace, script: Path) -> None:
    with terminal(SHELL, workspace) as shell:
        open_lab(shell, script)
        press_what_fails(shell)
        shell.wait_for(lambda: "code " in shell.text)
        (log,) = (workspace.state / "log").iterdir()
        flat = shell.text.replace("\n", "")
        assert "code 3" in flat
        assert flat.count("made to fail") == 1
        assert log.name in flat
        assert "Traceback" not in flat
        assert "made to fail" in log.read_text()
        assert not {ALTERNATE, MOUSE} & shell.screen.mode
        assert not shell.screen.cursor.hidden


@needs_bash
@pytest.mark.slow
def test_shows_the_traceback_of_a_crash_to_who_asks(workspace: Workspace, script: Path) -> None:
    with terminal(SHELL, workspace) as shell:
        open_lab(shell, script, "--debug")
        press_what_fails(shell)
        shell.wait_for(lambda: "code 3" in shell.text)
        assert 'File "' in shell.text  # the head of a long traceback scrolls away


@needs_bash
@pytest.mark.slow
def test_comes_back_into_another_size_and_from_a_forced_stop(
    workspace: Workspace, script: Path
) -> None:
    with terminal(SHELL, workspace) as shell:
        open_lab(shell, script)
        shell.wait_for(lambda: "0/50" in shell.text)  # the header is complete
        shell.settle()
        before = shell.picture
        lab = os.tcgetpgrp(shell._descriptor)
        os.kill(lab, signal.SIGSTOP)
        shell.wait_for(lambda: "Stopped" in shell.text)
        shell.press("clear\rfg\r")
        shell.wait_for(lambda: "q Quit" in shell.text and "Stopped" not in shell.text)
        shell.settle()
        assert shell.picture == before
        shell.press("\x1a")
        shell.wait_for(lambda: "Stopped" in shell.text)
        shell.press("bg\r")
        shell.settle(1)
        assert not {ALTERNATE, MOUSE} & shell.screen.mode
        termios.tcsetwinsize(shell._descriptor, (ROWS, 50))
        shell.press("clear\rfg\r")
        shell.wait_for(lambda: "needs at least" in shell.text)
        shell.press("\x1a")
        shell.wait_for(lambda: "Stopped" in shell.text)
        termios.tcsetwinsize(shell._descriptor, (ROWS, COLUMNS))
        shell.press("clear\rfg\r")
        shell.wait_for(lambda: "q Quit" in shell.text and "Stopped" not in shell.text)
        shell.settle()
        assert shell.picture == before


@pytest.mark.slow
def test_stays_where_there_is_no_shell_to_come_back_from(
    workspace: Workspace, script: Path
) -> None:
    with terminal([sys.executable, str(script)], workspace) as alone:
        alone.wait_for(lambda: "q Quit" in alone.text)
        alone.press("\x1a")
        alone.wait_for(lambda: "not started from a" in alone.text)
        os.kill(alone.pid, signal.SIGTSTP)
        alone.settle(1)
        alone.press("5")
        alone.wait_for(lambda: "▐5 Exercises▌" in alone.text)


@needs_bash
@pytest.mark.slow
def test_ends_when_its_terminal_goes_while_it_is_suspended(
    workspace: Workspace, script: Path
) -> None:
    with terminal(SHELL, workspace) as shell:
        open_lab(shell, script)
        lab = os.tcgetpgrp(shell._descriptor)
        shell.press("\x1a")
        shell.wait_for(lambda: "Stopped" in shell.text)
    deadline = time.monotonic() + SECONDS
    while Path(f"/proc/{lab}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(f"/proc/{lab}").exists()


@needs_bash
@pytest.mark.slow
def test_draws_over_what_others_wrote_and_after_every_change_of_size(
    workspace: Workspace, script: Path
) -> None:
    with terminal(SHELL, workspace) as shell:
        open_lab(shell, script)
        shell.wait_for(lambda: "0/50" in shell.text)
        shell.settle(1)
        before = shell.picture
        shell._stream.feed(b"\x1b[5;1H\x1b[31mBroadcast message: the machine goes down\x1b[m")
        assert shell.picture != before
        shell.press("\x0c")
        shell.wait_for(lambda: shell.picture == before)
        for rows, columns in ((30, 90), (ROWS, COLUMNS)):
            shell.screen.resize(rows, columns)
            shell.screen.erase_in_display(2)
            termios.tcsetwinsize(shell._descriptor, (rows, columns))
            shell.wait_for(lambda: "q Quit" in shell.text)
            shell.settle(1)
        shell.wait_for(lambda: shell.picture == before)
