"""Shift a map by one pixel, and count how often the pooled map stays as it was."""

from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional as F

from cnn_tui.analysis.pooling.records import PoolSettings
from cnn_tui.analysis.pooling.translation import bright_pixel_outputs
from cnn_tui.chapter.demos.shared import rows_of
from cnn_tui.chapter.records import DemoContent, Grid, Say, Table

ORIGINAL = torch.tensor([[0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]).float()
INSIDE_CELLS = torch.tensor([[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]).float()


def translation_invariance(kernel_size: int = 2, cells: int = 4) -> DemoContent:
    """The chapter's pair of maps, then every one-pixel shift along one row.

    The row is ``cells`` × ``kernel_size`` pixels wide and the stride is the
    kernel size, so that every pixel belongs to exactly one cell.
    """
    shifted = torch.roll(ORIGINAL, shifts=1, dims=1)  # one pixel to the right, truly
    pooled = bright_pixel_outputs(
        PoolSettings("max", kernel_size, kernel_size), kernel_size * cells
    )
    rows = [_one_shift(start, *pair) for start, pair in enumerate(pairwise(pooled))]
    unchanged = sum(same for *_, same in rows)
    share = 100 * unchanged / len(rows)
    verdict = (
        f"{unchanged} of {len(rows)} one-pixel shifts leave the pooled row as it was "
        f"({share:.0f} %){': those that stay inside a cell' if unchanged else ''}. "
        f"A shift by {kernel_size}, the whole stride, always moves the output by one cell."
    )
    return DemoContent(
        blocks=(
            Say("Two bright pixels move, each inside its own 2×2 cell: the pooled map stays."),
            Grid("Original", rows_of(ORIGINAL)),
            Grid("Pooled", rows_of(_pooled_map(ORIGINAL))),
            Grid("Moved", rows_of(INSIDE_CELLS)),
            Grid("Pooled", rows_of(_pooled_map(INSIDE_CELLS))),
            Say("The whole original moves one pixel to the right: the pooled map changes."),
            Grid("Original", rows_of(ORIGINAL)),
            Grid("Pooled", rows_of(_pooled_map(ORIGINAL))),
            Grid("Shifted", rows_of(shifted)),
            Grid("Pooled", rows_of(_pooled_map(shifted))),
            Table(
                f"One bright pixel in a row of {kernel_size * cells}, "
                f"window {kernel_size}, stride {kernel_size}",
                ("pixel moves", "pooled before", "pooled after", "unchanged"),
                tuple((*texts, "yes" if same else "no") for *texts, same in rows),
            ),
            Say(verdict),
        ),
        figures={
            "unchanged_percent": share,
            "unchanged_shifts": unchanged,
            "shifts": len(rows),
        },
    )


def _pooled_map(x: Tensor) -> Tensor:
    return F.max_pool2d(x[None, None], 2)[0, 0]


def _one_shift(
    start: int, before: tuple[float, ...], after: tuple[float, ...]
) -> tuple[str, str, str, bool]:
    return f"{start} → {start + 1}", _text(before), _text(after), before == after


def _text(row: tuple[float, ...]) -> str:
    return " ".join(f"{value:g}" for value in row)
