"""Remembers which topics were read, and which was looked at last.

In the workspace; where there is none, in what the app remembers of its user, from where
it moves into the first workspace that there is.
"""

from collections.abc import Callable

from textual.timer import Timer

from cnn_tui.chapter.reading import ReadingMarks, load, remember
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError
from cnn_tui.tui.background import later
from cnn_tui.tui.memory import Memory
from cnn_tui.tui.panes.pane import Pane

REMEMBER_SECONDS = 1.0
"""So long after the last key, what was read is saved: not for each topic on the way."""


class ReadingSaver:
    """The marks that were made in ``pane`` since the app began, and the topic looked at ``last``.

    ``take`` gets the marks of other sessions, too, whenever these were saved. ``memory`` is
    what the app remembers of its user, None where it remembers nothing.
    """

    def __init__(self, pane: Pane, take: Callable[[frozenset[str]], None]) -> None:
        self.last = ""
        self._pane = pane
        self._take = take
        self._memory: Memory | None = getattr(pane.app, "memory", None)
        self._marks: dict[str, bool] = {}
        self._saving: Timer | None = None
        self._not_saved = ""

    @property
    def can_keep(self) -> bool:
        """Whether there is a place for what is read: a workspace, or else the user's folder."""
        has_folder = self._memory is not None and self._memory.is_kept
        return self._pane.workspace is not None or has_folder

    @property
    def is_to_move(self) -> bool:
        """Whether what was read without a workspace can move into one."""
        return self._pane.workspace is not None and bool(self._kept.read)

    def load(self) -> ReadingMarks:
        """What was read so far, in the workspace and without one."""
        saved, kept = load(self._pane.workspace), self._kept
        return ReadingMarks(saved.read | kept.read, saved.last or kept.last)

    def add(self, slug: str, is_read: bool) -> None:
        """Mark a topic as read, or as not read."""
        self._marks[slug] = is_read
        self.save_soon()

    def save(self) -> ReadingMarks | None:
        """Save all of it; returns what others have marked, too. None without a workspace."""
        marks = dict(self._marks)
        if self._pane.workspace is None:
            if self._memory is not None:
                self._memory.keep_reading(self.last, marks)
            return None
        moved = dict.fromkeys(self._kept.read, True)
        saved = remember(self._pane.workspace, self.last, {**moved, **marks})
        if self._memory is not None and self._kept != ReadingMarks():
            self._memory.forget_reading()
        return saved

    def save_soon(self) -> None:
        """Save once no key was pressed for a moment."""
        if self._saving is not None:
            self._saving.stop()
        self._saving = later(self._pane, REMEMBER_SECONDS, self._start)

    @property
    def _kept(self) -> ReadingMarks:
        return ReadingMarks() if self._memory is None else self._memory.now.reading

    def _start(self) -> None:
        self._pane.start(self._save_beside(), "reading")

    async def _save_beside(self) -> None:
        """Save beside the event loop.

        What keeps that from being done, such as a folder that is read-only, is told once.
        """
        try:
            reading = await in_background(self.save)
        except LabError as error:
            if str(error) == self._not_saved:
                return
            self._not_saved = str(error)
            raise
        self._not_saved = ""
        if reading is not None:
            self._take(reading.read)
