"""The bar beside a page that scrolls, with a blank column between it and the text."""

from rich.color import Color
from rich.segment import Segment, Segments
from textual.scrollbar import ScrollBarRender

BLANK = Segment(" ")
DEFAULT = Color.default()


class DistantBar(ScrollBarRender):
    """A vertical bar of two columns is one that keeps the other blank."""

    @classmethod
    def render_bar(
        cls,
        size: int = 25,
        virtual_size: float = 50,
        window_size: float = 20,
        position: float = 0,
        thickness: int = 1,
        vertical: bool = True,
        back_color: Color = DEFAULT,
        bar_color: Color = DEFAULT,
    ) -> Segments:
        """The bar, line by line."""
        is_distant = vertical and thickness > 1
        bar = super().render_bar(
            size,
            virtual_size,
            window_size,
            position,
            1 if is_distant else thickness,
            vertical,
            back_color,
            bar_color,
        )
        if not is_distant:
            return bar
        apart = [part for each in bar.segments for part in (BLANK, each, Segment.line())]
        return Segments(apart[:-1])
