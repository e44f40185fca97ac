"""How the lab ends: at any moment, with a word about the runs that go on, or as nobody is there."""

import contextlib
import select
import sys
from collections.abc import Iterator

from textual.css.query import NoMatches
from textual.widget import Widget

from cnn_tui.errors import LabError
from cnn_tui.workspace import Workspace


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


def has_hung_up() -> bool:
    """Whether nobody is at the other end of stdin: Textual would spin on it."""
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, select.POLLIN)
    gone = select.POLLHUP | select.POLLERR
    return any(event & gone for _, event in poll.poll(0))
