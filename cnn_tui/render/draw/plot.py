"""Charts as lines of text: dots, axes, stars, values at the right end, and the crosshair."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from cnn_tui.render.draw.axes import WHOLE, AxisEnd, DrawnAxis, Scale
from cnn_tui.render.draw.canvas import BRAILLE, Canvas, Dots, dots_for
from cnn_tui.render.draw.curves import (
    LEVEL,
    Chart,
    Series,
    height_at,
)
from cnn_tui.render.draw.end_values import CROSSHAIR, Cell, add_end_values
from cnn_tui.render.draw.layout import Edges, Layout, lay_out, shared_edges
from cnn_tui.render.draw.styles import ACCENT, FRAME, QUIET

STAR = "★"
ENTERS: dict[AxisEnd, str] = {"low": "▾", "high": "▴"}
"""Where a curve comes in whose start lies below or above the chart."""
CURSOR_DECIMALS = 2
"""Of an epoch whose values are read off: a step of 162 is a place of its own."""
BLANKS = (" ", "⠀")
NO_POINTS = "No points yet"
COLUMN_GAP = 2
BOLD = "bold "


@dataclass(frozen=True, eq=False)
class Charts:
    """Columns of charts; those of one column share their edges.

    Where dots are not given, the encoding of the console decides.
    """

    columns: Sequence[Sequence[Layout]]
    dots: Dots | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.lines(self.dots or dots_for(options.encoding))

    def lines(self, dots: Dots = BRAILLE) -> list[Text]:
        """Everything, line by line."""
        drawn = []
        for column in self.columns:
            edges = shared_edges(column)
            drawn.append([line for each in column for line in chart_lines(each, edges, dots)])
        widths = [column[0].width for column in self.columns]
        return [_beside(parts, widths) for parts in zip_longest(*drawn, fillvalue=Text())]

    def x_at(self, cell: int, line: int) -> float | None:
        """The x that stands in this cell; None where there is no curve."""
        for column in self.columns:
            if cell < column[0].width:
                return _x_in_column(column, cell, line)
            cell -= column[0].width + COLUMN_GAP
        return None


def chart(
    title: str,
    series: Sequence[Series],
    *,
    width: int,
    height: int,
    log_y: bool = False,
    x: Scale = WHOLE,
    y: Scale = WHOLE,
) -> Charts:
    """One chart in ``width`` × ``height`` cells, the title and legend included."""
    return Charts([[lay_out(Chart(title, series, x, y, log_y), width, height)]])


def chart_lines(layout: Layout, edges: Edges, dots: Dots = BRAILLE) -> list[Text]:
    """The lines of one chart, exactly as many as its height."""
    if layout.x is None or layout.y is None:
        blank = [Text() for _ in range(layout.height)]
        return [*layout.legend, Text(NO_POINTS, QUIET), *blank][: layout.height]
    columns = edges.plot(layout.width)
    rows = _drawn(layout, layout.x, layout.y, Canvas(columns, layout.rows, dots))
    _add_levels(rows, layout.series, layout.y, dots)
    for row in rows:
        row += [(" ", "")] * edges.right
    _add_crosshair(rows, layout.chart, layout.x, columns, dots)
    add_end_values(rows, layout, layout.x, layout.y, edges, dots)
    _add_stars(rows, layout, layout.x, layout.y, columns, dots)
    _add_entries(rows, layout.series, layout.x, columns, dots)
    labels = _row_labels(layout.y, layout.rows)
    lines = [_line(labels.get(row, ""), cells, edges) for row, cells in enumerate(rows)]
    bottom = labels.get(layout.rows, "")
    return [*layout.legend, *lines, _axis_line(layout, layout.x, bottom, edges)]


def _drawn(layout: Layout, x: DrawnAxis, y: DrawnAxis, canvas: Canvas) -> list[list[Cell]]:
    """The curves, those on top last."""
    series = sorted(layout.series, key=lambda each: each.on_top)
    right, bottom = canvas.width - 1, canvas.height - 1
    for owner, each in enumerate(series):
        if each.band is not None and each.band.xs:
            ends = each.band.xs[0], each.band.xs[-1]
            first, last = (x.place(end, right) for end in ends)
            span = max(1, last - first)
            steps = [ends[0] + (ends[1] - ends[0]) * step / span for step in range(span + 1)]
            lows, highs = (
                [bottom - y.place(height_at(each.band.xs, edge, step), bottom) for step in steps]
                for edge in (each.band.lows, each.band.highs)
            )
            canvas.band(lows, highs, first, owner)
    for owner, each in enumerate(series):
        if each.xs and not each.is_level:
            points = [
                (x.place(at, right), bottom - y.place(value, bottom))
                for at, value in zip(each.xs, each.ys, strict=True)
            ]
            canvas.curve(points, owner, each.dashes)
    styles = [BOLD * each.on_top + each.style for each in series]
    return [
        [(sign, "" if owner is None else styles[owner]) for sign, owner in row]
        for row in canvas.rows()
    ]


def _add_levels(rows: list[list[Cell]], series: Sequence[Series], y: DrawnAxis, dots: Dots) -> None:
    """The line of each level, behind the curves."""
    for level in series:
        if level.is_level and level.xs:
            row = rows[len(rows) - 1 - y.cell(level.ys[-1], len(rows), dots.down)]
            row[:] = [(LEVEL, level.style) if cell[0] in BLANKS else cell for cell in row]


def _add_crosshair(
    rows: list[list[Cell]], shown: Chart, x: DrawnAxis, columns: int, dots: Dots
) -> None:
    if shown.cursor is None or not x.low <= shown.cursor <= x.high:
        return
    column = x.cell(shown.cursor, columns, dots.across)
    for row in rows:
        if row[column][0] in (*BLANKS, LEVEL):
            row[column] = (CROSSHAIR, ACCENT)


def _add_stars(
    rows: list[list[Cell]], layout: Layout, x: DrawnAxis, y: DrawnAxis, columns: int, dots: Dots
) -> None:
    for each in layout.series:
        if each.star is not None and each.xs and each.xs[0] <= each.star <= each.xs[-1]:
            height = y.cell(height_at(each.xs, each.ys, each.star), len(rows), dots.down)
            column = x.cell(each.star, columns, dots.across)
            rows[len(rows) - 1 - height][column] = (STAR, BOLD + each.style)


def _add_entries(
    rows: list[list[Cell]], series: Sequence[Series], x: DrawnAxis, columns: int, dots: Dots
) -> None:
    for each in series:
        if each.enters is not None:
            row = rows[-1 if each.enters == "low" else 0]
            row[x.cell(each.xs[0], columns, dots.across)] = (ENTERS[each.enters], each.style)


def _row_labels(y: DrawnAxis, rows: int) -> dict[int, str]:
    """The labels of the y axis by the rows at whose top they lie; the last is the axis line."""
    return {rows - y.place(tick, rows): text for tick, text in y.ticks}


def _line(label: str, cells: Sequence[Cell], edges: Edges) -> Text:
    line = Text(no_wrap=True)
    line.append(f"{label:>{edges.left}}", QUIET)
    line.append("┤" if label else "│", FRAME)
    run, style = "", ""
    for sign, of_sign in cells:
        if of_sign != style and sign != " ":
            _append(line, run, style)
            run, style = "", of_sign
        run += sign
    _append(line, run.rstrip(), style)
    return line


def _append(line: Text, run: str, style: str) -> None:
    line.append(run, style.removeprefix(BOLD) or None)
    if style.startswith(BOLD):
        line.stylize("bold", len(line) - len(run))


def _axis_line(layout: Layout, x: DrawnAxis, label: str, edges: Edges) -> Text:
    """The x axis, with its labels in it: ``0┼──── 10 ──── 20 ──── 30 ──── 40 epochs``."""
    columns = edges.plot(layout.width)
    signs = ["─"] * columns + [" "] * edges.right
    spans = _label_spans([(text, x.place(tick, columns - 1)) for tick, text in x.ticks], columns)
    unit = layout.chart.x.unit
    if spans and unit:
        text, start = spans[-1]
        end = min(len(signs), start + cell_len(text) + cell_len(unit) + 1)
        spans[-1] = f"{text.rstrip()} {unit}", end - cell_len(text.rstrip()) - cell_len(unit) - 1
        if len(spans) > 1 and spans[-1][1] < spans[-2][1] + cell_len(spans[-2][0]):
            del spans[-2]
    cursor = layout.chart.cursor
    marked: tuple[str, int] | None = None
    if cursor is not None and x.low <= cursor <= x.high:
        text = f" {layout.chart.x.text(round(cursor, CURSOR_DECIMALS))} "
        start = x.place(cursor, columns - 1) - len(text) // 2
        marked = text, max(0, min(start, len(signs) - len(text)))
        spans = sorted([marked, *(each for each in spans if _are_apart(each, marked))], key=_start)
    line = Text(no_wrap=True).append(f"{label:>{edges.left}}", QUIET)
    line.append("┼" if label else "└", FRAME)
    at = 0
    for span in spans:
        text, start = span
        line.append("".join(signs[at:start]), FRAME)
        line.append(text, ACCENT if span is marked else QUIET)
        at = start + cell_len(text)
    return line.append("".join(signs[at:]).rstrip(), FRAME)


def _are_apart(one: tuple[str, int], other: tuple[str, int]) -> bool:
    return one[1] + cell_len(one[0]) <= other[1] or other[1] + cell_len(other[0]) <= one[1]


def _start(span: tuple[str, int]) -> int:
    return span[1]


def _label_spans(ticks: Sequence[tuple[str, int]], columns: int) -> list[tuple[str, int]]:
    """Each label with a space on either side and where it begins; none over another."""
    spans: list[tuple[str, int]] = []
    free = 0
    for text, at in ticks:
        if at == 0 and text == "0":
            continue
        wide = f" {text} " if at < columns - 1 - cell_len(text) // 2 else f" {text}"
        start = max(0, min(at - cell_len(wide) // 2, columns - cell_len(wide)))
        if start >= free:
            spans.append((wide, start))
            free = start + cell_len(wide) + 1
    return spans


def _beside(parts: Sequence[Text], widths: Sequence[int]) -> Text:
    line = Text(no_wrap=True)
    for number, (part, width) in enumerate(zip(parts, widths, strict=True)):
        line.append_text(part)
        if number < len(widths) - 1:
            line.append(" " * (width - part.cell_len + COLUMN_GAP))
    return line


def _x_in_column(column: Sequence[Layout], cell: int, line: int) -> float | None:
    edges = shared_edges(column)
    place = cell - edges.left - 1
    for each in column:
        if line < each.height:
            columns = edges.plot(each.width)
            if each.x is None or not 0 <= place < columns:
                return None
            return each.x.low + (each.x.high - each.x.low) * place / max(1, columns - 1)
        line -= each.height
    return None
