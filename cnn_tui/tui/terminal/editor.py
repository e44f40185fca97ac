"""The learner's own editor, run in the terminal that the lab gives up for it."""

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from cnn_tui.errors import UsageError

VARIABLES = ("VISUAL", "EDITOR")
FALLBACK = "vi"
REMEDY = "Name your editor: export EDITOR=nano"


def hand_over(app: App[Any], path: Path) -> None:
    """Hand the terminal to the learner's editor, and take it back when that ends."""
    failure: UsageError | None = None
    try:
        with app.suspend():
            # An error that left the context would leave the terminal to nobody.
            try:
                edit(path)
            except UsageError as error:
                failure = error
    except SuspendNotSupported as error:
        raise UsageError(
            f"This terminal cannot be handed to an editor. Open {path} in another one."
        ) from error
    app.refresh(layout=True)
    if failure is not None:
        raise failure


def edit(path: Path) -> None:
    """Open ``path`` in the editor that the environment names, and wait for its end.

    Raises UsageError where it cannot be started, or ends with a complaint.
    """
    command = _command()
    try:
        with _ctrl_c_left_to_the_editor():
            status = subprocess.run([*command, str(path)], check=False).returncode
    except OSError as error:
        raise UsageError(f"{command[0]} could not be started ({error.strerror}). {REMEDY}") from (
            error
        )
    if status:
        ending = f"with exit code {status}" if status > 0 else f"by signal {-status}"
        raise UsageError(f"{command[0]} ended {ending}. Look whether {path.name} was saved.")


def _command() -> list[str]:
    """The editor's words, ``code --wait`` for one; raises UsageError for odd quotes."""
    for name in VARIABLES:
        try:
            words = shlex.split(os.environ.get(name, ""))
        except ValueError as error:
            raise UsageError(
                f"${name} is {os.environ[name]!r}, whose quotes do not match. {REMEDY}"
            ) from error
        if words:
            return words
    return [FALLBACK]


@contextmanager
def _ctrl_c_left_to_the_editor() -> Iterator[None]:
    """Let Ctrl-C reach the editor alone: it would end the lab, which shares its terminal."""
    # A handler of one's own, for what is ignored would be ignored by the editor too.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
