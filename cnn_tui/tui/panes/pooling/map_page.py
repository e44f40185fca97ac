"""The page with the grids: into its cells one can type, and clicks say which cell was meant."""

from textual.events import Click, Key
from textual.geometry import Region
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip

from cnn_tui.analysis.pooling.records import GridPosition
from cnn_tui.render.draw.blocks import GridBlock
from cnn_tui.tui.widgets.page import Page


class BlockPage(Page):
    """A page that shows one block, and sends no more than the lines that changed."""

    class Pointed(Message):
        """A cell of the grid ``name`` was clicked."""

        def __init__(self, name: str, cell: GridPosition) -> None:
            super().__init__()
            self.name = name
            self.cell = cell

    def on_click(self, event: Click) -> None:
        """Say which cell that was."""
        place = event.get_content_offset(self)
        if place is None or not isinstance(self.content, GridBlock):
            return
        found = self.content.cell_at(place.y + self.scroll_offset.y, place.x)
        if found is not None:
            self.post_message(self.Pointed(*found))

    def _take(self, lines: list[Strip]) -> None:
        before = self._lines
        if len(before) != len(lines) or not self.is_mounted:
            super()._take(lines)
            return
        self._lines = lines
        for index, (old, new) in enumerate(zip(before, lines, strict=True)):
            if old != new:
                self.refresh(Region(0, index - self.scroll_offset.y, self.size.width, 1))


class MapPage(BlockPage):
    """While a cell is edited, numbers go into the cell."""

    editing: var[bool] = var(False)

    class Typed(Message):
        """A character that was typed, or ``backspace``."""

        def __init__(self, key: str | None) -> None:
            super().__init__()
            self.key = key

    def on_key(self, event: Key) -> None:
        """Keep what is typed into a cell from meaning anything else."""
        if self.editing and (event.is_printable or event.key == "backspace"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Typed(event.character if event.is_printable else event.key))
