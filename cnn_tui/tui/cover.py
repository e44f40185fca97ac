"""What a terminal shows that is too small for the lab."""

from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import Screen, ScreenResultType
from textual.widgets import Static

from cnn_tui.doctor import SMALLEST_TERMINAL


class Coverable(Screen[ScreenResultType]):
    """A screen that keeps its layout for as long as the cover is over it."""

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        # Textual also lays out what the topmost screen hides. Here nothing is lost without:
        # the terminal has another size when it is large enough again, and so does every screen.
        if not any(isinstance(screen, Cover) for screen in self.app.screen_stack):
            super()._refresh_layout(size, scroll)


class Cover(Screen[None]):
    """Asks for more room, over everything: what lies below keeps its size, focus and text.

    Nothing below is laid out or drawn, and no key reaches it.
    """

    def compose(self) -> ComposeResult:
        """One sentence."""
        columns, rows = SMALLEST_TERMINAL
        yield Static(
            f"cnn-lab needs at least {columns}×{rows} cells.\nEnlarge the terminal, or press q.",
            id="too-small",
        )
