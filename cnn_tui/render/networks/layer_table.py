"""The table of a network's layers: output, parameters, MACs and receptive field of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rich.console import Console, ConsoleOptions, RenderResult

from cnn_tui.analysis.networks.folding import FoldedRow, folded_rows
from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.records import GLOBAL, UNKNOWN
from cnn_tui.render.draw.columns import (
    LONGEST_NAME,
    ColumnTable,
    TableColumn,
    bars,
    names,
    needed,
    numbers,
)
from cnn_tui.render.draw.numbers import (
    giga,
    map_text,
    mebibytes,
    milliseconds,
    percent,
    printable,
    short_count,
)
from cnn_tui.render.draw.styles import QUIET

MOST_WANTED = 6
"""The rank down to which columns are wanted before types have a column of their own."""


@dataclass(frozen=True)
class LayerRow:
    """One row of the table; ``is_sum`` where the rows inset under it show its parts."""

    row: FoldedRow
    is_sum: bool

    @property
    def module(self) -> LayerSummary:
        """What the row shows."""
        return self.row.module


def layer_table(
    summary: NetSummary, depth: int | None = None, *, unfold: bool = False
) -> "LayerTable":
    """Every module with its output, parameters, MACs and receptive field.

    ``depth`` leaves out modules nested deeper than that; 1 shows the outermost.
    Blocks that repeat are folded into one unless ``unfold`` is set.
    """
    rows = list(folded_rows(summary.modules, depth=depth, unfold=unfold))
    depths = [row.module.depth for row in rows] + [0]
    lines = [LayerRow(row, depths[i + 1] > depths[i]) for i, row in enumerate(rows)]
    return LayerTable(lines, summary.total_parameters, summary.total_macs, summary.total_seconds)


@dataclass(frozen=True, eq=False)
class LayerTable:
    """The lines of the table, and the totals of which they show their shares."""

    lines: Sequence[LayerRow]
    total_parameters: int
    total_macs: int
    total_seconds: float | None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.lines:
            styles = [QUIET if line.is_sum else "none" for line in self.lines]
            yield ColumnTable(_columns(self, options.max_width), styles)


def _columns(table: LayerTable, room: int) -> list[TableColumn]:
    """The columns to choose from: types have one of their own where all that counts fits."""
    insets = ["  " * line.module.depth for line in table.lines]
    labels = [printable(line.row.label) for line in table.lines]
    types = [printable(line.module.type) for line in table.lines]
    counted = [
        f"{line.row.count} × {kind}" if line.row.count > 1 else kind
        for line, kind in zip(table.lines, types, strict=True)
    ]
    columns = [
        _names("Layer", 0, list(map("".join, zip(insets, labels, strict=True)))),
        _names("Type", 1, counted),
        *_quantities(table),
    ]
    if needed([column for column in columns if column.rank <= MOST_WANTED]) <= room:
        return columns
    told = [
        inset[::2] + (f"{label} {kind}" if label[:1].isdigit() else label)
        for inset, label, kind in zip(insets, labels, types, strict=True)
    ]
    return [_names("Layer", 0, told), *_quantities(table)]


def _names(title: str, rank: int, cells: Sequence[str]) -> TableColumn:
    return names(title, rank, cells, at_least=LONGEST_NAME)


def _quantities(table: LayerTable) -> list[TableColumn]:
    modules = [line.module for line in table.lines]
    parameters = [_share(line, "parameters", table.total_parameters) for line in table.lines]
    macs = [_share(line, "macs", table.total_macs) for line in table.lines]

    def shown(title: str, rank: int, show: Callable[[LayerSummary], str]) -> TableColumn:
        return numbers(title, rank, [show(module) for module in modules])

    return [
        replace(shown("Output", 5, _output), is_left=True),
        shown("Parameters", 3, parameter_text),
        _percents(10, parameters),
        _bars(8, table, parameters),
        shown("Trainable", 14, _trainable),
        shown("MACs", 4, lambda module: short_count(module.macs) if module.macs else "–"),
        _percents(10, macs),
        _bars(7, table, macs),
        *(_times(table, modules) if table.total_seconds else ()),
        shown("Act. MiB", 12, lambda module: mebibytes(module.activations)),
        shown("RF", 6, receptive_field),
        shown("Jump", 9, lambda module: _number(module.jump)),
        shown("Start", 13, lambda module: _number(module.start)),
    ]


def _bars(rank: int, table: LayerTable, shares: Sequence[float | None]) -> TableColumn:
    """The rows that are no sums, beside the largest of them."""
    drawn = [
        None if line.is_sum else share for line, share in zip(table.lines, shares, strict=True)
    ]
    longest = max((share for share in drawn if share), default=1)
    return bars(rank, [share and share / longest for share in drawn])


def _times(table: LayerTable, modules: Sequence[LayerSummary]) -> list[TableColumn]:
    shares = [_share(line, "seconds", table.total_seconds) for line in table.lines]
    seconds = [module.seconds for module in modules]
    rates = [module.macs_per_second for module in modules]
    return [
        numbers("Time", 2, ["–" if each is None else milliseconds(each) for each in seconds]),
        _percents(10, shares),
        _bars(2, table, shares),
        numbers("GMACs/s", 11, ["–" if each is None else giga(each) for each in rates]),
    ]


def _percents(rank: int, shares: Sequence[float | None]) -> TableColumn:
    cells = ["" if share is None else percent(share, 0) for share in shares]
    cells = ["<1 %" if cell == "0 %" else cell for cell in cells]
    widest = max(map(len, cells), default=0)
    return TableColumn("", rank, cells, (), widest, max(widest, len("100 %")), joined=True)


def _share(line: LayerRow, part: str, whole: float | None) -> float | None:
    """The share of the total; none of parameters that were counted before."""
    if not whole or (part == "parameters" and line.module.reused):
        return None
    share: float = (getattr(line.module, part) or 0) / whole
    return share or None


def parameter_text(module: LayerSummary) -> str:
    """The count as a table writes it, in brackets where it ran before, ``*`` where frozen."""
    if not module.parameters:
        return "–"
    if module.reused:
        return f"({module.parameters:,})"
    return f"{module.parameters:,}" + ("" if module.trainable else "*")


def _trainable(module: LayerSummary) -> str:
    if not module.parameters:
        return "–"
    return "all" if module.trainable == module.parameters else f"{module.trainable:,}"


def receptive_field(module: LayerSummary) -> str:
    """The side of the receptive field, as a table writes it."""
    if module.receptive_field is None:
        return "–"
    if module.receptive_field == GLOBAL:
        return "all"
    if module.receptive_field == UNKNOWN:
        return "?"
    return f"{module.receptive_field}+" if module.gated else str(module.receptive_field)


def _output(module: LayerSummary) -> str:
    return map_text(module.output_shape) or "–"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
