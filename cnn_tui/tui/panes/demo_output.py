"""What a demo showed, and whether that belongs to other numbers than those in the form."""

from textual.events import Resize
from textual.strip import Strip

from cnn_tui.tui.widgets.page import Page

STALE = "-stale"


class DemoOutput(Page):
    """What a demo showed."""

    def on_resize(self, event: Resize) -> None:
        """A page that is still empty need not be laid out, and so not be drawn again."""
        if not self.content:
            event.prevent_default()

    def _lay_out(self, width: int) -> list[Strip]:
        """With a blank between the text and the scrollbar."""
        return self._drawn(self.content, width - 1)

    def mark_stale(self, is_stale: bool) -> None:
        """Draw it dimmed as long as it is what other numbers gave."""
        self.set_class(is_stale, STALE)
