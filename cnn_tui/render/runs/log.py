"""The log of a run, read line by line as its worker writes it."""

from contextlib import suppress
from pathlib import Path

from cnn_tui.render.draw.numbers import printable

NO_LOG = "This run has no log: it was not started by the lab."
NO_LINES = "The log is empty."
MOST_BYTES = 200_000
"""The end of a log that is longer."""


class LogReader:
    """Reads the end of a log, then what is added to it; blocks."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._read_to: int | None = None
        self._rest = b""

    def new_lines(self, *, is_last: bool) -> list[str]:
        """What was added since the last time, in whole lines; ``is_last`` takes in the rest."""
        with suppress(FileNotFoundError), self.log.open("rb") as file:
            if self._read_to is None:
                self._read_to = max(0, file.seek(0, 2) - MOST_BYTES)
            file.seek(self._read_to)
            added = file.read()
            self._read_to += len(added)
            self._rest += added
        whole, newline, rest = self._rest.rpartition(b"\n")
        if is_last:
            whole, newline, rest = self._rest, b"", b""
        self._rest = rest
        text = (whole + newline).decode(errors="replace")
        return [printable(line) for line in text.expandtabs().splitlines()]
