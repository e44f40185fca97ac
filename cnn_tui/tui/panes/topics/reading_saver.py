"""Remembers in the workspace which topics were read, and which was looked at last."""

from collections.abc import Callable

from textual.timer import Timer

from cnn_tui.chapter.reading import ReadingMarks, remember
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError
from cnn_tui.render.draw.commands import explained
from cnn_tui.tui.background import later
from cnn_tui.tui.panes.pane import Pane

REMEMBER_SECONDS = 1.0
"""So long after the last key, what was read is saved: not for each topic on the way."""


class ReadingSaver:
    """The marks that were made in ``pane`` since the app began, and the topic looked at ``last``.

    ``take`` gets the marks of other sessions, too, whenever these were saved.
    """

    def __init__(self, pane: Pane, last: str, take: Callable[[frozenset[str]], None]) -> None:
        self.last = last
        self._pane = pane
        self._take = take
        self._marks: dict[str, bool] = {}
        self._saving: Timer | None = None
        self._not_saved = ""

    def add(self, slug: str, is_read: bool) -> None:
        """Mark a topic as read, or as not read."""
        self._marks[slug] = is_read
        self.save_soon()

    def save(self) -> ReadingMarks | None:
        """Save all of it; returns what others have marked, too. None without a workspace."""
        if self._pane.workspace is None:
            return None
        return remember(self._pane.workspace, self.last, dict(self._marks))

    def save_soon(self) -> None:
        """Save once no key was pressed for a moment."""
        if self._saving is not None:
            self._saving.stop()
        self._saving = later(self._pane, REMEMBER_SECONDS, self._start)

    def _start(self) -> None:
        self._pane.start(self._save_beside(), "reading")

    async def _save_beside(self) -> None:
        """Save beside the event loop.

        What keeps that from being done, such as a folder that is read-only, is told once.
        """
        try:
            reading = await in_background(self.save)
        except LabError as error:
            if explained(error) == self._not_saved:
                return
            self._not_saved = explained(error)
            raise
        self._not_saved = ""
        if reading is not None:
            self._take(reading.read)
