"""What a demo shows: a few blocks of text and numbers, and its headline figures.

Torch-free and picklable, because a demo may run in another process than the one
that draws it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from cnn_tui.options import OptionValue

if TYPE_CHECKING:
    from cnn_tui.analysis.activations.records import Histogram
    from cnn_tui.analysis.records import Picture

TableCell = int | float | str
"""What stands in one cell of a table."""


@dataclass(frozen=True)
class Say:
    """One paragraph."""

    text: str


@dataclass(frozen=True)
class Grid:
    """A small matrix, row by row; ``marks`` are the (row, column) of cells to point at."""

    title: str
    rows: tuple[tuple[float, ...], ...]
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Table:
    """Named columns; every row has one cell for each."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]


@dataclass(frozen=True)
class Tiles:
    """A picture cut into square tiles of ``side`` pixels, drawn apart; 0 leaves it whole.

    ``labels`` stand above the tiles, row by row; there may be none.
    """

    picture: "Picture"
    side: int
    labels: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON data; ``pixels`` has a text for each row, its bytes in hex."""
        row = self.picture.width * self.picture.channels
        rows = [
            self.picture.pixels[at : at + row] for at in range(0, row * self.picture.height, row)
        ]
        return {
            "title": self.picture.title,
            "side": self.side,
            "labels": list(self.labels),
            "channels": self.picture.channels,
            "pixels": [each.hex() for each in rows],
        }


@dataclass(frozen=True)
class PlotCurve:
    """The points of one curve, its xs ascending."""

    label: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]


@dataclass(frozen=True)
class Plot:
    """Curves over one axis, which counts ``unit``; ``log_y`` makes the other logarithmic."""

    title: str
    unit: str
    curves: tuple[PlotCurve, ...]
    log_y: bool = False


@dataclass(frozen=True)
class Histograms:
    """How several sets of values spread, one above the other over the same axis."""

    title: str
    histograms: "tuple[Histogram, ...]"


DemoBlock = Say | Grid | Table | Tiles | Plot | Histograms


@dataclass(frozen=True)
class DemoContent:
    """What a demo hands back.

    ``figures`` are the numbers that the demo is about, by name: the topics quote
    them, and tests recompute what the topics quote.
    """

    blocks: tuple[DemoBlock, ...]
    figures: Mapping[str, float]


@dataclass(frozen=True)
class DemoResult:
    """One run of a demo: which, with what, and what it showed.

    ``shipped`` marks what comes with the package and was not computed here.
    """

    name: str
    title: str
    parameters: Mapping[str, OptionValue]
    blocks: tuple[DemoBlock, ...]
    figures: Mapping[str, float]
    shipped: bool = False

    def to_json(self) -> dict[str, Any]:
        """The same as one JSON document; every block says its ``kind``."""
        return {
            "name": self.name,
            "title": self.title,
            "parameters": dict(self.parameters),
            "figures": dict(self.figures),
            "blocks": [
                {"kind": type(each).__name__.lower(), **_json(each)} for each in self.blocks
            ],
        }


def _json(block: DemoBlock) -> dict[str, Any]:
    return block.to_json() if isinstance(block, Tiles) else asdict(block)
