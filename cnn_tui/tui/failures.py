"""What becomes of an unexpected error: a sentence for the user, and a log with the traceback."""

import math
import os
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from cnn_tui.errors import LabError
from cnn_tui.workspace import Workspace, user_folder

MOST_LOGGED = 100
"""Different tracebacks in one log: what fails in new ways for ever must not fill the disk."""


class FailureLog:
    """One file for what fails while the app is open; it is made with the first failure."""

    def __init__(self, workspace: Workspace | None) -> None:
        self.path: Path | None = None
        self.errors: list[BaseException] = []
        self._workspace = workspace
        self._logged: dict[str, Path] = {}
        self._told: dict[str, float] = {}

    def add(self, error: BaseException) -> Path | None:
        """Log ``error``; returns the file, or None where none can be written.

        An error that comes again and again from the same place is logged once.
        """
        trace = "".join(traceback.format_exception(error))
        if trace not in self._logged and len(self._logged) < MOST_LOGGED:
            self.errors.append(error)
            path = self._write(_entry(trace))
            if path is None:
                return None
            self._logged[trace] = path
        return self.path

    def is_news(self, sentence: str, seconds: float) -> bool:
        """Whether ``sentence`` was not told within the last ``seconds``; from now on it was."""
        now = time.monotonic()
        before = self._told.get(sentence, -math.inf)
        is_news = now - before >= seconds
        if is_news:
            self._told[sentence] = now
        return is_news

    def _write(self, entry: str) -> Path | None:
        openers = _files(self._workspace) if self.path is None else [self._again]
        for open_one in openers:
            with suppress(OSError):
                path = open_one()
                with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                    file.write(entry)
                self.path = path
                return path
        return None

    def _again(self) -> Path:
        assert self.path is not None
        return self.path


def sentence_about(error: BaseException, log: Path | None, outcome: str) -> str:
    """What the user reads of an unexpected error; ``outcome`` goes on from what went wrong."""
    where = f" The traceback is in {log}." if log is not None else ""
    return f"{_cause(error)}{outcome}.{where}"


def _cause(error: BaseException) -> str:
    from cnn_tui.grading.text import clean  # what an error quotes must not steer the terminal

    if isinstance(error, LabError):
        return clean(str(error)).rstrip(".")
    if isinstance(error, OSError) and error.strerror:
        where = f": {os.fspath(error.filename)!s}" if error.filename else ""
        return clean(f"The system refused ({error.strerror}{where})")
    return clean(f"The lab itself failed ({type(error).__name__}: {error})")


def _entry(trace: str) -> str:
    from cnn_tui import __version__

    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return f"{now} cnn-lab {__version__}\n{trace}\n"


def _files(workspace: Workspace | None) -> Iterator[Callable[[], Path]]:
    """Where the log may lie, the best place first; each makes its folder when it is called."""
    name = f"tui-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.log"
    if workspace is not None:
        yield lambda: _made(workspace.state / "log") / name
    state = user_folder("state")
    if state is not None:
        yield lambda: _made(state / "log") / name
    yield _temporary_file


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _temporary_file() -> Path:
    """A new file: a name that others can guess may be a link of theirs by now."""
    import tempfile  # would slow the first paint

    handle, name = tempfile.mkstemp(prefix="cnn-lab-", suffix=".log")
    os.close(handle)
    return Path(name)
