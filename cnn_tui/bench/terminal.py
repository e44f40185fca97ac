"""A program in a terminal that nobody looks at."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from cnn_tui.errors import LabFault

SIZE = (40, 120)
"""Rows and columns."""
READ_BYTES = 65_536
STATE = ".measured-state"
SEEN = {"version": 1, "first_page_seen": True, "theme": ""}
"""What the app remembers of whoever measures it: no first page in the way, and no theme."""


class Terminal:
    """Runs ``command`` in ``folder``; what it writes is taken in, as a terminal would.

    The program gets ``variables`` besides ``inherited`` ones, by default those of this
    process. A context manager: leaving it ends the program.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        variables: Mapping[str, str] | None = None,
        *,
        inherited: Mapping[str, str] = os.environ,
        size: tuple[int, int] = SIZE,
    ) -> None:
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, size)
        rows, columns = map(str, size)
        own = {"TERM": "xterm-256color", "COLUMNS": columns, "LINES": rows}
        own["XDG_STATE_HOME"] = str(_state_of_nobody(folder))
        self._process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env={**inherited, **own, **(variables or {})},
            start_new_session=True,
        )
        os.close(theirs)
        self._written = b""
        self._ended = False
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        os.close(self._ours)

    def wait_for(self, markers: Collection[str], seconds: float) -> None:
        """Return as soon as every marker was written since the last key was pressed.

        Raises LabFault where that takes longer than ``seconds`` or the program ends.
        """
        wanted = [marker.encode() for marker in markers]
        self.wait_until(lambda: all(marker in self._written for marker in wanted), seconds)

    def wait_until(self, is_reached: Callable[[], bool], seconds: float) -> None:
        """Return as soon as something holds that the program's output brings about.

        Raises LabFault where that takes longer than ``seconds`` or the program ends.
        """
        deadline = time.monotonic() + seconds
        with self._news:
            while not is_reached():
                left = deadline - time.monotonic()
                if self._ended:
                    raise LabFault("The app ended before it had painted.")
                if left <= 0:
                    raise LabFault(f"The app painted nothing useful within {seconds:.0f} s.")
                self._news.wait(left)

    def press(self, keys: str) -> None:
        """Type ``keys``."""
        with self._news:
            self._written = b""
        os.write(self._ours, keys.encode())

    @property
    def written(self) -> bytes:
        """What was written since the last key was pressed."""
        with self._news:
            return self._written

    def exit_code(self, seconds: float) -> int:
        """Wait for the program to end by itself."""
        return self._process.wait(seconds)

    def pause(self) -> None:
        """Stop the program where it is: it takes no time until it goes on."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a paused program go on."""
        self._signal(signal.SIGCONT)

    def cpu_seconds(self) -> float | None:
        """What the program has computed so far, on all cores; None where no system file tells."""
        try:
            facts = Path(f"/proc/{self._process.pid}/stat").read_text()
        except OSError:
            return None
        user, system = facts.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def take(self, new: bytes) -> None:
        """Take in what the program has written."""
        self._written += new

    def _signal(self, number: int) -> None:
        """To all its processes: they are a session, and so a group, of their own."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _read(self) -> None:
        while True:
            try:
                new = os.read(self._ours, READ_BYTES)
            except OSError:  # Linux's way to say that the last program has closed its end
                new = b""
            with self._news:
                self.take(new)
                self._ended = not new
                self._news.notify_all()
            if not new:
                return


def _state_of_nobody(folder: Path) -> Path:
    """A state folder for the program: the user's own is neither read nor changed."""
    state = folder / STATE / "cnn-lab"
    state.mkdir(parents=True, exist_ok=True)
    (state / "state.json").write_text(json.dumps(SEEN), encoding="utf-8")
    return state.parent
