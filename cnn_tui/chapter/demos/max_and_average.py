"""Pool one small map twice, and work out one cell by hand."""

import torch
from torch.nn import functional as F

from cnn_tui.analysis.pooling.named_inputs import named_input
from cnn_tui.chapter.demos.shared import rows_of
from cnn_tui.chapter.records import DemoContent, Grid, Say
from cnn_tui.errors import UsageError


def max_and_average(
    input: str = "chapter", kernel_size: int = 2, stride: int = 2, row: int = 0, column: int = 0
) -> DemoContent:
    """Max and average pooling of the same map; (row, column) is the cell done by hand."""
    x = torch.tensor(named_input(input).grid)
    batch = x[None, None]  # pooling wants (N, C, H, W)
    maximum = F.max_pool2d(batch, kernel_size, stride)[0, 0]
    average = F.avg_pool2d(batch, kernel_size, stride)[0, 0]
    height, width = maximum.shape
    if row >= height or column >= width:
        raise UsageError(
            f"The pooled map has {height} rows and {width} columns, counted from 0: "
            f"give a row below {height} and a column below {width}."
        )

    top, left = row * stride, column * stride
    window = x[top : top + kernel_size, left : left + kernel_size].flatten().tolist()
    seen = tuple((top + i, left + j) for i in range(kernel_size) for j in range(kernel_size))
    values = [f"{value:g}" for value in window]
    highest, mean = max(window), sum(window) / len(window)
    how = f"{kernel_size}×{kernel_size}, stride {stride}"
    return DemoContent(
        blocks=(
            Grid("Input", rows_of(x), seen),
            Grid(f"Max pooling, {how}", rows_of(maximum), ((row, column),)),
            Grid(f"Average pooling, {how}", rows_of(average), ((row, column),)),
            Say(
                f"By hand, in the marked window: the maximum of {', '.join(values)} is "
                f"{highest:g}, the average is ({' + '.join(values)}) / {len(values)} = {mean:g}."
            ),
        ),
        figures={"max": highest, "average": mean},
    )
