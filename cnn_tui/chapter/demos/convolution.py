"""A 3×3 kernel walks over a map: what comes out, and one output cell term by term."""

from collections.abc import Sequence
from fractions import Fraction

import torch
from torch import Tensor
from torch.nn import functional as F

from cnn_tui.analysis.pooling.named_inputs import named_input
from cnn_tui.chapter.demos.shared import rows_of
from cnn_tui.chapter.records import DemoContent, Grid, Say, Table
from cnn_tui.errors import UsageError

SIDE = 3
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
    weights = torch.tensor([float(Fraction(each)) for each in written]).view(SIDE, SIDE)
    padded = F.pad(torch.tensor(named_input(input).grid), (padding,) * 4)
    reach = dilation * (SIDE - 1) + 1
    size = len(padded) - 2 * padding
    if len(padded) < reach:
        raise UsageError(
            f"With dilation {dilation} the kernel covers {reach}×{reach} cells, and the map with "
            f"its padding has {len(padded)}×{len(padded)}: lower the dilation or raise the "
            "padding.",
            fields=("dilation",),
        )
    side = (size + 2 * padding - dilation * (SIDE - 1) - 1) // stride + 1
    if row >= side or column >= side:
        raise UsageError(
            f"The output has {side} rows and columns, counted from 0: give a row and a column "
            f"below {side}.",
            fields=("row" if row >= side else "column",),
        )
    output = F.conv2d(padded[None, None], weights[None, None], None, stride, 0, dilation)[0, 0]
    marks = tuple(
        (row * stride + i * dilation, column * stride + j * dilation)
        for i in range(SIDE)
        for j in range(SIDE)
    )
    window = torch.stack([padded[place] for place in marks]).view(SIDE, SIDE)
    cell = output[row, column].item()
    flat, windows = _flat_windows(padded, stride, dilation), side * side
    total = weights.sum().item()
    around = f" in {padding} ring{'s' * (padding > 1)} of zeros" if padding else ""
    return DemoContent(
        blocks=(
            Grid(f"Map, {size}×{size}{around}", rows_of(padded), marks),
            Grid("Kernel", rows_of(weights)),
            Grid(f"Output, {side}×{side}", rows_of(output), ((row, column),)),
            Say(
                f"Its side: ⌊({size} + 2·{padding} − {dilation}·({SIDE} − 1) − 1) / {stride}⌋ "
                f"+ 1 = {side}."
            ),
            _by_hand(written, weights, window, row, column),
            Say(f"{_added((weights * window).sum(1).tolist())} = {_number(cell)}."),
            Say(_about_weights(total, flat, windows)),
        ),
        figures={
            "side": side,
            "cell": cell,
            "weights_sum": total,
            "flat_windows": flat,
            "lowest": output.min().item(),
            "highest": output.max().item(),
        },
    )


def _by_hand(
    written: Sequence[str], weights: Tensor, window: Tensor, row: int, column: int
) -> Table:
    """Each row of the kernel: its weights times the marked cells, and their sum."""
    rows = []
    for number, values in enumerate(window.tolist()):
        names = written[number * SIDE : (number + 1) * SIDE]
        terms = [f"{_signed(name)}·{value:g}" for name, value in zip(names, values, strict=True)]
        rows.append((number, _joined(terms), (weights[number] * window[number]).sum().item()))
    return Table(
        f"Output cell in row {row}, column {column}: weight · marked cell",
        ("row of the kernel", "terms", "sum"),
        tuple(rows),
    )


def _about_weights(total: float, flat: int, windows: int) -> str:
    level = _number(total)
    effect = {"0": "the output is 0", "1": "a flat area keeps its level"}.get(
        level, f"the output is {level} times the level"
    )
    return (
        f"The weights add up to {level}: where the map is flat, {effect}. Of the {windows} windows "
        f"here {flat or 'none'} {'have' if flat > 1 else 'has'} nine equal cells."
    )


def _flat_windows(padded: Tensor, stride: int, dilation: int) -> int:
    """How many windows hold the same number nine times."""
    columns = F.unfold(padded[None, None], SIDE, dilation, 0, stride)[0]
    return int((columns == columns[0]).all(0).sum())


def _signed(written: str) -> str:
    return written.replace("-", "−")


def _number(value: float) -> str:
    """At most four digits, with a real minus; no negative zero and no rounding error."""
    return _signed(f"{round(value, 6) + 0.0:.4g}")


def _joined(terms: Sequence[str]) -> str:
    """The sum of the terms as it is written: a negative one in parentheses, but the first."""
    first, *others = terms
    return " + ".join([first, *(f"({each})" if each[0] == "−" else each for each in others)])


def _added(sums: Sequence[float]) -> str:
    return _joined([_number(each) for each in sums])
