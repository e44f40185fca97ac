"""The curves in the room that they have, drawn again where something has changed."""

from collections.abc import Hashable

from textual.events import MouseDown, MouseMove, MouseUp
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from cnn_tui.render.draw.canvas import dots_for
from cnn_tui.render.draw.plot import Charts
from cnn_tui.render.runs.training import Overlay, charts
from cnn_tui.tui.lab_screen import WIDE
from cnn_tui.tui.panes.training.state import RunCurves

LEAST = Size(20, 5)


class CurvesView(Widget, can_focus=True):
    """Draws ``curves`` for its own size when a line of it is asked for.

    So a resize never shows curves of another size, and only lines that differ are sent.
    """

    class PointedAt(Message):
        """The mouse points at this x."""

        def __init__(self, x: float) -> None:
            super().__init__()
            self.x = x

    class PanelsChanged(Message):
        """Other panels are drawn than before."""

    def __init__(self, *, id: str, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.curves: RunCurves | None = None
        self.charts: Charts | None = None
        self._lines: list[Strip] = []
        self._lines_are_of: object = None
        self._strip_of: dict[Hashable, Strip] = {}
        self._strips_are_of: object = None
        self._is_pressed = False

    @property
    def titles(self) -> set[str]:
        """The titles of the panels that are drawn."""
        columns = () if self.charts is None else self.charts.columns
        return {panel.chart.title for column in columns for panel in column}

    def show(self, curves: RunCurves | None) -> None:
        """Draw these curves, or nothing."""
        self.curves = curves
        if not self.size.width or not self.size.height:
            return
        before = list(self._lines)
        self._draw()
        if len(before) != len(self._lines):
            self.refresh()
            return
        pairs = enumerate(zip(before, self._lines, strict=True))
        changed = [_changed(y, old, new) for y, (old, new) in pairs if old != new]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """One line."""
        self._draw()
        if y < len(self._lines):
            return self._lines[y]
        return Strip.blank(self.size.width, self.rich_style)

    def notify_style_update(self) -> None:
        """Take on the colors of another theme."""
        super().notify_style_update()
        self._lines_are_of = self._strips_are_of = None

    def on_mouse_down(self, event: MouseDown) -> None:
        """Read the curves off where the mouse points."""
        self._is_pressed = True
        self.capture_mouse()
        self._point_at(event.x, event.y)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Follow the mouse for as long as its button is held."""
        if self._is_pressed:
            self._point_at(event.x, event.y)

    def on_mouse_up(self, event: MouseUp) -> None:
        """Stay where it was."""
        self._is_pressed = False
        self.release_mouse()

    def _point_at(self, cell: int, line: int) -> None:
        x = None if self.charts is None else self.charts.x_at(cell, line)
        if x is not None:
            self.post_message(self.PointedAt(x))

    def _draw(self) -> None:
        curves, size = self.curves, self.size
        lengths = () if curves is None else tuple((r.run, len(r.events)) for r in curves.runs)
        view = None if curves is None else (curves.view, curves.places, curves.on_top)
        wanted = (lengths, view, size, self.rich_style)
        if wanted == self._lines_are_of:
            return
        self._lines_are_of, before = wanted, self.titles
        self.charts = None if curves is None else self._charts(curves, size)
        self._lines = [] if self.charts is None else self._strips(self.charts, size)
        if self.titles != before:
            self.post_message(self.PanelsChanged())

    def _charts(self, curves: RunCurves, size: Size) -> Charts | None:
        if size.width < LEAST.width or size.height < LEAST.height:
            return None
        for run in curves.runs:
            run.history.take(run.events)
        return charts(
            [each.history for each in curves.runs],
            width=size.width,
            height=size.height,
            view=curves.view,
            overlay=Overlay(curves.places, curves.on_top),
            aside=self.app.size.width >= WIDE,
        )

    def _strips(self, content: Charts, size: Size) -> list[Strip]:
        """The lines of the charts; one that was there before keeps its strip.

        A new point of a run changes a few of them only.
        """
        options = self.app.console.options.update(
            width=size.width, height=None, highlight=False, no_wrap=True
        )
        style = self.rich_style
        before = self._strip_of if self._strips_are_of == (size.width, style) else {}
        self._strips_are_of = size.width, style
        self._strip_of = {}
        strips = []
        for text in content.lines(content.dots or dots_for(options.encoding))[: size.height]:
            key = text.plain, text.style, *text.spans
            strip = before.get(key)
            if strip is None:
                (line,) = self.app.console.render_lines(text, options, style=style)
                strip = Strip(line, size.width).simplify()
            self._strip_of[key] = strip
            strips.append(strip)
        return strips


def _changed(y: int, old: Strip, new: Strip) -> Region:
    """The cells of a line from the first that differs to the last."""
    before, after = _cells(old), _cells(new)
    last = max(len(before), len(after)) - 1
    if len(before) != len(after):
        return Region(0, y, last + 1, 1)
    first = next((x for x in range(last + 1) if before[x] != after[x]), last)
    while last > first and before[last] == after[last]:
        last -= 1
    return Region(first, y, last - first + 1, 1)


def _cells(strip: Strip) -> list[tuple[str, object]]:
    return [(sign, segment.style) for segment in strip for sign in segment.text]
