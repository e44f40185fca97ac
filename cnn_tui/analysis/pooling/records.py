"""What pooling answers, and how it is set: frozen records without torch."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from cnn_tui.analysis.records import NumberGrid

GridPosition = tuple[int, int]
"""(row, column) of a cell, or (rows, columns) of a shift, down and to the right."""
POOL_OPTIONS: dict[str, tuple[str, ...]] = {
    "max": ("kernel_size", "stride", "padding", "dilation", "ceil_mode"),
    "avg": ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad"),
    "lp": ("kernel_size", "stride", "ceil_mode", "norm_type"),
    "global-max": (),
    "global-avg": (),
    "adaptive-max": ("output_size",),
    "adaptive-avg": ("output_size",),
}
"""The kinds of pooling, and the options that each of them takes."""


@dataclass(frozen=True)
class PoolSettings:
    """What to pool with, alike for rows and columns except for ``output_size``.

    Each kind of pooling looks only at its own options: ``dilation`` is max
    pooling's, ``count_include_pad`` average pooling's, ``norm_type`` the p of Lp
    pooling, and ``output_size`` (rows, columns) belongs to the adaptive kinds.
    """

    kind: str = "max"
    kernel_size: int = 2
    stride: int = 2
    padding: int = 0
    ceil_mode: bool = False
    dilation: int = 1
    count_include_pad: bool = True
    norm_type: float = 2.0
    output_size: tuple[int, int] = (2, 2)

    def to_json(self) -> dict[str, Any]:
        """The kind and every option by name; None for an option that the kind does not take."""
        taken = ("kind", *POOL_OPTIONS[self.kind])
        values = asdict(self)
        if math.isinf(self.norm_type):  # JSON has no infinity
            values["norm_type"] = f"{self.norm_type:g}"
        return {name: value if name in taken else None for name, value in values.items()}


@dataclass(frozen=True)
class PoolSpan:
    """Where one row (or column) of windows lies along its side of the input.

    ``cells`` are the indices inside the input, ``length`` all positions of the
    window, those in the padding and beyond it included, and ``divided`` how many
    of them an average counts.
    """

    cells: tuple[int, ...]
    length: int
    divided: int


@dataclass(frozen=True)
class PoolWindow:
    """Output cell (``row``, ``column``), and the input cells it was made from.

    The window covers every crossing of ``rows`` and ``columns`` of the input;
    ``cells`` are the values there in reading order. ``size`` counts the cells of
    the whole window, those outside of the input included; ``divisor`` is what an
    average divides the sum by.
    """

    row: int
    column: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    cells: tuple[float, ...]
    size: int
    divisor: int
    value: float


@dataclass(frozen=True)
class PoolResult:
    """One map, pooled: the numbers, and where the windows of each output row and column lie."""

    settings: PoolSettings
    input: NumberGrid
    output: NumberGrid
    rows: tuple[PoolSpan, ...]
    columns: tuple[PoolSpan, ...]

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) of the input."""
        return len(self.input), len(self.input[0])

    @property
    def output_size(self) -> tuple[int, int]:
        """(height, width) of the output."""
        return len(self.output), len(self.output[0])

    @property
    def reduction_percent(self) -> float:
        """How many of the input's cells are gone, in percent of them."""
        (height, width), (out_height, out_width) = self.input_size, self.output_size
        return 100.0 * (1 - (out_height * out_width) / (height * width))

    def windows(self) -> Iterator[PoolWindow]:
        """Every window, in the order of the output's cells."""
        for row in range(len(self.rows)):
            for column in range(len(self.columns)):
                yield self.window(row, column)

    def window(self, row: int, column: int) -> PoolWindow:
        """The window behind output cell (``row``, ``column``)."""
        down, across = self.rows[row], self.columns[column]
        return PoolWindow(
            row=row,
            column=column,
            rows=down.cells,
            columns=across.cells,
            cells=tuple(self.input[i][j] for i in down.cells for j in across.cells),
            size=down.length * across.length,
            divisor=down.divided * across.divided,
            value=self.output[row][column],
        )

    def window_over(self, cell: GridPosition) -> GridPosition:
        """The output cell whose window is nearest to input cell ``cell``, the first of several."""
        row, column = (
            min(range(len(side)), key=lambda place: _distance(side[place].cells, at))
            for side, at in zip((self.rows, self.columns), cell, strict=True)
        )
        return row, column

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab pool --json`` prints; null is an option not used."""
        return {
            **self.settings.to_json(),
            "input": [list(row) for row in self.input],
            "output": [list(row) for row in self.output],
            "reduction_percent": round(self.reduction_percent, 4),
        }


@dataclass(frozen=True)
class PoolGradient:
    """A pooling on the way back.

    ``upstream`` is the gradient of its output, ``gradient`` that of its input, summed up where
    windows overlap. ``sent`` is what each output sends to each cell that it reaches, before the
    factor that Lp pooling has for a cell.
    """

    result: PoolResult
    upstream: NumberGrid
    sent: NumberGrid
    gradient: NumberGrid

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab pool --backward --json`` prints."""
        return {
            **self.result.to_json(),
            "output_gradient": [list(row) for row in self.upstream],
            "input_gradient": [list(row) for row in self.gradient],
        }


def _distance(cells: tuple[int, ...], place: int) -> int:
    """How far a place is from the nearest of ``cells``."""
    return min(abs(cell - place) for cell in cells)


@dataclass(frozen=True)
class ShiftMeasure:
    """What one-pixel shifts did to one pooling's output.

    Of ``shifts``, so many left the output ``unchanged``, and so many ``moved`` it
    along exactly. ``mean_change`` and ``largest_change`` are shares of 1: all
    differences between the two outputs against all that both hold, 0 for the
    same numbers and 1 for nothing in common.
    """

    shifts: int
    unchanged: int
    moved: int
    mean_change: float
    largest_change: float


@dataclass(frozen=True)
class ShiftComparison:
    """One way to pool, measured on a single bright pixel and on the map itself."""

    label: str
    pixel: ShiftMeasure
    map: ShiftMeasure


@dataclass(frozen=True)
class TranslationResult:
    """A map and the same map shifted by (rows, columns), both pooled.

    What the shift uncovers is filled with zeros; nothing wraps around. ``moved``
    is by how many cells the output moved along exactly, wherever windows lie
    whole inside the map; None where it did something else. ``pixel_row`` is the
    width of the row that the single bright pixel of ``comparisons`` walks along.
    """

    settings: PoolSettings
    shift: GridPosition
    before: PoolResult
    after: PoolResult
    moved: GridPosition | None
    pixel_row: int
    comparisons: tuple[ShiftComparison, ...]

    @property
    def changed(self) -> frozenset[GridPosition]:
        """The output cells, as (row, column), that the shift changed."""
        return frozenset(
            (i, j)
            for i, (old, new) in enumerate(zip(self.before.output, self.after.output, strict=True))
            for j, (was, now) in enumerate(zip(old, new, strict=True))
            if was != now
        )

    @property
    def changed_share(self) -> float:
        """The share of output cells that the shift changed."""
        height, width = self.before.output_size
        return len(self.changed) / (height * width)

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab pool --shift … --json`` prints."""
        return {
            **self.before.to_json(),
            "shift": list(self.shift),
            "shifted_input": [list(row) for row in self.after.input],
            "shifted_output": [list(row) for row in self.after.output],
            "changed_cells": len(self.changed),
            "changed_share": round(self.changed_share, 4),
            "moved": None if self.moved is None else list(self.moved),
            "pixel_row": self.pixel_row,
            "one_pixel_shifts": [
                {"label": each.label, "pixel": asdict(each.pixel), "map": asdict(each.map)}
                for each in self.comparisons
            ],
        }
