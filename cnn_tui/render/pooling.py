"""A pooled map as two number grids, with one window marked and spelled out.

The window is marked by brackets as well as by colour, so that it survives
``NO_COLOR``.
"""

from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from cnn_tui.analysis.records import Grid, PoolResult, PoolSettings, PoolWindow
from cnn_tui.render.numbers import cell_value

COLD, HOT = (24, 32, 58), (255, 176, 59)
"""The two ends of the heat colours, as RGB."""
DARK_INK, BRIGHT_INK = "#101418", "#e8ecf4"

Cell = tuple[int, int]


def pool_view(result: PoolResult, cursor: Cell = (0, 0)) -> RenderableType:
    """Input and output side by side, the window of output cell ``cursor`` marked."""
    window = result.window(*cursor)
    (height, width), (out_height, out_width) = result.input_size, result.output_size
    grids = Table.grid(padding=(0, 3))
    grids.add_row(
        Text(f"Input {height}×{width}", style="bold"),
        "",
        Text(f"Output {out_height}×{out_width}", style="bold"),
    )
    grids.add_row(
        number_grid(result.input, window_cells(window)),
        Text("\n" * (height // 2) + "→"),
        number_grid(result.output, frozenset({cursor})),
    )
    return Group(
        grids,
        Text(""),
        arithmetic(result.settings, window),
        output_size_formula(result),
        Text(
            f"Reduction: {height}×{width} = {height * width} cells to "
            f"{out_height}×{out_width} = {out_height * out_width}: "
            f"{result.reduction_percent:.1f} % fewer"
        ),
    )


def pool_steps(result: PoolResult) -> RenderableType:
    """Every window in turn: the map with the window marked, and its arithmetic."""
    parts: list[RenderableType] = []
    for window in result.windows:
        parts += [
            number_grid(result.input, window_cells(window)),
            arithmetic(result.settings, window),
            Text(""),
        ]
    return Group(*parts, pool_view(result))


def window_cells(window: PoolWindow) -> frozenset[Cell]:
    """The input cells, as (row, column), that ``window`` covers."""
    return frozenset(
        (row, column)
        for row in range(window.top, window.bottom)
        for column in range(window.left, window.right)
    )


def number_grid(grid: Grid, marked: frozenset[Cell] = frozenset()) -> Text:
    """Numbers on heat colours; marked cells stand in brackets."""
    low = min(min(row) for row in grid)
    high = max(max(row) for row in grid)
    width = max(len(cell_value(value)) for row in grid for value in row)
    text = Text(no_wrap=True)
    for i, row in enumerate(grid):
        for j, value in enumerate(row):
            left, right = "[]" if (i, j) in marked else "  "
            style = _heat(value, low, high, bold=(i, j) in marked)
            text.append(f"{left}{cell_value(value):>{width}}{right}", style)
        if i < len(grid) - 1:
            text.append("\n")
    return text


def arithmetic(settings: PoolSettings, window: PoolWindow) -> Text:
    """How the value of one output cell comes about, in numbers."""
    where = f"Output ({window.row}, {window.column}) = "
    cells = [cell_value(cell) for cell in window.cells]
    if settings.kind == "max":
        sentence = f"max({', '.join(cells)})"
    else:
        sentence = f"({' + '.join(cells)}) / {window.divisor}"
    padded = window.divisor - len(window.cells)
    note = f"   ({padded} padding cells count as {'−∞' if settings.kind == 'max' else '0'})"
    return Text.assemble(
        (where, "bold"),
        sentence,
        (f" = {cell_value(window.value)}", "bold"),
        note if padded else "",
    )


def output_size_formula(result: PoolResult) -> Text:
    """The output-size formula with this pooling's numbers put in."""
    settings = result.settings
    opening, closing = ("⌈", "⌉") if settings.ceil_mode else ("⌊", "⌋")
    sides = [
        f"{opening}({size} + 2·{settings.padding} − {settings.kernel_size}) / "
        f"{settings.stride}{closing} + 1 = {out}"
        for size, out in zip(result.input_size, result.output_size, strict=True)
    ]
    unique = list(dict.fromkeys(sides))
    return Text("Output size: " + ", ".join(unique))


def _heat(value: float, low: float, high: float, *, bold: bool) -> Style:
    share = (value - low) / (high - low) if high > low else 0.0
    red, green, blue = (
        round(cold + (hot - cold) * share) for cold, hot in zip(COLD, HOT, strict=True)
    )
    ink = DARK_INK if share > 0.45 else BRIGHT_INK
    return Style(color=ink, bgcolor=f"#{red:02x}{green:02x}{blue:02x}", bold=bold, underline=bold)
