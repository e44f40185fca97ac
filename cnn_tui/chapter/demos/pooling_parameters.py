"""Output size and reduction rate of four ways to pool one map."""

from cnn_tui.analysis.pooling.operators import check_settings, spans
from cnn_tui.analysis.pooling.records import PoolSettings
from cnn_tui.chapter.records import DemoContent, Say, Table

CHAPTER_SETTINGS = ((2, 2, 0), (3, 2, 0), (2, 1, 0))
"""(kernel size, stride, padding): standard, overlapping, strongly overlapping."""


def pooling_parameters(
    size: int = 8, kernel_size: int = 3, stride: int = 2, padding: int = 1
) -> DemoContent:
    """Pool a map of ``size`` × ``size`` in the chapter's three ways and in yours."""
    check_settings(((0.0,) * size,) * size, PoolSettings("max", kernel_size, stride, padding))
    rows = []
    for kernel, step, pad in (*CHAPTER_SETTINGS, (kernel_size, stride, padding)):
        rows_out, columns_out = spans(size, size, PoolSettings("max", kernel, step, pad))
        kept = len(rows_out) * len(columns_out) / size**2
        out_size = f"{len(rows_out)}×{len(columns_out)}"
        rows.append((f"{kernel}×{kernel}", step, pad, out_size, round(100 * (1 - kept), 1)))

    side = (size + 2 * padding - kernel_size) // stride + 1
    formula = (
        f"The last row by the formula: ⌊({size} + 2·{padding} − {kernel_size}) / {stride}⌋ + 1 "
        f"= {side}. No setting has a parameter to learn."
    )
    return DemoContent(
        blocks=(
            Table(
                f"Max pooling of {size}×{size} values; the last row is yours",
                ("kernel", "stride", "padding", "output", "values saved, %"),
                tuple(rows),
            ),
            Say(formula),
        ),
        figures={
            "standard_percent": rows[0][-1],
            "overlapping_percent": rows[1][-1],
            "stride_1_percent": rows[2][-1],
            "yours_percent": rows[3][-1],
            "yours_side": side,
        },
    )
