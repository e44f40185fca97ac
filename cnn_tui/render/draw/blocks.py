"""Blocks of lines: side by side, one above the other, and which cell of a grid stands where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from cnn_tui.analysis.pooling.records import GridPosition


@dataclass(frozen=True)
class Cells:
    """Where the cells of the grid ``name`` stand: the row by the line, the column by the place."""

    name: str
    rows: Mapping[int, int]
    columns: Mapping[int, int]

    def moved(self, down: int, right: int) -> "Cells":
        """The same grid further down and to the right."""
        return Cells(
            self.name,
            {line + down: row for line, row in self.rows.items()},
            {place + right: column for place, column in self.columns.items()},
        )


@dataclass(frozen=True)
class GridBlock:
    """Lines of text, and the grids in them; it is ``least`` columns wide or more."""

    lines: Sequence[Text] = ()
    grids: Sequence[Cells] = field(default=())
    least: int = 0

    @property
    def width(self) -> int:
        """Columns that it takes."""
        return max(self.least, *(line.cell_len for line in self.lines), 0)

    @property
    def height(self) -> int:
        """How many lines there are."""
        return len(self.lines)

    def cell_at(self, line: int, place: int) -> tuple[str, GridPosition] | None:
        """The name of the grid and the cell that stands there."""
        for grid in self.grids:
            if line in grid.rows and place in grid.columns:
                return grid.name, (grid.rows[line], grid.columns[place])
        return None

    def indented(self, columns: int) -> "GridBlock":
        """The block further to the right."""
        return beside([GridBlock((Text(),)), self], [" " * columns])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines:
            yield from line.render(console, end="\n")


def beside(
    blocks: Sequence[GridBlock], gaps: Sequence[str], gap_line: int | None = None
) -> GridBlock:
    """Blocks side by side; what a gap says stands in ``gap_line``, else halfway down."""
    height = max(block.height for block in blocks)
    told = (height + 1) // 2 if gap_line is None else gap_line
    lines = [Text(no_wrap=True) for _ in range(height)]
    grids: list[Cells] = []
    right = 0
    for place, block in enumerate(blocks):
        grids += [grid.moved(0, right) for grid in block.grids]
        width = block.width
        gap = gaps[place] if place < len(gaps) else ""
        for index, line in enumerate(lines):
            part = block.lines[index].copy() if index < block.height else Text()
            if index == told or any(index < later.height for later in blocks[place + 1 :]):
                part.pad_right(width - part.cell_len)
                part.append(gap if index == told else " " * len(gap))
            line.append_text(part)
        right += width + len(gap)
    return GridBlock(lines, grids, right)


def above(blocks: Sequence[GridBlock]) -> GridBlock:
    """Blocks one above the other."""
    lines: list[Text] = []
    grids: list[Cells] = []
    for block in blocks:
        grids += [grid.moved(len(lines), 0) for grid in block.grids]
        lines += block.lines
    return GridBlock(lines, grids, max((block.width for block in blocks), default=0))
