"""A grid of numbers that is to be drawn: what is marked in it, and what its cells say."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cnn_tui.analysis.pooling.records import GridPosition
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.render.draw import styles
from cnn_tui.render.draw.heat import heat_style
from cnn_tui.render.draw.numbers import cell_value

MOST_DECIMALS = 3
LONGEST_EDIT = 12
"""Characters of a cell's text that are shown while it is edited."""
OUTSIDE, ZERO = "·", "0"
EDITED = "bold reverse"


@dataclass(frozen=True)
class Edit:
    """The input cell that is being edited, and the text typed so far; None before the first key."""

    row: int
    column: int
    text: str | None = None

    @property
    def typed(self) -> str:
        """The end of what was typed, with a mark where the next character goes."""
        return "" if self.text is None else f"{self.text[-LONGEST_EDIT:]}_"


@dataclass(frozen=True)
class Margin:
    """Cells outside of the grid that are drawn around it; the first ``zeros`` of them are 0."""

    before: GridPosition = (0, 0)
    after: GridPosition = (0, 0)
    zeros: int = 0


@dataclass(frozen=True)
class GridView:
    """A grid to be drawn: what is marked in it, and what must stay in sight.

    ``chosen`` cells stand in parentheses. ``gutters`` are the columns kept free for
    the brackets of shaded cells; without any, marks show on numbers only. ``scale``
    are the lowest and the highest value, the grid's own if not given. ``is_output``
    keeps its numbers when there is no room for those of the others. ``name`` is what
    a click on one of its cells says.
    """

    title: str
    grid: NumberGrid
    marked: frozenset[GridPosition] = frozenset()
    focus: GridPosition = (0, 0)
    gutters: int = 0
    scale: tuple[float, float] | None = None
    edit: Edit | None = None
    is_output: bool = False
    name: str = ""
    chosen: frozenset[GridPosition] = frozenset()
    margin: Margin = Margin()

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the grid, without its margin."""
        return len(self.grid), len(self.grid[0])

    @property
    def sides(self) -> tuple[range, range]:
        """The rows and the columns that are drawn: those of the margin count on from the grid's."""
        rows, columns = (
            range(-before, size + after)
            for before, size, after in zip(
                self.margin.before, self.size, self.margin.after, strict=True
            )
        )
        return rows, columns

    @property
    def extent(self) -> tuple[float, float]:
        """The lowest and the highest value of its heat."""
        if self.scale is not None:
            return self.scale
        return min(map(min, self.grid)), max(map(max, self.grid))

    def holds(self, cell: GridPosition) -> bool:
        """Whether the cell is one of the grid, not of its margin."""
        height, width = self.size
        return 0 <= cell[0] < height and 0 <= cell[1] < width

    def is_edited(self, cell: GridPosition) -> bool:
        """Whether the cell is being edited."""
        return self.edit is not None and (self.edit.row, self.edit.column) == cell

    def number(self, cell: GridPosition, decimals: int) -> str:
        """What stands in a cell: its number, what is typed, or what counts there."""
        if self.edit is not None and self.is_edited(cell) and self.edit.typed:
            return self.edit.typed
        if self.holds(cell):
            return cell_value(self.grid[cell[0]][cell[1]], decimals)
        height, width = self.size
        zeros = self.margin.zeros
        is_zero = -zeros <= cell[0] < height + zeros and -zeros <= cell[1] < width + zeros
        return ZERO if is_zero else OUTSIDE

    def around(self, cell: GridPosition) -> tuple[str, str]:
        """The two signs around a cell's number, or two blanks."""
        if self.is_edited(cell):
            return ">", "<"
        return ("(", ")") if cell in self.chosen else (" ", " ")

    def look(self, cell: GridPosition, extent: tuple[float, float]) -> str:
        """The style of a cell's number."""
        if self.is_edited(cell):
            return EDITED
        if not self.holds(cell):
            return styles.QUIET
        return heat_style(share_of(self.grid[cell[0]][cell[1]], extent))

    def longest(self, decimals: int) -> int:
        """Characters of the longest number, or of what is typed."""
        return max(self.longest_number(decimals), self.typed_length)

    def longest_number(self, decimals: int) -> int:
        """Characters of the longest number of the grid."""
        return _longest(self.grid, decimals)

    @property
    def typed_length(self) -> int:
        """Characters of what is typed into a cell."""
        return len(self.edit.typed) if self.edit is not None else 0


def share_of(value: float, extent: tuple[float, float]) -> float:
    """How high ``value`` stands between the lowest and the highest, 0 to 1; NaN stands lowest."""
    low, high = extent
    if not math.isfinite(value):
        return 1.0 if value > 0 else 0.0
    if math.isinf(high - low):
        value, low, high = value / 2, low / 2, high / 2
    return (value - low) / (high - low) if high > low else 0.0


def fewest_decimals(views: Iterable[GridView]) -> int:
    """As many that rounding hides no more than a twentieth of what lies between the values."""
    extents = [view.extent for view in views]
    spread = min((high - low for low, high in extents if high > low), default=1.0)
    closest, widest = 10.0**-MOST_DECIMALS, 1e3
    needed = math.ceil(math.log10(20 / min(max(spread, closest), widest)))
    return min(MOST_DECIMALS, max(0, needed))


@lru_cache(maxsize=32)
def _longest(grid: NumberGrid, decimals: int) -> int:
    return max(len(cell_value(value, decimals)) for row in grid for value in row)
