"""A page of text that scrolls with the keys of every pane."""

from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cnn_tui.engine.threads import in_background
from cnn_tui.tui.background import report, start


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

    def show(self, content: RenderableType, *, from_top: bool = True, long: bool = False) -> None:
        """Replace what the page shows; ``long`` lays it out beside the event loop."""
        self.content = content
        self._long = long
        self._turn_into_lines()
        if from_top:
            self.scroll_home(animate=False)

    class Resized(Message):
        """The page has another size: what was drawn to measure must be drawn anew."""

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """Draw the text with the first layout, which comes before the event of the new size."""
        updated = super()._size_updated(size, virtual_size, container_size, layout)
        if not self._lines:
            self._turn_into_lines()
        return updated

    def on_resize(self, event: Resize) -> None:
        """Lay the text out for another width."""
        self._turn_into_lines()
        size = self.scrollable_content_region.size
        if size != self._size_before:
            self._size_before = size
            self.post_message(self.Resized())

    def notify_style_update(self) -> None:
        """Take on the colours of another theme, or of the focus."""
        super().notify_style_update()
        if self._lines:
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
            start(self, self._lay_out_beside(wanted), "lay-out", self._say)
            return
        try:
            lines = self._lay_out(width)
        except Exception as error:
            report(self, error, self._say)
        else:
            self._take(lines)

    async def _lay_out_beside(self, wanted: tuple[object, ...]) -> None:
        width = self.scrollable_content_region.width
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
        self._lines = lines
        self.virtual_size = Size(self.scrollable_content_region.width, len(lines))
        self.refresh()
