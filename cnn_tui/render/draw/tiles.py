"""Images side by side, each below its caption, as many on a line as there is room for."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Group
from rich.table import Table
from rich.text import Text

from cnn_tui.analysis.records import Picture
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.draw.pictures import half_block_image

Tile = tuple[Text | Picture, ...]
"""Lines of text, and an image below them."""

GAP = 2
"""Columns between two images."""


def tiles(each: Sequence[Tile], width: int, *, columns: int, color: bool | None) -> Table:
    """Tiles of ``width`` columns; ``color`` None leaves to the console how images are drawn."""
    per_line = max(1, (columns + GAP) // (width + GAP))
    table = Table.grid(padding=(0, GAP, 0, 0))
    for _ in range(min(per_line, len(each))):
        table.add_column(width=width, no_wrap=True)
    for start in range(0, len(each), per_line):
        if start:
            table.add_row()
        table.add_row(*(_drawn(tile, width, color) for tile in each[start : start + per_line]))
    return table


def cut(name: str, width: int) -> str:
    """``name`` as it can be printed, with ``…`` at its end where it is wider than ``width``."""
    shown = printable(name)
    if cell_len(shown) <= width:
        return shown
    return f"{set_cell_size(shown, max(0, width - 1))}…"


def _drawn(tile: Tile, width: int, color: bool | None) -> Group:
    return Group(
        *(
            half_block_image(part, width, color=color) if isinstance(part, Picture) else part
            for part in tile
        )
    )
