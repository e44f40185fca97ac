"""A page of text that scrolls with the keys of every pane."""

from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from cnn_tui.engine.threads import in_background
from cnn_tui.tui.background import report, start
from cnn_tui.tui.widgets.scroll_bar import DistantBar


class Page(ScrollView, can_focus=True):
    """One renderable, scrolled by arrows, page keys and ``j k``.

    It is turned into lines once for each width. A Static would do so in every
    layout pass, which takes a long table past the 50 ms that a key may take.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False, id="page.down", tooltip="Scroll down"),
        Binding("k", "scroll_up", show=False, id="page.up", tooltip="Scroll up"),
    ]

    def __init__(self, content: RenderableType = "", *, id: str) -> None:
        super().__init__(id=id)
        self.content = content
        self._long = False
        self._size_before = Size(0, 0)
        self._lines: list[Strip] = []
        self._lines_are_of: tuple[object, ...] = ()
        self._taken_for: tuple[object, ...] = ()

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """The bar at the edge of the frame; a blank column keeps the text apart from it."""
        bar = super().vertical_scrollbar
        bar.renderer = DistantBar  # type: ignore[misc]
        return bar

    def show(self, content: RenderableType, *, from_top: bool = True, long: bool = False) -> None:
        """Replace what the page shows; ``long`` lays it out beside the event loop."""
        self.content = content
        self._long = long
        self._turn_into_lines()
        if from_top:
            self.scroll_home(animate=False)

    async def extend(self, content: RenderableType, added: RenderableType) -> None:
        """Show ``content``, which is that before with ``added`` below: only this is laid out."""
        look = (self.scrollable_content_region.width, self.rich_style)
        lines = await in_background(self._drawn, added, look[0]) if look[0] else []
        is_as_before = self._lines_are_of == self._taken_for == (self.content, *look)
        self.content = content
        if is_as_before:
            self._lines_are_of = (content, *look)
            self._take([*self._lines, *lines])
        else:
            self._turn_into_lines()

    class Resized(Message):
        """The page has another size: what was drawn for its size must be drawn again."""

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """Draw the text with the first layout, which comes before the event of the new size.

        A text that is there already is as wide as the page is now: nothing scrolls sideways.
        """
        width = self.scrollable_content_region.width
        self.set_reactive(Page.virtual_size, Size(width, self.virtual_size.height))
        updated = super()._size_updated(size, virtual_size, container_size, layout)
        if not self._lines:
            self._turn_into_lines()
            if self._lines:  # the scrollbar comes with the next layout, not with the one after it
                self._scroll_update(self.virtual_size)
        return updated

    def on_resize(self, event: Resize) -> None:
        """Lay the text out for another width."""
        self._turn_into_lines()
        size = self.scrollable_content_region.size
        if size != self._size_before:
            self._size_before = size
            self.post_message(self.Resized())

    def notify_style_update(self) -> None:
        """Take on the colors of another theme, or of the focus."""
        super().notify_style_update()
        if self._lines and self.rich_style != self._lines_are_of[-1]:
            self._turn_into_lines()

    def render_line(self, y: int) -> Strip:
        """The line that stands ``y`` rows below the top of what is seen."""
        index = y + self.scroll_offset.y
        if index < len(self._lines):
            return self._lines[index]
        return Strip.blank(self.size.width, self.rich_style)

    def _turn_into_lines(self) -> None:
        width = self.scrollable_content_region.width
        wanted = (self.content, width, self.rich_style)
        if not width or wanted == self._lines_are_of:
            return
        self._lines_are_of = wanted
        if self._long:
            start(self, self._lay_out_beside(wanted, width), "lay-out", self._say)
            return
        try:
            lines = self._lay_out(width)
        except Exception as error:
            report(self, error, self._say)
        else:
            self._take(lines)

    async def _lay_out_beside(self, wanted: tuple[object, ...], width: int) -> None:
        lines = await in_background(self._lay_out, width)
        if wanted == self._lines_are_of:
            self._take(lines)

    def _say(self, sentence: str) -> None:
        """Stand in for a content that cannot be drawn."""
        self._take(self._drawn(Text(sentence), self.scrollable_content_region.width))

    def _lay_out(self, width: int) -> list[Strip]:
        return self._drawn(self.content, width)

    def _drawn(self, content: RenderableType, width: int) -> list[Strip]:
        options = self.app.console.options.update(width=width, height=None, highlight=False)
        lines = self.app.console.render_lines(content, options, style=self.rich_style)
        return [Strip(line, width).simplify() for line in lines]

    def _take(self, lines: list[Strip]) -> None:
        """Show other lines; where there are as many as before, draw those that differ."""
        before, self._lines = self._lines, lines
        self._taken_for = self._lines_are_of
        size = Size(self.scrollable_content_region.width, len(lines))
        if size != self.virtual_size:
            self.virtual_size = size
            self.refresh()
            return
        for row, (old, new) in enumerate(zip(before, lines, strict=True)):
            if old != new:
                self.refresh_line(row)
