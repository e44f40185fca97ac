"""Benchmark results as a table."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cnn_tui.bench.records import BenchResult


def bench_table(results: Sequence[BenchResult]) -> RenderableType:
    """One line per measurement: value, reference, ratio, budget and whether it is kept."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Measured", no_wrap=True)
    for title in ("Value", "Reference", "Ratio", "Budget"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for result in results:
        table.add_row(
            result.name,
            _number(result.value, result.unit),
            _number(result.reference, result.unit),
            "–" if result.ratio is None else f"{result.ratio:.3f}",
            result.budget or "–",
            _verdict(result.within),
        )
    return table


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    digits = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{digits} {unit}"


def _verdict(within: bool | None) -> Text:
    if within is None:
        return Text("")
    return Text("within", style="green") if within else Text("over", style="red")
