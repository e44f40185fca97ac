"""The page with the grids, into whose cells one can type."""

from textual.events import Key
from textual.message import Message
from textual.reactive import var

from cnn_tui.tui.widgets.page import Page


class MapPage(Page):
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
