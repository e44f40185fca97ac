"""What a terminal shows that is too small for the lab."""

from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import ScreenResultType
from textual.widgets import Static

from cnn_tui.doctor import SMALLEST_TERMINAL
from cnn_tui.tui.painting import UnhurriedScreen


class Coverable(UnhurriedScreen[ScreenResultType]):
    """A screen that keeps its layout for as long as the cover is over it."""

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        # Textual also lays out what the topmost screen hides. Here nothing is lost without:
        # the terminal has another size when it is large enough again, and so does every screen.
        if not any(isinstance(screen, Cover) for screen in self.app.screen_stack):
            super()._refresh_layout(size, scroll)

    def _compositor_refresh(self) -> None:
        super()._compositor_refresh()
        if self is not self.app.screen:
            # Textual would draw it again with whatever happens next, and with it the dialog:
            # 4 KB a second over a pane that looks at its runs.
            self._repaint_required = False


class Cover(UnhurriedScreen[None]):
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
