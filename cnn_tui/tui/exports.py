"""What leaves the app, to the clipboard or to a file, and what is said of it."""

import contextlib
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.files import utf8
from cnn_tui.tui.panes.pane import Pane
from cnn_tui.workspace import Workspace


def copied(what: str, text: str, instead: str = "w writes a file") -> str:
    """What is said once ``text`` was sent to the clipboard; ``instead`` gets at it, too."""
    return (
        f"Copied {_lines(text)} of {what}. "
        f"If nothing arrives, your terminal does not allow it: {instead}."
    )


def written(pane: Pane) -> str:
    """Write what the pane shows to a new file in the current folder; returns what to say.

    Raises OSError, or UsageError, where nothing can be written.
    """
    text = pane.shown_text()
    path = _write_new(Path.cwd(), f"{pane.info.id}-{{}}.txt", text)
    return f"Wrote {_lines(text)} of {pane.shown_name()} to {path}."


def pictured(pane: Pane, svg: str) -> str:
    """Write a picture of the screen to a new file in the current folder; returns what to say.

    Raises OSError, or UsageError, where nothing can be written.
    """
    path = _write_new(Path.cwd(), f"{pane.info.id}-{{}}.svg", svg)
    return f"Wrote a picture of the screen to {path}; a browser shows it."


def not_written(error: Exception) -> str:
    """What is said where nothing could be written."""
    return f"Nothing was written: {error}. y copies it to the clipboard instead."


def made_workspace(workspace: Workspace) -> str:
    """What is said once a workspace was made: where it is, and what it holds."""
    files = sum(1 for _ in workspace.exercises.glob("*.py"))
    return (
        f"Your workspace is {workspace.root}. It holds {files} exercises in exercises/; "
        "your runs will be in runs/. Start the lab there to find it again."
    )


def _lines(text: str) -> str:
    count = len(text.splitlines())
    return "1 line" if count == 1 else f"{count} lines"


def _write_new(folder: Path, name: str, text: str) -> Path:
    for number in range(1, 1000):
        path = folder / f"cnn-lab-{name.format(number)}"
        with contextlib.suppress(FileExistsError), path.open("xb") as file:
            file.write(utf8(text))
            return path
    raise UsageError(f"{folder} already holds 999 such files.")
