"""The table of a network's layers: what each puts out, holds, costs and sees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.style import Style

from cnn_tui.analysis.networks.folding import FoldedRow, folded_rows
from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.records import GLOBAL, shape_text
from cnn_tui.render.draw.columns import ColumnTable, TableColumn, bars, names, numbers
from cnn_tui.render.draw.numbers import (
    giga,
    mebibytes,
    milliseconds,
    percent,
    printable,
    short_count,
)

SUM = Style(dim=True)


@dataclass(frozen=True)
class Line:
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
    """Every module with what it puts out, holds, costs and sees.

    ``depth`` leaves out modules nested deeper than that; 1 shows the outermost.
    Blocks that repeat are folded into one unless ``unfold`` is set.
    """
    rows = list(folded_rows(summary.modules, depth=depth, unfold=unfold))
    depths = [row.module.depth for row in rows] + [0]
    lines = [Line(row, depths[i + 1] > depths[i]) for i, row in enumerate(rows)]
    return LayerTable(lines, summary.total_parameters, summary.total_macs, summary.total_seconds)


@dataclass(frozen=True, eq=False)
class LayerTable:
    """The lines of the table, and the totals of which they show their shares."""

    lines: Sequence[Line]
    total_parameters: int
    total_macs: int
    total_seconds: float | None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.lines:
            styles = [SUM if line.is_sum else None for line in self.lines]
            yield ColumnTable(_columns(self), styles)


def _columns(table: LayerTable) -> list[TableColumn]:
    lines = table.lines
    modules = [line.module for line in lines]
    labels = ["  " * line.module.depth + printable(line.row.label) for line in lines]
    types = [
        f"{line.row.count} × {line.module.type}" if line.row.count > 1 else line.module.type
        for line in lines
    ]
    parameters = [_share(line, "parameters", table.total_parameters) for line in lines]
    macs = [_share(line, "macs", table.total_macs) for line in lines]

    def shown(title: str, rank: int, show: Callable[[LayerSummary], str]) -> TableColumn:
        return numbers(title, rank, [show(module) for module in modules])

    return [
        names("Layer", 0, labels, at_least=16),
        names("Type", 1, list(map(printable, types)), at_least=13),
        shown("Output", 4, lambda module: shape_text(module.output_shape) or "–"),
        shown("Parameters", 3, _parameters),
        bars(7, parameters),
        _percents(9, parameters),
        shown("Trainable", 14, _trainable),
        shown("MACs", 5, lambda module: short_count(module.macs) if module.macs else "–"),
        bars(8, macs),
        _percents(9, macs),
        *(_times(table, modules) if table.total_seconds else ()),
        shown("Act. MiB", 11, lambda module: mebibytes(module.activations)),
        shown("Sees", 6, _sees),
        shown("Jump", 12, lambda module: _number(module.jump)),
        shown("Start", 13, lambda module: _number(module.start)),
    ]


def _times(table: LayerTable, modules: Sequence[LayerSummary]) -> list[TableColumn]:
    shares = [_share(line, "seconds", table.total_seconds) for line in table.lines]
    seconds = [module.seconds for module in modules]
    rates = [module.macs_per_second for module in modules]
    return [
        numbers("Time", 2, ["–" if each is None else milliseconds(each) for each in seconds]),
        bars(2, shares),
        _percents(9, shares),
        numbers("GMACs/s", 10, ["–" if each is None else giga(each) for each in rates]),
    ]


def _percents(rank: int, shares: Sequence[float | None]) -> TableColumn:
    cells = ["" if share is None else percent(share, 0) for share in shares]
    cells = ["<1%" if cell == "0%" else cell for cell in cells]
    return TableColumn("", rank, cells, (), 4, 4, joined=True)


def _share(line: Line, part: str, whole: float | None) -> float | None:
    """The share of the total; none of parameters that were counted before."""
    if not whole or (part == "parameters" and line.module.reused):
        return None
    share: float = (getattr(line.module, part) or 0) / whole
    return share or None


def _parameters(module: LayerSummary) -> str:
    if not module.parameters:
        return "–"
    if module.reused:
        return f"({module.parameters:,})"
    return f"{module.parameters:,}" + ("" if module.trainable else "*")


def _trainable(module: LayerSummary) -> str:
    if not module.parameters:
        return "–"
    return "all" if module.trainable == module.parameters else f"{module.trainable:,}"


def _sees(module: LayerSummary) -> str:
    if module.receptive_field is None:
        return "–"
    if module.receptive_field == GLOBAL:
        return "all"
    return f"{module.receptive_field}+" if module.gated else str(module.receptive_field)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
