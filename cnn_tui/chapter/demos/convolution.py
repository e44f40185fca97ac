"""A 3×3 kernel walks over a map: what comes out, and one output cell term by term."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain

from cnn_tui.analysis.pooling.named_inputs import named_input
from cnn_tui.analysis.pooling.operators import output_size
from cnn_tui.analysis.pooling.records import PoolSettings
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.chapter.records import DemoContent, Grid, Say, Table
from cnn_tui.errors import UsageError

SIDE = 3
EXACT = 1e-9
"""Below this, a sum of weights differs from a whole number by rounding only."""
KERNELS = {
    "edge": "-1 0 1 -1 0 1 -1 0 1",
    "blur": "1/9 1/9 1/9 1/9 1/9 1/9 1/9 1/9 1/9",
    "sharpen": "0 -1 0 -1 5 -1 0 -1 0",
}
"""Kernels with a name: vertical edges, the mean of nine cells, a cell against its neighbors."""


def convolution(
    input: str = "edges",
    kernel: str = "edge",
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    row: int = 0,
    column: int = 0,
) -> DemoContent:
    """One map, one kernel of weights such as ``-1`` or ``1/9``; (row, column) is done by hand."""
    written = KERNELS.get(kernel, kernel).replace(",", " ").split()
    weights = _in_rows([float(Fraction(each)) for each in written])
    grid = named_input(input).grid
    padded, size = _padded(grid, padding), len(grid)
    side = _side(size, stride, padding, dilation)
    _refuse(side, len(padded), dilation, row, column)
    windows = [[_window(padded, i, j, stride, dilation) for j in range(side)] for i in range(side)]
    output = tuple(tuple(_sum(weights, window) for window in line) for line in windows)
    marks = tuple(
        (row * stride + i * dilation, column * stride + j * dilation)
        for i in range(SIDE)
        for j in range(SIDE)
    )
    window, cell = windows[row][column], output[row][column]
    sums = [_sum((weights[each],), (window[each],)) for each in range(SIDE)]
    flat = sum(len(set(chain(*each))) == 1 for line in windows for each in line)
    total = sum(chain(*weights))
    around = f" in {padding} ring{'s' * (padding > 1)} of zeros" if padding else ""
    return DemoContent(
        blocks=(
            Grid(f"Map, {size}×{size}{around}", padded, marks),
            Grid("Kernel", weights),
            Grid(f"Output, {side}×{side}", output, ((row, column),)),
            Say(
                f"Its side: ⌊({size} + 2·{padding} − {dilation}·({SIDE} − 1) − 1) / {stride}⌋ "
                f"+ 1 = {side}."
            ),
            _by_hand(written, window, sums, row, column),
            Say(f"{_joined([_number(each) for each in sums])} = {_number(cell)}."),
            Say(_about_weights(total, flat, side * side)),
        ),
        figures={
            "side": side,
            "cell": cell,
            "weights_sum": total,
            "flat_windows": flat,
            "lowest": min(chain(*output)),
            "highest": max(chain(*output)),
        },
    )


def _side(size: int, stride: int, padding: int, dilation: int) -> int:
    """Rows of the output, by the formula that pooling follows as well."""
    return output_size(size, PoolSettings("max", SIDE, stride, padding, dilation=dilation))


def _padded(grid: NumberGrid, padding: int) -> NumberGrid:
    """The map in rings of zeros."""
    aside = (0.0,) * padding
    rows = tuple((*aside, *row, *aside) for row in grid)
    above = ((0.0,) * len(rows[0]),) * padding
    return (*above, *rows, *above)


def _window(padded: NumberGrid, i: int, j: int, stride: int, dilation: int) -> NumberGrid:
    """The nine cells below the kernel for output cell (i, j)."""
    top, left = i * stride, j * stride
    return tuple(
        tuple(padded[top + a * dilation][left + b * dilation] for b in range(SIDE))
        for a in range(SIDE)
    )


def _sum(weights: NumberGrid, window: NumberGrid) -> float:
    """Each weight times the cell below it, added up."""
    return sum(a * b for a, b in zip(chain(*weights), chain(*window), strict=True))


def _in_rows(numbers: Sequence[float]) -> NumberGrid:
    return tuple(tuple(numbers[at : at + SIDE]) for at in range(0, SIDE * SIDE, SIDE))


def _refuse(side: int, padded: int, dilation: int, row: int, column: int) -> None:
    """Raise UsageError for a kernel that does not fit, and for a cell that is not there."""
    if side < 1:
        reach = dilation * (SIDE - 1) + 1
        raise UsageError(
            f"With dilation {dilation} the kernel covers {reach}×{reach} cells, and the map with "
            f"its padding has {padded}×{padded}: lower the dilation or raise the padding.",
            fields=("dilation",),
        )
    if row >= side or column >= side:
        raise UsageError(
            f"The output has {side} rows and columns, counted from 0: give a row and a column "
            f"below {side}.",
            fields=("row" if row >= side else "column",),
        )


def _by_hand(
    written: Sequence[str], window: NumberGrid, sums: Sequence[float], row: int, column: int
) -> Table:
    """Each row of the kernel: its weights times the marked cells, and their sum."""
    rows = []
    for number, values in enumerate(window):
        names = written[number * SIDE : (number + 1) * SIDE]
        terms = [f"{_signed(name)}·{value:g}" for name, value in zip(names, values, strict=True)]
        rows.append((number, _joined(terms), sums[number]))
    return Table(
        f"Output cell in row {row}, column {column}: weight · marked cell",
        ("row of the kernel", "terms", "sum"),
        tuple(rows),
    )


def _about_weights(total: float, flat: int, windows: int) -> str:
    level = _number(total)
    effect = f"the output is {level} times the level"
    if abs(total) < EXACT:
        effect = "the output is 0"
    elif abs(total - 1) < EXACT:
        effect = "the output has the same level"
    return (
        f"The weights add up to {level}: where the map is flat, {effect}. Of the {windows} windows "
        f"here {flat or 'none'} {'have' if flat > 1 else 'has'} nine equal cells."
    )


def _signed(written: str) -> str:
    return written.replace("-", "−")


def _number(value: float) -> str:
    """At most four digits, with a real minus; no negative zero and no rounding error."""
    return _signed(f"{round(value, 6) + 0.0:.4g}")


def _joined(terms: Sequence[str]) -> str:
    """The sum of the terms as it is written: a negative one in parentheses, but the first."""
    first, *others = terms
    return " + ".join([first, *(f"({each})" if each[0] == "−" else each for each in others)])
