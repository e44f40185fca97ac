"""What is done once the app is painted, so that later keys find it done."""

import contextlib
import gc
from importlib import import_module

from cnn_tui.errors import LabError
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.workspace import Workspace

DIALOGS = ("help", "question", "new_workspace", "choose_study", "search", "choice")
"""Modules of dialogs that no pane imports."""
COLLECT_SECONDS = 30.0
"""How often old garbage may be collected: it takes 20 to 80 ms, in a turn of its own."""
LONGEST_SKIPPED = 10
"""Times that it is not, at the most, where nothing has grown old: a run may be using the core."""
YOUNG, MIDDLING, OLD = 2000, 20, 1_000_000
"""Objects, and collections of younger ones, after which Python collects by itself."""


def prepare(workspace: Workspace | None) -> dict[str, object]:
    """Import what panes and dialogs consist of; returns what the panes have read, by their ids.

    It takes a tenth of a second, so it belongs beside the event loop.
    """
    prepared: dict[str, object] = {}
    for info in PANES:
        kind = info.load()
        with contextlib.suppress(OSError, LabError):
            prepared[info.id] = None if workspace is None else kind.prepare(workspace)
    for name in DIALOGS:
        import_module(f"cnn_tui.tui.dialogs.{name}")
    import_module("cnn_tui.tui.finding")
    import_module("PIL.Image")  # for the first picture
    return prepared


def collect_garbage_again() -> None:
    """Leave what there is alone, and old garbage to whoever calls ``gc.collect``."""
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLING, OLD)
    gc.enable()


class OldGarbage:
    """Collects old garbage again and again, but for where nothing has grown old meanwhile."""

    def __init__(self) -> None:
        self._skipped = 0

    def collect(self) -> None:
        """Collect it, or leave it for later."""
        has_grown = gc.get_count()[2] > 0
        if has_grown or self._skipped >= LONGEST_SKIPPED:
            self._skipped = 0
            gc.collect()
        else:
            self._skipped += 1
