"""Screens that prepare a large paint in several turns of the event loop, then write it at once.

Textual lays out and draws a whole screen in one turn, and after a resize or a new dialog more
than once: 100 ms in which no key is looked at. Here the widgets draw their lines a few at a
time. Those lines are kept, so that the paint at the end only has to put them together.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from typing import Any, Literal

from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region, Size
from textual.message import Message
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import Screen, ScreenResultType

from cnn_tui.tui.background import start
from cnn_tui.tui.compositing import LeanCompositor

AT_ONCE = 1000
"""Cells that are painted in the turn in which they are due: what a key in a list changes."""
SLICE_SECONDS = 0.008
"""After so long the keys have their turn."""
BAND = 8
"""Rows that are drawn between two looks at the clock."""
TURNS_TO_ADAPT = 3, 20
"""Turns, at least and at most, in which widgets take on a new size before they draw lines."""
MOST_LAYOUTS = 6
"""Then it is painted, though something still moves."""

Painting = Literal["preparing", "prepared"] | None
"""How far a large paint is; None where there is none."""


class Dimmed(BackgroundScreen):
    """The screen below a dialog, which has far fewer styles than pieces of text."""

    @classmethod
    def process_segments(cls, segments: Iterable[Segment], color: Color) -> Iterable[Segment]:
        """Dim ``segments``, each style once."""
        dim = partial(_dimmed, color=color)
        return [Segment(text, dim(style), control) for text, style, control in segments]


@lru_cache(maxsize=1024)
def _dimmed(style: Style | None, color: Color) -> Style | None:
    (segment,) = BackgroundScreen.process_segments([Segment(" ", style)], color)
    return segment.style


class UnhurriedScreen(Screen[ScreenResultType]):
    """Holds the event loop for no longer than a slice, however much there is to paint."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._compositor = LeanCompositor()
        self._painting: Painting = None

    async def _dispatch_message(self, message: Message) -> None:
        """Let others have their turn after what took long: messages may come in a row."""
        begun = time.perf_counter()
        await super()._dispatch_message(message)
        if time.perf_counter() - begun > SLICE_SECONDS:
            await asyncio.sleep(0)

    def render(self) -> RenderableType:
        """What lies below a dialog, dimmed; else the background."""
        # Textual hands the screens below out one by one for each paint. A dialog that is drawn
        # again while a paint is prepared would find none left, and show an empty background.
        stack, color = self.app.screen_stack, self.styles.background
        place = stack.index(self) if self in stack else 0
        return Dimmed(stack[place - 1], color) if place and color.a < 1 else super().render()

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        # A terminal that takes a size back has lost cells, though nothing here has moved.
        if size:
            self._compositor._dirty_regions.add(size.region)
        super()._refresh_layout(size, scroll)

    def _screen_resized(self, size: Size) -> None:
        # Of sizes that follow each other quickly, only the last one is worth a layout.
        if size == self.app.size:
            super()._screen_resized(size)

    def _compositor_refresh(self) -> None:
        if self._painting == "preparing" or self._awaits_size:
            return
        if self._painting is None and self._is_much():
            self._painting = "preparing"
            start(self, self._paint(), "paint")
        else:
            super()._compositor_refresh()

    @property
    def _awaits_size(self) -> bool:
        """Whether the layout for the terminal's size is yet to come, and with it a paint."""
        return self is self.app.screen and self._compositor.size != self.app.size

    def _is_much(self) -> bool:
        if self is not self.app.screen or not self.app._dom_ready:
            return False
        return sum(region.area for region in self._compositor._dirty_regions) > AT_ONCE

    async def painted(self) -> None:
        """Wait for the large paint that is being prepared, if there is one."""
        while self._painting is not None:
            await asyncio.sleep(SLICE_SECONDS)

    async def _paint(self) -> None:
        """Prepare what there is to paint, in turns, then write it."""
        try:
            for _ in range(MOST_LAYOUTS):
                await self._adapt()
                await self._draw_lines()
                if not self._is_moving:
                    break
                self._on_timer_update()
            self._compositor.update_widgets(self._dirty_widgets)
            self._painting = "prepared"
            self._compositor_refresh()
        except Exception as error:
            self.app._handle_exception(error)
        finally:
            self._painting = None

    @property
    def _is_moving(self) -> bool:
        """Whether there is something to lay out, or to draw again as a whole."""
        return bool(self._layout_required or self._repaint_required)

    async def _adapt(self) -> None:
        """Let the visible widgets answer what a layout told them, often with another layout."""
        least, most = TURNS_TO_ADAPT
        for turn in range(most):
            await asyncio.sleep(0)
            widgets = (self, *self._compositor.visible_widgets)
            if turn >= least - 1 and not any(each.message_queue_size for each in widgets):
                return

    async def _draw_lines(self) -> None:
        """Let the visible widgets draw their lines, for as long as they stay where they are."""
        begun = time.perf_counter()
        slices = iter(()) if self._is_moving else self._slices()
        for _ in slices:
            if time.perf_counter() - begun > SLICE_SECONDS:
                await asyncio.sleep(0)
                begun = time.perf_counter()
                if self._is_moving:
                    return
        while self.app._batch_count:
            await asyncio.sleep(SLICE_SECONDS)

    def _slices(self) -> Iterator[None]:
        for y in range(0, self._compositor.size.height, BAND):
            band = range(y, y + BAND)
            region = Region(0, y, self._compositor.size.width, BAND)
            self._compositor._render_chops(region, band.__contains__)
            yield
