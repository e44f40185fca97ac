"""A pooled map as two grids, with one window marked and spelled out."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.analysis.pooling.operators import output_size, reach
from cnn_tui.analysis.pooling.records import (
    GridPosition,
    PoolResult,
    PoolSettings,
    PoolSpan,
    PoolWindow,
)
from cnn_tui.render.draw.console import wrapped_lines
from cnn_tui.render.draw.grids import Edit, GridView, grids_in_a_row
from cnn_tui.render.draw.numbers import cell_value, printable

ARROW = "   →   "
WIDTH = 80
LINES_OF_ARITHMETIC = 2
"""A window whose arithmetic takes more is summed up."""
MOST_CELLS_IN_FULL = 60
STEP_LINES = 18
"""Lines that each of the steps shows of a map at most: a map of 16 rows is shown whole."""
SLACK = 10
"""Characters that breaking a line between words may cost."""


def heading(name: str, title: str, settings: PoolSettings) -> Text:
    """Two lines: how it is pooled, and what."""
    values = settings.to_json()
    options = [
        f"{option} {cell_value(value)}"
        for option in ("kernel_size", "stride", "padding", "dilation", "norm_type")
        if (value := values[option]) is not None
    ]
    if values["output_size"] is not None:
        options.append("output_size {}×{}".format(*values["output_size"]))
    options += ["ceil_mode"] * bool(values["ceil_mode"])
    options += ["padding not counted"] * (values["count_include_pad"] is False)
    pooling = (f"{settings.kind} pooling", "bold")
    source = title if title.startswith(name) else f"{name}: {title}"
    shown = (printable(source), "dim")
    return Text.assemble(pooling, *(f"   {each}" for each in options), "\n", shown)


def pool_view(
    result: PoolResult,
    cursor: GridPosition = (0, 0),
    *,
    width: int = WIDTH,
    height: int | None = None,
    edited: Edit | None = None,
) -> RenderableType:
    """Input and output side by side, the window of output cell ``cursor`` marked.

    In ``width`` columns, and in at most ``height`` lines where it is given.
    """
    window = result.window(*cursor)
    sentences = [
        arithmetic(result.settings, window, width),
        *output_size_formula(result, window),
        reduction(result),
        *([_edit_line(result, edited)] if edited else []),
    ]
    lines = wrapped(sentences, width)
    room = None if height is None else height - len(lines) - 1
    views = (_input_view(result, window, edited), _output_view(result, window))
    return Group(grids_in_a_row(views, [ARROW], width, room), Text(), *lines)


def pool_steps(result: PoolResult, width: int = WIDTH) -> Iterator[RenderableType]:
    """Every window in turn: the map around it with the window marked, and its arithmetic."""
    for window in result.windows():
        yield grids_in_a_row([_input_view(result, window)], [], width, STEP_LINES)
        yield Group(arithmetic(result.settings, window, width), Text())
    yield pool_view(result, width=width)


def arithmetic(settings: PoolSettings, window: PoolWindow, width: int = WIDTH) -> Text:
    """How the value of one output cell comes about, in numbers; summed up if it takes too long."""
    notes = _outside(settings, window)
    if len(window.cells) <= MOST_CELLS_IN_FULL:
        full = _told(window, _full_arithmetic(settings, window), notes)
        if full.cell_len <= LINES_OF_ARITHMETIC * width - SLACK:
            return full
    return _told(window, _short_arithmetic(settings, window), notes)


def output_size_formula(result: PoolResult, window: PoolWindow) -> list[Text]:
    """How the output's size, or an adaptive window's place, follows from the settings."""
    settings = result.settings
    if settings.kind.startswith("global"):
        return [Text("Output size: 1×1 whatever the input's, as the one window is the whole map")]
    sides = zip(result.input_size, result.output_size, strict=True)
    if settings.kind.startswith("adaptive"):
        (height, rows), (width, columns) = sides
        return [
            Text("Adaptive: output i covers input ⌊i·size/out⌋ up to ⌈(i+1)·size/out⌉ − 1"),
            Text(f"  row {_adaptive_bounds(window.row, height, rows, window.rows)}"),
            Text(f"  column {_adaptive_bounds(window.column, width, columns, window.columns)}"),
        ]
    unique = list(dict.fromkeys(_size_formula(size, out, settings) for size, out in sides))
    return [Text("Output size: " + ", ".join(unique))]


def reduction(result: PoolResult) -> Text:
    """How many cells go in and come out."""
    (height, width), (out_height, out_width) = result.input_size, result.output_size
    percent = result.reduction_percent
    return Text(
        f"Reduction: {height}×{width} = {height * width} cells to "
        f"{out_height}×{out_width} = {out_height * out_width}: "
        f"{abs(percent):.1f} % {'fewer' if percent >= 0 else 'more'}"
    )


def window_cells(window: PoolWindow) -> frozenset[GridPosition]:
    """The input cells, as (row, column), that ``window`` covers."""
    return frozenset((row, column) for row in window.rows for column in window.columns)


def wrapped(sentences: Iterable[Text], width: int) -> list[Text]:
    """The lines that ``sentences`` take in ``width`` columns."""
    lines = [line for each in sentences for line in wrapped_lines(each, width)]
    for line in lines:
        line.rstrip()
    return lines


def grid_title(name: str, size: tuple[int, int]) -> str:
    """``Input 4×4``."""
    return f"{name} {size[0]}×{size[1]}"


def _input_view(result: PoolResult, window: PoolWindow, edited: Edit | None = None) -> GridView:
    middle = window.rows[len(window.rows) // 2], window.columns[len(window.columns) // 2]
    return GridView(
        grid_title("Input", result.input_size),
        result.input,
        marked=window_cells(window),
        focus=(edited.row, edited.column) if edited else middle,
        gutters=2 * max(map(_pieces, result.columns)),
        edit=edited,
    )


def _output_view(result: PoolResult, window: PoolWindow) -> GridView:
    place = (window.row, window.column)
    return GridView(
        grid_title("Output", result.output_size),
        result.output,
        marked=frozenset({place}),
        focus=place,
        gutters=2,
        is_output=True,
    )


def _pieces(span: PoolSpan) -> int:
    """How many stretches of neighbouring cells a window has along one side."""
    return sum(cell - 1 not in span.cells for cell in span.cells)


def _told(window: PoolWindow, sentence: str, notes: str) -> Text:
    return Text.assemble(
        (f"Output ({window.row}, {window.column}) = ", "bold"),
        sentence,
        (f" = {cell_value(window.value)}", "bold"),
        notes,
    )


def _full_arithmetic(settings: PoolSettings, window: PoolWindow) -> str:
    cells = [cell_value(cell) for cell in window.cells]
    if settings.kind.endswith("max"):
        return f"max({', '.join(cells)})"
    if settings.kind == "lp":
        power = f"{settings.norm_type:g}"
        terms = [
            f"({cell})^{power}" if cell.startswith("-") else f"{cell}^{power}" for cell in cells
        ]
        return _lp(settings, window, " + ".join(terms))
    return f"({' + '.join(cells)}) / {window.divisor}".replace("+ -", "- ")


def _short_arithmetic(settings: PoolSettings, window: PoolWindow) -> str:
    count = len(window.cells)
    if settings.kind.endswith("max"):
        low, high = (cell_value(pick(window.cells)) for pick in (min, max))
        return f"max of {count} cells, from {low} to {high},"
    if settings.kind == "lp":
        total = sum(cell**settings.norm_type for cell in window.cells)
        return _lp(
            settings,
            window,
            f"sum of {count} cells, each ^{settings.norm_type:g}: {cell_value(total)}",
        )
    return f"(sum of {count} cells: {cell_value(sum(window.cells))}) / {window.divisor}"


def _lp(settings: PoolSettings, window: PoolWindow, total: str) -> str:
    cut_short = f"{window.size}/{len(window.cells)} · " if len(window.cells) < window.size else ""
    inner = f"{cut_short}({total})" if cut_short else total
    return f"({inner})^(1/{settings.norm_type:g})"


def _outside(settings: PoolSettings, window: PoolWindow) -> str:
    """What becomes of the window's cells that lie outside of the map."""
    outside = window.size - len(window.cells)
    if not outside:
        return ""
    if settings.kind == "max":
        return f"   ({outside} outside the map count as −∞)"
    if settings.kind == "lp":
        return f"   (cut short: torch scales {len(window.cells)} cells up to {window.size})"
    as_zero = window.divisor - len(window.cells)
    parts = [f"{as_zero} of padding count as 0"] * bool(as_zero)
    parts += [f"{outside - as_zero} outside the map do not count"] * bool(outside - as_zero)
    return f"   ({', '.join(parts)})"


def _adaptive_bounds(index: int, size: int, cells: int, covered: tuple[int, ...]) -> str:
    return (
        f"{index}: ⌊{index}·{size}/{cells}⌋ = {covered[0]} "
        f"to ⌈{index + 1}·{size}/{cells}⌉ − 1 = {covered[-1]}"
    )


def _size_formula(size: int, out: int, settings: PoolSettings) -> str:
    opening, closing = ("⌈", "⌉") if settings.ceil_mode else ("⌊", "⌋")
    window = f"{settings.kernel_size}"
    if settings.dilation > 1:
        window = f"{settings.dilation}·({settings.kernel_size} − 1) − 1"
    formula = (
        f"{opening}({size} + 2·{settings.padding} − {window}) / {settings.stride}{closing} + 1"
    )
    rounded_up = -(-(size + 2 * settings.padding - reach(settings)) // settings.stride) + 1
    if settings.ceil_mode and output_size(size, settings) < rounded_up:
        return f"{formula} = {rounded_up}, less one that would start outside the map = {out}"
    return f"{formula} = {out}"


def _edit_line(result: PoolResult, edited: Edit) -> Text:
    value = cell_value(result.input[edited.row][edited.column])
    typed = "" if edited.text is None else f" → {edited.text}_"
    return Text.assemble((f"Input ({edited.row}, {edited.column})", "bold"), f" = {value}{typed}")
