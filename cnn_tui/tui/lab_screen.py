"""The one screen under the dialogs, which knows how much room there is."""

import asyncio
from typing import Any

from textual.events import Resize
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from cnn_tui.tui.cover import Coverable

COMPACT_BELOW, WIDE, VERY_WIDE = 80, 120, 160
"""Columns below which a list and its page take turns, and from which a third column opens."""
SHORT_BELOW = 24
"""Rows below which what is less important makes room."""
TALL = 36
"""Rows from which one thing has room above another."""
NODES_AT_ONCE = 16
"""Widgets that take on their styles for another size before the keys have their turn."""
SIZE_CLASSES = ("-narrow", "-wide", "-very-wide", "-compact", "-short", "-tall")


class LabScreen(Coverable[None]):
    """The one screen under the dialogs."""

    # Textual repaints a screen whenever its focus moves, though the widgets that
    # lost and won it repaint themselves: 5 to 25 KB on the wire for nothing.
    focused = Reactive[Widget | None](None, repaint=False)

    def set_focus(self, widget: Widget | None, *args: Any, **settings: Any) -> None:
        """Move the focus, but never into a pane that is not open: it would take the keys there."""
        if widget is None or not _is_in_closed_pane(widget):
            super().set_focus(widget, *args, **settings)

    async def on_resize(self, event: Resize) -> None:
        """Tell the stylesheets how much room there is, before Textual lays the screen out."""
        if event.size != self.app.size:  # the next one is on its way
            return
        before, classes = self.classes, classes_of(event.size)
        self.update_classes({name: name in classes for name in SIZE_CLASSES}, update=False)
        if self.classes != before:
            nodes = list(self.walk_children(with_self=True))
            for first in range(0, len(nodes), NODES_AT_ONCE):
                self.app.stylesheet.update_nodes(nodes[first : first + NODES_AT_ONCE])
                await asyncio.sleep(0)


def _is_in_closed_pane(widget: Widget) -> bool:
    return any(
        isinstance(each.parent, ContentSwitcher) and not each.display
        for each in widget.ancestors_with_self
        if isinstance(each, Widget)
    )


def classes_of(size: Size) -> set[str]:
    """What the stylesheets know of a terminal's size, out of SIZE_CLASSES."""
    width = (
        "-very-wide" if size.width >= VERY_WIDE else "-wide" if size.width >= WIDE else "-narrow"
    )
    compact = {"-compact"} if size.width < COMPACT_BELOW else set()
    short = {"-short"} if size.height < SHORT_BELOW else set()
    tall = {"-tall"} if size.height >= TALL else set()
    return {width} | compact | short | tall
