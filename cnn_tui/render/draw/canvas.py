"""Lines in dots: braille where the output has it, half blocks where it has only those.

A curve is a band of dots that goes from left to right, so it is kept as one span of
rows per column of dots: that takes a millisecond, however the curve jumps. Curves are
told apart by their dashes first, and by their style second.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

BRAILLE_START = 0x2800
BRAILLE_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bit of each dot, by column and row of its cell."""


@dataclass(frozen=True)
class Dots:
    """How many dots a cell has, the bit of each, and the sign of each sum of bits."""

    across: int
    down: int
    bits: Sequence[Sequence[int]]
    signs: str


BRAILLE = Dots(2, 4, BRAILLE_BITS, "".join(chr(BRAILLE_START + each) for each in range(256)))
BLOCKS = Dots(1, 2, ((1, 2),), " ▀▄█")

DASHES = (
    ("━━━", (1,)),
    ("━ ━", (1, 1, 1, 1, 1, 0, 0, 0)),
    ("•••", (1, 1, 0, 0, 0)),
    ("━•━", (1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0)),
    ("━━•", (1,) * 10 + (0, 0, 1, 1, 0, 0, 1, 1, 0, 0)),
    ("╺━╸", (1,) * 12 + (0,) * 4),
    ("• •", (1, 1, 0, 0, 0, 0, 0, 0, 0)),
)
"""Solid, dashed, dotted, dash-dotted and three more: the sign in a legend, and the dots.

As many as the most arms of an experiment.
"""
TERMINAL_WITHOUT_BRAILLE = "linux"
"""The text console: it takes UTF-8, and its fonts have blocks only."""


def dots_for(encoding: str) -> Dots:
    """The finest dots that this output can show; what has none spells braille out."""
    if os.environ.get("TERM") == TERMINAL_WITHOUT_BRAILLE:
        return BLOCKS
    for dots in (BRAILLE, BLOCKS):
        try:
            dots.signs[1:].encode(encoding)
        except (UnicodeEncodeError, LookupError):
            continue
        return dots
    return BRAILLE


class Canvas:
    """``columns`` × ``rows`` cells of dots, and for each cell whose dots were drawn last."""

    def __init__(self, columns: int, rows: int, dots: Dots = BRAILLE) -> None:
        self.dots = dots
        self.width, self.height = columns * dots.across, rows * dots.down
        self._columns = columns
        self._sums = [[0] * columns for _ in range(rows)]
        self._owners: list[list[int | None]] = [[None] * columns for _ in range(rows)]

    def curve(self, points: Sequence[tuple[int, int]], owner: int, dashes: Sequence[int]) -> None:
        """Join points, given as dots from the left and from the top, from left to right."""
        length, before = 0, self.height
        for x, (top, bottom) in _spans(points).items():
            rows = range(top, bottom + 1)
            for along, y in enumerate(rows if top >= before else reversed(rows), length):
                if dashes[along % len(dashes)]:
                    self._set(x, y, owner)
            length += max(1, bottom - top)
            before = top

    def band(self, lows: Sequence[int], highs: Sequence[int], left: int, owner: int) -> None:
        """A light ribbon between two edges, one row of dots each per column from ``left`` on."""
        for x, (low, high) in enumerate(zip(lows, highs, strict=True), left):
            for y in range(min(low, high), max(low, high) + 1):
                if (x + self.dots.across * y + owner) % (2 * self.dots.across) == 0:
                    self._set(x, y, owner)

    def rows(self) -> Iterator[list[tuple[str, int | None]]]:
        """Every row as signs, each with its owner; None where nothing was drawn."""
        signs = self.dots.signs
        for sums, owners in zip(self._sums, self._owners, strict=True):
            yield [
                (" " if owner is None else signs[total], owner)
                for total, owner in zip(sums, owners, strict=True)
            ]

    def _set(self, x: int, y: int, owner: int) -> None:
        dots = self.dots
        if 0 <= x < self.width and 0 <= y < self.height:
            column, row = x // dots.across, y // dots.down
            self._sums[row][column] |= dots.bits[x % dots.across][y % dots.down]
            self._owners[row][column] = owner


def _spans(points: Sequence[tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """The highest and lowest row that the line through the points takes in each column."""
    spans: dict[int, tuple[int, int]] = {}
    for (x0, y0), (x1, y1) in pairwise([*points, points[-1]]):
        slope = (y1 - y0) / (x1 - x0) if x1 > x0 else 0.0
        start = y0
        for x in range(x0, x1 + 1):
            end = y1 if x == x1 else round(y0 + slope * (x - x0 + 0.5))
            top, bottom = spans.get(x, (start, start))
            spans[x] = min(top, start, end), max(bottom, start, end)
            start = end
    return spans
