"""Where everything in a chart stands: its legend, its axes, and the curves between them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.text import Text

from cnn_tui.render.draw.axes import DrawnAxis, log_axis, x_axis, y_axis
from cnn_tui.render.draw.curves import Chart, Series, in_view
from cnn_tui.render.draw.legend import LegendEntry, legend_lines
from cnn_tui.render.draw.starts import heights_shown, without_start

LEAST_WIDTH, LEAST_ROWS = 20, 2
LEGEND_SHARE, LEGEND_LINES = 3, 2
"""A legend takes a third of its chart; lines that it may take in any that has room for curves."""


@dataclass(frozen=True)
class Edges:
    """The cells beside the curves, the same in all charts of a page."""

    left: int = 0
    right: int = 0

    def plot(self, width: int) -> int:
        """The cells that are left for the curves."""
        return max(1, width - self.left - self.right - 1)


@dataclass(frozen=True)
class Layout:
    """A chart in ``width`` × ``height`` cells: its legend, and its axes if it has curves.

    ``series`` are the points in view, on the scale of the y axis; ``ends`` are the values
    at their right ends.
    """

    chart: Chart
    width: int
    height: int
    legend: Sequence[Text]
    series: Sequence[Series] = ()
    ends: Sequence[str] = ()
    x: DrawnAxis | None = None
    y: DrawnAxis | None = None

    @property
    def rows(self) -> int:
        """The rows of cells for the curves, above the axis."""
        return self.height - len(self.legend) - 1

    @property
    def edges(self) -> Edges:
        """The cells that this chart needs beside its curves."""
        if self.y is None:
            return Edges()
        return Edges(self.y.widest, max(map(len, self.ends), default=0) + 1)


def lay_out(shown: Chart, width: int, height: int) -> Layout:
    """What a chart has room for.

    The values stand at the ends of the curves, where a row is left for each; else, and
    where they are read off at the cursor, in the legend.
    """
    series = [each.at(place) for place, each in enumerate(shown.series)]
    drawn = [in_view(each, shown, width) for each in series]
    has_curves = width >= LEAST_WIDTH and any(each.xs for each in drawn)
    at_ends = has_curves and shown.cursor is None and height - 2 >= max(LEAST_ROWS, len(series))
    most = max(1, height // LEGEND_SHARE, min(LEGEND_LINES, height - LEAST_ROWS - 1))
    entries = _entries(shown, series, drawn, at_ends=at_ends)
    legend = legend_lines(shown.title, shown.note, entries, width, most)
    layout = Layout(shown, width, height, legend)
    if not has_curves or layout.rows < LEAST_ROWS:
        return layout
    heights = heights_shown(drawn, None if shown.log_y else shown.y.starts)
    axis = log_axis(heights, layout.rows) if shown.log_y else y_axis(shown.y, heights, layout.rows)
    ends = [x for each in drawn if each.xs for x in (each.xs[0], each.xs[-1])]
    return replace(
        layout,
        series=[without_start(each, axis) for each in drawn],
        ends=[shown.text_of(each) for each in series],
        x=x_axis(shown.x, ends, width),
        y=axis,
    )


def shared_edges(layouts: Sequence[Layout]) -> Edges:
    """What is beside the curves of all these charts."""
    wanted = [each.edges for each in layouts]
    return Edges(
        max((each.left for each in wanted), default=0),
        max((each.right for each in wanted), default=0),
    )


def _entries(
    shown: Chart, series: Sequence[Series], drawn: Sequence[Series], *, at_ends: bool
) -> list[LegendEntry]:
    """What the legend says of each series: where curves are drawn, of those that have points."""
    has_points = [
        bool(d.xs) or each.value() is not None for each, d in zip(series, drawn, strict=True)
    ]
    entries = [
        LegendEntry(
            each.label if is_named else "",
            each.short if is_named else "",
            each.sign if each.label and (is_named or not is_told) else "",
            "" if is_told else shown.text_of(each, shown.cursor),
            each.style,
            each.on_top,
        )
        for each, points, is_shown in zip(series, drawn, has_points, strict=True)
        for is_told in [at_ends and bool(points.xs)]
        for is_named in [shown.has_names or each.is_level]
        if is_shown or not any(has_points)
    ]
    return [each for each in entries if each.text(short=False)]
