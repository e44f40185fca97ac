"""What a terminal shows that is too small for the lab."""

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from cnn_tui.doctor import SMALLEST_TERMINAL


class Cover(Screen[None]):
    """Asks for more room, over everything: what lies below keeps its size, focus and text.

    It is opaque, so nothing below is laid out or drawn, and no key reaches it.
    """

    def compose(self) -> ComposeResult:
        """One sentence."""
        columns, rows = SMALLEST_TERMINAL
        yield Static(
            f"cnn-lab needs at least {columns}×{rows} cells.\nEnlarge the terminal, or press q.",
            id="too-small",
        )
