"""The page with a run's log: what its worker has written beside its numbers."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.text import Text
from textual.strip import Strip

from cnn_tui.engine.threads import in_background
from cnn_tui.render.draw.console import wrapped_lines
from cnn_tui.render.draw.styles import QUIET
from cnn_tui.render.runs.log import NO_LINES, NO_LOG, LogReader
from cnn_tui.tui.background import every, start
from cnn_tui.tui.widgets.page import Page

NO_LINES_YET = "Nothing is written yet."
LOOK_SECONDS, LOOK_SECONDS_LOW_BANDWIDTH = 1.0, 3.0
INDENT = 2


@dataclass(frozen=True, eq=False)
class Hanging:
    """Lines; what goes on in a further one is indented."""

    lines: Sequence[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines:
            first = (wrapped_lines(Text(line), options.max_width) or [Text()])[0]
            yield first
            rest = wrapped_lines(Text(line[len(first) :].lstrip()), options.max_width - INDENT)
            yield from (Text(" " * INDENT).append_text(each) for each in rest)


Looking = Callable[[LogReader], Awaitable[None]]


class LogPage(Page):
    """Shows the end of a log first, and goes on with it for as long as the run is running.

    It stays at the end while that is in sight; where one has scrolled up, what is seen stays.
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._reader: LogReader | None = None
        self._looking: LogReader | None = None
        self._text: list[str] = []
        self._standing = ""
        self._is_running = False
        self._is_followed = False
        self._is_at_end = True

    def on_mount(self) -> None:
        """Look at a steady pace."""
        slow = getattr(self.app, "low_bandwidth", False)
        every(self, LOOK_SECONDS_LOW_BANDWIDTH if slow else LOOK_SECONDS, self._look_soon)

    def open(self, log: Path) -> None:
        """Read and show a log; without one, say so."""
        self._reader = LogReader(log)
        self._is_at_end, self._is_followed = True, self._is_running
        self.show(Text(f"Reading {log} …", QUIET), long=True)
        start(self, self._alone(self._begin, self._reader), "log", self._say)

    def stands(self, standing: str, *, is_running: bool) -> None:
        """Whether more is to come, and what to say once it has ended."""
        self._standing, self._is_running = standing, is_running
        self._is_followed = self._is_followed or is_running

    def leave(self) -> None:
        """Look no longer."""
        self._reader = None
        self.workers.cancel_group(self, "log")

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Note whether the end is in sight."""
        super().watch_scroll_y(old_value, new_value)
        self._is_at_end = self.is_vertical_scroll_end

    def _look_soon(self) -> None:
        # What is drawn below a dialog would draw the dialog again, too.
        is_seen = self.display and self.is_attached and self.screen.is_active
        if self._reader is not None and self._is_followed and self._looking is None and is_seen:
            start(self, self._alone(self._go_on, self._reader), "log", self._say)

    async def _begin(self, reader: LogReader) -> None:
        self._text = await in_background(reader.new_lines, is_last=not self._is_running)
        if not self._text and not self._is_running:
            self._text = [NO_LINES if reader.log.exists() else NO_LOG]
        self.show(self._all(reader), from_top=False, long=True)

    async def _go_on(self, reader: LogReader) -> None:
        is_running = self._is_running
        lines = await in_background(reader.new_lines, is_last=not is_running)
        if not is_running and not lines:  # a worker may write on after it has said how it ended
            lines = ["", f"{self._standing[:1].upper()}{self._standing[1:]}"]
            self._is_followed = False
        if lines and not self._text:  # in place of what was said so far
            self._text = lines
            self.show(self._all(reader), from_top=False, long=True)
        elif lines:
            self._text = [*self._text, *lines]
            await self.extend(self._all(reader), Hanging(lines))

    async def _alone(self, look: Looking, reader: LogReader) -> None:
        """Look, and let nobody else look meanwhile: what is read is not read again."""
        self._looking = reader
        try:
            await look(reader)
        finally:
            if self._looking is reader:
                self._looking = None

    def _all(self, reader: LogReader) -> Group:
        return Group(Text(str(reader.log), QUIET), Text(), Hanging(self._text or [NO_LINES_YET]))

    def _take(self, lines: list[Strip]) -> None:
        """Show other lines, and the end of them where it was in sight before."""
        is_at_end = self._is_at_end
        super()._take(lines)
        if is_at_end:
            self.scroll_end(animate=False, immediate=True)
        self._is_at_end = is_at_end
