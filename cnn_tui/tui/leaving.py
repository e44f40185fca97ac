"""How the lab ends: at any moment, with a word about the runs that go on, or as nobody is there."""

import asyncio
import contextlib
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

from textual.app import App
from textual.css.query import NoMatches
from textual.widget import Widget

from cnn_tui.errors import LabError
from cnn_tui.tui.background import every
from cnn_tui.workspace import Workspace

HANG_UP_CHECK_SECONDS = 2.0


@contextlib.contextmanager
def may_end_meanwhile(owner: Widget) -> Iterator[None]:
    """Pass over what ``owner`` looks for in vain: as it or the app ends, its widgets go first.

    They also never come, where the end comes before they are mounted.
    """
    try:
        yield
    except NoMatches:
        if not owner._pruning and not owner.app._exit:
            raise


def farewell(workspace: Workspace | None) -> str:
    """The last line for the terminal: which runs go on; "" where none does."""
    if workspace is None:
        return ""
    from cnn_tui.training.store.listing import list_runs

    running: list[str] = []
    with contextlib.suppress(OSError, LabError):
        running = [run.run for run in list_runs(workspace) if run.state == "running"]
    if not running:
        return ""
    return f"Still running: {', '.join(running)}. Follow with: cnn-lab attach {running[0]}"


def leave_on_hang_up(app: App[Any], close: Callable[[], None]) -> None:
    """End at once, after ``close``, when the terminal is gone: writing to it would only fail."""

    def leave() -> None:
        close()
        os._exit(128 + signal.SIGHUP)

    def look() -> None:
        if not app.is_headless and _has_hung_up():
            leave()

    if hasattr(signal, "SIGHUP"):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, leave)
    every(app, HANG_UP_CHECK_SECONDS, look)


def _has_hung_up() -> bool:
    """Whether nobody is at the other end of stdin: Textual would spin on it."""
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, select.POLLIN)
    gone = select.POLLHUP | select.POLLERR
    return any(event & gone for _, event in poll.poll(0))
