"""What the Training pane reads of the run store, and when."""

import time

from textual.message import Message

from cnn_tui.engine.process import Engine
from cnn_tui.tui.background import after_refresh, every, start
from cnn_tui.tui.panes.pane import PaneInfo
from cnn_tui.tui.panes.training.curves_pane import CurvesPane
from cnn_tui.tui.panes.training.state import Snapshot
from cnn_tui.tui.panes.training.store_reader import FirstReading, StoreReader, first_reading
from cnn_tui.workspace import Workspace

REDRAW_SECONDS, REDRAW_SECONDS_LOW_BANDWIDTH = 1.0, 3.0
REDRAW_SHARE = 200
"""The next redraw is due after this many times the CPU seconds of the last one."""
MOST_SKIPPED = 4
"""Redraws that are left out at the most, however long one takes."""


class ReadingPane(CurvesPane):
    """Reads the run store at a steady pace, for as long as it is looked at."""

    class Polled(Message):
        """What the run store said just now."""

        def __init__(self, snapshot: Snapshot) -> None:
            super().__init__()
            self.snapshot = snapshot

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._reader: StoreReader | None = None
        self._redraw_due = 0.0

    @classmethod
    def prepare(cls, workspace: Workspace) -> FirstReading:
        """Read the run store."""
        return first_reading(workspace)

    def workspace_made(self) -> None:
        """Read the store from now on."""
        assert self.workspace is not None
        is_first = self._reader is None
        if is_first and isinstance(self.prepared, FirstReading):
            self._reader, self.snapshot = self.prepared.reader, self.prepared.snapshot
        else:
            self._reader = StoreReader(self.workspace)
        if is_first:
            slow = getattr(self.app, "low_bandwidth", False)
            seconds = REDRAW_SECONDS_LOW_BANDWIDTH if slow else REDRAW_SECONDS
            every(self, seconds, self._poll_in_turn)
        self.list_again()  # what was prepared may be old by now

    def on_reading_pane_polled(self, message: Polled) -> None:
        """Show what the store said, and let what that takes decide when it is shown again."""
        moment, began = time.monotonic(), time.thread_time()

        def shown() -> None:
            wait = min(REDRAW_SHARE * (time.thread_time() - began), MOST_SKIPPED * REDRAW_SECONDS)
            self._redraw_due = moment + wait

        self.snapshot = message.snapshot
        after_refresh(self, shown)

    def poll(self) -> None:
        """Read the store, unless the last reading still goes on."""
        if self._reader is not None and self._is_open() and self._reader.begin():
            # An error is said in place of the curves, and once: not at every reading.
            start(self, self._read(self._reader), "poll", self._detail.say)

    def _poll_in_turn(self) -> None:
        if time.monotonic() >= self._redraw_due:
            self.poll()

    async def _read(self, reader: StoreReader) -> None:
        try:
            self.post_message(self.Polled(await reader.read(self.selected, self._shown_runs)))
        finally:
            is_due = reader.end()
        if is_due:
            self.poll()

    def _is_open(self) -> bool:
        # What is drawn below a dialog would draw the dialog again, too.
        return self.display and self.is_attached and self.screen.is_active

    def list_again(self) -> None:
        """Read the list of runs now, too."""
        if self._reader is not None:
            self._reader.list_next()
        self.poll()
